"""Files of the usual programs go in as they are, with every column that has a place here."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import program_headers as of
import pytest
from exchange_tools import ask, counts, load, write

from crmcli.actions import journal, records
from crmcli.actions.assign import Assign
from crmcli.exchange import sources
from crmcli.exchange.readers import Choice
from crmcli.exchange.several import import_files
from crmcli.exchange.sources import SYSTEMS
from crmcli.results import ImportSummary

if TYPE_CHECKING:
    from crmcli.actions.context import Context
    from crmcli.exchange.sources.base import System

Cells = dict[str, str]


def table(header: str, *rows: Cells) -> str:
    """A CSV file with this header, and rows that have some of its columns."""
    names = next(csv.reader([header]))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Case(NamedTuple):
    """A header, a row under it, and what the database then answers."""

    name: str
    header: str
    row: Cells
    program: str
    noun: str
    sql: str
    found: tuple[Any, ...]


PERSON = "SELECT name, email, phone, company, title FROM contacts"
ADA = ("Ada Lovelace", "ada@acme.com", "+442079460958", "Acme", "CTO")
COMPANY = "SELECT name, phone, city, country, industry FROM companies"
DEAL = "SELECT title, value, currency, stage, company, contact, owner, expected_close FROM deals"
ACTIVITY = (
    "SELECT a.type, a.subject, a.at, a.planned, a.company, a.deal, a.owner, a.notes,"
    " (SELECT c.name FROM activity_participant p JOIN contact c ON c.id = p.contact_id"
    " WHERE p.activity_id = a.id) FROM activities a"
)

CASES = [
    Case(
        "linkedin", of.LINKEDIN,
        {"First Name": "Ada", "Last Name": "Lovelace", "Company": "Acme", "Position": "CTO",
         "URL": "https://www.linkedin.com/in/ada", "Connected On": "08 Oct 2026"},
        "LinkedIn", "contact",
        "SELECT name, social, company, title, substr(created, 1, 10) FROM contacts",
        ("Ada Lovelace", "linkedin:in/ada", "Acme", "CTO", "2026-10-07"),
    ),
    Case(
        "linkedin without profiles", of.LINKEDIN_OLD,
        {"First Name": "Ada", "Last Name": "Lovelace", "Email Address": "ada@acme.com",
         "Company": "Acme", "Position": "CTO", "Connected On": "12 Mar 2025"},
        "LinkedIn", "contact", "SELECT name, email, company, title FROM contacts",
        ("Ada Lovelace", "ada@acme.com", "Acme", "CTO"),
    ),
    Case(
        "google", of.GOOGLE,
        {"First Name": "Ada", "Last Name": "Lovelace", "Organization Name": "Acme",
         "Organization Title": "CTO", "Labels": "* myContacts ::: Old friends ::: * starred",
         "E-mail 1 - Label": "* Work", "E-mail 1 - Value": "ada@acme.com ::: a@home.org",
         "Phone 1 - Label": "Mobile", "Phone 1 - Value": "+44 20 7946 0958",
         "Address 1 - Label": "Home", "Address 1 - Street": "1 Main St",
         "Address 1 - Extended Address": "Flat 2", "Address 1 - City": "London",
         "Address 1 - Country": "GB", "Birthday": "1985-12-10"},
        "Google Contacts", "contact",
        "SELECT name, email, phone, company, title, tags, street, birthday FROM contacts",
        ("Ada Lovelace",
         "ada@acme.com",
         "+442079460958", "Acme", "CTO", '["Old-friends","starred"]', "1 Main St, Flat 2",
         "1985-12-10"),
    ),
    Case(
        "google's template", of.GOOGLE_TEMPLATE,
        {"First Name": "Ada", "Last Name": "Lovelace", "Organization Name": "Acme",
         "Organization Title": "CTO", "E-mail 1 - Label": "Work",
         "E-mail 1 - Value": "ada@acme.com", "Phone 1 - Value": "+44 20 7946 0958"},
        "Google Contacts", "contact", PERSON, ADA,
    ),
    Case(
        "google of old", of.GOOGLE_OLD,
        {"Name": "Ada Lovelace", "Given Name": "Ada", "Family Name": "Lovelace",
         "Group Membership": "* myContacts", "E-mail 1 - Type": "* Work",
         "E-mail 1 - Value": "ada@acme.com", "Phone 1 - Value": "+44 20 7946 0958",
         "Organization 1 - Name": "Acme", "Organization 1 - Title": "CTO"},
        "Google Contacts", "contact", PERSON, ADA,
    ),
    Case(
        "outlook on the web", of.OUTLOOK_WEB,
        {"First Name": "Ada", "Last Name": "Lovelace", "Title": "Dr",
         "E-mail Address": "ada@acme.com",
         "Business Phone": "+44 20 7946 0958", "Company": "Acme", "Job Title": "CTO",
         "Business City": "London", "Birthday": "0/0/00"},
        "Outlook", "contact",
        "SELECT name, prefix, email, phone, company, title, city, birthday FROM contacts",
        ("Dr Ada Lovelace", "Dr", "ada@acme.com", "+442079460958", "Acme", "CTO", "London", None),
    ),
    Case(
        "outlook on the desktop", of.OUTLOOK_DESKTOP,
        {"First Name": "Ada", "Last Name": "Lovelace", "E-mail Address": "ada@acme.com",
         "Company": "Acme", "Job Title": "CTO", "Business Street": "1 Main St",
         "Business Street 2": "Floor 3", "Mobile Phone": "+44 7911 123456",
         "Categories": "Key account;Press", "Anniversary": "0/0/00"},
        "Outlook", "contact",
        "SELECT name, email, phone, company, title, street, tags FROM contacts",
        ("Ada Lovelace", "ada@acme.com", "+447911123456", "Acme", "CTO", "1 Main St, Floor 3",
         '["Key-account","Press"]'),
    ),
    Case(
        "hubspot contacts", of.HUBSPOT_CONTACTS,
        {"Record ID": "51", "First Name": "Ada", "Last Name": "Lovelace", "Email": "ada@acme.com",
         "Phone Number": "+44 20 7946 0958", "Contact owner": "Bob Stone",
         "Primary Associated Company ID": "8001", "Lead Status": "Open Deal",
         "Create Date": "2024-02-01 09:30", "Associated Company": "Acme"},
        "HubSpot", "contact",
        "SELECT name, email, phone, company, status, owner, created FROM contacts",
        ("Ada Lovelace", "ada@acme.com", "+442079460958", "Acme", "qualified", "Bob Stone",
         "2024-02-01T08:30:00Z"),
    ),
    Case(
        "hubspot contacts with all properties", of.HUBSPOT_ALL,
        {"Record ID": "51", "First Name": "Ada", "Last Name": "Lovelace", "Email": "ada@acme.com",
         "Phone Number": "+44 20 7946 0958", "Company Name": "Acme", "Job Title": "CTO",
         "Lifecycle Stage": "Customer", "Lead Status": "New", "Unsubscribed from all email": "true",
         "Country/Region": "United Kingdom"},
        "HubSpot", "contact", f"SELECT * FROM ({PERSON}), (SELECT status, do_not_contact, country"
        " FROM contacts)", (*ADA, "customer", 1, "GB"),
    ),
    Case(
        "hubspot companies", of.HUBSPOT_COMPANIES,
        {"Record ID": "8001", "Company name": "Acme", "Phone Number": "+44 20 7946 0958",
         "City": "London", "Country/Region": "United Kingdom", "Industry": "Software"},
        "HubSpot", "company", COMPANY, ("Acme", "+442079460958", "London", "GB", "Software"),
    ),
    Case(
        "hubspot deals", of.HUBSPOT_DEALS,
        {"Record ID": "901", "Deal Name": "Renewal", "Deal Stage": "Closed Won", "Amount": "12000",
         "Close Date": "2026-12-31 00:00", "Deal owner": "Bob Stone", "Pipeline": "Sales Pipeline"},
        "HubSpot", "deal", DEAL,
        ("Renewal", 1200000, "EUR", "Won", None, None, "Bob Stone", "2026-12-31"),
    ),
    Case(
        "hubspot notes", of.HUBSPOT_NOTES,
        {"Record ID": "7", "Note body": "<p>Wants a <b>discount</b>.</p><p>Ask Ann.</p>",
         "Associated Contact": "Ada Lovelace (ada@acme.com)", "Associated Company": "Acme",
         "Activity date": "2024-03-02 12:00", "Associated Contact IDs": "51",
         "Associated Company IDs": "8001"},
        "HubSpot", "activity", ACTIVITY,
        ("note", "Wants a discount.", "2024-03-02T11:00:00Z", 0, "Acme", None, "ada",
         "Wants a discount.\nAsk Ann.", "Ada Lovelace"),
    ),
    Case(
        "salesforce contacts", of.SALESFORCE_CONTACTS,
        {"Salutation": "Ms.", "First Name": "Ada", "Last Name": "Lovelace", "Title": "CTO",
         "Mailing City": "London", "Mailing Country": "United Kingdom", "Phone": "020 7946 0958",
         "Email": "ada@acme.com", "Account Name": "Acme", "Account Owner": "Bob Stone",
         "Lead Source": "Web"},
        "Salesforce", "contact",
        "SELECT first_name, email, phone, company, title, city, owner, source FROM contacts",
        ("Ada", "ada@acme.com", "+442079460958", "Acme", "CTO", "London", "Bob Stone", "Web"),
    ),
    Case(
        "salesforce contacts and accounts", of.SALESFORCE_CONTACTS_2,
        {"First Name": "Ada", "Last Name": "Lovelace", "Title": "CTO", "Email": "ada@acme.com",
         "Mobile": "+44 20 7946 0958", "Account Name": "Acme"},
        "Salesforce", "contact", PERSON, ADA,
    ),
    Case(
        "salesforce leads", of.SALESFORCE_LEADS,
        {"Lead Owner": "Bob Stone", "First Name": "Ada", "Last Name": "Lovelace", "Title": "CTO",
         "Company / Account": "Acme", "Lead Source": "Web", "Email": "ada@acme.com"},
        "Salesforce", "contact", "SELECT name, company, status, owner, source FROM contacts",
        ("Ada Lovelace", "Acme", "lead", "Bob Stone", "Web"),
    ),
    Case(
        "salesforce opportunities", of.SALESFORCE_OPPORTUNITIES,
        {"Opportunity Owner": "Bob Stone", "Account Name": "Acme", "Opportunity Name": "Renewal",
         "Stage": "Closed Won", "Amount": "12000", "Close Date": "2026-12-31",
         "Probability (%)": "100"},
        "Salesforce", "deal", DEAL,
        ("Renewal", 1200000, "EUR", "Won", "Acme", None, "Bob Stone", "2026-12-31"),
    ),
    Case(
        "salesforce opportunities with a currency", of.SALESFORCE_OPPORTUNITIES_2,
        {"Opportunity Owner": "Bob Stone", "Account Name": "Acme", "Opportunity Name": "Renewal",
         "Stage": "Proposal", "Total Amount Currency": "USD", "Total Amount": "12,000.50",
         "Close Date": "31/12/2026"},
        "Salesforce", "deal", DEAL,
        ("Renewal", 1200050, "USD", "Proposal", "Acme", None, "Bob Stone", "2026-12-31"),
    ),
    Case(
        "salesforce activities", of.SALESFORCE_ACTIVITIES,
        {"Assigned": "Bob Stone", "Activity Type": "Call", "Subject": "Intro", "Date": "2024-03-01",
         "Status": "Completed", "Company / Account": "Acme", "Contact": "Ada Lovelace",
         "Full Comments": "Good talk"},
        "Salesforce", "activity", ACTIVITY,
        ("call", "Intro", "2024-02-29T23:00:00Z", 0, "Acme", None, "Bob Stone", "Good talk",
         "Ada Lovelace"),
    ),
    Case(
        "salesforce leads by API names", of.SALESFORCE_LEAD,
        {"Id": "00Q1", "IsDeleted": "false", "LastName": "Lovelace", "FirstName": "Ada",
         "Title": "CTO", "Company": "Acme", "Phone": "+44 20 7946 0958", "Email": "ada@acme.com",
         "Status": "Working - Contacted"},
        "Salesforce", "contact", PERSON, ADA,
    ),
    Case(
        "salesforce contacts by API names, in capitals", of.SALESFORCE_CONTACT.upper(),
        {"ID": "0031", "ISDELETED": "0", "ACCOUNTID": "0011", "LASTNAME": "Lovelace",
         "FIRSTNAME": "Ada", "MAILINGCITY": "London", "EMAIL": "ada@acme.com",
         "HASOPTEDOUTOFEMAIL": "0", "DONOTCALL": "1"},
        "Salesforce", "contact", "SELECT name, email, city, do_not_contact FROM contacts",
        ("Ada Lovelace", "ada@acme.com", "London", 1),
    ),
    Case(
        "salesforce opportunities by API names", of.SALESFORCE_OPPORTUNITY,
        {"Id": "0061", "Name": "Renewal", "StageName": "Closed Lost", "Amount": "12000.0",
         "CloseDate": "2026-12-31"},
        "Salesforce", "deal", DEAL,
        ("Renewal", 1200000, "EUR", "Lost", None, None, "ada", "2026-12-31"),
    ),
    Case(
        "salesforce accounts by API names", of.SALESFORCE_ACCOUNT,
        {"Id": "0011", "Name": "Acme", "BillingCity": "London", "BillingCountry": "UK",
         "Phone": "+44 20 7946 0958", "Industry": "Software"},
        "Salesforce", "company", COMPANY, ("Acme", "+442079460958", "London", "GB", "Software"),
    ),
    Case(
        "pipedrive deals", of.PIPEDRIVE_DEALS,
        {"Deal - ID": "7", "Deal - Title": "Renewal", "Deal - Owner": "Ann",
         "Deal - Value": "12000",
         "Deal - Currency of Value": "USD", "Deal - Organization": "Acme",
         "Deal - Organization ID": "3", "Deal - Contact person": "Ada Lovelace",
         "Deal - Contact person ID": "1", "Deal - Stage": "Proposal Made", "Deal - Status": "Won",
         "Deal - Won time": "2024-04-01 10:00:00", "Deal - Expected close date": "2024-04-30"},
        "Pipedrive", "deal", DEAL,
        ("Renewal", 1200000, "USD", "Won", "Acme", "Ada Lovelace", "Ann", "2024-04-30"),
    ),
    Case(
        "pipedrive people", of.PIPEDRIVE_PEOPLE,
        {"Person - ID": "1", "Person - Name": "Ada Lovelace", "Person - Organization": "Acme",
         "Person - Email - Work": "ada@acme.com", "Person - Email - Home": "a@home.org",
         "Person - Phone - Work": "+44 20 7946 0958", "Person - Job title": "CTO",
         "Person - Label": "Hot lead"},
        "Pipedrive", "contact", f"SELECT * FROM ({PERSON}), (SELECT tags FROM contacts)",
        (*ADA, '["Hot-lead"]'),
    ),
    Case(
        "pipedrive organizations", of.PIPEDRIVE_ORGANIZATIONS,
        {"Organization - ID": "3", "Organization - Name": "Acme",
         "Organization - Phone": "+44 20 7946 0958",
         "Organization - ZIP/Postal code of Address": "EC1A", "Organization - Owner": "Ann"},
        "Pipedrive", "company", "SELECT name, phone, postcode, owner FROM companies",
        ("Acme", "+442079460958", "EC1A", "Ann"),
    ),
    Case(
        "pipedrive activities", of.PIPEDRIVE_ACTIVITIES,
        {"ID": "11", "Subject": "Intro", "Type": "Call", "Due date": "2024-03-01",
         "Due time": "10:30", "Done": "Done", "Assigned to user": "Ann", "Organization": "Acme",
         "Contact person": "Ada Lovelace", "Note": "Good talk"},
        "Pipedrive", "activity", ACTIVITY,
        ("call", "Intro", "2024-03-01T09:30:00Z", 0, "Acme", None, "Ann", "Good talk",
         "Ada Lovelace"),
    ),
    Case(
        "pipedrive activities of a list", of.PIPEDRIVE_ACTIVITIES_2,
        {"Activity - Subject": "Demo", "Activity - Type": "Meeting",
         "Activity - Due date": "2027-03-01", "Activity - Done": "To do",
         "Activity - Assigned to user": "Ann", "Organization - Name": "Acme",
         "Person - Name": "Ada Lovelace"},
        "Pipedrive", "activity", ACTIVITY,
        ("meeting", "Demo", "2027-02-28T23:00:00Z", 1, "Acme", None, "Ann", None, "Ada Lovelace"),
    ),
    Case(
        "pipedrive notes", of.PIPEDRIVE_NOTES,
        {"ID": "5", "Content (HTML)": "Wants a discount.<br>Ask Ann.", "User": "Ann",
         "Add time": "2024-03-02 12:00:00", "Organization": "Acme",
         "Contact person": "Ada Lovelace"},
        "Pipedrive", "activity", ACTIVITY,
        ("note", "Wants a discount.", "2024-03-02T11:00:00Z", 0, "Acme", None, "Ann",
         "Wants a discount.\nAsk Ann.", "Ada Lovelace"),
    ),
    Case(
        "pipedrive's sample", of.PIPEDRIVE_SAMPLE,
        {"Person - Name*": "Ada Lovelace", "Person - Phone": "+44 20 7946 0958",
         "Person - Email (Work)": "ada@acme.com", "Organization - Name*": "Acme",
         "Note - Content*": "Met at the fair"},
        "Pipedrive", "contact", "SELECT name, email, phone, company, notes FROM contacts",
        ("Ada Lovelace", "ada@acme.com", "+442079460958", "Acme", "Met at the fair"),
    ),
    Case(
        "zoho contacts", of.ZOHO_CONTACTS,
        {"Record Id": "zcrm_1", "Contact Owner": "Ann", "First Name": "Ada",
         "Last Name": "Lovelace", "Account Name": "Acme", "Account Name.id": "zcrm_9",
         "Email": "ada@acme.com", "Title": "CTO", "Phone": "+44 20 7946 0958",
         "Email Opt Out": "false"},
        "Zoho CRM", "contact", f"SELECT * FROM ({PERSON}), (SELECT do_not_contact FROM contacts)",
        (*ADA, 0),
    ),
    Case(
        "zoho deals", of.ZOHO_DEALS,
        {"Record Id": "zcrm_2", "Deal Owner": "Ann", "Amount": "$ 12,000.00",
         "Deal Name": "Renewal", "Closing Date": "2026-12-31", "Account Name": "Acme",
         "Stage": "Negotiation", "Contact Name": "Ada Lovelace"},
        "Zoho CRM", "deal", DEAL,
        ("Renewal", 1200000, "USD", "Negotiation", "Acme", "Ada Lovelace", "Ann", "2026-12-31"),
    ),
    Case(
        "thunderbird", of.THUNDERBIRD,
        {"First Name": "Ada", "Last Name": "Lovelace", "Display Name": "Ada Lovelace",
         "Email": "ada@acme.com", "Work Phone": "+44 20 7946 0958", "Organisation": "Acme",
         "Job Title": "CTO", "Birth Year": "1985", "Birth Month": "12", "Birth Day": "10"},
        "Thunderbird", "contact", f"SELECT * FROM ({PERSON}), (SELECT birthday FROM contacts)",
        (*ADA, "1985-12-10"),
    ),
    Case(
        "atomic crm", of.ATOMIC,
        {"first_name": "Ada", "last_name": "Lovelace", "title": "CTO", "company": "Acme",
         "has_newsletter": "true", "email_work": "ada@acme.com", "phone_work": "+442079460958",
         "linkedin_url": "https://linkedin.com/in/ada"},
        "Atomic CRM", "contact", f"SELECT * FROM ({PERSON}), (SELECT do_not_contact FROM contacts)",
        (*ADA, 0),
    ),
    Case(
        "another command line", of.CRM_CLI,
        {"name": "Ada Lovelace", "email": "ada@acme.com", "phone": "+442079460958",
         "company": "Acme", "tags": "vip"},
        "", "contact", "SELECT name, email, phone, company, tags FROM contacts",
        ("Ada Lovelace", "ada@acme.com", "+442079460958", "Acme", '["vip"]'),
    ),
    Case(
        "crm-term", of.CRM_TERM,
        {"Account Name": "Acme", "Phone": "+442079460958", "Email": "info@acme.com",
         "Note": "Old customer", "Creator": "Ann", "Created At": "2024-01-02"},
        "CRM-Term", "company", "SELECT name, phone, email, notes, owner FROM companies",
        ("Acme", "+442079460958", "info@acme.com", "Old customer", "Ann"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_file_of_a_program_goes_in_as_it_is(ctx: Context, db: Path, case: Case) -> None:
    text = table(case.header, case.row)
    summary = load(ctx, text, "export.csv")
    assert (summary.source, summary.noun) == (case.program, case.noun)
    assert counts(summary) == (1, 1, 0, 0, 0, 0)
    assert not summary.warnings
    found = [tuple(_spaceless(cell) for cell in row) for row in ask(db, case.sql)]
    assert found == [case.found]
    assert counts(load(ctx, text, "export.csv")) == (1, 0, 0, 1, 0, 0)


def _spaceless(cell: Any) -> Any:
    """JSON of both databases alike."""
    return cell.replace('", "', '","') if isinstance(cell, str) and cell[:1] == "[" else cell


ABROAD = [
    ("de", "Anrede,Vorname,Nachname,Firma,Position,E-Mail-Adresse,Telefon geschäftlich,"
           "Straße geschäftlich,Ort geschäftlich,Postleitzahl geschäftlich"),
    ("fr", "Titre,Prénom,Nom,Société,Fonction,Adresse de messagerie,Téléphone (bureau),"
           "Rue (bureau),Ville (bureau),Code postal (bureau)"),
    ("es", "Tratamiento,Nombre,Apellidos,Organización,Puesto,Dirección de correo electrónico,"
           "Teléfono del trabajo,Calle del trabajo,Ciudad de trabajo,Código postal del trabajo"),
    ("it", "Titolo,Nome,Cognome,Società,Posizione,Indirizzo posta elettronica,Telefono ufficio,"
           "Via (uff.),Città (uff.),CAP (uff.)"),
    ("pt", "Tratamento,Nome,Sobrenome,Empresa,Cargo,Endereço de email,Telefone comercial,"
           "Rua do endereço comercial,Cidade do endereço comercial,CEP do endereço comercial"),
    ("pl", "Tytuł,Imię,Nazwisko,Firma,Stanowisko,Adres e-mail,Telefon służbowy,"
           "Adres służbowy - ulica,Adres służbowy - miejscowość,Adres służbowy - kod pocztowy"),
    ("ru", "Обращение,Имя,Фамилия,Организация,Должность,Адрес эл. почты,Рабочий телефон,"
           "Улица (раб. адрес),Город (раб. адрес),Индекс (раб. адрес)"),
    ("zh", "称谓,名,姓,单位,职务,电子邮件地址,商务电话,商务地址 街道,商务地址 市/县,"
           "商务地址 邮政编码"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "header"), ABROAD)
def test_outlook_is_understood_in_the_language_of_its_user(
    ctx: Context, db: Path, language: str, header: str
) -> None:
    row = ",Ada,Lovelace,Acme,CTO,ada@acme.com,+44 20 7946 0958,1 Main St,London,EC1A"
    summary = load(ctx, f"{header}\n{row}\n")
    assert summary.source == "Outlook"
    assert ask(db, PERSON) == [ADA]
    assert ask(db, "SELECT street, city, postcode FROM contacts") == [
        ("1 Main St", "London", "EC1A")
    ]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_every_declared_column_is_one_of_ours(system: System) -> None:
    from crmcli.catalog import BY_NAME
    from crmcli.exchange.headers import Names

    for sheet, columns in system.columns.items():
        names = Names(BY_NAME["activity" if sheet == "note" else sheet])
        for header, target in columns.items():
            if target != "owner id":  # users have no file of their own
                assert names.declared(0, header, target) is not None, (sheet, header, target)


def test_one_letter_tells_hubspot_from_zoho() -> None:
    for header, program in (("Record ID", "HubSpot"), ("Record Id", "Zoho CRM")):
        found = sources.detect([header, "First Name", "Email", "Contact owner"])
        assert found is not None
        assert found[0].title == program


# --- several files of one program


PEOPLE = table(
    of.HUBSPOT_CONTACTS,
    {"Record ID": "51", "First Name": "Ada", "Email": "ada@acme.com",
     "Primary Associated Company ID": "8001", "Associated Company": "Acme"},
    {"Record ID": "52", "First Name": "Bob", "Email": "bob@acme.de",
     "Primary Associated Company ID": "8002", "Associated Company": "Acme"},
)  # fmt: skip
COMPANIES = table(
    of.HUBSPOT_COMPANIES,
    {"Record ID": "8001", "Company name": "Acme", "City": "London"},
    {"Record ID": "8002", "Company name": "Acme", "City": "Bonn"},
)
DEALS = table(
    "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Associated Contact,Associated Contact IDs,"
    "Associated Company,Associated Company IDs (Primary)",
    {"Record ID": "901", "Deal Name": "Renewal", "Deal Stage": "Proposal", "Amount": "5",
     "Associated Contact": "Bob (bob@acme.de);Ada (ada@acme.com)",
     "Associated Contact IDs": "52;51", "Associated Company": "Acme",
     "Associated Company IDs (Primary)": "8002"},
)  # fmt: skip


@pytest.mark.parametrize("order", ["PCD", "CPD", "DPC"])
def test_files_of_one_program_find_each_other_by_its_ids(
    ctx: Context, db: Path, order: str
) -> None:
    files = {"P": (PEOPLE, "people.csv"), "C": (COMPANIES, "c.csv"), "D": (DEALS, "d.csv")}
    for each in order:
        load(ctx, *files[each])
    assert ask(db, "SELECT count(*) FROM companies") == [(2,)]
    assert ask(db, "SELECT count(*) FROM contacts") == [(2,)]
    assert ask(db, "SELECT c.first_name, o.city FROM contacts c"
                   " JOIN companies o ON o.id = c.company_id ORDER BY c.first_name") == [
        ("Ada", "London"), ("Bob", "Bonn"),
    ]  # fmt: skip
    assert ask(db, "SELECT d.contact, o.city FROM deals d JOIN companies o"
                   " ON o.id = d.company_id") == [("Bob", "Bonn")]  # fmt: skip
    assert ask(db, "SELECT c.name FROM deal_contact p JOIN contact c ON c.id = p.contact_id") == [
        ("Ada",)
    ]
    for text, name in files.values():
        again = load(ctx, text, name)
        assert again.unchanged == again.read


def test_a_later_export_updates_the_same_records_whatever_else_changed(
    ctx: Context, db: Path
) -> None:
    load(ctx, PEOPLE)
    moved = PEOPLE.replace("ada@acme.com", "ada@new.org").replace("Ada", "Augusta")
    summary = load(ctx, moved, conflict="overwrite")
    assert counts(summary) == (2, 0, 1, 1, 0, 0)
    assert ask(db, "SELECT name, email FROM contacts WHERE name = 'Augusta'") == [
        ("Augusta", "ada@acme.com")
    ]
    assert ask(db, "SELECT count(*) FROM contact_point") == [(3,)]


PIPEDRIVE = {
    "organizations.csv": table(
        of.PIPEDRIVE_ORGANIZATIONS,
        {"Organization - ID": "3", "Organization - Name": "Acme", "Organization - Owner": "Ann"},
        {"Organization - ID": "4", "Organization - Name": "Initech"},
    ),
    "people.csv": table(
        f"{of.PIPEDRIVE_PEOPLE.strip()},Person - Organization ID",
        {"Person - ID": "1", "Person - Name": "Ada Lovelace", "Person - Organization": "Acme",
         "Person - Organization ID": "3", "Person - Email - Work": "info@acme.com"},
        {"Person - ID": "2", "Person - Name": "Bob Ray", "Person - Organization": "Acme",
         "Person - Organization ID": "3", "Person - Email - Work": "info@acme.com"},
    ),
    "deals.csv": table(
        of.PIPEDRIVE_DEALS,
        {"Deal - ID": "7", "Deal - Title": "Renewal", "Deal - Organization": "Acme",
         "Deal - Organization ID": "3", "Deal - Contact person": "Bob Ray",
         "Deal - Contact person ID": "2", "Deal - Stage": "Lead In", "Deal - Status": "Open"},
        {"Deal - ID": "8", "Deal - Title": "Renewal", "Deal - Organization": "Acme",
         "Deal - Organization ID": "3", "Deal - Stage": "Lead In", "Deal - Status": "Lost",
         "Deal - Lost time": "2024-04-02 10:00:00", "Deal - Lost reason": "price"},
    ),
    "activities.csv": table(
        of.PIPEDRIVE_ACTIVITIES,
        {"ID": "11", "Subject": "Call", "Type": "Call", "Deal ID": "7", "Deal": "Renewal",
         "Due date": "2024-03-01", "Due time": "10:30", "Done": "Done", "Organization": "Acme",
         "Contact person": "Bob Ray"},
        {"ID": "12", "Subject": "Call", "Type": "Call", "Deal ID": "8", "Deal": "Renewal",
         "Done": "To do", "Organization": "Acme"},
    ),
    "notes.csv": table(
        of.PIPEDRIVE_NOTES,
        {"ID": "11", "Content (HTML)": "<p>Wants a discount.</p>", "Deal ID": "8",
         "Deal title": "Renewal", "Add time": "2024-03-02 12:00:00", "Organization": "Acme"},
    ),
}  # fmt: skip
"""An account: two people share an address, two deals a title, a call and a note an id."""


def load_all(
    ctx: Context, folder: Path, files: dict[str, str], **options: Any
) -> list[ImportSummary]:
    """Import a folder with these files."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        write(folder, text, name)
    done = import_files(ctx, [folder], Choice(), options, lambda name: lambda rows, about: None)
    return [each for each in done if isinstance(each, ImportSummary)]


