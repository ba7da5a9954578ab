"""What a reader hands on: a file as a table of texts, and how somebody wants it read."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import InvalidValue, UsageError
from crmcli.exchange.opening import Blob
from crmcli.values.base import quote

Row = tuple[int, list[str]]
"""The line that a row starts on, and its cells."""

Known = Callable[[list[str]], int]
"""How many names of a possible header are understood."""

MOST_COLUMNS = 2000
HEADER_WITHIN = 15


class Choice(NamedTuple):
    """What somebody says of a file instead of leaving it to be found out; empty is not said.

    format: a key of `readers.FORMATS`. sheet: a name or number, from 1. header_line: from 1.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_line: int = 0
    format: str = ""


class Source(NamedTuple):
    """A table that was looked into.

    path: its file, or `ARCHIVE/MEMBER`. encoding, delimiter, header_line: what was concluded; the
    delimiter is empty where none is needed. rows: opens the file anew and gives its rows with
    their lines. sha256: of its bytes. lines: about how many below the header, for the progress
    bar. format: csv, json, jsonl, vcard or sheet. kind: the record type where the file says it.
    origin: the program that wrote it, where the file says so beside its header. notes: what was
    left out, or is to be known.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    sha256: str
    lines: int
    rows: Callable[[], Iterator[Row]]
    format: str = "csv"
    kind: str = ""
    origin: str = ""
    notes: tuple[str, ...] = ()

    @contextmanager
    def opened(self) -> Iterator[Iterator[Row]]:
        """Its rows; their file is closed afterwards, wherever the reading ended."""
        rows = self.rows()
        try:
            yield rows
        finally:
            if isinstance(rows, Generator):
                rows.close()


_ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "cp1250": "Windows-1250",
              "cp1251": "Windows-1251", "cp932": "Shift JIS"}  # fmt: skip
DELIMITERS = {
    ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space", ":": "colon",
    "^": "caret", "~": "tilde", "\x1f": "unit-separator",
}  # fmt: skip
"""Their names, which `--delimiter` takes as well."""
_FORMATS = {"json": "JSON", "jsonl": "JSON Lines", "vcard": "vCard", "sheet": "spreadsheet"}


def sign(text: str) -> str:
    """The delimiter that somebody names: `;`, `semicolon`, `\\t`."""
    by_name = {name: char for char, name in DELIMITERS.items()}
    found = by_name.get(text.casefold(), "\t" if text == "\\t" else text)
    if len(found) != 1 or found in '"\r\n\\':
        raise UsageError(
            f"{quote(text)} cannot be a delimiter",
            hint=f"one character, or {', '.join(DELIMITERS.values())}",
        )
    return found


def described(source: Source) -> str:
    """What was concluded about a file, for people."""
    encoding = _ENCODINGS.get(source.encoding, source.encoding.upper().replace("_", "-"))
    name = _FORMATS.get(source.format)
    if name is None:
        name = f"{DELIMITERS.get(source.delimiter, repr(source.delimiter))}-separated"
    where = f"header on line {source.header_line}" if source.header_line > 1 else ""
    return "; ".join((", ".join(part for part in (name, encoding, where) if part), *source.notes))


def header_among(
    blob: Blob, rows: Sequence[tuple[int, list[str]]], known: Known
) -> tuple[int, tuple[str, ...]]:
    """The line of the header among the first rows, each with the line on which it ends; its names.

    It is the row of which most is understood; between equals the first that is as wide as most.
    Raises InvalidValue where there is no row, or one has too many columns.
    """
    found = [(line, [cell.strip() for cell in row]) for line, row in rows if any(row)]
    if not found:
        raise InvalidValue(f"{blob.path} is empty", hint="a file starts with a row of names")
    for line, names in found:
        check_width(blob, line, names)
    widths = [len(names) for _line, names in found]
    usual = max(widths, key=widths.count)
    scored = [
        (known(names), len(names) == usual, -place) for place, (_line, names) in enumerate(found)
    ]
    line, names = found[scored.index(max(scored))]
    return line, tuple(names)


def check_width(blob: Blob, line: int, cells: Sequence[str]) -> None:
    """Raise InvalidValue for a row of more columns than any table of records has."""
    if len(cells) > MOST_COLUMNS:
        raise InvalidValue(
            f"{blob.path}, line {line}: {len(cells):,} columns",
            hint=f"up to {MOST_COLUMNS:,} are read; is the delimiter right? --delimiter says it",
        )
