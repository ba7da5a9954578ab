"""Texts that a spreadsheet would run as a formula, made harmless and given back.

An apostrophe before such a text keeps spreadsheets from running it; a text that starts with
apostrophes and then such a character gets one more, so that every text comes back exactly.
"""

from __future__ import annotations

import re

_FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")


def spreadsheet_safe(text: str) -> str:
    """`text` with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def from_spreadsheet_safe(text: str) -> str:
    """The text that `spreadsheet_safe` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
