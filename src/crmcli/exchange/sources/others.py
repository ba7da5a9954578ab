"""Thunderbird's address book, and the files of other command-line and web CRMs."""

from __future__ import annotations

from crmcli.exchange.sources.base import Header, System, declared, names

_THUNDERBIRD = """
    First Name = first_name
    Last Name = last_name
    Display Name = name
    Nickname = preferred_name
    Primary Email = email
    Email = email
    Secondary Email = email.other
    Work Phone = phone.work
    Home Phone = phone.home
    Mobile Number = phone.mobile
    Fax Number = phone.fax
    Pager Number = phone.pager
    Home Address = street.home
    Home Address 2 = street.home
    Home City = city.home
    Home County = region.home
    Home State = region.home
    Home Post Code = postcode.home
    Home ZipCode = postcode.home
    Home Country = country.home
    Work Address = street.work
    Work Address 2 = street.work
    Work City = city.work
    Work County = region.work
    Work State = region.work
    Work Post Code = postcode.work
    Work ZipCode = postcode.work
    Work Country = country.work
    Job Title = title
    Department = department
    Organisation = company
    Organization = company
    Web Page 1 = url.work
    Web Page 2 = url.home
    Birth Year = birthday year
    Birth Month = birthday month
    Birth Day = birthday day
    Screen Name = -
    Notes = notes
"""


def _thunderbird(header: Header) -> str:
    plain = names(header)
    known = plain & {"primaryemail", "displayname"} and "birthyear" in plain
    return "contact" if known else ""


_ATOMIC = """
    first_name = first_name
    last_name = last_name
    gender = -
    title = title
    background = notes
    first_seen = created
    last_seen = -
    has_newsletter = -
    status = status
    tags = tags
    linkedin_url = social
    company = company
    email_work = email.work
    email_home = email.home
    email_other = email.other
    phone_work = phone.work
    phone_home = phone.home
    phone_other = phone.other
"""


def _atomic(header: Header) -> str:
    return "contact" if {"first_seen", "last_seen", "background"} <= header else ""


_CRM_TERM = """
    Account Name = name
    Address = address
    Phone = phone
    DM = -
    Email = email
    Note = notes
    Creator = owner
    Created At = created
"""


def _crm_term(header: Header) -> str:
    return "company" if {"Account Name", "DM", "Creator"} <= header else ""


THUNDERBIRD = System(
    "thunderbird", "Thunderbird", _thunderbird, {"contact": declared(_THUNDERBIRD)}
)
ATOMIC = System("atomic", "Atomic CRM", _atomic, {"contact": declared(_ATOMIC)})
CRM_TERM = System("crm-term", "CRM-Term", _crm_term, {"company": declared(_CRM_TERM)})
