"""Files in and out: import, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from crmcli.catalog import BY_PLURAL, RECORDS
from crmcli.cli import importing
from crmcli.cli.arguments import flag, option, words
from crmcli.cli.guess import unknown
from crmcli.cli.session import Act, Session
from crmcli.cli.table import by_hand
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.exchange.tables import Choice

KINDS = ("contacts", "companies", "deals", "activities", "tasks")
PLURALS = tuple(record.plural for record in RECORDS if by_hand(record))

EVERYTHING = "everything"
PROGRAMS = ("google", "hubspot", "outlook")
VCARDS = ("3.0", "4.0")
FILE_FORMATS = ("csv", "json", "vcard", "sheet", "zip")

Repeated = list[str] | None


def import_(
    *,
    files: Annotated[
        list[str], words("Files, folders or archives; - is standard input.", "FILE...")
    ],
    kind: Annotated[
        str | None,
        option(
            "What it holds, where the header does not tell.",
            "--kind",
            metavar="|".join(KINDS),
            choices=KINDS,
        ),
    ] = None,
    maps: Annotated[
        Repeated, option('Which field a column is: "Mail=email".', "--map", metavar="COLUMN=FIELD")
    ] = None,
    ignore: Annotated[
        Repeated, option("A column to leave out.", "--ignore", metavar="COLUMN")
    ] = None,
    tag: Annotated[
        Repeated, option("A tag for every record.", "--tag", metavar="TAG", source="tags")
    ] = None,
    owner: Annotated[
        str | None,
        option("Who owns the new records.", "--owner", metavar="USER", source="users"),
    ] = None,
    format: Annotated[
        str | None,
        option("What the file is.", "--from", metavar="|".join(FILE_FORMATS), choices=FILE_FORMATS),
    ] = None,
    encoding: Annotated[
        str | None, option("Its encoding, such as windows-1252.", "--encoding", metavar="NAME")
    ] = None,
    delimiter: Annotated[
        str | None, option("What stands between its cells: ; or tab.", "--delimiter", metavar="C")
    ] = None,
    sheet: Annotated[
        str | None, option("The sheet of a workbook, by name or number.", "--sheet", metavar="NAME")
    ] = None,
    header_line: Annotated[
        str | None, option("The line with the names of the columns.", "--header-line", metavar="N")
    ] = None,
    sets: importing.Sets = None,
    meant: importing.Meant = None,
    keep_unknown: importing.KeepUnknown = False,
    mode: importing.Mode = None,
    on_conflict: importing.OnConflict = None,
    dates: importing.Dates = None,
    atomic: importing.Atomic = False,
) -> Act:
    """Load records from files: CSV, TSV, XLSX, ODS, JSON or vCard, also in a zip or a folder.

    Files of the usual programs are recognised, other columns by their names and values. Records
    that are there already are found by the program's ids, by e-mail, phone or domain, and only
    filled in (see --on-conflict), so that a second run changes nothing. Rows that
    cannot be read are set aside in a file with the reason; the status is then 1. `crm undo` takes
    an import back.
    """
    choice = {"kind": kind, "maps": dict(map(_mapping, maps or ())), "ignore": ignore or (),
              "tags": tag or (), "owner": owner,
              "sets": importing.pairs(sets, "--set", "status=customer"),
              "said": importing.pairs(meant, "--value", '"stage:Closed Won=Won"'),
              "keep_unknown": keep_unknown, "mode": mode or "upsert", "dates": dates,
              "atomic": atomic}  # fmt: skip
    choice["conflict"], choice["conflicts"] = importing.conflicts(on_conflict)
    paths = [Path(file).expanduser() for file in files]

    def act(session: Session) -> Any:
        from crmcli.exchange.tables import Choice

        said = Choice(
            encoding or "", delimiter or "", sheet or "", _line(header_line), format or ""
        )
        options = {**choice, "confirm": importing.confirming(session)}
        return _import(session, paths, said, options)

    return act


def _line(text: str | None) -> int:
    if text is not None and not (text.isdecimal() and int(text)):
        raise UsageError(f'--header-line takes a line\'s number, not "{text}"')
    return int(text or 0)


def _mapping(text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals:
        raise UsageError(f'cannot read --map "{text}"', hint='write --map "Column=field"')
    return column.strip(), field.strip()


def _import(session: Session, paths: list[Path], said: Choice, options: Mapping[str, Any]) -> Any:
    from crmcli.exchange.several import import_files
    from crmcli.output.progress import Progress

    with ExitStack() as shown:

        def bar(name: str) -> Callable[[int, int], None]:
            shown.close()
            bars: list[Progress] = []
            done = 0

            def advance(rows: int, about: int) -> None:
                nonlocal done
                if not bars:
                    bars.append(Progress(f"importing {name}", about, session.how))
                    shown.enter_context(bars[0])
                bars[0].advance(rows - done)
                done = rows

            return advance

        return import_files(session.ctx, paths, said, options, bar)


def export(
    *,
    nouns: Annotated[
        str,
        words(
            "contacts, companies, deals …, or everything.", "NOUNS", choices=(*PLURALS, EVERYTHING)
        ),
    ],
    query: Annotated[
        list[str] | None, words("Only those that match.", "[QUERY]...", "query:contact")
    ] = None,
    output: Annotated[
        str | None,
        option(
            "The file; its ending says which format. Else stdout.", "--output", "-o", metavar="FILE"
        ),
    ] = None,
    where: Annotated[
        str | None, option("A whole query in one word.", "--where", metavar="QUERY")
    ] = None,
    columns: Annotated[str | None, option("Only these fields.", "--columns", metavar="A,B")] = None,
    program: Annotated[
        str | None,
        option(
            "As this program imports it.", "--for", metavar="|".join(PROGRAMS), choices=PROGRAMS
        ),
    ] = None,
    vcard: Annotated[
        str | None, option("vCards: 3.0 or 4.0.", "--vcard", metavar="VERSION", choices=VCARDS)
    ] = None,
    raw: Annotated[
        bool, flag("Texts as they are, even where a spreadsheet would run them.", "--raw")
    ] = False,
    bom: Annotated[bool, flag("With a mark, for Excel to know UTF-8.", "--bom")] = False,
    delimiter: Annotated[
        str | None, option("What stands between cells: ; or tab.", "--delimiter", metavar="C")
    ] = None,
    yes: Annotated[bool, flag("Replace the file if it is there.", "--yes", "-y")] = False,
) -> Act:
    """Write records to a file: CSV, TSV, JSON, XLSX, vCard or Markdown.

    The file holds everything that an import reads back: all e-mails and phones with their labels,
    addresses, tags, your own fields. `everything` is a zip of all records, from which `crm import`
    fills an empty database.
    """
    record = BY_PLURAL.get(nouns)
    if nouns != EVERYTHING and (record is None or nouns not in PLURALS):
        raise unknown("list", nouns, (*PLURALS, EVERYTHING))
    chosen = None if columns is None else [name.strip() for name in columns.split(",")]

    def act(session: Session) -> Any:
        from crmcli.exchange.exporting import Form, export
        from crmcli.exchange.tables import sign
        from crmcli.exchange.writers import Style

        out = None if output is None else Path(output).expanduser()
        style = Style(raw, bom, sign(delimiter) if delimiter else "")
        # A file's ending says more than a setting for screens does.
        format = session.how.format if out is None else session.given.get("format")
        form = Form(format, program, vcard, style)
        if record is None and (query or where or columns or form[1:] != Form()[1:]):
            raise UsageError("everything takes no query and no form", hint="export a list instead")
        if record is None and out is None:
            raise UsageError("everything goes into a file", hint="-o all.zip")
        if out is not None and out.exists():
            session.confirm(f"Replace {out}?", agreed=yes)
        if record is None:
            from crmcli.exchange.everything import export_everything

            return export_everything(session.ctx, out or Path())
        return export(
            session.ctx, record.name, query or (), where=where, columns=chosen, out=out, form=form
        )

    return act
