"""CSV and TSV with a header line of field names.

CSV quotes as RFC 4180 says, so that any text comes back exactly; a text that a spreadsheet would
run as a formula gets an apostrophe (`spreadsheet_safe`). TSV has no quoting: a tab or a line break
in a value becomes a space.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmcli.output.cells import machine_columns, machine_rows, plain
from crmcli.output.text import without_controls
from crmcli.values.spreadsheet import spreadsheet_safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmcli.output.how import How
    from crmcli.results import Listing

_QUOTED = re.compile('[",\r\n]')
_LINES = re.compile("\r\n|[\t\r\n\u2028\u2029]")
_PHONE = re.compile(r"\+[0-9]+(;ext=[0-9]+)?")
_NUMBERS = frozenset(
    ("money", "integer", "number", "percent", "duration", "interval", "year", "yesno")
)


def lines(listing: Listing, how: How) -> Iterator[str]:
    """The header line and a line for each row, as `how.format` says (`csv`, else TSV)."""
    columns = machine_columns(listing.columns)
    kinds = [column.kind for column in columns]
    join, write = (",", csv_cell) if how.format == "csv" else ("\t", tsv_cell)
    yield join.join(write("text", column.name) for column in columns)
    for row in machine_rows(listing.columns, listing.rows):
        yield join.join(write(kind, value) for kind, value in zip(kinds, row, strict=True))


def csv_cell(kind: str, value: Any) -> str:
    """A value as a cell of CSV, quoted where it must be."""
    text = without_controls(plain(kind, value))
    if kind not in _NUMBERS and not (kind == "phone" and _PHONE.fullmatch(text)):
        text = spreadsheet_safe(text)
    if _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def tsv_cell(kind: str, value: Any) -> str:
    """A value as a cell of TSV, on one line and without tabs."""
    return _LINES.sub(" ", without_controls(plain(kind, value)))
