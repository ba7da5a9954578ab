"""The values of records by field, and which records share a value: what rules are checked on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.store.views import POINT_PLURALS, field_columns, title_column
from crmcli.values.base import Money

if TYPE_CHECKING:
    from crmcli.fields import Field, Record
    from crmcli.store.read import Rows

_MANY = frozenset(("point", "tags", "members"))
_AT_ONCE = 500  # keys that one statement looks up


class Held(NamedTuple):
    """A record: its title, its stage where it is a deal, and its values by field."""

    id: int
    title: str
    stage: int | None
    contents: dict[str, tuple[Any, ...]]


def contents(
    rows: Rows, record: Record, fields: Sequence[Field], ids: Iterable[int] | None = None
) -> Iterator[Held]:
    """What the live records of a type hold in these fields: all of them, or those of the ids."""
    fields = list(dict.fromkeys(fields))
    cells = [sql for field in fields for sql in _cells(record, field)]
    stage = "t.stage_id" if record.name == "deal" else "NULL"
    sql = f"SELECT {', '.join(('t.id', f't.{title_column(record)}', stage, *cells))}"
    for id, title, at, *row in rows.rows(f"{sql} FROM {record.table} t WHERE {_live(ids)}"):
        values = iter(row)
        held = {field.name: _values(field, values) for field in fields}
        yield Held(id, title or "", at, held)


def _live(ids: Iterable[int] | None) -> str:
    listed = "" if ids is None else f" AND t.id IN ({', '.join(str(int(id)) for id in ids)})"
    return f"t.deleted_at IS NULL{listed}"


def _cells(record: Record, field: Field) -> Iterator[str]:
    """The SQL of the cells that a field needs: two for an amount, else one."""
    columns = field_columns(record, field)
    if field.store == "money":
        return iter(columns.values())
    return iter((columns[POINT_PLURALS[field.part] if field.store == "point" else field.name],))


def _values(field: Field, cells: Iterator[Any]) -> tuple[Any, ...]:
    cell = next(cells)
    if field.store == "money":
        currency = next(cells)
        return () if cell is None else (Money(cell, currency),)
    if field.store in _MANY:
        found = json.loads(cell or "[]")
        return tuple(each["value"] if isinstance(each, dict) else each for each in found)
    return () if cell in (None, "") else (cell,)


# --- values that several records share


def shared(
    rows: Rows, record: Record, field: Field, ids: Iterable[int] | None = None
) -> dict[str, list[int]]:
    """The keys of a field's values that several live records have, each with their ids.

    ids: only keys that one of these records has. Case and accents do not tell apart the values
    that have a sort key, nor do the ways of writing an e-mail or phone.
    """
    return groups(rows, keys(record, field), ids)


def groups(rows: Rows, source: str, ids: Iterable[int] | None = None) -> dict[str, list[int]]:
    """The keys that several records have by `source`, a SELECT of `key, id`; ids: see `shared`."""
    if ids is None:
        pairs: Iterable[tuple[Any, ...]] = rows.rows(source)
    else:
        listed = ", ".join(str(int(id)) for id in ids)
        mine = rows.rows(f"SELECT DISTINCT s.key FROM ({source}) s WHERE s.id IN ({listed})")
        pairs = holders(rows, source, [key for (key,) in mine])
    found: dict[str, list[int]] = {}
    for key, id in pairs:
        found.setdefault(key, []).append(id)
    return {key: sorted(several) for key, several in found.items() if len(several) > 1}


def holders(rows: Rows, source: str, wanted: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The records that have one of these keys by `source`, a SELECT of `key, id`."""
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        yield from rows.rows(f"SELECT k.key, k.id FROM ({source}) k WHERE k.key IN ({marks})", some)


def keys(record: Record, field: Field) -> str:
    """A SELECT of the keys of a field's values, and whose they are."""
    if field.store == "point":
        holder = f"{record.name}_id"
        return (
            f"SELECT DISTINCT p.key AS key, t.id AS id FROM contact_point p"
            f" JOIN {record.table} t ON t.id = p.{holder}"
            f" WHERE p.kind = '{field.part}' AND p.deleted_at IS NULL AND t.deleted_at IS NULL"
        )
    value = f"t.{field.key}" if field.key else field_columns(record, field)[field.name]
    return (
        f"SELECT CAST({value} AS TEXT) AS key, t.id AS id FROM {record.table} t"
        f" WHERE t.deleted_at IS NULL AND {value} IS NOT NULL"
    )
