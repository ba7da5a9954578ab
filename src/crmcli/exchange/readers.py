"""Any file as a table of texts: its format, its encoding, its header, and its rows.

Nothing is kept in memory but the head of the file; rows come one after another, each with the line
it starts on. JSON and vCards become tables by the names that our own exports have (`email`,
`email_2`). Archives, folders, workbooks and documents of lists are several tables.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from crmcli.catalog import BY_NAME, BY_PLURAL
from crmcli.errors import CrmError, InvalidValue, UnknownName
from crmcli.exchange import archives, documents, sheets, vcards
from crmcli.exchange.delimited import delimited
from crmcli.exchange.encodings import AS_CSV, encoding_of
from crmcli.exchange.opening import STDIN, Blob, Scan, blob_at, scanned
from crmcli.exchange.tables import Choice, Known, Row, Source, check_width, described
from crmcli.values.base import quote

__all__ = [
    "FORMATS",
    "Choice",
    "Known",
    "Row",
    "Source",
    "described",
    "open_source",
    "open_sources",
]

FORMATS = ("csv", "json", "vcard", "sheet", "zip")
"""What a file may be said to be."""

_BY_ENDING = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), "csv"),
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".vcf": "vcard", ".vcard": "vcard",
    **dict.fromkeys(sheets.ENDINGS, "sheet"),
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MARKUP = ("<!doctype", "<html", "<?xml", "<table", "<head", "<body", "<meta", "<!--", "<style",
           "<div", "<script")  # fmt: skip
_KINDS = {"people": "contact", "persons": "contact", "organizations": "company",
          "organisations": "company", "accounts": "company", "opportunities": "deal"}  # fmt: skip
# The one table of LinkedIn's archive that is about people who are known.
_LINKEDIN = "connections.csv"
_MAIN = ("company", "contact", "deal", "activity", "task")
_OWN_LEAVINGS = ".rejects.csv"


def open_source(path: Path, known: Known, choice: Choice = Choice()) -> Source:  # noqa: B008
    """Look into a file; of one that holds several tables, the first.

    known: how many names of a possible header are understood; the header is the row where most are.
    Raises NotFound, NotPermitted, UsageError for a folder, InvalidValue for what is no table,
    MissingPart.
    """
    return _sources(blob_at(path), known, choice)[0]


def open_sources(
    paths: Sequence[Path],
    known: Known,
    choice: Choice = Choice(),  # noqa: B008
) -> list[Source]:
    """Look into files, folders and archives; "-" is standard input.

    What a folder or an archive holds beside tables is left out and noted; a file that was named
    itself has to be one. Raises as `open_source`.
    """
    found: list[Source] = []
    for path in paths:
        if str(path) != STDIN and path.is_dir():
            found += _in_folder(path, known, choice)
        else:
            found += _sources(blob_at(path), known, choice)
    return found


def _in_folder(folder: Path, known: Known, choice: Choice) -> list[Source]:
    blobs = [
        blob_at(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".")
    ]
    return _those_readable(folder, blobs, known, choice)


def _those_readable(
    place: Path, blobs: Sequence[Blob], known: Known, choice: Choice
) -> list[Source]:
    """The tables among the files of a folder or archive, the others noted on the first."""
    found: list[Source] = []
    left: list[str] = []
    for blob in blobs:
        name = blob.path.name
        if blob.ending not in _BY_ENDING or name.endswith(_OWN_LEAVINGS):
            left.append(name)
            continue
        try:
            sources = _sources(blob, known, choice)
        except CrmError as error:
            left.append(f"{name} ({error.message.removeprefix(f'{blob.path} ')})")
            continue
        told = [source for source in sources if source.kind or known(list(source.header)) > 1]
        found += told
        left += [] if told else [name]
    if not found:
        raise _no_table(place, left)
    return [found[0]._replace(notes=(*found[0].notes, *_left_out(left))), *found[1:]]


def _no_table(place: Path, left: Sequence[str]) -> InvalidValue:
    hint = f"it holds: {', '.join(left)[:200]}" if left else None
    return InvalidValue(f"{place} holds no table that can be imported", hint=hint)


def _left_out(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return (f"not read: {', '.join(names[:5])}{more}",)


# --- one file


def _sources(blob: Blob, known: Known, choice: Choice) -> list[Source]:
    """The tables of one file."""
    head = _head(blob)
    format = _format(blob, head, choice)
    if format == "zip":
        return _in_archive(blob, known, choice)
    scan = scanned(blob)
    if format == "sheet":
        return sheets.sheets(blob, scan, choice, known)
    encoding = encoding_of(blob.path, scan, choice.encoding)
    text = scan.head.decode(encoding.name, "replace")
    format = format or _by_text(blob, text)
    reader: Callable[[], list[Source]] = {
        "vcard": lambda: _from_cards(blob, encoding.name, scan),
        "json": lambda: _from_documents(blob, encoding.name, scan, text),
        "csv": lambda: [delimited(blob, scan, text, encoding.name, choice, known)],
    }[format]
    return [each._replace(notes=(*encoding.notes, *each.notes)) for each in reader()]


def _head(blob: Blob) -> bytes:
    from crmcli.exchange.opening import reading

    with reading(blob.path), blob.opened() as file:
        return file.read(8)


def _format(blob: Blob, head: bytes, choice: Choice) -> str:
    """The format, as far as it does not take the text to tell."""
    if choice.format:
        said = choice.format.lower()
        format = said if said in FORMATS else _BY_ENDING.get(f".{said}", "")
        if not format:
            raise UnknownName(f"{quote(said)} is no format", hint=f"formats: {', '.join(FORMATS)}")
        return format
    ending = blob.ending
    if head.startswith(_ZIP):
        return "sheet" if ending in sheets.ENDINGS else "zip" if _is_archive(blob) else "sheet"
    return "sheet" if head.startswith(_OLE) else ""


def _is_archive(blob: Blob) -> bool:
    """Whether a zip file is one, rather than a workbook under another name."""
    with archives.opened_zip(blob) as archive:
        return not {"[Content_Types].xml", "mimetype"} & set(archive.namelist())


def _by_text(blob: Blob, text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:15].lower()
    if start.startswith("begin:vcard"):
        return "vcard"
    if start.startswith(_MARKUP):
        raise InvalidValue(f"{blob.path} is a web page or XML, not a table", hint=AS_CSV)
    format = _BY_ENDING.get(blob.ending, "")
    if format == "json" or start[:1] in ("[", "{"):
        return "json"
    return "csv"


def _in_archive(blob: Blob, known: Known, choice: Choice) -> list[Source]:
    blobs = archives.members(blob)
    if own := archives.manifest(blob):
        return _in_own_archive(blob.path, blobs, own, known, choice)
    linkedin = [each for each in blobs if each.path.name.lower() == _LINKEDIN]
    if not linkedin:
        return _those_readable(blob.path, blobs, known, choice)
    others = len(blobs) - len(linkedin)
    notes = (f"{others} other files of the archive not read",) if others else ()
    return [
        each._replace(origin="linkedin", notes=(*each.notes, *notes))
        for member in linkedin[:1]
        for each in _sources(member, known, choice)
    ]


def _in_own_archive(
    path: Path, blobs: Sequence[Blob], manifest: dict[str, Any], known: Known, choice: Choice
) -> list[Source]:
    """The files for people in an archive of everything: those of the main record types."""
    kinds = {each.get("name"): each.get("holds") for each in manifest["files"]}
    found = [
        source._replace(kind=str(kinds[blob.path.name]))
        for kind in _MAIN
        for blob in blobs
        if kinds.get(blob.path.name) == kind
        for source in _sources(blob, known, choice)
    ]
    left = [blob.path.name for blob in blobs if kinds.get(blob.path.name) not in (*_MAIN, None)]
    left = [name for name in left if kinds[name] in BY_NAME]
    if not found:
        raise _no_table(path, [blob.path.name for blob in blobs])
    return [found[0]._replace(notes=(*found[0].notes, *_left_out(left))), *found[1:]]


def _text_of(blob: Blob, encoding: str) -> Callable[[], TextIO]:
    def opened() -> TextIO:
        return io.TextIOWrapper(blob.opened(), encoding=encoding, errors="replace")

    return opened


def _from_documents(blob: Blob, encoding: str, scan: Scan, text: str) -> list[Source]:
    opened = _text_of(blob, encoding)
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        lists = documents.tables(opened)
        if lists:
            return [_listed(blob, encoding, scan, name, items) for name, items in lists.items()]
    header = documents.header(blob.path, opened)
    check_width(blob, 1, header)
    return [
        Source(
            blob.path, encoding, "", header, 0, scan.sha256, scan.lines,
            lambda: documents.rows(blob.path, opened, header),
            "json" if start.startswith("[") else "jsonl",
        )
    ]  # fmt: skip


def _listed(
    blob: Blob, encoding: str, scan: Scan, name: str, items: list[dict[str, object]]
) -> Source:
    header, rows = documents.listed(items)
    record = BY_PLURAL.get(name.lower())
    kind = record.name if record else _KINDS.get(name.lower(), "")
    return Source(
        blob.path / name, encoding, "", header, 0, scan.sha256, len(rows), lambda: iter(rows),
        "json", kind,
    )  # fmt: skip


def _from_cards(blob: Blob, encoding: str, scan: Scan) -> list[Source]:
    """People, and the companies among the cards as a table of their own."""
    opened = _text_of(blob, encoding)
    cards = vcards.looked_into(opened)
    if cards.number == (0, 0):
        raise InvalidValue(f"{blob.path} holds no cards", hint="a card starts with BEGIN:VCARD")

    def source(*, companies: bool) -> Source:
        header = cards.companies if companies else cards.people
        check_width(blob, 1, header)
        return Source(
            blob.path, encoding, "", header, 0, scan.sha256, cards.number[companies],
            lambda: vcards.rows(opened, header, companies=companies),
            "vcard", "company" if companies else "contact", cards.origin,
        )  # fmt: skip

    people, companies = cards.number
    found = [source(companies=False)] if people or not companies else []
    found += [source(companies=True)] if companies else []
    return [found[0]._replace(notes=cards.notes), *found[1:]]
