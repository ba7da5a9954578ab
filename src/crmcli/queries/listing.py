"""Lists of records: `crm contacts tag:vip city:Berlin`, and whatever else needs their rows.

A page is found first, by ids alone (`crmcli.queries.paging`); its columns are computed for its rows
only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.queries.columns import Selected, choose
from crmcli.queries.compile import compile as compile_query
from crmcli.queries.compile import mentions
from crmcli.queries.conditions import EVERYTHING, Sql, joined
from crmcli.queries.custom import with_custom
from crmcli.queries.paging import Rest, count, page
from crmcli.queries.parse import And, Node, parse_terms, parse_where
from crmcli.queries.sorting import order_by
from crmcli.results import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.fields import Record
    from crmcli.store.read import Rows
    from crmcli.values import Env

_PAGE = 1000  # rows up to which a page is found by ids first
_LIVE = Sql("t.deleted_at IS NULL")
_SETTLING = frozenset(("status", "done", "handle", "deleted"))


class Selection(NamedTuple):
    """The rows that a query selects: a condition over the record's table `t`, deletion included.

    note: what the bare list leaves out, "" when nothing. live: deleted rows are not among them.
    """

    where: Sql
    note: str = ""
    live: bool = True

    @property
    def sql(self) -> str:
        """The condition."""
        return self.where.text

    @property
    def params(self) -> list[Any]:
        """Its parameters."""
        return list(self.where.params)


def select(
    reader: Rows,
    env: Env,
    record: Record,
    terms: Sequence[str] = (),
    where: str | None = None,
    *,
    me: str = "",
    default_filter: bool = False,
) -> Selection:
    """The rows for shell arguments and a `--where` text, both of which must hold.

    default_filter: leave out what the bare list leaves out, unless the query says otherwise.
    Raises UnknownName, QueryError or InvalidValue, each naming the term.
    """
    node = _tree(terms, where)
    found = compile_query(node, record, env, me, reader)
    asked = mentions(node, record, reader)
    live = "deleted" not in asked
    parts = [_LIVE] if live else []
    note = ""
    if default_filter and record.open_where and not asked & _SETTLING:
        parts.append(Sql(record.open_where))
        field = record.open_note.partition(":")[0]
        note = f"only {record.open_note}; {field}:any shows all"
    if node != And(()):
        parts.append(found)
    return Selection(joined("AND", parts) if parts else EVERYTHING, note, live)


def _tree(terms: Sequence[str], where: str | None) -> Node:
    trees = [parse_terms(terms)] if terms else []
    if where is not None and where.strip():
        trees.append(parse_where(where))
    return trees[0] if len(trees) == 1 else And(tuple(trees))


def select_ids(
    reader: Rows,
    env: Env,
    record: Record,
    terms: Sequence[str] = (),
    where: str | None = None,
    *,
    me: str = "",
) -> list[int]:
    """The ids of all records that a query selects, in the default order; for bulk edits."""
    chosen = select(reader, env, record, terms, where, me=me)
    sql = f"SELECT t.id FROM {record.table} t WHERE {chosen.sql} ORDER BY"
    order = order_by(reader, record, None)
    return [row[0] for row in reader.rows(f"{sql} {order}", chosen.params)]


def listing(
    reader: Rows,
    env: Env,
    record: Record,
    terms: Sequence[str] = (),
    where: str | None = None,
    columns: Sequence[str] | None = None,
    sort: str | None = None,
    limit: int = 50,
    me: str = "",
    default_filter: bool = True,
    everything: bool = False,
    *,
    full: bool = False,
) -> Listing:
    """A list of records.

    columns: names of fields, dotted ones for linked records, "+name" to add to the default.
    everything: all fields as columns, custom ones too. full: all of many values, as tuples of
    `Point`, instead of the first. limit: rows, 0 for all. Raises as `select`.
    """
    selection = select(reader, env, record, terms, where, me=me, default_filter=default_filter)
    whole = with_custom(reader, record) if everything else record
    chosen = choose(reader, whole, columns, everything=everything, full=full)
    order = order_by(reader, record, sort)
    rest = Rest(record, selection.where, order, selection.live, bool(terms or where))
    rows, total, more = _rows(reader, env, rest, chosen, limit)
    *cells, marks = [[read(row) for row in rows] for read in _readers(chosen)]
    return Listing(
        noun=record.plural,
        columns=tuple(item.column for item in chosen),
        rows=tuple(zip(*cells, strict=True)),
        total=total,
        more=more,
        hint="" if rows else _hint(reader, record, rest.filtered),
        note=selection.note,
        marks=tuple(marks) if any(marks) else (),
    )


def _rows(
    reader: Rows, env: Env, rest: Rest, chosen: list[Selected], limit: int
) -> tuple[list[tuple[Any, ...]], int, bool]:
    """The rows of a list with all their columns; how many there are, and whether more than that."""
    mark, params = _mark(rest.record, env)
    sqls = ", ".join(sql for item in chosen for sql in item.sqls)
    head = f"SELECT {sqls}, {mark}, t.id FROM {rest.record.table} t WHERE"
    if 0 < limit <= _PAGE:
        ids, total, more = page(reader, rest, limit)
        return _rows_of(reader, head, params, ids), total, more
    tail = f"ORDER BY {rest.order}" + (f" LIMIT {limit}" if limit else "")
    rows = reader.rows(f"{head} {rest.where.text} {tail}", [*params, *rest.where.params])
    if not limit or len(rows) < limit:
        return rows, len(rows), False
    return rows, *count(reader, rest)


def _rows_of(reader: Rows, head: str, params: list[Any], ids: list[int]) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    rows = reader.rows(f"{head} t.id IN ({', '.join('?' * len(ids))})", [*params, *ids])
    place = {id: place for place, id in enumerate(ids)}
    return sorted(rows, key=lambda row: place[row[-1]])


def _readers(chosen: list[Selected]) -> list[Any]:
    """For each column, and last for the marks, what reads its cell from a row."""
    readers: list[Any] = []
    start = 0
    for item in chosen:
        end = start + len(item.sqls)
        readers.append(lambda row, item=item, start=start, end=end: item.cell(row[start:end]))
        start = end
    readers.append(lambda row: (row[start],) if row[start] else ())
    return readers


def _mark(record: Record, env: Env) -> tuple[str, list[Any]]:
    """SQL for a word that marks a row: an overdue task, a deal past its expected close."""
    today = env.today.isoformat()
    if record.name == "task":
        now = values.plain("moment", env.now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        late = "CASE WHEN length(t.due) = 10 THEN t.due < ? ELSE t.due < ? END"
        return f"CASE WHEN t.status = 'open' AND {late} THEN 'overdue' END", [today, now]
    if record.name == "deal":
        late = "(SELECT s.type FROM stage s WHERE s.id = t.stage_id) = 'open'"
        return f"CASE WHEN t.expected_close < ? AND {late} THEN 'late' END", [today]
    return "NULL", []


def _hint(reader: Rows, record: Record, filtered: bool) -> str:
    some = reader.scalar(f"SELECT 1 FROM {record.table} WHERE deleted_at IS NULL LIMIT 1")
    if some and filtered:
        return f"no {record.plural} match; `crm {record.plural}` lists all"
    if some:
        return f"no {record.plural} are open; `crm {record.plural} status:any` lists all"
    if record.name == "import":
        return "no imports yet; `crm import FILE` makes one"
    return f"no {record.plural} yet; `crm add-{record.name}` makes the first"
