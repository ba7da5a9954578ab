"""CSV, TSV and their kin: the delimiter, how quotes are written, the header, the rows.

Quotes are read strictly. A quote that goes wrong shifts or swallows what follows, so the place is
told and nothing is imported; a file that escapes quotes with backslashes, or does not quote at all,
is told apart by its head.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from crmcli.errors import InvalidValue, UsageError
from crmcli.exchange.encodings import AS_CSV
from crmcli.exchange.opening import HEAD, LONGEST_LINE, Blob, Scan
from crmcli.exchange.tables import (
    HEADER_WITHIN,
    Choice,
    Known,
    Row,
    Source,
    check_width,
    header_among,
    sign,
)

_SNIFFED = (",", ";", "\t", "|", "^", "~", "\x1f")
# A file of fewer rows is read to its end before the first is written.
_READ_AT_ONCE = 10_000
_ENDLESS = f"the row does not end within {LONGEST_LINE // 1024**2} MB"
_FOOTER_WITHIN = 12
_FOOTER = "salesforce.com"


class Dialect(NamedTuple):
    """How cells are kept apart. escape: quotes within a cell follow a backslash; quoted: quotes
    mean anything at all."""

    delimiter: str
    escape: bool = False
    quoted: bool = True

    def rows(self, lines: Any, *, strict: bool = True) -> Any:
        """A reader of `csv` over lines of text."""
        if not self.quoted:
            return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
        if self.escape:
            return csv.reader(lines, delimiter=self.delimiter, strict=strict, doublequote=False,
                              escapechar="\\")  # fmt: skip
        return csv.reader(lines, delimiter=self.delimiter, strict=strict)


def delimited(
    blob: Blob, scan: Scan, text: str, encoding: str, choice: Choice, known: Known
) -> Source:
    """The table in a file of delimited text; `text` is its head.

    Raises InvalidValue, with the place, for what is no table and for quotes gone wrong.
    """
    text = text.removeprefix("\ufeff")
    dialect = _dialect(blob, text, choice.delimiter)
    line, header = _header(blob, text, dialect, choice, known)
    table = _Table(blob, encoding, dialect, line, _has_footer(scan, encoding))
    if scan.quotes and scan.lines > _READ_AT_ONCE:
        table.check()
    return Source(
        blob.path, encoding, dialect.delimiter, header, line, scan.sha256,
        max(scan.lines - line, 0), table.rows,
    )  # fmt: skip


# --- the delimiter and the quotes


def _dialect(blob: Blob, text: str, chosen: str) -> Dialect:
    delimiter = sign(chosen) if chosen else _told(text) or _likeliest(blob, text)
    plain = Dialect(delimiter)
    if '"' not in text or _readable(text, plain):
        return plain
    escaped = Dialect(delimiter, escape=True)
    if '\\"' in text and _readable(text, escaped):
        return escaped
    # Programs that write tabs seldom quote; a quote is then a character like any other.
    return Dialect(delimiter, quoted=False) if delimiter == "\t" else plain


def _told(text: str) -> str:
    """The delimiter from Excel's own first line, `sep=;`."""
    first = text[:8].splitlines()[:1]
    told = first[0].strip('"') if first else ""
    return told[4] if told[:4].lower() == "sep=" and len(told) == 5 else ""


def _likeliest(blob: Blob, text: str) -> str:
    """The delimiter under which most rows have the same number of cells, more than one."""
    preferred = "\t" if blob.ending in (".tsv", ".tab") else ","
    best, most = preferred, 0.0
    for delimiter in _SNIFFED:
        score = _regularity(text, delimiter) * (1.1 if delimiter == preferred else 1.0)
        if score > most:
            best, most = delimiter, score
    return best


def _regularity(text: str, delimiter: str) -> float:
    widths = Counter(len(row) for row in _sample(text, delimiter) if len(row) > 1)
    if not widths:
        return 0.0
    width, count = widths.most_common(1)[0]
    return count * min(width, 4)


def _sample(text: str, delimiter: str) -> list[list[str]]:
    """The first rows of the head; what is cut off at its end is left out."""
    rows: list[list[str]] = []
    try:
        for row in Dialect(delimiter).rows(io.StringIO(text, newline=""), strict=False):
            rows.append(row)
            if len(rows) > 100:
                break
    except csv.Error:
        return rows
    return rows[:-1] if len(text) >= HEAD // 2 and len(rows) <= 100 else rows