OWNED = table(
    of.SALESFORCE_CONTACT,
    {"Id": "003A", "LastName": "Lovelace", "OwnerId": "005A"},
    {"Id": "003B", "LastName": "Ray", "OwnerId": "005B"},
    {"Id": "003C", "LastName": "Poe", "OwnerId": "005C"},
)
TEAM = (
    "Id,Username,LastName,FirstName,Email\n005A,ann@x.io.prod,Lee,Ann,ann@x.io\n005B,z,Roe,Zoe,\n"
)


def test_a_file_of_users_tells_whose_ids_own_the_records(
    ctx: Context, db: Path, tmp_path: Path
) -> None:
    records.add(ctx, "user", [Assign("email", "=", None, "ann@x.io")], title="ann")
    (summary,) = load_all(ctx, tmp_path / "salesforce", {"User.csv": TEAM, "Contact.csv": OWNED})
    assert "User.csv tells who owns the records" in summary.detected
    assert summary.unmatched == (("owner", "005C", "", 1), ("owner", "Zoe Roe", "made", 1))
    owners = "SELECT last_name, owner FROM contacts ORDER BY id"
    assert ask(db, owners) == [("Lovelace", "ann"), ("Ray", "Zoe Roe"), ("Poe", "ada")]
    journal.undo(ctx)
    load(ctx, OWNED, said={"owner:005C": "ann"})  # what the team said of the ids is remembered
    assert ask(db, owners.replace(" ORDER", " WHERE deleted_at IS NULL ORDER")) == [
        ("Lovelace", "ann"), ("Ray", "Zoe Roe"), ("Poe", "ann"),
    ]  # fmt: skip


