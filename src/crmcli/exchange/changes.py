"""What an import did to records that were there, and what it left as it was, field by field."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from crmcli import values
from crmcli.exchange.layout import Layout
from crmcli.exchange.rows import Entry
from crmcli.fields import Field
from crmcli.results import FieldChange

NamesOf = Callable[[str, int], str]

# What changes because another field does.
_FOLLOWS = ("stage_since", "updated_at", "name_key", "title_key")
_MANY = 3  # values of one field that are listed


def changes_of(entry: Entry, layout: Layout, names_of: NamesOf) -> list[FieldChange]:
    """The fields of a stored record that the file changed, with what they held before.

    names_of: what the record of this type with this id is called.
    """
    handle, title = layout.record.handle(entry.id or 0), str(entry.values[0])
    found = (FieldChange(handle, title, *each) for each in _changes(entry, layout, names_of))
    return [change for change in found if change.before != change.after]


def differences_of(entry: Entry, layout: Layout, names_of: NamesOf) -> list[FieldChange]:
    """The fields of a stored record that kept their values, with what the file says instead."""
    handle, title = layout.record.handle(entry.id or 0), str(entry.values[0])
    held, said = _now(entry, layout), entry.differs or {}
    custom = entry.custom or {}
    found = []
    for field in differing(entry, layout):
        before = custom.get(field.name) if field.store == "custom" else held[field.column]
        kept = _shown(field, before, held.get(field.currency), names_of)
        other = _shown(field, said[_place(field)], (held | said).get(field.currency), names_of)
        found.append(FieldChange(handle, title, field.name, kept, other))
    return found


def differing(entry: Entry, layout: Layout) -> list[Field]:
    """The fields in which a file differs from a stored record, that it did not change."""
    said = entry.differs or {}
    return [field for field in layout.record.fields if said and _place(field) in said]


def _place(field: Field) -> str:
    """Where `Entry.differs` has a field."""
    return field.name if field.store == "custom" else field.column


def _now(entry: Entry, layout: Layout) -> dict[str, Any]:
    names = (*layout.names, *(field.column for field in layout.ref_fields))
    return dict(zip(names, (*entry.values, *entry.refs), strict=False))


def _changes(entry: Entry, layout: Layout, names_of: NamesOf) -> Iterator[tuple[str, str, str]]:
    now = _now(entry, layout)
    by_column = {field.column: field for field in layout.record.fields if field.store != "custom"}
    for column, before in (entry.before or {}).items():
        if column == "custom":
            yield from _custom(before, entry.custom or {})
        elif (field := by_column.get(column)) and column not in _FOLLOWS:
            currency = now.get(field.currency)
            old = _shown(field, before, currency, names_of)
            yield field.name, old, _shown(field, now.get(column), currency, names_of)
    for part in dict.fromkeys(point.part for point in entry.points):
        yield part, "", _listed([point.value for point in entry.points if point.part == part])
    if entry.addresses:
        lines = [address.line for address in entry.addresses]
        yield "address", "", _listed(lines)
    for parts in (entry.fills or {}).values():
        yield from ((part, "", text) for part, text in parts.items() if part != "city_key")
    if entry.tags:
        yield "tags", "", _listed(list(entry.tags))


def _custom(before: Any, after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    old = json.loads(before) if isinstance(before, str) else before or {}
    for name, value in after.items():
        if old.get(name) != value:
            yield name, _text(old.get(name)), _text(value)


def _shown(field: Field, value: Any, currency: Any, names_of: NamesOf) -> str:
    if value is None:
        return ""
    if field.store == "ref":
        return names_of(field.ref, value) if isinstance(value, int) else str(value)
    if field.store == "money":
        return values.plain("money", values.Money(value, currency)) if currency else str(value)
    return values.plain(field.kind, value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _listed(texts: list[str]) -> str:
    more = f" and {len(texts) - _MANY} more" if len(texts) > _MANY else ""
    return ", ".join(texts[:_MANY]) + more
