"""Statements inside one transaction that writes, in words of ours when one fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crmcli.store import connect
from crmcli.store.faults import translate
from crmcli.store.location import Location


class Inside:
    """The inside of one write. Reads see what was written before them."""

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
        found = self.row(sql, params)
        return found[0] if found else None

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Run one statement as it is. What it changes of records must be told to the journal."""
        try:
            return self._connection.execute(sql, params)
        except sqlite3.Error as error:
            raise translate(error, self.location) from error

    def executemany(self, sql: str, params: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows of parameters."""
        try:
            self._connection.executemany(sql, params)
        except sqlite3.Error as error:
            raise translate(error, self.location) from error

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
                    ) -> None:  # fmt: skip
        """Insert rows, many at a time, with their ids. They must be told to the journal."""
        try:
            connect.insert_many(self._connection, table, columns, rows)
        except sqlite3.Error as error:
            raise translate(error, self.location) from error

    def insert_log(self, table: str, row: Mapping[str, Any]) -> int:
        """Insert a row that is itself no change: of the journal, or a log. Returns its id."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"
        return int(self.scalar(sql, tuple(row.values())))
