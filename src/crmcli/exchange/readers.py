"""Any file as a table of texts: its encoding, its delimiter, its header, and its rows.

Nothing is kept in memory but the head of the file; rows come one after another, each with the line
it starts on. JSON becomes a table by the names that our own exports have (`email`, `email_2`).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import CrmError, InvalidValue, NotFound, NotPermitted, UsageError
from crmcli.exchange import documents

Row = tuple[int, list[str]]

_SAMPLE = 64 * 1024
_BLOCK = 1024 * 1024
_LONGEST_CELL = 16 * 1024 * 1024
_HEADER_WITHIN = 15
_DELIMITERS = (",", ";", "\t", "|")
_BINARY = {
    b"PK\x03\x04": "a zip or spreadsheet file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"SQLite format 3": "a database",
}
_AS_CSV = "save it as CSV (UTF-8) and import that"


class Source(NamedTuple):
    """A file that was looked into.

    encoding, delimiter, header_line: what was concluded. rows: opens the file anew and gives its
    rows with their lines. sha256: of its bytes. lines: how many below the header, for the progress
    bar.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    sha256: str
    lines: int
    rows: Callable[[], Iterator[Row]]


class _Scan(NamedTuple):
    head: bytes
    sha256: str
    lines: int
    utf8: bool


def open_source(path: Path, known: Callable[[list[str]], int]) -> Source:
    """Look into a file.

    known: how many names of a possible header are understood; the header is the row where most are.
    Raises NotFound, NotPermitted, UsageError for a folder, InvalidValue for what is no table.
    """
    scan = _scan(path)
    encoding = _encoding(path, scan)
    text = scan.head.decode(encoding, "replace")
    _refuse_markup(path, text)
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson") or text.lstrip()[:1] in ("[", "{"):
        return _from_documents(path, encoding, scan)
    delimiter = _delimiter(path, text)
    line, header = _header(path, text, delimiter, known)
    return Source(
        path, encoding, delimiter, tuple(header), line, scan.sha256, max(scan.lines - line, 0),
        lambda: _rows(path, encoding, delimiter, line),
    )  # fmt: skip


def _from_documents(path: Path, encoding: str, scan: _Scan) -> Source:
    def opened() -> io.TextIOWrapper:
        return path.open(encoding=encoding, errors="replace")

    header = documents.header(path, opened)
    return Source(
        path, encoding, "", header, 0, scan.sha256, scan.lines,
        lambda: documents.rows(path, opened, header),
    )  # fmt: skip


# --- the bytes


def _scan(path: Path) -> _Scan:
    """One pass over the file: its head and hash, and whether it is UTF-8 throughout."""
    try:
        with path.open("rb") as file:
            scan = _scanned(file)
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}", hint="check the name and the folder") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder", hint="name a file in it") from None
    except PermissionError:
        raise NotPermitted(f"{path} may not be read") from None
    except OSError as error:
        raise CrmError(f"{path} cannot be read: {error.strerror or error}") from error
    if not scan.head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise InvalidValue(f"{path} is empty", hint="a file starts with a header of column names")
    return scan


def _scanned(file: io.BufferedReader) -> _Scan:
    import codecs
    import hashlib

    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    head, lines, utf8, ended = b"", 0, True, True
    while block := file.read(_BLOCK):
        head = head or block[:_SAMPLE]
        digest.update(block)
        lines += block.count(b"\n")
        try:
            if utf8:
                decoder.decode(block)
        except UnicodeDecodeError:
            utf8 = False
        ended = block.rstrip(b"\0").endswith(b"\n")
    return _Scan(head, digest.hexdigest(), lines + (not ended), utf8)


def _encoding(path: Path, scan: _Scan) -> str:
    """UTF-8 where the file is, UTF-16 by its mark or its zeros, else Windows-1252."""
    head = scan.head
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    kind = next((kind for magic, kind in _BINARY.items() if head.startswith(magic)), None)
    if kind:
        raise InvalidValue(f"{path} is {kind}, not a text file", hint=_AS_CSV)
    if b"\0" in head:
        return _utf16(path, head)
    return "utf-8-sig" if scan.utf8 else "cp1252"


def _utf16(path: Path, head: bytes) -> str:
    """UTF-16 without a mark: every second byte of plain text is zero."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.7 and odd < half * 0.1:
        return "utf-16-be"
    raise InvalidValue(f"{path} is not a text file", hint=_AS_CSV)


def _refuse_markup(path: Path, text: str) -> None:
    start = text.lstrip("\ufeff \t\r\n")[:15].lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise InvalidValue(f"{path} is a web page or XML, not a table", hint=_AS_CSV)


# --- the table


def _delimiter(path: Path, text: str) -> str:
    """The delimiter under which most rows have the same number of cells, more than one."""
    preferred = "\t" if path.suffix.lower() in (".tsv", ".tab") else ","
    best, most = preferred, 0.0
    for delimiter in _DELIMITERS:
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
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > 100:
                break
    except csv.Error:
        return rows
    return rows[:-1] if len(text) >= _SAMPLE // 2 and len(rows) <= 100 else rows


def _header(
    path: Path, text: str, delimiter: str, known: Callable[[list[str]], int]
) -> tuple[int, list[str]]:
    """The line on which the header ends, and its names."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    found: list[tuple[int, int, list[str]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                names = [cell.strip() for cell in row]
                found.append((known(names), reader.line_num, names))
            if len(found) >= _HEADER_WITHIN:
                break
    except csv.Error as error:
        raise InvalidValue(f"{path} cannot be read as a table: {error}", hint=_AS_CSV) from error
    _score, line, names = max(found, key=lambda each: each[0])
    return line, names


def _rows(path: Path, encoding: str, delimiter: str, header_line: int) -> Iterator[Row]:
    """The rows below the header, each with the line that it starts on."""
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        before = 0
        try:
            for row in reader:
                if before >= header_line:
                    yield before + 1, row
                before = reader.line_num
        except csv.Error as error:
            raise InvalidValue(
                f"{path}, line {before + 1}: {error}",
                hint="a quote that is never closed swallows the rest of the file",
            ) from error
