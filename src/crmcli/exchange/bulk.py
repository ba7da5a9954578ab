"""Many rows at once: inserted with ids in a run, looked up through a temporary table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from crmcli.store import dialect

if TYPE_CHECKING:
    from crmcli.store.write import Writer

Rows = Sequence[Sequence[Any]]

# Measured on contacts: 100 rows to a statement take two thirds of the time of one at a time, and
# leaving out columns that are NULL throughout saves another third.
_TOGETHER = 200


def insert(writer: Writer, table: str, names: Sequence[str], rows: Rows) -> int:
    """Insert rows, record them as one run of new ids, and return the first id."""
    first = writer.next_id(table)
    if rows:
        used = [at for at in range(len(names)) if any(row[at] is not None for row in rows)]
        values = map(itemgetter(*used), rows) if len(used) > 1 else ((r[used[0]],) for r in rows)
        numbered = [(id, *row) for id, row in enumerate(values, first)]
        write(writer, table, ("id", *(names[at] for at in used)), numbered)
        writer.created_run(table, first, first + len(rows) - 1)
    return first


def write(writer: Writer, table: str, names: Sequence[str], rows: Rows) -> None:
    """Insert rows, many to a statement; a row that breaks a rule ends the whole write."""
    one = f"({', '.join('?' * len(names))})"
    start = f"{dialect.INSERT_OR_END} INTO {table} ({', '.join(names)}) VALUES "
    whole = len(rows) - len(rows) % _TOGETHER
    statement = start + ", ".join([one] * _TOGETHER)
    for at in range(0, whole, _TOGETHER):
        writer.execute(statement, list(chain.from_iterable(rows[at : at + _TOGETHER])))
    if whole < len(rows):
        rest = rows[whole:]
        writer.execute(start + ", ".join([one] * len(rest)), list(chain.from_iterable(rest)))


def wanted(writer: Writer, columns: Sequence[str], keys: Iterable[Sequence[Any]]) -> None:
    """Put keys where SQL can join them: temp.wanted(key TEXT, more TEXT, ref INTEGER).

    columns: those that the parts of a key are.
    """
    writer.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (key TEXT, more TEXT, ref INTEGER)")
    writer.execute("DELETE FROM temp.wanted")
    rows = list(keys)
    if rows:
        write(writer, "temp.wanted", columns, rows)
