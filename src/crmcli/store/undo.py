"""Taking a change set back, field by field and row by row, whatever happened since.

What the change set created is deleted, unless it has been used since; what it deleted is restored,
unless its name was taken since; what it updated gets its old values back, unless they were changed
since. What had to stay is listed. Taking back is a change set of its own, so undoing an undo
redoes. Sets of rows made by bulk SQL (imports) are handled as runs of ids, by bulk SQL.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from crmcli.catalog import BY_NAME, BY_TABLE, RECORDS
from crmcli.errors import Conflict, NotFound
from crmcli.store.dialect import json_value
from crmcli.store.views import title_column
from crmcli.store.write import Writer, joined, runs

# (table, column, table it refers to) beyond what the catalogue knows
_HELPERS = (
    ("contact_point", "contact_id", "contact"),
    ("contact_point", "company_id", "company"),
    ("address", "contact_id", "contact"),
    ("address", "company_id", "company"),
    ("deal_contact", "deal_id", "deal"),
    ("deal_contact", "contact_id", "contact"),
    ("activity_participant", "activity_id", "activity"),
    ("activity_participant", "contact_id", "contact"),
    ("stage_change", "deal_id", "deal"),
    ("stage_change", "stage_id", "stage"),
    ("tagging", "tag_id", "tag"),
)
# Rows that go with the record that holds them: (table, column, table of the holder)
OWNED = tuple(
    part
    for part in _HELPERS
    if part[1] == f"{part[2]}_id"
    and part[0] != "tagging"
    and not (part[0] in ("deal_contact", "activity_participant") and part[2] == "contact")
    and part[2] != "stage"
)


class Kept(NamedTuple):
    """A row that an undo left as it is, and why."""

    table: str
    id: int
    title: str
    why: str


class Undone(NamedTuple):
    """What an undo did. `counts` counts rows of record types by (operation, noun)."""

    of: int
    counts: dict[tuple[str, str], int]
    kept: tuple[Kept, ...]


class _Change(NamedTuple):
    id: int
    table: str
    first: int
    last: int
    op: str
    before: dict[str, Any]
    after: dict[str, Any]


Keys = dict[str, set[int]]

FOR_GOOD = ("purge", "erase")
"""Kinds of change sets that there is no way back from."""


def references() -> list[tuple[str, str, str]]:
    """(table, column, table referred to) of every reference in the schema."""
    found = [
        (record.table, field.column, BY_NAME[field.ref].table)
        for record in RECORDS
        for field in record.fields
        if field.store == "ref"
    ]
    return [*found, *_HELPERS]


def last_of(writer: Writer, kind: str) -> int:
    """The user's own last change set that can be taken back; kind is `undo` or `redo`.

    Raises NotFound when there is none, Conflict when a redo would jump over newer work.
    """
    wanted = "kind NOT IN ('undo', 'redo')" if kind == "undo" else "kind = 'undo'"
    found: int | None = writer.scalar(
        "SELECT max(id) FROM change_set WHERE user_id = ? AND undone_by IS NULL"
        f" AND state = 'done' AND {wanted}",
        (writer.user_id,),
    )
    if found is None:
        raise NotFound(f"there is nothing of yours to {kind}", hint="`crm history` lists changes")
    if kind == "redo":
        newer = writer.scalar(
            "SELECT max(id) FROM change_set WHERE user_id = ? AND id > ?"
            " AND kind NOT IN ('undo', 'redo') AND undone_by IS NULL",
            (writer.user_id, found),
        )
        if newer:
            raise Conflict(
                f"you have changed something since that undo (h{newer})",
                hint=f"`crm redo h{found}` redoes it all the same",
            )
    return found


def undo(writer: Writer, change_set: int) -> Undone:
    """Take `change_set` back within `writer`, and mark it as undone.

    Raises NotFound for an unknown change set, Conflict for one that is already undone, and for one
    whose records were removed for good.
    """
    row = writer.row(
        "SELECT kind, undo_of, undone_by, state FROM change_set WHERE id = ?", (change_set,)
    )
    if row is None:
        raise NotFound(f"there is no h{change_set}", hint="`crm history` lists the change sets")
    kind, undo_of, undone_by, state = row
    _refuse_for_good(change_set, kind, state)
    if undone_by is not None:
        raise Conflict(
            f"h{change_set} is already undone, by h{undone_by}",
            hint=f"`crm redo h{undone_by}` brings it back",
        )
    if kind == "redo":
        return undo(writer, _origin(writer, undo_of))
    result = _take_back(writer, change_set)
    _mark(writer, change_set, kind, undo_of)
    return result


def _refuse_for_good(change_set: int, kind: str, state: str) -> None:
    if kind in FOR_GOOD:
        raise Conflict(
            f"h{change_set} removed records for good, and cannot be undone",
            hint="`crm history` lists what can; `crm backup list` shows what was kept before",
        )
    if state == "purged":
        raise Conflict(
            f"h{change_set} cannot be undone: what it changed was purged, and is gone for good",
            hint="`crm history` lists what can be undone",
        )


def _origin(writer: Writer, undo_set: int) -> int:
    found = writer.scalar("SELECT undo_of FROM change_set WHERE id = ?", (undo_set,))
    return int(found)


def _mark(writer: Writer, change_set: int, kind: str, undo_of: int | None) -> None:
    by = writer.begin_change_set()
    new_kind = "redo" if kind == "undo" else "undo"
    writer.execute(
        "UPDATE change_set SET kind = ?, undo_of = ? WHERE id = ?", (new_kind, change_set, by)
    )
    writer.execute("UPDATE change_set SET undone_by = ? WHERE id = ?", (by, change_set))
    if kind == "undo" and undo_of is not None:
        writer.execute("UPDATE change_set SET undone_by = NULL WHERE id = ?", (undo_of,))


def _take_back(writer: Writer, change_set: int) -> Undone:
    changes = _changes(writer, change_set)
    made = [change for change in changes if change.op in ("create", "restore")]
    kept_rows, kept = _used_since(writer, change_set, made)
    counts: Counter[tuple[str, str]] = Counter()
    for change in reversed(changes):
        if change.op in ("create", "restore"):
            _remove(writer, change, kept_rows.get(change.table, set()), counts)
        elif change.op == "delete":
            kept += _bring_back(writer, change, counts)
        else:
            kept += _restore_values(writer, change, counts)
    _mend_primaries(writer, changes)
    return Undone(change_set, dict(counts), tuple(kept))


def _changes(writer: Writer, change_set: int) -> list[_Change]:
    rows = writer.rows(
        "SELECT id, tbl, row_id, last_id, op, before, after FROM change"
        " WHERE change_set_id = ? ORDER BY id",
        (change_set,),
    )
    return [
        _Change(id, table, first, last, op, json.loads(before or "{}"), json.loads(after or "{}"))
        for id, table, first, last, op, before, after in rows
    ]


# --- what has been used since


def _used_since(writer: Writer, change_set: int, made: list[_Change]) -> tuple[Keys, list[Kept]]:
    """The rows among `made` that later work depends on, with the rows that they need."""
    if not made:
        return {}, []
    kept: Keys = {}
    reasons: dict[tuple[str, int], str] = {}
    for table, span in _spans(made):
        for id, why in _uses(writer, change_set, table, span):
            kept.setdefault(table, set()).add(id)
            reasons.setdefault(_holder(writer, table, id), why)
    _spread(writer, kept)
    listed = [
        Kept(table, id, _title(writer, table, id), why)
        for (table, id), why in sorted(reasons.items())
    ]
    return kept, listed


def _holder(writer: Writer, table: str, id: int) -> tuple[str, int]:
    """The record that a row belongs to; a record itself."""
    for source, column, target in OWNED:
        if source == table:
            found = writer.scalar(f"SELECT {column} FROM {table} WHERE id = ?", (id,))
            if found is not None:
                return target, int(found)
    return table, id


Span = tuple[int, int]


def _spans(made: list[_Change]) -> Iterator[tuple[str, Span]]:
    """The runs of ids that were made in each table: few, also where each row has its own entry."""
    for table, first, last in joined((c.table, c.first, c.last) for c in made):
        yield table, (first, last)


def _uses(writer: Writer, change_set: int, made: str, span: Span) -> list[tuple[int, str]]:
    found = [
        (int(id), "changed since")
        for (id,) in writer.rows(
            "SELECT DISTINCT c.row_id FROM change c JOIN change_set s ON s.id = c.change_set_id"
            " WHERE c.tbl = ? AND c.row_id BETWEEN ? AND ? AND c.op = 'update'"
            " AND c.change_set_id > ? AND s.undone_by IS NULL"
            " AND s.kind NOT IN ('undo', 'redo')",
            (made, *span, change_set),
        )
    ]
    for table, column, target in references():
        if target == made:
            noun = BY_TABLE[table].name if table in BY_TABLE else _WORDS.get(table, table)
            ids = _later(writer, change_set, table, column, span)
            found += [(id, f"a later {noun} belongs to it") for id in ids]
    record = BY_TABLE.get(made)
    if record:
        found += _bearing(writer, change_set, record.name, span)
    return found


_WORDS = {
    "contact_point": "e-mail, phone or page",
    "deal_contact": "part in a deal",
    "activity_participant": "activity",
    "stage_change": "move",
}


def _bearing(writer: Writer, change_set: int, noun: str, span: Span) -> list[tuple[int, str]]:
    """Records that were tagged or linked since."""
    return [
        (id, why)
        for table, kind, column, why in (
            ("tagging", "record", "record_id", "tagged since"),
            ("link", "from_record", "from_id", "linked since"),
            ("link", "to_record", "to_id", "linked since"),
        )
        for id in _later(
            writer, change_set, table, column, span, condition=f" AND x.{kind} = '{noun}'"
        )
    ]


def _later(
    writer: Writer,
    change_set: int,
    table: str,
    column: str,
    span: Span,
    *,
    condition: str = "",
) -> list[int]:
    """The ids within `span` that live rows of `table` refer to because of a later change set.

    What an undo or a redo did counts by the change set that it is about.
    """
    rows = writer.rows(
        f"SELECT DISTINCT x.{column} FROM change c JOIN change_set s ON s.id = c.change_set_id"
        # CROSS keeps SQLite from reading all of the table for each change
        f" CROSS JOIN {table} x ON x.id BETWEEN c.row_id AND c.last_id"
        " WHERE c.change_set_id > ? AND c.tbl = ? AND s.kind NOT IN ('undo', 'redo')"
        " AND (c.op IN ('create', 'restore') OR (c.op = 'update'"
        f" AND {json_value('c.after', column, number=True)} = x.{column}))"
        f" AND x.{column} BETWEEN ? AND ? AND x.deleted_at IS NULL{condition}",
        (change_set, table, *span),
    )
    return [int(id) for (id,) in rows]


def _spread(writer: Writer, kept: Keys) -> None:
    """Keep also what kept rows refer to, and the helper rows that kept records hold."""
    todo = [(table, id) for table, ids in kept.items() for id in ids]
    while todo:
        table, id = todo.pop()
        for other, found in _needed(writer, table, id):
            if found not in kept.setdefault(other, set()):
                kept[other].add(found)
                todo.append((other, found))


def _needed(writer: Writer, table: str, id: int) -> Iterable[tuple[str, int]]:
    for source, column, target in references():
        if source == table:
            found = writer.scalar(f"SELECT {column} FROM {table} WHERE id = ?", (id,))
            if found is not None:
                yield target, int(found)
    for source, column, target in OWNED:
        if target == table:
            rows = writer.rows(f"SELECT id FROM {source} WHERE {column} = ?", (id,))
            yield from ((source, int(row[0])) for row in rows)
    if table in BY_TABLE:
        for source in ("tagging", "external_id"):
            rows = writer.rows(
                f"SELECT id FROM {source} WHERE record = ? AND record_id = ?",
                (BY_TABLE[table].name, id),
            )
            yield from ((source, int(row[0])) for row in rows)


# --- the three ways back


def _remove(
    writer: Writer, change: _Change, kept: set[int], counts: Counter[tuple[str, str]]
) -> None:
    """Delete what was created, except the kept rows and those deleted already."""
    gone = writer.rows(
        f"SELECT id FROM {change.table} WHERE id BETWEEN ? AND ? AND deleted_at IS NOT NULL",
        (change.first, change.last),
    )
    spared = {int(row[0]) for row in gone} | {
        id for id in kept if change.first <= id <= change.last
    }
    for first, last in without(change.first, change.last, spared):
        _stamp(writer, change.table, first, last, "delete", writer.author.now)
        _count(counts, "removed", change.table, last - first + 1)


def _bring_back(writer: Writer, change: _Change, counts: Counter[tuple[str, str]]) -> list[Kept]:
    """Restore what was deleted; what collides with a newer row stays deleted and is listed."""
    rows = writer.rows(
        f"SELECT id FROM {change.table} WHERE id BETWEEN ? AND ? AND deleted_at IS NULL",
        (change.first, change.last),
    )
    spared = {int(row[0]) for row in rows}
    kept: list[Kept] = []
    for first, last in without(change.first, change.last, spared):
        for low, high in _restorable(writer, change.table, first, last, kept):
            _stamp(writer, change.table, low, high, "restore", None)
            _count(counts, "restored", change.table, high - low + 1)
    return kept


def _restorable(
    writer: Writer, table: str, first: int, last: int, kept: list[Kept]
) -> list[tuple[int, int]]:
    """The parts of a run that can be restored without breaking a uniqueness."""
    if _try_restore(writer, table, first, last):
        return [(first, last)]
    if first == last:
        kept.append(Kept(table, first, _title(writer, table, first), _TAKEN))
        return []
    middle = (first + last) // 2
    return [
        *_restorable(writer, table, first, middle, kept),
        *_restorable(writer, table, middle + 1, last, kept),
    ]


_TAKEN = "its name was taken since"


def _try_restore(writer: Writer, table: str, first: int, last: int) -> bool:
    """Whether restoring would be possible; nothing is changed."""
    sql = f"UPDATE {table} SET deleted_at = NULL WHERE id BETWEEN ? AND ?"
    return _possible(writer, sql, (first, last))


def _possible(writer: Writer, sql: str, params: Sequence[Any]) -> bool:
    """Whether a statement would break no rule of the database; nothing is changed."""
    writer.execute("SAVEPOINT attempt")
    try:
        # The driver's own error is wanted here, before it is put into words.
        writer.raw(sql, params)
    except sqlite3.IntegrityError:
        return False
    finally:
        writer.execute("ROLLBACK TO attempt")
        writer.execute("RELEASE attempt")
    return True


def _stamp(writer: Writer, table: str, first: int, last: int, op: str, moment: str | None) -> None:
    """Set or clear `deleted_at` of a run of rows, and record it."""
    writer.execute(
        f"UPDATE {table} SET deleted_at = ? WHERE id BETWEEN ? AND ?", (moment, first, last)
    )
    writer.journal(
        table,
        first,
        op,
        {"deleted_at": writer.author.now if moment is None else None},
        {"deleted_at": moment},
        last=last,
    )
    writer.touched(table, first, last)
    if table not in BY_TABLE:
        _touch_holders(writer, table, first, last)


def _touch_holders(writer: Writer, table: str, first: int, last: int) -> None:
    span = f"FROM {table} WHERE id BETWEEN ? AND ?"
    for source, column, target in OWNED:
        if source == table:
            rows = writer.rows(
                f"SELECT DISTINCT {column} {span} AND {column} IS NOT NULL", (first, last)
            )
            _touch(writer, target, rows)
    if table == "tagging":
        for (noun,) in writer.rows(f"SELECT DISTINCT record {span}", (first, last)):
            rows = writer.rows(f"SELECT record_id {span} AND record = ?", (first, last, noun))
            _touch(writer, BY_NAME[noun].table, rows)


def _touch(writer: Writer, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    for low, high in runs({int(row[0]) for row in rows}):
        writer.touched(table, low, high)


def _restore_values(
    writer: Writer, change: _Change, counts: Counter[tuple[str, str]]
) -> list[Kept]:
    """Give each changed column its old value, unless it has another one by now."""
    names = list(change.before)
    row = writer.row(f"SELECT {', '.join(names)} FROM {change.table} WHERE id = ?", (change.first,))
    if row is None or not names:
        return []
    current = dict(zip(names, row, strict=True))
    mine = {name: change.before[name] for name in names if current[name] == change.after[name]}
    stuck = {
        name: f"{name} was changed since"
        for name in names
        if name not in mine and current[name] != change.before[name] and not name.endswith("_key")
    }
    for name in _leading_nowhere(writer, change.table, mine):
        del mine[name]
        stuck[name] = f"the {name.removesuffix('_id')} of then is gone for good"
    if "custom" in stuck:
        del stuck["custom"]
        mine["custom"], others = _custom_back(current["custom"], change)
        stuck |= {name: f"{name} was changed since" for name in others}
    if mine and not _allowed(writer, change, mine):
        stuck, mine = {"": _TAKEN}, {}
    if mine and writer.update(change.table, change.first, mine):
        _count(counts, "changed back", change.table, 1)
    title = _title(writer, change.table, change.first)
    return [Kept(change.table, change.first, title, why) for why in stuck.values()]


def _leading_nowhere(writer: Writer, table: str, values: dict[str, Any]) -> list[str]:
    """The references among the values whose record was purged or erased."""
    return [
        column
        for source, column, target in references()
        if source == table
        and values.get(column) is not None
        and writer.row(f"SELECT 1 FROM {target} WHERE id = ?", (values[column],)) is None
    ]


def _allowed(writer: Writer, change: _Change, values: dict[str, Any]) -> bool:
    """Whether the old values would collide with no newer row."""
    pairs = ", ".join(f"{name} = ?" for name in values)
    sql = f"UPDATE {change.table} SET {pairs} WHERE id = ?"
    return _possible(writer, sql, (*values.values(), change.first))


def _custom_back(current: str | None, change: _Change) -> tuple[str | None, list[str]]:
    """Custom values with those of `change` taken back, and the names changed since."""
    now, before, after = (
        json.loads(text or "{}")
        for text in (current, change.before["custom"], change.after["custom"])
    )
    names = [n for n in {**before, **after} if before.get(n) != after.get(n)]
    back = {name: before.get(name) for name in names if now.get(name) == after.get(name)}
    kept = {name: value for name, value in {**now, **back}.items() if value is not None}
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else None
    others = [name for name in names if name not in back and now.get(name) != before.get(name)]
    return text, others


def _mend_primaries(writer: Writer, changes: list[_Change]) -> None:
    """Of the e-mails, phones or addresses that are left to a record one is the primary one."""
    for table, span in _spans([c for c in changes if c.table in _WITH_PRIMARY]):
        kind = _WITH_PRIMARY[table]
        for holder in ("contact_id", "company_id"):
            wrong = writer.rows(
                f"SELECT {holder}, {kind} FROM {table} WHERE deleted_at IS NULL AND {holder} IN"
                f" (SELECT {holder} FROM {table} WHERE id BETWEEN ? AND ?)"
                f" GROUP BY {holder}, {kind} HAVING sum(is_primary) <> 1",
                span,
            )
            for group in wrong:
                rows = writer.rows(
                    f"SELECT id FROM {table} WHERE deleted_at IS NULL AND {holder} = ?"
                    f" AND {kind} = ? ORDER BY is_primary DESC, id",
                    group,
                )
                for place, (id,) in enumerate(rows):
                    writer.update(table, id, {"is_primary": int(place == 0)})


# Tables whose rows are one of many, and the SQL that tells their kinds apart (no bare constant:
# PostgreSQL groups by none).
_WITH_PRIMARY = {"contact_point": "kind", "address": "'address' || ''"}


def without(first: int, last: int, spared: set[int]) -> list[tuple[int, int]]:
    """A run of ids without the spared ones, as runs."""
    found, start = [], first
    for id in sorted(spared):
        if start < id:
            found.append((start, id - 1))
        start = id + 1
    return [*found, (start, last)] if start <= last else found


def _count(counts: Counter[tuple[str, str]], op: str, table: str, number: int) -> None:
    if table in BY_TABLE:
        counts[op, BY_TABLE[table].name] += number


def _title(writer: Writer, table: str, id: int) -> str:
    record = BY_TABLE.get(table)
    if record is None:
        return table
    found = writer.scalar(f"SELECT {title_column(record)} FROM {table} WHERE id = ?", (id,))
    return str(found or "")
