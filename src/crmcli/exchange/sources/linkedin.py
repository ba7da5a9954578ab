"""LinkedIn: the connections of an account."""

from __future__ import annotations

from crmcli.exchange.sources.base import Header, System, declared

_CONTACTS = """
    First Name = first_name
    Last Name = last_name
    URL = social
    Email Address = email
    Company = company
    Position = title
    Connected On = created
"""


def _noun(header: Header) -> str:
    return "contact" if {"Connected On", "First Name"} <= header else ""


LINKEDIN = System("linkedin", "LinkedIn", _noun, {"contact": declared(_CONTACTS)})
