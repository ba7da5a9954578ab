"""Field names as people type them: aliases, pseudo-fields, custom fields, paths over links."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmcli.catalog import BY_NAME
from crmcli.errors import UnknownName
from crmcli.fields import Field, Record
from crmcli.queries.custom import with_custom
from crmcli.values.base import quote

if TYPE_CHECKING:
    from crmcli.store.read import Rows

PSEUDO = (
    Field("handle", "handle", "Handle", "The short name, for example c12.", "handle",
          aliases=("id",), readonly=True),
    Field("text", "text", "Text", "Any words of the record.", "search", readonly=True),
    Field("deleted", "moment", "Deleted", "When it was deleted; yes, no or any in a query.",
          "deleted", column="deleted_at", readonly=True),
    Field("segment", "text", "Segment", "A saved query, by its name.", "segment", readonly=True),
)  # fmt: skip
"""What can be asked of every record beside its fields."""

_MAX_STEPS = 5


class Path(NamedTuple):
    """A field, and the references that lead to its record.

    label: for a value out of many, the label it must have, else "".
    """

    steps: tuple[Field, ...]
    record: Record
    field: Field
    label: str = ""


def find_path(reader: Rows, record: Record, typed: str, *, queried: bool = False) -> Path:
    """What `typed` names, seen from `record`: city, email.work, company.industry.

    queried: it stands in a query, before a colon. Raises UnknownName with a hint.
    """
    steps: list[Field] = []
    names = typed.split(".")
    owner = record
    while True:
        owner, field = find_field(reader, owner, names[0], queried=queried)
        rest = names[1:]
        if not rest:
            return Path(tuple(steps), owner, field)
        if len(rest) == 1 and _is_label(reader, field, rest[0]):
            return Path(tuple(steps), owner, field, rest[0])
        if not field.ref or len(steps) == _MAX_STEPS:
            raise UnknownName(
                f"{quote(typed)}: {field.name} of {owner.plural} has no fields of its own",
                hint="a dot leads to a field of a linked record, such as company.industry",
                details={"word": typed},
            )
        steps.append(field)
        owner, names = BY_NAME[field.ref], rest


def find_field(
    reader: Rows, record: Record, name: str, *, queried: bool = False
) -> tuple[Record, Field]:
    """The field of `record` called `name`, and the record with the fields it has.

    Custom fields are read only when no built-in field is called so. Raises UnknownName.
    """
    field = known_field(record, name)
    if field is None:
        record = with_custom(reader, record)
        field = known_field(record, name)
    if field is None:
        raise unknown_field(record, name, queried=queried)
    return record, field


def known_field(record: Record, name: str) -> Field | None:
    """The field or pseudo-field called `name`, in any case, with - or _; None if there is none."""
    wanted = _normal(name)
    for fields in (record.fields, PSEUDO, currency_fields(record)):
        for field in fields:
            if _normal(field.name) == wanted:
                return field
    for field in (*record.fields, *PSEUDO):
        if wanted in field.aliases:
            return field
    return None


def currency_fields(record: Record) -> tuple[Field, ...]:
    """The currencies of the amounts of `record`, as fields to ask for."""
    return tuple(
        Field(
            name=field.currency,
            kind="currency",
            label=f"{field.label} currency",
            help=f"The currency of the {field.name}.",
            column=field.currency,
            readonly=True,
        )
        for field in record.fields
        if field.store == "money"
    )


def unknown_field(record: Record, name: str, *, queried: bool = False) -> UnknownName:
    """The error for a field that `record` does not have, with names close to it."""
    from crmcli.values.text import close_matches

    names = [field.name for field in (*record.fields, *PSEUDO)]
    near = close_matches(_normal(name), names)
    hint = f"did you mean {' or '.join(near)}?" if near else where_fields(record)
    if queried and not near:
        hint += f'; to search for a text with a colon: text:"{name}:…"'
    return UnknownName(
        f"{record.plural} have no field {quote(name)}",
        hint=hint,
        details={"word": name, "fields": names},
    )


def where_fields(record: Record) -> str:
    """Where to look up the fields of `record`."""
    return f"`crm field list {record.plural}` lists the fields"


def _normal(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def _is_label(reader: Rows, field: Field, name: str) -> bool:
    if field.store in ("point", "address"):
        return True
    if field.store != "members":
        return False
    target = BY_NAME[field.ref]
    return (
        known_field(target, name) is None and known_field(with_custom(reader, target), name) is None
    )
