"""The programs whose files are recognised, one module each; `base` says how they are declared."""

from __future__ import annotations

from collections.abc import Sequence

from crmcli.exchange.sources.base import NOTE, System
from crmcli.exchange.sources.google import GOOGLE
from crmcli.exchange.sources.hubspot import HUBSPOT
from crmcli.exchange.sources.linkedin import LINKEDIN
from crmcli.exchange.sources.others import ATOMIC, CRM_TERM, THUNDERBIRD
from crmcli.exchange.sources.outlook import OUTLOOK
from crmcli.exchange.sources.pipedrive import PIPEDRIVE
from crmcli.exchange.sources.salesforce import SALESFORCE
from crmcli.exchange.sources.zoho import ZOHO

SYSTEMS: tuple[System, ...] = (
    LINKEDIN, HUBSPOT, ZOHO, PIPEDRIVE, SALESFORCE, GOOGLE, OUTLOOK, THUNDERBIRD, ATOMIC, CRM_TERM,
)  # fmt: skip
"""The more telling come first: HubSpot's and Zoho's files differ in the case of one letter."""


def detect(header: Sequence[str]) -> tuple[System, str] | None:
    """The program that wrote a header, and the record type of its file; None when unknown."""
    cells = frozenset(name.strip().rstrip("*").rstrip() for name in header)
    for system in SYSTEMS:
        sheet = system.noun(cells)
        if sheet == NOTE:
            return system._replace(columns={"activity": system.columns[NOTE]}), "activity"
        if sheet:
            return system, sheet
    return None
