"""Dates as spreadsheets number them, where a file has the number rather than the date."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

KINDS = ("day", "moment", "when", "birthday")
"""The kinds of value that such a number may stand for."""

# From 1927 to 2119: five digits that nobody types for a date. 86,400 parts of a day are enough.
_SERIAL = re.compile(r"([1-7][0-9]{4})(?:\.([0-9]{1,12}))?")
_BEGUN = datetime(1899, 12, 30)


def date_of(text: str) -> str | None:
    """The date, with its time where it has one, that Excel's number `text` stands for: days since
    1899-12-30 (ECMA-376, 18.17.4.1). None for any other text."""
    found = _SERIAL.fullmatch(text.strip())
    if found is None:
        return None
    days, part = int(found[1]), float(f"0.{found[2] or 0}")
    moment = _BEGUN + timedelta(days=days, minutes=round(part * 24 * 60))
    return f"{moment:%Y-%m-%d %H:%M}" if found[2] and part else f"{moment:%Y-%m-%d}"
