"""The fields that a team added to a record type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli.fields import Field, Record

if TYPE_CHECKING:
    from crmcli.store.read import Rows

EXTENSIBLE = frozenset(("contact", "company", "deal", "activity", "task"))
"""The nouns of the record types that may have custom fields."""


def with_custom(reader: Rows, record: Record) -> Record:
    """`record` with the team's own fields after the built-in ones; one query."""
    if record.name not in EXTENSIBLE:
        return record
    rows = reader.rows(
        "SELECT name, kind, coalesce(label, name), coalesce(help, ''), required,"
        " coalesce(choices, '') FROM custom_field WHERE record = ? AND deleted_at IS NULL"
        " ORDER BY id",
        [record.name],
    )
    added = tuple(_field(*row) for row in rows)
    return record._replace(fields=record.fields + added) if added else record


def _field(name: str, kind: str, label: str, help: str, required: int, choices: str) -> Field:
    return Field(
        name=name,
        kind=kind,
        label=label,
        help=help,
        store="custom",
        column="custom",
        required=bool(required),
        choices=tuple(choice.strip() for choice in choices.split(",") if choice.strip()),
    )
