"""`add-NOUN` for every record type, with an option for every field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crmcli.catalog import BY_NAME
from crmcli.cli.command import CrmCommand, generated
from crmcli.cli.session import Act, Session
from crmcli.cli.table import Entry
from crmcli.cli.toolkit import Parameter, TyperArgument, TyperOption
from crmcli.cli.words import Words
from crmcli.fields import Field, Record

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
        return records.add(session.ctx, record.name, assigns, title=title)

    return act


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