def test_the_files_of_a_pipedrive_account_link_to_each_other(
    ctx: Context, db: Path, tmp_path: Path
) -> None:
    def again() -> list[tuple[int, ...]]:
        return [*map(counts, load_all(ctx, tmp_path / "pipedrive", PIPEDRIVE))]

    assert sum(read for read, *_rest in again()) == 9
    assert ask(db, "SELECT title, stage, company, contact FROM deals ORDER BY id") == [
        ("Renewal", "New", "Acme", "Bob Ray"), ("Renewal", "Lost", "Acme", None),
    ]  # fmt: skip
    assert ask(db, "SELECT type, subject, deal_id, planned FROM activities ORDER BY type, deal_id"
               ) == [("call", "Call", 1, 0), ("call", "Call", 2, 1),
                     ("note", "Wants a discount.", 2, 0)]  # fmt: skip
    assert ask(db, "SELECT count(*) FROM contacts") == [(2,)]
    assert ask(db, "SELECT count(*) FROM companies") == [(2,)]
    assert all(read == unchanged for read, _new, _changed, unchanged, *_rest in again())


SHARED = """\
Record ID,First Name,Last Name,Email,Contact owner
1,Ann,Lee,info@acme.com,Zed
2,Bob,Ray,info@acme.com,Zed
3,Ann,Lee,info@acme.com,Zed
"""


