"""Files of programs that no module declares: their common columns are understood by their names."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from exchange_tools import ask, load

if TYPE_CHECKING:
    from pathlib import Path

    from crmcli.actions.context import Context

# Of each program: the type of its records, header and row, and what its columns become; the others
# are left out.
UNSEEN = {
    "Mailchimp": ("contact", """
        Email Address | juan@example.com | email
        First Name | Juan | first_name
        Last Name | Perez | last_name
        Address | 1 Main St, Austin, TX 78701 | address
        Phone Number | +1 512 555 0100 | phone
        Birthday | 03/14 | birthday
        MEMBER_RATING | 2 |
        OPTIN_TIME | 2024-01-15 10:30:00 |
        OPTIN_IP | 192.0.2.1 |
        CONFIRM_TIME | 2024-01-15 10:31:00 |
        CONFIRM_IP | 192.0.2.1 |
        LATITUDE | 19.4326 |
        LONGITUDE | -99.1332 |
        GMTOFF | -6 |
        DSTOFF | -5 |
        TIMEZONE | America/Mexico_City | time_zone
        CC | US | country
        REGION | TX | region
        LAST_CHANGED | 2024-02-01 09:00:00 |
        LEID | 1234 |
        EUID | abcd |
        NOTES | met | notes
        TAGS | "VIP","Blog" | tags
    """),
    "Dynamics 365": ("contact", """
        (Do Not Modify) Contact | 0f8a-11 | id
        (Do Not Modify) Row Checksum | abc== |
        (Do Not Modify) Modified On | 6/22/2026 10:00 |
        Full Name | Ada Lovelace | name
        Job Title | CTO | title
        Company Name | Acme | company
        Business Phone | +1 512 555 0100 | phone.work
        Mobile Phone | +1 512 555 0101 | phone.mobile
        Email | ada@acme.com | email
        Address 1: Street 1 | 1 Microsoft Way | street
        Address 1: City | Redmond | city
        Address 1: State/Province | WA | region
        Address 1: ZIP/Postal Code | 98007 | postcode
        Address 1: Country/Region | United States | country
        Do not allow Emails | Allow | do_not_contact
        Owner | Bob Stone | owner
        Created On | 6/21/2026 10:00 | created
        Status | Active | status
        Description | met her | notes
    """),
    "Dynamics 365, accounts": ("company", """
        (Do Not Modify) Account | 0f8a-11 | id
        (Do Not Modify) Row Checksum | abc== |
        (Do Not Modify) Modified On | 6/22/2026 10:00 |
        Account Name | Acme | name
        Main Phone | +1 512 555 0100 | phone.main
        Address 1: City | Redmond | city
        Primary Contact | Ada |
        Website | https://acme.com | url
        Industry | Software | industry
        No. of Employees | 50 | size
        Annual Revenue | 1000000 | revenue
        Owner | Bob Stone | owner
    """),
    "Odoo": ("contact", """
        External ID | x1 |
        Name | Ada Lovelace | name
        Company Name | Acme | company
        Email | ada@acme.com | email
        Job Position | CTO | title
        Phone | +1 512 555 0100 | phone
        Mobile | +1 512 555 0101 | phone.mobile
        Street | 1 Main | street
        Street2 | Floor 2 | street
        City | Austin | city
        State | Texas | region
        Zip | 78701 | postcode
        Country | United States | country
        Website | https://acme.com | url
        Tax ID | US123 |
        Salesperson | Bob Stone | owner
        Tags | VIP | tags
        Notes | met | notes
    """),
    "Odoo, opportunities by the names of their columns": ("deal", """
        id | 1 |
        name | Big deal | title
        partner_name | Acme | company
        contact_name | Ada | contact
        email_from | ada@acme.com |
        phone | +1 512 555 0100 |
        mobile |  |
        stage_id/name | New | stage
        expected_revenue | 1200.0 | value
        probability | 20 | probability
        date_deadline | 2026-03-01 | expected_close
        user_id/name | Bob Stone | owner
        team_id/name | Sales |
        tag_ids/name | VIP | tags
    """),
    "SuiteCRM": ("contact", """
        name | Ada King | name
        id | 9c2 |
        date_entered | 2024-01-01 10:00:00 | created
        date_modified | 2024-01-02 10:00:00 |
        description | met | notes
        salutation | Ms. | prefix
        first_name | Ada | first_name
        last_name | King | last_name
        title | CTO | title
        department | IT | department
        do_not_call | 0 | do_not_contact
        phone_home | +15125550100 | phone.home
        phone_mobile | +15125550101 | phone.mobile
        phone_work | +15125550102 | phone.work
        phone_other |  | phone.other
        phone_fax |  | phone.fax
        email1 | ada@acme.com | email
        primary_address_street | 1 Main | street
        primary_address_city | Austin | city
        primary_address_state | TX | region
        primary_address_postalcode | 78701 | postcode
        primary_address_country | US | country
        account_name | Acme | company
        lead_source | Cold Call | source
        assigned_user_name | bob | owner
        birthdate | 1990-01-02 | birthday
    """),
    "Copper": ("contact", """
        Copper ID | 77 |
        Name | Ada King | name
        First Name | Ada | first_name
        Last Name | King | last_name
        Title | CTO | title
        Company | Acme | company
        Company ID | 9 |
        Contact Type | Potential Customer |
        Owned By | Bob Stone | owner
        Details | met | notes
        Tags | vip | tags
        Work Email | ada@acme.com | email.work
        Personal Email | a@home.io | email.home
        Work Phone | +15125550100 | phone.work
        Mobile Phone | +15125550101 | phone.mobile
        Street | 1 Main | street
        City | Austin | city
        State | TX | region
        Postal Code | 78701 | postcode
        Country | US | country
        LinkedIn | https://linkedin.com/in/ada | social
        Work Website | https://acme.com | url.work
        Created At | 2024-01-01 | created
        Last Contacted | 2024-02-01 |
    """),
    "Freshsales": ("contact", """
        Id | 1 |
        First name | Ada | first_name
        Last name | King | last_name
        Job title | CTO | title
        Emails | ada@acme.com | email
        Work | +15125550100 | phone.work
        Mobile | +15125550101 | phone.mobile
        Accounts | Acme | company
        Address | 1 Main | address
        City | Austin | city
        State | TX | region
        Zipcode | 78701 | postcode
        Country | USA | country
        Sales owner | Bob Stone | owner
        Source | Web | source
        Lifecycle stage | Lead |
        Status | New | status
        Tags | vip | tags
        LinkedIn | https://linkedin.com/in/ada | social
        Created at | 2024-01-01 | created
        Updated at | 2024-01-02 |
        Do not disturb | No | do_not_contact
    """),
    "Capsule": ("contact", """
        ID | 1 |
        Type | Person |
        Title | Ms | prefix
        First Name | Ada | first_name
        Last Name | King | last_name
        Job Title | CTO | title
        Name |  | name
        Organisation | Acme | company
        Address Street | 1 Main | street
        City | Austin | city
        State | TX | region
        Postcode | 78701 | postcode
        Country | United States | country
        Phone Number | +15125550100 | phone
        Work Phone Number |  | phone.work
        Mobile Phone Number |  | phone.mobile
        Email Address | ada@acme.com | email
        Work Email |  | email.work
        Website | https://acme.com | url
        Twitter | ada | social
        Owner | bob | owner
        Team |  |
        Tags | vip | tags
        About | met | notes
        Created | 2024-01-01 | created
        Updated | 2024-01-02 |
        Last Contacted |  |
    """),
    "Nutshell": ("contact", """
        Name | Ada King | name
        Title/Description | CTO | title
        Company | Acme | company
        Email address | ada@acme.com | email
        Phone number | +15125550100 | phone
        Address | 1 Main | address
        City | Austin | city
        State/Province | TX | region
        Postal code | 78701 | postcode
        Country | US | country
        Website | https://acme.com | url
        Tags | vip | tags
        Owner | Bob | owner
        Created | 2024-01-01 | created
        Last contacted | 2024-02-01 |
    """),
    "Insightly": ("contact", """
        Contact ID | 1 |
        Salutation | Ms | prefix
        First Name | Ada | first_name
        Last Name | King | last_name
        Title | CTO | title
        Organisation | Acme | company
        Background | met | notes
        Email Address | ada@acme.com | email
        Phone | +15125550100 | phone
        Phone Mobile | +15125550101 | phone.mobile
        Phone Home |  | phone.home
        Mailing Address Street | 1 Main | street.mailing
        Mailing Address City | Austin | city.mailing
        Mailing Address State | TX | region.mailing
        Mailing Address Postal Code | 78701 | postcode.mailing
        Mailing Address Country | US | country.mailing
        Date Of Birth | 1990-01-02 | birthday
        LinkedIn URL | https://linkedin.com/in/ada | social
        Tag 1 | vip | tags
        Tag 2 | fair | tags
        Date Created | 2024-01-01 | created
        Contact Owner | Bob | owner
    """),
    "ActiveCampaign": ("contact", """
        Contact ID | 1 |
        Email | ada@acme.com | email
        First Name | Ada | first_name
        Last Name | King | last_name
        Phone | +15125550100 | phone
        Account Name | Acme | company
        Job Title | CTO | title
        IP Address | 192.0.2.1 |
        Date Created | 2024-01-01 10:00:00 | created
        Date Modified | 2024-01-02 10:00:00 |
        Tags | vip,fair | tags
        Lists | Master |
        Status | Active | status
        Owner | Bob | owner
    """),
    "monday.com": ("contact", """
        Name | Ada King | name
        Subitems |  |
        Owner | Bob Stone | owner
        Status | Lead | status
        Company | Acme | company
        Title | CTO | title
        Contact email | ada@acme.com | email
        Phone | +15125550100 | phone
        Priority | High |
        Deals value | 1200 |
        Tags | vip | tags
        Comments | met | notes
        Item ID (auto generated) | 12345678 |
    """),
    "Close": ("contact", """
        id | cont_1 |
        lead_id | lead_1 |
        lead_name | Acme |
        name | Ada King | name
        title | CTO | title
        primary_email | ada@acme.com | email
        primary_phone | +15125550100 | phone
        emails | ada@acme.com | email
        phones | +15125550100 | phone
        urls | https://acme.com | url
        date_created | 2024-01-01T10:00:00 | created
    """),
}  # fmt: skip


@pytest.mark.parametrize("program", UNSEEN)
def test_the_columns_of_an_unseen_program_are_mapped_without_a_flag(
    ctx: Context, program: str
) -> None:
    noun, text = UNSEEN[program]
    table = [[cell.strip() for cell in line.split(" |")] for line in text.strip().splitlines()]
    header, row, targets = zip(*table, strict=True)
    lines = io.StringIO()
    csv.writer(lines).writerows([header, row])
    summary = load(ctx, lines.getvalue(), "export.csv")
    assert (summary.noun, summary.source, summary.created) == (noun, "", 1)
    assert summary.mapping == tuple(zip(header, targets, strict=True))


def test_tags_in_quotes_and_in_several_columns_are_all_taken(ctx: Context, db: Path) -> None:
    load(ctx, 'Email Address,Tag 1,Tag 2,TAGS\na@x.io,vip,fair,"""Blog"",""News"""\n')
    assert ask(db, "SELECT name FROM tag ORDER BY name_key") == [
        ("Blog",), ("fair",), ("News",), ("vip",),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "cell", "stopped"),
    [
        ("Do not allow Emails", "Do Not Allow", 1),
        ("Do not allow Emails", "Allow", 0),
        ("UNSUB_TIME", "2024-02-03 04:05:06", 1),
        ("Unsubscribed at", "3/2/2024", 1),
        ("Unsubscribed at", "0000-00-00 00:00:00", 0),
        ("Unsubscribed at", "", 0),
        ("Status", "Unsubscribed", 1),
        ("Status", "Non-Subscribed", 0),
    ],
)
def test_since_when_somebody_wants_no_mail_restricts(
    ctx: Context, db: Path, header: str, cell: str, stopped: int
) -> None:
    load(ctx, f"Name,Email,{header}\nAda,a@x.io,{cell}\n")
    assert ask(db, "SELECT do_not_contact FROM contact") == [(stopped,)]
