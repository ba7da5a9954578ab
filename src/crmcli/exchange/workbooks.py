"""Records as a workbook (XLSX), written by XlsxWriter, an optional part.

Texts are texts, so that nothing in them is ever run as a formula or made a link; whole and decimal
numbers and days are numbers and days, which a spreadsheet can reckon with. Rows are written as they
come, so that memory stays bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, BinaryIO

from crmcli.errors import InvalidValue, MissingPart
from crmcli.exchange.extract import Extract
from crmcli.exchange.writers import Column, columns

_NUMBERS = ("money", "number", "integer", "percent", "year")
# Excel keeps 15 digits of a number; longer ones stay texts.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,4})?")
_DAY = re.compile(r"(19[1-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}")
_LONGEST_CELL = 32_767
_MOST_ROWS = 1_048_576
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write(extract: Extract, name: str, file: BinaryIO) -> None:
    """Write the records to `file`, on a sheet called `name`.

    Raises MissingPart; InvalidValue for what a sheet cannot hold: more than 1,048,576 rows, or a
    text of more than 32,767 characters.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise MissingPart(
            "spreadsheets need an optional part", hint='pip install "crmcli[xlsx]"'
        ) from None
    chosen = columns(extract)
    with Workbook(file, _OPTIONS) as book:
        sheet = book.add_worksheet(name)
        formats = {
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "money": book.add_format({"num_format": "#,##0.00##"}),
        }
        sheet.freeze_panes(1, 0)
        _header(sheet, chosen, book.add_format({"bold": True}))
        rows = (record for page in extract.pages() for record in page)
        for number, record in enumerate(rows, 1):
            _row(sheet, number, chosen, record, formats)


def _header(sheet: Any, chosen: Sequence[Column], bold: Any) -> None:
    for place, column in enumerate(chosen):
        sheet.set_column(place, place, max(12, len(column.name) + 2))
        sheet.write_string(0, place, column.name, bold)


def _row(
    sheet: Any,
    number: int,
    chosen: Iterable[Column],
    record: dict[str, Any],
    formats: dict[str, Any],
) -> None:
    if number >= _MOST_ROWS:
        raise InvalidValue(
            f"a sheet holds {_MOST_ROWS - 1:,} rows, and there are more", hint="export CSV instead"
        )
    for place, column in enumerate(chosen):
        text = column.cell(record)
        if len(text) > _LONGEST_CELL:
            raise InvalidValue(
                f"{column.name} in row {number + 1} is longer than a cell of a sheet may be",
                hint="export CSV instead, or leave it out with --columns",
            )
        if column.kind in _NUMBERS and _NUMBER.fullmatch(text):
            sheet.write_number(number, place, float(text), formats.get(column.kind))
        elif column.kind == "day" and _DAY.fullmatch(text):
            sheet.write_datetime(number, place, date.fromisoformat(text), formats["day"])
        elif text:
            sheet.write_string(number, place, text)
