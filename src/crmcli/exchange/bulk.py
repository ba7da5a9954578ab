"""Many rows at once: inserted with ids in a run, looked up through a temporary table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmcli.store.write import Writer

Rows = Sequence[Sequence[Any]]


def insert(writer: Writer, table: str, names: Sequence[str], rows: Rows) -> int:
    """Insert rows, record them as one run of new ids, and return the first id."""
    first = writer.next_id(table)
    if rows:
        marks = ", ".join("?" * (len(names) + 1))
        writer.executemany(
            f"INSERT INTO {table} (id, {', '.join(names)}) VALUES ({marks})",
            [(id, *row) for id, row in enumerate(rows, first)],
        )
        writer.created_run(table, first, first + len(rows) - 1)
    return first


def wanted(writer: Writer, keys: Iterable[Sequence[Any]]) -> None:
    """Put keys (up to three parts each) where SQL can join them, as temp.wanted(a, b, c)."""
    writer.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (a, b, c)")
    writer.execute("DELETE FROM wanted")
    writer.executemany(
        "INSERT INTO wanted VALUES (?, ?, ?)", [(*key, None, None)[:3] for key in keys]
    )
