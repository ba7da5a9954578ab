"""The columns of a list: for each the SQL over the record's table `t`, and how its cells are read.

Only what is asked for is computed. The expressions are those of the views (`store.views`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalog import BY_NAME
from crmcli.errors import QueryError
from crmcli.fields import Field, Record
from crmcli.queries.compile import at
from crmcli.queries.names import Path, find_path, where_fields
from crmcli.results import Column, Point
from crmcli.store import dialect, views
from crmcli.values.base import Money, quote

if TYPE_CHECKING:
    from crmcli.store.read import Rows

Cell = Callable[[tuple[Any, ...]], Any]


class Selected(NamedTuple):
    """A column, the SQL expressions that it takes, and what makes its cell of their values."""

    column: Column
    sqls: tuple[str, ...]
    cell: Cell


HANDLE = "handle"
_FULL = {"point": 1, "address": 1, "tags": 0, "members": 0}
"""Which of the view's columns of a field holds all of its values."""


def choose(
    reader: Rows, record: Record, names: Sequence[str] | None, *, everything: bool, full: bool
) -> list[Selected]:
    """The columns of a list of `record`: the named ones, else those listed by default, or all.

    A name after `+` is added to the default ones. full: fields with many values give all of them.
    Raises UnknownName.
    """
    default = [HANDLE]
    default += [field.name for field in record.fields if everything or field.listed]
    chosen: list[str] = []
    for name in names or []:
        if name.startswith("+") and not chosen:
            chosen = list(default)
        chosen.append(name.removeprefix("+"))
    paths = {name: _path(reader, record, name) for name in chosen or default}
    return [
        _selected(path, place, typed, record, full)
        for place, (typed, path) in enumerate(paths.items())
    ]


def _path(reader: Rows, record: Record, name: str) -> Path:
    path = find_path(reader, record, name)
    if path.field.store in ("search", "segment") or any(step.many for step in path.steps):
        raise QueryError(
            f"{quote(name)} cannot be a column",
            hint=where_fields(record),
            details={"word": name},
        )
    return path


def _selected(path: Path, place: int, typed: str, record: Record, full: bool) -> Selected:
    field = path.field
    name = ".".join([*(step.name for step in path.steps), field.name])
    label = " ".join([*(step.label for step in path.steps), field.label])
    if path.label:
        name, label = f"{name}.{path.label}", f"{label} ({path.label})"
    first = not path.steps and field.name in (HANDLE, record.title)
    sqls, cell = _expressions(path, full)
    for depth in range(len(path.steps) - 1, -1, -1):
        sqls = tuple(_through(path.steps[depth], sql, depth) for sql in sqls)
    column = Column(name, field.kind, label.capitalize(), 0 if first else place)
    return Selected(column, sqls, cell)


def _through(step: Field, sql: str, depth: int) -> str:
    """An expression over the record that a reference points to, as one over its holder `t`."""
    target, alias = BY_NAME[step.ref], f"s{depth}"
    return (
        f"(SELECT {at(sql, alias)} FROM {target.table} {alias} WHERE {alias}.id = t.{step.column})"
    )


def _expressions(path: Path, full: bool) -> tuple[tuple[str, ...], Cell]:
    record, field = path.record, path.field
    if field.store == HANDLE:
        return ("t.id",), lambda got: None if got[0] is None else record.handle(got[0])
    if field.store == "deleted":
        return ("t.deleted_at",), _first
    if path.label:
        return (labelled(path),), _first
    found = tuple(views.field_columns(record, field).values())
    if field.store == "money":
        return found, _amount
    if field.store == "tags" and not full:
        return found, _tag_list
    if field.store == "members" and not full:
        return found, _name_list
    if field.many and full:
        read = _all_addresses if field.store == "address" else _all_values
        return (found[_FULL[field.store]],), read
    return found[:1], _first


def labelled(path: Path) -> str:
    """The first value with a label, such as `email.work`."""
    record, field, label = path.record, path.field, dialect.quoted(path.label.lower())
    if field.store == "point":
        return (
            f"(SELECT p.value FROM contact_point p WHERE p.{record.name}_id = t.id"
            f" AND p.kind = {dialect.quoted(field.part)} AND p.deleted_at IS NULL"
            f" AND lower(p.label) = {label} ORDER BY p.is_primary DESC, p.id LIMIT 1)"
        )
    if field.store == "members":
        target = BY_NAME[field.ref]
        return (
            f"(SELECT r.{views.title_column(target)} FROM {field.part} m"
            f" JOIN {target.table} r ON r.id = m.{field.ref}_id WHERE m.{record.name}_id = t.id"
            f" AND m.deleted_at IS NULL AND lower(m.label) = {label} ORDER BY m.id LIMIT 1)"
        )
    parts = " || ".join(f"coalesce(', ' || a.{part}, '')" for part in views.ADDRESS_PARTS)
    return (
        f"(SELECT nullif(substr({parts}, 3), '') FROM address a WHERE a.{record.name}_id = t.id"
        f" AND a.deleted_at IS NULL AND lower(a.label) = {label} ORDER BY a.id LIMIT 1)"
    )


def _first(got: tuple[Any, ...]) -> Any:
    return got[0]


def _amount(got: tuple[Any, ...]) -> Money | None:
    minor, currency = got
    return None if minor is None else Money(minor, currency or "")


def _tag_list(got: tuple[Any, ...]) -> str | None:
    return ",".join(json.loads(got[0] or "[]")) or None


def _name_list(got: tuple[Any, ...]) -> str | None:
    return ", ".join(member["value"] for member in json.loads(got[0] or "[]")) or None


def _all_values(got: tuple[Any, ...]) -> tuple[Point, ...]:
    return tuple(
        Point(value)
        if isinstance(value, str)
        else Point(
            value["value"],
            value.get("label"),
            bool(value.get("primary")),
            bool(value.get("valid", True)),
        )
        for value in json.loads(got[0] or "[]")
    )


def _all_addresses(got: tuple[Any, ...]) -> tuple[Point, ...]:
    return tuple(
        Point(
            ", ".join(row[part] for part in views.ADDRESS_PARTS if row.get(part)),
            row.get("label"),
            bool(row.get("primary")),
        )
        for row in json.loads(got[0] or "[]")
    )
