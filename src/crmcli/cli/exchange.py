"""Files in and out: import, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from crmcli.catalog import BY_PLURAL
from crmcli.cli import files as file_options
from crmcli.cli import importing
from crmcli.cli.arguments import flag, option, words
from crmcli.cli.files import EVERYTHING, PLURALS
from crmcli.cli.guess import unknown
from crmcli.cli.session import Act, Session
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.exchange.tables import Choice

KINDS = ("contacts", "companies", "deals", "activities", "tasks")
Repeated = list[str] | None


def import_(
    *,
    files: file_options.Files,
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
    format: file_options.From = None,
    encoding: file_options.Encoding = None,
    delimiter: file_options.Delimiter = None,
    sheet: file_options.Sheet = None,
    header_line: file_options.HeaderLine = None,
    sets: importing.Sets = None,
    meant: importing.Meant = None,
    keep_unknown: importing.KeepUnknown = False,
    mode: importing.Mode = None,
    on_conflict: importing.OnConflict = None,
    dates: importing.Dates = None,
    atomic: importing.Atomic = False,
    refuse_duplicates: importing.RefuseDuplicates = False,
) -> Act:
    """Load records from files of any kind.

    CSV, TSV, XLSX, ODS, JSON and vCards are read, also in a zip or a folder. Files of the usual
    programs are recognised, other columns by their names and values. Records that are there
    already are found by the program's ids, by e-mail, phone or domain, and only filled in (see
    --on-conflict), so that a second run changes nothing. Rows that cannot be read are set aside in
    a file with the reason; the status is then 1. `crm undo` takes an import back.
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
        if refuse_duplicates:
            session.ctx.duplicates = "refuse"
        said = file_options.read_as(format, encoding, delimiter, sheet, header_line)
        options = {
            **choice,
            "confirm": importing.confirming(session),
            "order_of": importing.asking_order(session),
        }
        return _calendars(session, paths) or _import(session, paths, said, options)

    return act


def _calendars(session: Session, paths: list[Path]) -> list[Any] | None:
    """What came of importing calendars; None where the files are no calendars."""
    from crmcli.exchange import calendars

    if not all(map(calendars.is_calendar, paths)):
        return None
    return [calendars.import_calendar(session.ctx, path) for path in paths]


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
    nouns: file_options.Lists,
    query: Annotated[
        list[str] | None, words("Only those that match.", "[QUERY]...", "query:contact")
    ] = None,
    output: file_options.Output = None,
    where: Annotated[
        str | None, option("A whole query in one word.", "--where", metavar="QUERY")
    ] = None,
    columns: file_options.Only = None,
    program: file_options.For = None,
    vcard: file_options.VCard = None,
    raw: file_options.Raw = False,
    bom: file_options.Bom = False,
    delimiter: file_options.Delimiter = None,
    yes: Annotated[bool, flag("Replace the file if it is there.", "--yes", "-y")] = False,
) -> Act:
    """Write records to a file of any kind.

    Its ending says which: CSV, TSV, JSON, XLSX, vCard, Markdown. It holds everything that an import
    reads back: all e-mails and phones with their labels, addresses, tags, your own fields.
    `everything` is a zip of all records, from which `crm import` fills an empty database.
    """
    record = BY_PLURAL.get(nouns)
    if nouns != EVERYTHING and (record is None or nouns not in PLURALS):
        raise unknown("list", nouns, (*PLURALS, EVERYTHING))
    chosen = None if columns is None else [name.strip() for name in columns.split(",")]
    plain = not (query or where or columns or program or vcard or raw or bom or delimiter)

    def act(session: Session) -> Any:
        from crmcli.exchange.exporting import export as write

        out = None if output is None else Path(output).expanduser()
        form = file_options.form(session, output, program, vcard, (raw, bom, delimiter))
        if record is None and (not plain or out is None):
            raise UsageError("everything takes a file and nothing else", hint="-o all.zip")
        if out is not None and out.exists():
            session.confirm(f"Replace {out}?", agreed=yes)
        if record is None:
            from crmcli.exchange.everything import export_everything

            return export_everything(session.ctx, out or Path())
        return write(
            session.ctx, record.name, query or (), where=where, columns=chosen, out=out, form=form
        )

    return act
