"""`add-NOUN` for every record type, with an option for every field."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crmcli.catalog import BY_NAME
from crmcli.cli.command import CrmCommand, generated
from crmcli.cli.session import Act, Session
from crmcli.cli.table import Entry
from crmcli.cli.toolkit import Parameter, TyperArgument, TyperOption
from crmcli.cli.words import Words
from crmcli.errors import Ambiguous, Declined, Duplicate
from crmcli.fields import Field, Record
from crmcli.results import Done

if TYPE_CHECKING:
    from crmcli.actions.assign import Assign

_REACHABLE = ("phone", "email")


def build(entry: Entry) -> CrmCommand:
    """The command that adds a record of the type `entry.noun`."""
    record = BY_NAME[entry.noun]

    def add(**values: Any) -> Act:
        return _act(record, values)

    text = f"{entry.help}\n\n{record.help}"
    return generated(entry, list(_params(record)), add, text)


def _act(record: Record, values: dict[str, Any]) -> Act:
    def act(session: Session) -> Any:
        from crmcli.actions import records
        from crmcli.actions.assign import read_assign

        if values.get("keep_invalid"):
            session.keep_invalid()
        assigns = [read_assign(line) for line in assignments(record, values)]
        title = " ".join(values["words"]) or None
        if values.get("refuse_duplicates"):
            session.ctx.duplicates = "refuse"
        elif session.interactive and not session.given.get("yes"):
            session.ctx.duplicates = "ask"
        try:
            return records.add(session.ctx, record.name, assigns, title=title)
        except Duplicate as problem:
            if session.ctx.duplicates != "ask":
                raise
            return _decided(session, record, assigns, title, problem)

    return act


_QUESTION = "[u]se it, u[p]date it, [a]dd anyway, [q]uit? "


def _decided(
    session: Session, record: Record, assigns: list[Assign], title: str | None, found: Duplicate
) -> Any:
    """What somebody decides about a record that may be there already."""
    from crmcli.actions import records
    from crmcli.cli.session import ask, choose
    from crmcli.output.text import harmless

    candidates = [{**each, "extra": each["why"]} for each in found.details["candidates"]]
    sys.stderr.write(harmless(found.message) + "\n")
    answer = ask(_QUESTION).casefold()[:1]
    if answer == "a":
        session.ctx.duplicates = "add"
        return records.add(session.ctx, record.name, assigns, title=title)
    if answer not in ("u", "p"):
        raise Declined("nothing was changed")
    handle = candidates[0]["handle"]
    if len(candidates) > 1:
        question = Ambiguous("It may be one of these", details={"candidates": candidates})
        handle = choose(question, session.how)
    if answer == "p":
        return records.edit(session.ctx, [handle], assigns)
    return Done((f"{handle} it is",), (handle,))


def assignments(record: Record, values: dict[str, Any]) -> Iterator[str]:
    """What was given by options, as the words that `crm edit` takes."""
    for field in _settable(record):
        value = values.get(f"field_{field.name}")
        if isinstance(value, bool):
            yield f"{field.name}={'yes' if value else 'no'}"
        elif field.many:
            yield from (f"{field.name}+={text}" for text in value or ())
        elif value is not None:
            yield f"{field.name}={value}"
    yield from values.get("field_words") or ()


def _params(record: Record) -> Iterator[Parameter]:
    title = record.field(record.title)
    yield TyperArgument(
        param_decls=["words"],
        type=Words(record.title),
        nargs=-1,
        required=not record.field("first_name"),
        metavar=record.title.upper(),
        help=title.help if title else None,
        show_default=False,
    )
    for field in _settable(record):
        yield _option(record, field)
    yield TyperOption(
        param_decls=["field_words", "--field"],
        type=Words("assign", source=f"assigns:{record.name}"),
        multiple=True,
        metavar="NAME=VALUE",
        help="Any field, also your own; with a label as email.work=VALUE.",
    )
    if record.name in ("contact", "company"):
        yield TyperOption(
            param_decls=["refuse_duplicates", "--refuse-duplicates"],
            is_flag=True,
            default=False,
            help="Add nothing that may be there already; the status is then 4.",
            show_default=False,
        )
    if any(field.kind in _REACHABLE for field in record.fields):
        yield TyperOption(
            param_decls=["keep_invalid", "--keep-invalid"],
            is_flag=True,
            default=False,
            help="Keep a phone or e-mail that cannot exist as it is typed.",
            show_default=False,
        )


def _settable(record: Record) -> Iterator[Field]:
    return (field for field in record.fields if not field.readonly and field.name != record.title)


def _option(record: Record, field: Field) -> TyperOption:
    flag = field.kind == "yesno"
    source = f"value:{record.name}.{field.name}"
    return TyperOption(
        param_decls=[f"field_{field.name}", *spellings(field)],
        type=None if flag else Words(field.kind, field.choices, source),
        is_flag=flag or None,
        multiple=field.many,
        metavar=None if flag else _metavar(field),
        help=field.help + (" Repeatable." if field.many else ""),
        show_default=False,
    )


def spellings(field: Field) -> list[str]:
    """How the option of a field is typed; one that repeats also in the singular."""
    name = (field.option or field.name).replace("_", "-")
    if field.kind == "yesno":
        return [f"--{name}/--no-{name}"]
    single = field.name.removesuffix("s")
    if field.many and single != field.name and single in field.aliases:
        return [f"--{single.replace('_', '-')}", f"--{name}"]
    return [f"--{name}"]


def _metavar(field: Field) -> str:
    if field.choices and len(field.choices) <= 3:
        return "|".join(field.choices)
    return (field.ref or field.kind).upper().replace("LONGTEXT", "TEXT")