def test_people_with_ids_of_their_own_are_not_one_for_sharing_an_address(
    ctx: Context, db: Path
) -> None:
    summary = load(ctx, SHARED)
    assert counts(summary) == (3, 2, 1, 0, 0, 0)
    assert ask(db, "SELECT name, email FROM contacts ORDER BY id") == [
        ("Ann Lee", "info@acme.com"), ("Bob Ray", "info@acme.com"),
    ]  # fmt: skip
    assert counts(load(ctx, SHARED)) == (3, 0, 0, 3, 0, 0)
    deals = "Record ID,Deal Name,Deal owner,Associated Contact,Associated Contact IDs\n{}"
    load(ctx, deals.format("9,Renewal,,Cy Poe (info@acme.com),4\n"), "deals.csv")
    load(ctx, deals.format("8,Other,,Ann Lee (info@acme.com),5\n"), "more deals.csv")
    assert ask(db, "SELECT contact FROM deals ORDER BY title") == [("Ann Lee",), ("Cy Poe",)]
    assert ask(db, "SELECT count(*) FROM contacts") == [(3,)]
    row = "Name,Email,Title\nBob Ray,info@acme.com,CFO\n"
    assert counts(load(ctx, row, "another program.csv")) == (1, 0, 1, 0, 0, 0)
    assert ask(db, "SELECT name FROM contacts WHERE title = 'CFO'") == [("Bob Ray",)]


def test_ids_are_taken_back_with_the_import(ctx: Context, db: Path) -> None:

    load(ctx, PEOPLE)
    journal.undo(ctx)
    assert ask(db, "SELECT count(*) FROM external_id WHERE deleted_at IS NULL") == [(0,)]
    assert load(ctx, PEOPLE).created == 2
    assert ask(db, "SELECT count(*) FROM external_id WHERE deleted_at IS NULL") == [(4,)]


def test_rows_that_the_program_had_deleted_are_left_out(ctx: Context) -> None:
    text = table(
        of.SALESFORCE_CONTACT,
        {"Id": "1", "IsDeleted": "true", "LastName": "Gone"},
        {"Id": "2", "IsDeleted": "false", "LastName": "Here"},
    )
    assert counts(load(ctx, text)) == (2, 1, 0, 0, 1, 0)
