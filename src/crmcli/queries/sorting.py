"""The order of a list: names of fields, "-" before one for descending.

Empty values come last in either direction, and the handle decides between equals, so that both
databases give the same order. Columns that are never empty are ordered plainly: then an index
serves, and a page of a million rows costs as much as one of a hundred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli.catalog import BY_NAME
from crmcli.errors import QueryError
from crmcli.fields import Field, Record
from crmcli.queries.columns import labelled
from crmcli.queries.compile import at
from crmcli.queries.names import Path, find_path
from crmcli.store import dialect, views
from crmcli.values.base import quote

if TYPE_CHECKING:
    from crmcli.store.read import Rows

_NEVER_EMPTY = frozenset(("id", "name_key", "title_key", "created_at", "updated_at"))


def order_by(reader: Rows, record: Record, sort: str | None) -> str:
    """The ORDER BY list over `t`: `sort` ("name", "-value,name"), or the default order.

    Raises UnknownName for a field that there is not, QueryError for one without an order.
    """
    names = [name.strip() for name in (sort or "").split(",") if name.strip()]
    if not names:
        return _default(record)
    keys = [_key(reader, record, name) for name in names]
    return ", ".join([*keys, f"t.id {'DESC' if names[-1].startswith('-') else 'ASC'}"])


def _default(record: Record) -> str:
    keys = [_ordered(_column(record, name), name, f"t.{name.lstrip('-')}") for name in record.order]
    if not any(name.lstrip("-") == "id" for name in record.order):
        keys.append(f"t.id {'DESC' if record.order[-1].startswith('-') else 'ASC'}")
    return ", ".join(keys)


def _column(record: Record, name: str) -> bool:
    """Whether a column of the default order is never empty."""
    column = name.lstrip("-")
    return column in _NEVER_EMPTY or any(
        field.column == column != "" and (field.required or field.default is not None)
        for field in record.fields
    )


def _ordered(filled: bool, name: str, sql: str) -> str:
    return f"{sql} {'DESC' if name.startswith('-') else 'ASC'}{'' if filled else ' NULLS LAST'}"


def _key(reader: Rows, record: Record, name: str) -> str:
    path = find_path(reader, record, name.lstrip("+-"))
    if path.field.store in ("search", "segment") or any(step.many for step in path.steps):
        raise QueryError(
            f"{record.plural} have no order by {quote(name.lstrip('+-'))}",
            hint="for example --sort name or --sort=-created",
            details={"word": name},
        )
    sql = _expression(path)
    for depth in range(len(path.steps) - 1, -1, -1):
        step, alias = path.steps[depth], f"s{depth}"
        sql = (
            f"(SELECT {at(sql, alias)} FROM {BY_NAME[step.ref].table} {alias}"
            f" WHERE {alias}.id = t.{step.column})"
        )
    field = path.field
    filled = not path.steps and (
        field.key != "" or field.store == "handle" or _column(record, field.column)
    )
    return _ordered(filled, name, sql)


def _expression(path: Path) -> str:
    field = path.field
    if path.label:
        return f"lower({labelled(path)})"
    match field.store:
        case "handle":
            return "t.id"
        case "deleted":
            return "t.deleted_at"
        case "ref":
            return _target(field)
        case "money":
            return _amount(field)
    if field.key:
        return f"t.{field.key}"
    sql = next(iter(views.field_columns(path.record, field).values()))
    if field.store in ("tags", "members"):
        return f"nullif({sql}, '[]')"
    if field.choices and field.store != "custom":
        return _rank(field, sql)
    return f"lower({sql})" if field.kind in ("text", "longtext", "name", "email") else sql


def _target(field: Field) -> str:
    """What the records that a reference points to are ordered by: their place, else their name."""
    target = BY_NAME[field.ref]
    title = target.field(target.title)
    column = f"r.{title.key or title.column}" if title else "r.id"
    if any(other.name == "position" for other in target.fields):
        column = "r.position"
    return f"(SELECT {column} FROM {target.table} r WHERE r.id = t.{field.column})"


def _rank(field: Field, sql: str) -> str:
    """Choices in the order in which they are declared."""
    places = " ".join(
        f"WHEN {dialect.quoted(choice)} THEN {place}" for place, choice in enumerate(field.choices)
    )
    return f"CASE {sql} {places} END"


def _amount(field: Field) -> str:
    """Amounts in whole units, whatever their currency: 5 EUR before 100 JPY."""
    from crmcli.values.money import THREE_DECIMAL, ZERO_DECIMAL

    zero = ", ".join(dialect.quoted(code) for code in sorted(ZERO_DECIMAL))
    three = ", ".join(dialect.quoted(code) for code in sorted(THREE_DECIMAL))
    unit = (
        f"CASE WHEN t.{field.currency} IN ({zero}) THEN 1.0"
        f" WHEN t.{field.currency} IN ({three}) THEN 1000.0 ELSE 100.0 END"
    )
    return f"t.{field.column} / {unit}"