def _readable(text: str, dialect: Dialect) -> bool:
    """Whether the quotes of the head go right; its last line may be cut off."""
    lines = io.StringIO(text, newline="").readlines()
    reader = dialect.rows(iter(lines))
    try:
        for _row in reader:
            pass
    except csv.Error:
        return len(text) >= HEAD // 2 and reader.line_num >= len(lines)
    return True


# --- the rows


def _header(
    blob: Blob, text: str, dialect: Dialect, choice: Choice, known: Known
) -> tuple[int, tuple[str, ...]]:
    """The line on which the header ends, and its names."""
    reader = dialect.rows(io.StringIO(text, newline=""), strict=False)
    found: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            if choice.header_line and reader.line_num >= choice.header_line:
                check_width(blob, reader.line_num, row)
                return reader.line_num, tuple(cell.strip() for cell in row)
            if any(cell.strip() for cell in row):
                found.append((reader.line_num, row))
            if len(found) >= HEADER_WITHIN and not choice.header_line:
                break
    except csv.Error as error:
        raise InvalidValue(f"{blob.path}, line {reader.line_num}: {error}", hint=AS_CSV) from error
    if choice.header_line:
        raise UsageError(f"{blob.path} has no line {choice.header_line} near its start")
    return header_among(blob, found, known)


class _Table:
    """The rows of one file below its header."""

    def __init__(
        self, blob: Blob, encoding: str, dialect: Dialect, header_line: int, footer: bool
    ) -> None:
        self._blob, self._encoding, self._dialect = blob, encoding, dialect
        self._header_line, self._footer = header_line, footer

    def rows(self) -> Iterator[Row]:
        """The rows, each with the line that it starts on."""
        rows = self._rows()
        return without_footer(rows) if self._footer else rows

    def check(self) -> None:
        """Read all of it and forget it; raises InvalidValue where a quote goes wrong."""
        for _row in self._rows():
            pass

    def _rows(self) -> Iterator[Row]:
        csv.field_size_limit(LONGEST_LINE)
        size = 0

        def fed(lines: io.TextIOWrapper) -> Iterator[str]:
            nonlocal size
            for line in lines:
                size += len(line)
                if size > LONGEST_LINE:
                    raise csv.Error(_ENDLESS)
                yield line

        with io.TextIOWrapper(
            self._blob.opened(), encoding=self._encoding, errors="replace", newline=""
        ) as file:
            reader = self._dialect.rows(fed(file))
            before = 0
            try:
                for row in reader:
                    if before >= self._header_line:
                        yield before + 1, row
                    before = reader.line_num
                    size = 0
            except csv.Error as error:
                raise self._wrong(before + 1, reader.line_num, error) from error

    def _wrong(self, first: int, last: int, error: csv.Error) -> InvalidValue:
        """What is wrong in the row on the lines `first` to `last`."""
        where = f"{self._blob.path}, line {first}"
        if "expected after" in str(error) or "unexpected end" in str(error):
            reach = f" (the cell reaches to line {last})" if last > first else ""
            return InvalidValue(
                f"{where}: the quotes of this row go wrong{reach}",
                hint='a quote within a quoted cell is written twice: "Bob ""B"" Smith"',
            )
        return InvalidValue(
            f"{where}: {error}", hint="a quote that is never closed swallows the rest of the file"
        )


# --- the footer of a Salesforce report


def _has_footer(scan: Scan, encoding: str) -> bool:
    return _FOOTER in scan.tail.decode(encoding, "replace").lower()


def without_footer(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows up to the blank one after which only a report's own lines follow."""
    held: list[Row] = []
    for row in rows:
        filled = sum(1 for cell in row[1] if cell.strip())
        if filled > 1 or len(held) > _FOOTER_WITHIN or (filled and not held):
            yield from held
            held = []
            yield row
        else:
            held.append(row)
    if not _is_footer(held):
        yield from held


def _is_footer(rows: Sequence[Row]) -> bool:
    return any(_FOOTER in cell.lower() for _line, cells in rows for cell in cells)
