"""Which rows are on the page of a list, and how many there are.

A query is looked for first, up to a bound and in whatever order is the quickest. What has fewer
rows is then sorted. What has more is so frequent that a page of it is met soon on the way along the
index of the order, where each row is asked. So neither a rare value nor a frequent one goes through
all of a large table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.queries.conditions import Sql
from crmcli.store import dialect

if TYPE_CHECKING:
    from crmcli.fields import Record
    from crmcli.store.read import Rows

COUNTED = 10_000
"""So many rows of a filtered list are counted, no more: a page takes no longer among millions."""

_FAR = 4_000  # rows along the index, after which it is better to sort all that match
_ODDS = 4  # rows that are asked first for each one of the page; then ever more


class Page(NamedTuple):
    """The ids of a page in their order; how many rows there are, and whether more than that."""

    ids: list[int]
    total: int
    more: bool = False


class Rest(NamedTuple):
    """What a page is taken from: rows of a record, aliased `t`, that meet a condition, in an order.

    live: the condition leaves deleted rows out. filtered: somebody asked for it, so that there
    may be any number of rows.
    """

    record: Record
    where: Sql
    order: str
    live: bool = True
    filtered: bool = True


def page(reader: Rows, rest: Rest, limit: int) -> Page:
    """The first `limit` rows."""
    if not rest.filtered:
        ids = _sorted(reader, rest, rest.where, limit)
        return Page(ids, *count(reader, rest)) if len(ids) == limit else Page(ids, len(ids))
    some = _some(reader, rest)
    if len(some) <= COUNTED:
        ids = list(set(some))
        found = Sql(f"t.id IN ({', '.join('?' * len(ids))})", ids)
        return Page(_sorted(reader, rest, found, limit) if ids else [], len(ids))
    ids = _met(reader, rest, limit) or _sorted(reader, rest, rest.where, limit)
    if len(set(some)) <= COUNTED:  # some were found more than once
        return Page(ids, *count(reader, rest))
    return Page(ids, COUNTED, more=True)


def count(reader: Rows, rest: Rest) -> tuple[int, bool]:
    """How many rows there are, and whether more than that; of filtered ones `COUNTED` at most."""
    source = f"FROM {rest.record.table} t WHERE {rest.where.text}"
    if not rest.filtered:
        return int(reader.scalar(f"SELECT count(*) {source}", rest.where.params)), False
    sql = f"SELECT count(*) FROM (SELECT 1 {source} LIMIT {COUNTED + 1}) q"
    found = int(reader.scalar(sql, rest.where.params))
    return min(found, COUNTED), found > COUNTED


def _sorted(reader: Rows, rest: Rest, where: Sql, limit: int) -> list[int]:
    sql = f"SELECT t.id FROM {rest.record.table} t WHERE {where.text} ORDER BY {rest.order} LIMIT ?"
    return _ids(reader, sql, [*where.params, limit])


def _some(reader: Rows, rest: Rest) -> list[int]:
    """The ids of all rows, or of one more than are counted."""
    table, most = rest.record.table, COUNTED + 1
    if rest.where.lead is None:
        sql = f"SELECT t.id FROM {table} t WHERE {rest.where.text} LIMIT ?"
        return _ids(reader, sql, [*rest.where.params, most])
    ids, left = rest.where.lead
    sql = (
        f"SELECT t.id FROM ({ids.text}) w CROSS JOIN {table} t ON t.id = w.id"
        f" WHERE {left.text} LIMIT ?"
    )
    return _ids(reader, sql, [*ids.params, *left.params, most])


def _met(reader: Rows, rest: Rest, limit: int) -> list[int]:
    """The page as it is met along the index of the order; none when that is too far or not so."""
    table, where, order = rest.record.table, rest.where, rest.order
    if where.probe is None or not rest.live:
        return []
    way = f"SELECT t.id FROM {table} t WHERE t.deleted_at IS NULL ORDER BY {order} LIMIT ?"
    if dialect.sorts(reader, way, [limit]):
        return []
    sql = (
        f"SELECT t.id FROM ({way} OFFSET ?) w CROSS JOIN {table} t ON t.id = w.id"
        f" WHERE {where.probe or where.text} ORDER BY {order}"
    )
    ids: list[int] = []
    passed, step = 0, limit * _ODDS
    while len(ids) < limit and passed < _FAR:
        ids += _ids(reader, sql, [step, passed, *where.params])
        passed, step = passed + step, step * _ODDS
    return ids[:limit] if len(ids) >= limit else []


def _ids(reader: Rows, sql: str, params: list[Any]) -> list[int]:
    return [row[0] for row in reader.rows(sql, params)]
