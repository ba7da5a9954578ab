"""Google Contacts: the present format with labels, and the older one with types."""

from __future__ import annotations

import re

from crmcli.exchange.sources.base import Header, System, declared

_NEW = re.compile(r"(E-mail|Phone|Address|Website) \d+ - Label")
_OLD = re.compile(r"(E-mail|Phone|Address|Organization) \d+ - Type")

_CONTACTS = """
    First Name = first_name
    Given Name = first_name
    Middle Name = middle_name
    Additional Name = middle_name
    Last Name = last_name
    Family Name = last_name
    Name = name
    Name Prefix = prefix
    Name Suffix = suffix
    Nickname = preferred_name
    File As = -
    Organization Name = company
    Organization 1 - Name = company
    Organization Title = title
    Organization 1 - Title = title
    Organization Department = department
    Organization 1 - Department = department
    Organization 1 - Type = -
    Labels = tags
    Group Membership = tags
    Occupation = title
    Language = language
    Notes = notes
    Birthday = birthday
    Location = -
    Short Name = -
    Maiden Name = -
    Subject = -
    Priority = -
    Photo = -
"""
_ADDRESS = """
    Address {0} - Label = address label {0}
    Address {0} - Type = address label {0}
    Address {0} - Formatted = address {0}
    Address {0} - Street = street {0}
    Address {0} - Extended Address = street {0}
    Address {0} - PO Box = street {0}
    Address {0} - City = city {0}
    Address {0} - Region = region {0}
    Address {0} - Postal Code = postcode {0}
    Address {0} - Country = country {0}
    Website {0} - Label = url label {0}
    Website {0} - Type = url label {0}
    Website {0} - Value = url {0}
    E-mail {0} - Label = email label {0}
    E-mail {0} - Type = email label {0}
    E-mail {0} - Value = email {0}
    Phone {0} - Label = phone label {0}
    Phone {0} - Type = phone label {0}
    Phone {0} - Value = phone {0}
"""
_GROUPS = 20  # more of one kind are recognised by their names alone


def _noun(header: Header) -> str:
    new = any(map(_NEW.fullmatch, header)) or {"Organization Name", "Labels"} <= header
    old = any(map(_OLD.fullmatch, header)) or {"Given Name", "Group Membership"} <= header
    return "contact" if new or old else ""


GOOGLE = System(
    "google",
    "Google Contacts",
    _noun,
    {"contact": declared(_CONTACTS, *(_ADDRESS.format(n) for n in range(1, _GROUPS + 1)))},
    several=":::",
)
