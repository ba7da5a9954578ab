"""Pipedrive: deals, people, organizations, activities, notes, and its own import sample."""

from __future__ import annotations

import re

from crmcli.exchange.sources.base import NOTE, Header, System, declared, names

_PREFIXED = re.compile(r"(Deal|Person|Organization|Activity|Lead|Product|Note) - .*")

_ADDRESS = """
    {0} - Street/road name of Address = street
    {0} - House number of Address = street house
    {0} - City/town/village/locality of Address = city
    {0} - State/county of Address = region
    {0} - Region of Address = region
    {0} - ZIP/Postal code of Address = postcode
    {0} - Country of Address = country
    {0} - Full/combined address of Address = address
    {0} - Address = address
"""
_PEOPLE = """
    Person - ID = id
    Person - Pipedrive System ID = id
    Person - Name = name
    Person - First name = first_name
    Person - Last name = last_name
    Person - Organization = company
    Organization - Name = company
    Organization = company
    Person - Organization ID = company id
    Organization - ID = company id
    Organization - Pipedrive System ID = company id
    Person - Owner = owner
    Person - Label = tags
    Person - Labels = tags
    Person - Email = email
    Person - Email - Work = email.work
    Person - Email - Home = email.home
    Person - Email - Other = email.other
    Person - Email (Work) = email.work
    Person - Email (Home) = email.home
    Person - Email (Other) = email.other
    Person - Phone = phone
    Person - Phone - Work = phone.work
    Person - Phone - Home = phone.home
    Person - Phone - Mobile = phone.mobile
    Person - Phone - Other = phone.other
    Person - Phone (Work) = phone.work
    Person - Phone (Home) = phone.home
    Person - Phone (Mobile) = phone.mobile
    Person - Phone (Other) = phone.other
    Person - Job title = title
    Person - Notes = notes
    Note - Content = notes
    Person - Birthday = birthday
    Person - Postal address = address
    Person - Person created = created
    Person - Marketing status = -
    Person - Double opt-in = -
"""
_ORGANIZATIONS = """
    Organization - ID = id
    Organization - Pipedrive System ID = id
    Organization - Name = name
    Organization - Owner = owner
    Organization - Label = tags
    Organization - Labels = tags
    Organization - Website = url
    Organization - Phone = phone
    Organization - Industry = industry
    Organization - Annual revenue = revenue
    Organization - Number of employees = size
    Organization - LinkedIn profile = social
    Organization - Organization created = created
"""
_DEALS = """
    Deal - ID = id
    Deal - Pipedrive System ID = id
    Deal - Title = title
    Deal - Owner = owner
    Deal - Value = value
    Deal - Currency of Value = currency
    Deal - Currency = currency
    Deal - Probability = probability
    Deal - Organization = company
    Organization - Name = company
    Organization = company
    Deal - Organization ID = company id
    Organization - ID = company id
    Deal - Pipeline = pipeline
    Deal - Contact person = contact
    Person - Name = contact
    Contact person = contact
    Deal - Contact person ID = contact id
    Person - ID = contact id
    Deal - Stage = stage
    Deal - Stage (pipeline) = stage
    Deal - Label = tags
    Deal - Labels = tags
    Deal - Status = status
    Deal - Deal created = created
    Deal - Creation date = created
    Deal - Last stage change = stage_since
    Deal - Deal closed on = closed
    Deal - Closed on = closed
    Deal - Won time = closed
    Deal - Lost time = closed
    Deal - Lost reason = lost_reason
    Deal - Expected close date = expected_close
    Deal - Source origin = source
    Deal - Creator = -
    Deal - Weighted value = -
    Deal - Currency of Weighted value = -
    Deal - Update time = -
    Deal - Product name = -
    Deal - Product amount = -
    Deal - Source channel = -
"""
_ACTIVITIES = """
    ID = id
    Activity - ID = id
    Subject = subject
    Activity - Subject = subject
    Type = type
    Activity - Type = type
    Marked as done time = at
    Due date = at
    Due time = at time
    Activity - Marked as done time = at
    Activity - Due date = at
    Activity - Due time = at time
    Duration = duration
    Done = done
    Activity - Done = done
    Note = notes
    Activity - Note = notes
    Assigned to user = owner
    Activity - Assigned to user = owner
    Deal ID = deal id
    Deal = deal
    Deal - Title = deal
    Deal - ID = deal id
    Organization = company
    Organization - Name = company
    Contact person = contacts
    Person - Name = contacts
    Person - Email = -
    Creator = -
    Add time = created
"""
_NOTES = """
    ID = id.note
    Note - ID = id.note
    Content (HTML) = notes
    Content = notes
    Note - Content = notes
    Deal ID = deal id
    Deal title = deal
    Deal - Title = deal
    User = owner
    Add time = at
    Update time = -
    Note is pinned to deal = -
    Organization = company
    Organization - Name = company
    Contact person = contacts
    Person - Name = contacts
"""


def _noun(header: Header) -> str:
    plain = names(header)
    if {"dealid", "markedasdonetime"} <= plain:
        return "activity"
    if "dealid" in plain and plain & {"contenthtml", "content"}:
        return NOTE
    if not any(map(_PREFIXED.fullmatch, header)):
        return ""
    own = {"person": "contact", "deal": "deal", "activity": "activity", "note": NOTE,
           "organization": "company"}  # fmt: skip
    ways = (("personname", "personfirstname", "personid"), ("activitysubject",),
            ("dealtitle", "dealid"), ("organizationname",), ("notecontent",))  # fmt: skip
    kinds = ("person", "activity", "deal", "organization", "note")
    if "activitysubject" in plain and "activitytype" in plain:
        return "activity"
    if "dealtitle" in plain and plain & {"dealid", "dealstage", "dealstatus"}:
        return "deal"
    return next((own[kind] for kind, way in zip(kinds, ways, strict=True) if plain & {*way}), "")


PIPEDRIVE = System(
    "pipedrive",
    "Pipedrive",
    _noun,
    {
        "contact": declared(_PEOPLE, _ADDRESS.format("Person")),
        "company": declared(_ORGANIZATIONS, _ADDRESS.format("Organization")),
        "deal": declared(_DEALS),
        "activity": declared(_ACTIVITIES),
        NOTE: declared(_NOTES),
    },
    several=",",
)
