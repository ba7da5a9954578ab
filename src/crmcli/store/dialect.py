"""What SQLite says in its own way, behind names. Everything else in the program is portable SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmcli.store.read import Rows


def quoted(text: str) -> str:
    """`text` as an SQL string literal; for names that come from the catalogue, not for data."""
    return "'" + text.replace("'", "''") + "'"


def json_value(column: str, key: str, *, number: bool = False) -> str:
    """The value of `key` in the JSON object that `column` holds; number: it is one."""
    path = '$."' + key.replace('"', '""') + '"'
    value = f"json_extract({column}, {quoted(path)})"
    return f"CAST({value} AS NUMERIC)" if number else value


def json_objects(parts: Mapping[str, str]) -> str:
    """An aggregate: the rows as a JSON array of objects with these keys."""
    pairs = ", ".join(f"{quoted(key)}, {sql}" for key, sql in parts.items())
    return json_array(f"json_object({pairs})")


def json_array(sql: str) -> str:
    """An aggregate: one value per row as a JSON array."""
    return f"coalesce(CAST(json_group_array({sql}) AS TEXT), '[]')"


def contains(sql: str) -> str:
    """A condition: the text `sql` contains the text that is bound to its one placeholder."""
    return f"instr({sql}, ?) > 0"


def keys_containing(table: str, column: str) -> str:
    """A SELECT of the different values of an indexed column that contain the bound text.

    It goes from one value to the next along the index, so that a thousand cities cost as much among
    a million addresses as among ten thousand.
    """
    live = f"FROM {table} WHERE deleted_at IS NULL AND {column} IS NOT NULL"
    return (
        f"WITH RECURSIVE known(key) AS (SELECT min({column}) {live} UNION ALL"
        f" SELECT (SELECT min({column}) {live} AND {column} > known.key) FROM known"
        f" WHERE known.key IS NOT NULL) SELECT key FROM known WHERE {contains('key')}"
    )


def days_between(first: str, last: str) -> str:
    """How many days, with fractions, lie between two stored moments; never less than 0."""
    return f"CASE WHEN {last} > {first} THEN julianday({last}) - julianday({first}) ELSE 0 END"


def sorts(reader: Rows, sql: str, params: Sequence[Any]) -> bool:
    """Whether a SELECT reads its rows and sorts them, rather than go along an index."""
    plan = reader.rows(f"EXPLAIN QUERY PLAN {sql}", params)
    return any(word in str(step) for step in plan for word in ("TEMP B-TREE", "Sort"))


INSERT_OR_END = "INSERT OR ROLLBACK"
"""An insert of many rows that needs no record of how to take back its own part."""
