"""Zoho CRM: contacts and leads, accounts, deals, tasks and notes."""

from __future__ import annotations

import re

from crmcli.exchange.sources.base import NOTE, Header, System, declared

_OWNER = re.compile(r"(Contact|Lead|Deal|Account|Task|Note) Owner\.id")

_CONTACTS = """
    Record Id = id
    Salutation = prefix
    First Name = first_name
    Last Name = last_name
    Full Name = name
    Contact Name = name
    Lead Name = name
    Account Name = company
    Account Name.id = company id
    Company = company
    Title = title
    Department = department
    Email = email
    Secondary Email = email.other
    Phone = phone
    Mobile = phone.mobile
    Home Phone = phone.home
    Other Phone = phone.other
    Fax = phone.fax
    Asst Phone = -
    Contact Owner = owner
    Lead Owner = owner
    Contact Owner.id = owner id
    Lead Owner.id = owner id
    Lead Source = source
    Lead Status = status
    Date of Birth = birthday
    Website = url
    Twitter = social.twitter
    LinkedIn = social
    Skype ID = -
    Street = street
    City = city
    State = region
    Zip Code = postcode
    Country = country
    Mailing Street = street
    Mailing City = city
    Mailing State = region
    Mailing Zip = postcode
    Mailing Country = country
    Other Street = street.other
    Other City = city.other
    Other State = region.other
    Other Zip = postcode.other
    Other Country = country.other
    Email Opt Out = opt_out
    Tag = tags
    Description = notes
    Created Time = created
    Industry = -
    Rating = -
"""
_ACCOUNTS = """
    Record Id = id
    Account Name = name
    Account Owner = owner
    Account Owner.id = owner id
    Parent Account = parent
    Parent Account.id = parent id
    Website = url
    Phone = phone
    Fax = phone.fax
    Industry = industry
    Employees = size
    Annual Revenue = revenue
    Currency = revenue_currency
    Billing Street = street.billing
    Billing City = city.billing
    Billing State = region.billing
    Billing Code = postcode.billing
    Billing Country = country.billing
    Shipping Street = street.shipping
    Shipping City = city.shipping
    Shipping State = region.shipping
    Shipping Code = postcode.shipping
    Shipping Country = country.shipping
    Tag = tags
    Description = notes
    Created Time = created
    Account Type = -
    Rating = -
"""
_DEALS = """
    Record Id = id
    Deal Name = title
    Deal Owner = owner
    Deal Owner.id = owner id
    Amount = value
    Currency = currency
    Stage = stage
    Pipeline = pipeline
    Closing Date = expected_close
    Probability (%) = probability
    Probability = probability
    Account Name = company
    Account Name.id = company id
    Contact Name = contact
    Contact Name.id = contact id
    Lead Source = source
    Reason For Loss = lost_reason
    Reason for Loss = lost_reason
    Tag = tags
    Description = notes
    Created Time = created
    Type = -
    Next Step = -
    Expected Revenue = -
"""
_TASKS = """
    Record Id = id
    Subject = title
    Task Owner = owner
    Task Owner.id = owner id
    Due Date = due
    Status = status
    Priority = priority
    Contact Name = contact
    Contact Name.id = contact id
    Related To = deal
    Related To.id = deal id
    Tag = tags
    Description = notes
    Created Time = created
    Closed Time = done
"""
_NOTES = """
    Record Id = id.note
    Note Title = subject
    Note Content = notes
    Note Owner = owner
    Note Owner.id = owner id
    Parent ID = -
    Created Time = at
"""


def _noun(header: Header) -> str:
    if "Record Id" not in header and not any(map(_OWNER.fullmatch, header)):
        return ""
    if "Note Content" in header:
        return NOTE
    if {"Deal Name", "Deal Owner"} & header:
        return "deal"
    if {"Task Owner", "Due Date"} & header:
        return "task"
    if {"Last Name", "Contact Owner", "Lead Owner", "First Name", "Email"} & header:
        return "contact"
    return "company" if {"Account Name", "Account Owner"} & header else ""


ZOHO = System(
    "zoho",
    "Zoho CRM",
    _noun,
    {
        "contact": declared(_CONTACTS),
        "company": declared(_ACCOUNTS),
        "deal": declared(_DEALS),
        "task": declared(_TASKS),
        NOTE: declared(_NOTES),
    },
    several=";",
)
