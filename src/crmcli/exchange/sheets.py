"""Spreadsheets (XLSX, ODS and the older XLS) as tables of texts, one for each sheet.

Read by python-calamine, an optional part. Dates arrive as ISO, whole numbers without `.0`: Excel
keeps every number as a float.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from crmcli.errors import InvalidValue, MissingPart, UsageError
from crmcli.exchange import archives
from crmcli.exchange.opening import Blob, Scan, reading
from crmcli.exchange.tables import (
    HEADER_WITHIN,
    Choice,
    Known,
    Row,
    Source,
    check_width,
    header_among,
)
from crmcli.values.base import quote

ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".ods", ".xls")
# A workbook with a password is packed into the container of the older format.
_SEALED = b"\xd0\xcf\x11\xe0"
_LARGEST = 512 * 1024 * 1024
_WHOLE = 10**15  # the integers that a float holds exactly, as Excel does


def sheets(blob: Blob, scan: Scan, choice: Choice, known: Known) -> list[Source]:
    """The tables of a workbook: the sheet that was chosen, else those with a header that is
    understood, else the first one.

    Raises MissingPart, InvalidValue for a workbook that cannot be read, UsageError for a sheet that
    is not there.
    """
    book = _Book(blob)
    names = [book.chosen(choice.sheet)] if choice.sheet else book.names
    found, understood = [], []
    for name in names:
        rows = book.first_rows(name)
        if any(any(row) for _line, row in rows):
            source = _table(blob, scan, book, name, rows, choice, known)
            found.append(source)
            if known(list(source.header)) > 1:
                understood.append(source)
    if not found:
        raise InvalidValue(f"{blob.path} is empty", hint="a sheet starts with a row of names")
    wanted = understood or found[:1]
    read = {each.path for each in wanted}
    others = [name for name in names if _path(blob, book, name) not in read]
    note = (f"sheets not read: {', '.join(others)}",) if others else ()
    return [wanted[0]._replace(notes=note), *wanted[1:]]


def _path(blob: Blob, book: _Book, name: str) -> Path:
    return blob.path if len(book.names) == 1 else blob.path / name.replace("/", "-")


def _table(
    blob: Blob, scan: Scan, book: _Book, name: str, rows: Sequence[Row], choice: Choice,
    known: Known,
) -> Source:  # fmt: skip
    if choice.header_line:
        chosen = [row for row in rows if row[0] == choice.header_line]
        if not chosen:
            raise UsageError(f"{blob.path} has no row {choice.header_line} near its start")
        rows = chosen
    line, header = header_among(blob, rows, known)
    return Source(
        _path(blob, book, name), "", "", header, line, scan.sha256,
        max(book.height(name) - line, 0),
        lambda: book.rows(name, after=line), "sheet",
    )  # fmt: skip


class _Book:
    """A workbook whose sheets are read one at a time."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._sheet: tuple[str, Any] | None = None
        self._book = _loaded(blob)
        self.names: list[str] = list(self._book.sheet_names)

    def chosen(self, sheet: str) -> str:
        """The name of the sheet that somebody named, or numbered from 1."""
        if sheet in self.names:
            return sheet
        if sheet.isdecimal() and 0 < int(sheet) <= len(self.names):
            return self.names[int(sheet) - 1]
        raise UsageError(
            f"{self._blob.path} has no sheet {quote(sheet)}",
            hint=f"sheets: {', '.join(self.names)}",
        )

    def height(self, name: str) -> int:
        """How many rows a sheet has."""
        return int(self._opened(name).total_height) + 1

    def first_rows(self, name: str) -> list[Row]:
        """The first rows that are not blank."""
        found = []
        for line, row in self.rows(name):
            if any(row):
                found.append((line, row))
            if len(found) >= HEADER_WITHIN:
                break
        return found

    def rows(self, name: str, *, after: int = 0) -> Iterator[Row]:
        """The rows below the row `after`, by their numbers."""
        sheet = self._opened(name)
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number > after:
                check_width(self._blob, number, row)
                yield number, [_text(cell) for cell in row]

    def _opened(self, name: str) -> Any:
        if self._sheet is None or self._sheet[0] != name:
            try:
                self._sheet = (name, self._book.get_sheet_by_name(name))
            except Exception as error:
                raise _unreadable(self._blob, error) from error
        return self._sheet[1]


def _loaded(blob: Blob) -> Any:
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise MissingPart(
            "spreadsheets need an optional part", hint='pip install "crmcli[xlsx]"'
        ) from None
    archives.refuse_bomb(blob, _LARGEST)
    with reading(blob.path), blob.opened() as file:
        try:
            return CalamineWorkbook.from_filelike(file)
        except Exception as error:
            raise _unreadable(blob, error) from error


def _unreadable(blob: Blob, error: Exception) -> InvalidValue:
    with reading(blob.path), blob.opened() as file:
        sealed = blob.ending != ".xls" and file.read(len(_SEALED)) == _SEALED
    if sealed or "assword" in str(error):
        return InvalidValue(f"{blob.path} is locked with a password", hint="save it without one")
    return InvalidValue(
        f"{blob.path} cannot be read as a spreadsheet: {error}", hint="save it as CSV (UTF-8)"
    )


def _text(cell: Any) -> str:
    """A cell as the text that a person would have typed."""
    match cell:
        case str():
            return cell
        case bool():
            return "yes" if cell else "no"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)
        case datetime():
            return _moment(cell)
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat(timespec="minutes" if not cell.second else "seconds")
        case timedelta():
            return f"{int(cell.total_seconds() // 60)} min"
        case _:
            return str(cell)


def _moment(value: datetime) -> str:
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds" if value.second else "minutes")
