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
        last = first + len(rows) - 1
        columns = list(zip(*rows, strict=True))
        # Leaving out columns that are NULL throughout saves a third.
        used = [at for at, column in enumerate(columns) if column.count(None) < len(rows)]
        numbered = zip(range(first, last + 1), *(columns[at] for at in used), strict=True)
        writer.insert_many(table, ("id", *(names[at] for at in used)), numbered)
        writer.created_run(table, first, last)
    return first


def wanted(writer: Writer, columns: Sequence[str], keys: Iterable[Sequence[Any]]) -> None:
    """Put keys where SQL can join them: temp.wanted(key TEXT, more TEXT, ref INTEGER).

    columns: those that the parts of a key are.
    """
    writer.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (key TEXT, more TEXT, ref INTEGER)")
    writer.execute("DELETE FROM temp.wanted")
    writer.insert_many("temp.wanted", columns, keys)
