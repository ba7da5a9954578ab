"""The search index: one FTS5 table over names, e-mails, phones, companies, notes and activities.

A row's id is the record's id times 16 plus the place of its table in `SEARCHED`. What a row
contains follows from the fields declared with `search=True`. The write path refreshes the rows of
every record that it touches; `rebuild` makes the index anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from crmcli.catalog import BY_NAME, BY_TABLE
from crmcli.fields import Field, Record

SEARCHED = ("contact", "company", "deal", "activity", "task")
SLOTS = 16

CREATE = (
    "CREATE VIRTUAL TABLE search USING fts5(name, body, tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE search_vocab USING fts5vocab(search, row)",
)


class Cursor(Protocol):
    """Something that runs SQL inside a write."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Run one statement."""
        ...


def slot(table: str) -> int:
    """The place of `table` in the index."""
    return SEARCHED.index(table)


def match_text(words: Iterable[str]) -> str:
    """An FTS5 expression: every word by its beginning; nothing in a word is taken as syntax."""
    quoted = ('"' + word.replace('"', '""').replace("\0", "") + '"*' for word in words)
    return " AND ".join(quoted)


def match_ids(table: str, words: Sequence[str]) -> tuple[str, list[Any]]:
    """A SELECT of the ids of the rows of `table` in which every word is found."""
    sql = (
        f"SELECT rowid / {SLOTS} AS id FROM search"
        f" WHERE search MATCH ? AND rowid % {SLOTS} = {slot(table)}"
    )
    return sql, [match_text(words)]


def match_condition(table: str, words: Sequence[str]) -> tuple[str, list[Any]]:
    """An SQL condition over `t` (a row of `table`) that holds where every word is found."""
    ids, params = match_ids(table, words)
    return f"t.id IN ({ids})", params


def refresh(cursor: Cursor, table: str, first: int, last: int) -> None:
    """Make the index rows of the records `first` to `last` of `table` anew."""
    remove(cursor, table, first, last)
    cursor.execute(
        f"INSERT INTO search(rowid, name, body) {document_sql(BY_TABLE[table])}"
        " AND t.id BETWEEN ? AND ?",
        (first, last),
    )


def remove(cursor: Cursor, table: str, first: int, last: int) -> None:
    """Drop the index rows of the records `first` to `last`, by single row where it is one."""
    if first == last:
        cursor.execute("DELETE FROM search WHERE rowid = ?", (first * SLOTS + slot(table),))
        return
    cursor.execute(
        f"DELETE FROM search WHERE rowid BETWEEN ? AND ? AND rowid % {SLOTS} = {slot(table)}",
        (first * SLOTS, last * SLOTS + SLOTS - 1),
    )


def rebuild(cursor: Cursor) -> None:
    """Make the whole index anew."""
    cursor.execute("DELETE FROM search")
    for table in SEARCHED:
        cursor.execute(
            f"INSERT INTO search(rowid, name, body) {document_sql(BY_TABLE[table])} ORDER BY t.id"
        )


def document_sql(record: Record) -> str:
    """A SELECT of index rows (rowid, name, body) of all live records of one type."""
    title = record.field(record.title)
    name = f"t.{title.column}" if title else "''"
    parts = [_part(record, field) for field in record.fields if field.search and field is not title]
    body = " || ' ' || ".join(f"coalesce({part}, '')" for part in parts) or "''"
    return (
        f"SELECT t.id * {SLOTS} + {slot(record.table)}, {name}, {body}"
        f" FROM {record.table} t WHERE t.deleted_at IS NULL"
    )


def indexed_sql(table: str, columns: str = "rowid, name, body") -> str:
    """A SELECT of the rows that the index holds of one type, in the form of `document_sql`."""
    return f"SELECT {columns} FROM search WHERE rowid % {SLOTS} = {slot(table)}"


def dependents(table: str, changed: Iterable[str]) -> list[tuple[str, str]]:
    """Which other index rows hold what changed: (table, its column that refers to this record)."""
    record = BY_TABLE.get(table)
    title = record.field(record.title) if record else None
    if record is None or title is None or title.column not in set(changed):
        return []
    return [
        (other, field.column)
        for other in SEARCHED
        for field in BY_TABLE[other].fields
        if field.search and field.store == "ref" and field.ref == record.name
    ]


def _part(record: Record, field: Field) -> str:
    match field.store:
        case "ref":
            target = BY_NAME[field.ref]
            title = target.field(target.title)
            column = title.column if title else "id"
            return f"(SELECT r.{column} FROM {target.table} r WHERE r.id = t.{field.column})"
        case "point":
            return (
                "(SELECT group_concat(p.value, ' ') FROM contact_point p"
                f" WHERE p.{record.name}_id = t.id AND p.kind = '{field.part}'"
                " AND p.deleted_at IS NULL)"
            )
        case "part":
            return (
                f"(SELECT group_concat(a.{field.part}, ' ') FROM address a"
                f" WHERE a.{record.name}_id = t.id AND a.deleted_at IS NULL)"
            )
        case "tags":
            return (
                "(SELECT group_concat(g.name, ' ') FROM tagging x JOIN tag g ON g.id = x.tag_id"
                f" WHERE x.record = '{record.name}' AND x.record_id = t.id"
                " AND x.deleted_at IS NULL)"
            )
        case _:
            return f"t.{field.column}"
