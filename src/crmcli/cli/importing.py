"""The choices of `crm import`: its options as types, and the questions that it asks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from crmcli.cli.arguments import flag, option
from crmcli.cli.session import Session, ask
from crmcli.errors import CrmError, Declined, UsageError

if TYPE_CHECKING:
    from crmcli.exchange.headers import Column
    from crmcli.fields import Record
    from crmcli.results import Listing

Repeated = list[str] | None

Sets = Annotated[
    Repeated, option("A field of every record: status=customer.", "--set", metavar="FIELD=VALUE")
]
Meant = Annotated[
    Repeated,
    option(
        'What a word of the file stands for: "stage:Closed Won=Won".',
        "--value",
        metavar="FIELD:WORD=VALUE",
    ),
]
KeepUnknown = Annotated[
    bool, flag("Make custom fields of columns that match nothing.", "--keep-unknown")
]
Mode = Annotated[
    str | None,
    option(
        "Only new records, only those that are there, or both.",
        "--mode",
        metavar="create|update|upsert",
        choices=("create", "update", "upsert"),
    ),
]
OnConflict = Annotated[
    Repeated,
    option(
        "fill blanks, overwrite, or keep what is there; also for one field: title=overwrite.",
        "--on-conflict",
        metavar="[FIELD=]HOW",
    ),
]
Dates = Annotated[
    str | None,
    option(
        "How dates such as 3/5/2026 are written: day, month, year.",
        "--dates",
        metavar="dmy|mdy|ymd",
        choices=("dmy", "mdy", "ymd"),
    ),
]
RefuseDuplicates = Annotated[
    bool, flag("Set rows aside that may be there already.", "--refuse-duplicates")
]
Atomic = Annotated[bool, flag("All in one transaction, however long the file.", "--atomic")]


def pairs(texts: Repeated, name: str, example: str) -> dict[str, str]:
    """`A=B` of an option that repeats, by A. Raises UsageError for one without `=`."""
    found = {}
    for text in texts or ():
        before, equals, after = text.rpartition("=")
        if not equals or not before.strip():
            raise UsageError(f'cannot read {name} "{text}"', hint=f"write {name} {example}")
        found[before.strip()] = after.strip()
    return found


def conflicts(texts: Repeated) -> tuple[str, dict[str, str]]:
    """What `--on-conflict` says for all fields, and for single ones."""
    whole = [text for text in texts or () if "=" not in text]
    single = [text for text in texts or () if "=" in text]
    return (whole[-1] if whole else "fill"), pairs(single, "--on-conflict", "title=overwrite")


Answer = Mapping[str, str] | None


def confirming(
    session: Session,
) -> Callable[[Record, tuple[Column, ...], Sequence[Sequence[str]]], Answer] | None:
    """Asks about columns that were guessed or left out; None where there is nobody to ask."""
    given = session.given
    if not session.interactive or given.get("yes") or given.get("dry_run"):
        return None

    def confirm(
        record: Record, columns: tuple[Column, ...], cells: Sequence[Sequence[str]]
    ) -> Answer:
        return _agreed(session, record, columns, cells)

    return confirm


def asking_order(session: Session) -> Callable[[str, str], str] | None:
    """Asks how dates are written; None where there is nobody to ask."""

    def order_of(header: str, example: str) -> str:
        from crmcli.output.text import harmless

        question = f"{harmless(header)}: {harmless(example)} has the day or the month first? [d/m] "
        while (answer := ask(question).casefold()[:1]) not in ("d", "m", "q"):
            pass
        if answer == "q":
            raise Declined("nothing was changed")
        return "dmy" if answer == "d" else "mdy"

    return order_of if session.interactive else None


def _agreed(
    session: Session, record: Record, columns: tuple[Column, ...], cells: Sequence[Sequence[str]]
) -> Answer:
    """The mapping that somebody agrees to, by the names of the columns."""
    from crmcli.exchange.headers import names_of
    from crmcli.output.table import body

    names, said = names_of(record), {column.header: column.target for column in columns}
    sys.stderr.write("\n".join(body(_listing(columns, cells), session.how)) + "\n")
    question = "Enter takes it so; 3=email changes a line, 3= leaves a column out, q ends: "
    while answer := ask(question):
        if answer.casefold() in ("q", "quit", "n", "no"):
            raise Declined("nothing was changed")
        try:
            header, target = _change(answer, columns)
            names.named(0, header, target)
            said[header] = target
        except CrmError as error:
            sys.stderr.write(f"{error.message}{f' ({error.hint})' if error.hint else ''}\n")
    return {name: target for name, target in said.items() if name.strip()}


def _listing(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> Listing:
    """The columns with their numbers, what they become, how sure that is, and a value."""
    from crmcli.results import Column as ListColumn
    from crmcli.results import Listing

    heads = (("number", "integer", "#"), ("column", "text", "Column"), ("field", "text", "Becomes"),
             ("sure", "percent", "Sure"), ("example", "text", "For example"))  # fmt: skip
    rows = tuple(
        (
            column.place + 1,
            column.header,
            column.target or None,
            column.sure if column.used else None,
            next((" ".join(cell.split()) for cell in cells[column.place] if cell.strip()), None),
        )
        for column in columns
    )
    return Listing("columns", tuple(ListColumn(*head) for head in heads), rows, len(rows))


def _change(answer: str, columns: Sequence[Column]) -> tuple[str, str]:
    number, equals, target = answer.partition("=")
    place = int(number) - 1 if number.strip().isdecimal() else -1
    if not equals or not 0 <= place < len(columns):
        raise UsageError(f"type a number from 1 to {len(columns)}, then = and a field")
    return columns[place].header, target.strip()
