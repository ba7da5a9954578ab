"""Files in and out: import, export."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

from crmcli.catalog import BY_PLURAL, RECORDS
from crmcli.cli.arguments import flag, option, words
from crmcli.cli.guess import unknown
from crmcli.cli.session import Act, Session
from crmcli.cli.table import by_hand
from crmcli.errors import UsageError

KINDS = ("contacts", "companies", "deals")
PLURALS = tuple(record.plural for record in RECORDS if by_hand(record))

Repeated = list[str] | None


def import_(
    *,
    file: Annotated[str, words("A CSV, TSV or JSON file.", "FILE")],
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
) -> Act:
    """Load records from a CSV or JSON file.

    Columns are recognised by their headers. Records that are there already are matched by
    e-mail, phone or domain and only filled in, so that a second run changes nothing. Rows that
    cannot be read are set aside in a file with the reason; the status is then 1. `crm undo` takes
    an import back.
    """
    choice = {"kind": kind, "maps": dict(map(_mapping, maps or ())), "ignore": ignore or (),
              "tags": tag or (), "owner": owner}  # fmt: skip
    return lambda session: _import(session, Path(file).expanduser(), choice)


def _mapping(text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals:
        raise UsageError(f'cannot read --map "{text}"', hint='write --map "Column=field"')
    return column.strip(), field.strip()


def _import(session: Session, file: Path, choice: Mapping[str, Any]) -> Any:
    from crmcli.exchange.importing import import_file
    from crmcli.output.progress import Progress

    with ExitStack() as stack:
        bars: list[Progress] = []
        done = 0

        def advance(rows: int, about: int) -> None:
            nonlocal done
            if not bars:
                bar = Progress(f"importing {file.name}", about, session.how)
                bars.append(stack.enter_context(bar))
            bars[0].advance(rows - done)
            done = rows

        return import_file(session.ctx, file, **choice, progress=advance)


def export(
    *,
    nouns: Annotated[str, words("contacts, companies, deals …", "NOUNS", choices=PLURALS)],
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
    yes: Annotated[bool, flag("Replace the file if it is there.", "--yes", "-y")] = False,
) -> Act:
    """Write records to a CSV or JSON file.

    The file holds everything that an import reads back: all e-mails and phones with their labels,
    addresses, tags, your own fields.
    """
    record = BY_PLURAL.get(nouns)
    if record is None or nouns not in PLURALS:
        raise unknown("list", nouns, PLURALS)
    chosen = None if columns is None else [name.strip() for name in columns.split(",")]

    def act(session: Session) -> Any:
        from crmcli.exchange.exporting import export as write

        out = None if output is None else Path(output).expanduser()
        if out is not None and out.exists():
            session.confirm(f"Replace {out}?", agreed=yes)
        return write(
            session.ctx, record.name, query or (), where=where, columns=chosen, out=out,
            format=session.how.format,
        )  # fmt: skip

    return act
