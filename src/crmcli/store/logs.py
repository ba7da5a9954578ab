"""Writing of logs: runs, messages and deliveries, which are no part of any change set.

One `logging` block is one transaction that holds the write lock from its beginning, as every write
does, but it knows no records, no journal and no search index, and loads no ORM.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from crmcli.store import connect
from crmcli.store.faults import explained
from crmcli.store.location import Location


class Log:
    """The inside of one write of log rows. Reads see what was written before them."""

    def __init__(self, connection: Any, location: Location) -> None:
        self._connection = connection
        self.location = location

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of `sql`, whose placeholders are `?`."""
        found: list[tuple[Any, ...]] = self.execute(sql, params).fetchall()
        return found

    def row(self, sql: str, params: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        found: tuple[Any, ...] | None = self.execute(sql, params).fetchone()
        return found

    def scalar(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The first value of the first row, or None."""
        row = self.row(sql, params)
        return row[0] if row else None

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Run one statement."""
        with explained(self.location):
            return self._connection.execute(sql, params)

    def executemany(self, sql: str, params: Sequence[Sequence[Any]]) -> None:
        """Run one statement for many rows of parameters."""
        with explained(self.location):
            self._connection.executemany(sql, params)

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Insert a row; returns its id."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"
        return int(self.scalar(sql, tuple(row.values())))


@contextmanager
def logging(location: Location) -> Iterator[Log]:
    """A write of log rows to a database that is there; an exception takes all of it back.

    Raises DatabaseBusy after `read.PATIENCE` seconds, or another DatabaseError.
    """
    with explained(location):
        connection = connect.begun(location)
    try:
        yield Log(connection, location)
        with explained(location):
            connect.commit(connection)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()
