"""HubSpot: contacts, companies, deals and notes, as exported from a view."""

from __future__ import annotations

import re

from crmcli.exchange.sources.base import NOTE, Header, System, declared

_LINKED = re.compile(r"(Primary )?Associated .* IDs?( \(Primary\))?")
_OWNERS = {"Contact owner", "Company owner", "Deal owner"}

_CONTACTS = """
    Record ID = id
    First Name = first_name
    Last Name = last_name
    Salutation = prefix
    Email = email
    Work email = email.work
    Additional email addresses = email.other
    Phone Number = phone
    Mobile Phone Number = phone.mobile
    WhatsApp Phone Number = phone.mobile
    Fax Number = phone.fax
    Contact owner = owner
    Primary Associated Company ID = company id
    Associated Company IDs (Primary) = company id
    Associated Company IDs = company id
    Associated Company = company
    Associated Company (Primary) = company
    Associated Company Names (Primary) = company
    Company Name = company
    Job Title = title
    Lifecycle Stage = status
    Lead Status = status
    Street Address = street
    City = city
    State/Region = region
    Postal Code = postcode
    Country/Region = country
    Date of birth = birthday
    Preferred language = language
    Time Zone = time_zone
    Website URL = url
    LinkedIn URL = social
    Twitter Username = social.twitter
    Original Source = source
    Original Traffic Source = source
    Latest Source = -
    Unsubscribed from all email = opt_out
    Marketing contact status = -
    Legal basis for processing contact's data = -
    Create Date = created
    Message = notes
    Close Date = -
    Industry = -
    Company size = -
    Annual Revenue = -
    Last Activity Date = -
    Last Contacted = -
    Associated Deal = -
    Email Domain = -
"""
_COMPANIES = """
    Record ID = id
    Company name = name
    Company Domain Name = domain
    Website URL = url
    Company owner = owner
    Phone Number = phone
    Street Address = street
    City = city
    State/Region = region
    Postal Code = postcode
    Country/Region = country
    Industry = industry
    Number of Employees = size
    Annual Revenue = revenue
    Year Founded = founded
    Description = notes
    About Us = notes
    LinkedIn Company Page = social
    Parent Company = parent
    Create Date = created
    Lifecycle Stage = -
    Lead Status = -
    Last Activity Date = -
    Type = -
    Associated Contact = -
"""
_DEALS = """
    Record ID = id
    Deal ID = id
    Deal Name = title
    Deal Stage = stage
    Pipeline = pipeline
    Amount = value
    Currency = currency
    Deal Currency Code = currency
    Close Date = expected_close
    Deal owner = owner
    Create Date = created
    Deal probability = -
    Closed Lost Reason = lost_reason
    Associated Company (Primary) = company
    Associated Company Names (Primary) = company
    Associated Company = company
    Associated Company IDs (Primary) = company id
    Primary Associated Company ID = company id
    Associated Company IDs = company id
    Associated Contact = contact
    Associated Contact IDs = contact id
    Original Traffic Source = source
    Deal Description = notes
    State = -
    Amount in company currency = -
    Currency in company currency = -
    Record source = -
    Last Activity Date = -
    Closed Won Reason = -
    Closed Won Reason (M) = -
    Deal Type = -
"""
_NOTES = """
    Record ID = id
    Note body = notes
    Body preview = notes
    Activity date = at
    Create date = at
    Associated Contact = contacts
    Associated Contact IDs = contacts id
    Associated Company (Primary) = company
    Associated Company = company
    Associated Company IDs (Primary) = company id
    Associated Company IDs = company id
    Associated Deal = deal
    Associated Deal IDs = deal id
    Activity assigned to = owner
"""


def _noun(header: Header) -> str:
    if "Record ID" not in header and "Deal ID" not in header:
        return ""
    if {"Note body", "Body preview"} & header:
        return NOTE
    if not header & _OWNERS and not any(map(_LINKED.fullmatch, header)):
        return ""
    if {"Deal Name", "Deal Stage", "Deal owner"} & header:
        return "deal"
    person = {"First Name", "Last Name", "Email", "Contact owner"}
    return "contact" if header & person else "company"


HUBSPOT = System(
    "hubspot",
    "HubSpot",
    _noun,
    {
        "contact": declared(_CONTACTS),
        "company": declared(_COMPANIES),
        "deal": declared(_DEALS),
        NOTE: declared(_NOTES),
    },
    several=";",
)
