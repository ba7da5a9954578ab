"""Reading: SQL over the driver itself, without the ORM.

Every list, screen and look-up goes through a `Reader`. Opening one checks that the file is ours
and of a version that this program knows; an older one is upgraded first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import quote

from crmcli.errors import DatabaseError, DatabaseMissing, DatabaseNewer, NotADatabase
from crmcli.store.faults import explained, translate
from crmcli.store.location import Location

APPLICATION_ID = 0x43524D31  # "CRM1", so that `file` and we can tell our files from others
VERSION = 1  # of the schema; the number of the newest migration
PATIENCE = 30.0  # seconds that a read or a write waits for another process

Params = Sequence[Any]


class Rows(Protocol):
    """What can be asked: a reader, or a writer inside its transaction."""

    def rows(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        ...

    def row(self, sql: str, params: Params = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        ...

    def scalar(self, sql: str, params: Params = ()) -> Any:
        """The first value of the first row, or None."""
        ...


class Reader:
    """One connection that only reads."""

    def __init__(self, connection: Any, location: Location) -> None:
        self._connection = connection  # of sqlite3, or of crmcli.store.postgres
        self.location = location

    def rows(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """All rows of `sql`, whose placeholders are `?`."""
        try:
            found: list[tuple[Any, ...]] = self._connection.execute(sql, params).fetchall()
        except sqlite3.DatabaseError as error:
            raise translate(error, self.location) from error
        return found

    def row(self, sql: str, params: Params = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        try:
            row: tuple[Any, ...] | None = self._connection.execute(sql, params).fetchone()
        except sqlite3.DatabaseError as error:
            raise translate(error, self.location) from error
        return row

    def scalar(self, sql: str, params: Params = ()) -> Any:
        """The first value of the first row, or None."""
        row = self.row(sql, params)
        return row[0] if row else None

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def open_reader(location: Location) -> Reader:
    """A reader of the database at `location`.

    Raises DatabaseMissing, NotADatabase, DatabaseNewer, DatabaseBusy or DatabaseError.
    """
    with explained(location):
        if location.url:
            return _open_server(location)
        if not location.path.exists():
            raise missing(location)
        connection = connect_file(location)
        version = _checked(connection, location)
    if version < VERSION:
        connection.close()
        from crmcli.store.schema import upgrade

        upgrade(location)
        connection = connect_file(location)
    return Reader(connection, location)


def _open_server(location: Location) -> Reader:
    """A reader of a PostgreSQL database, which nobody upgrades in passing."""
    from crmcli.store import postgres

    connection = postgres.connect(location)
    try:
        version = postgres.version(connection)
    except BaseException:
        connection.close()
        raise
    if version == VERSION:
        return Reader(connection, location)
    connection.close()
    if version == 0:
        raise missing(location)
    if version > VERSION:
        raise newer(location, version)
    raise older(location, version)


def older(location: Location, version: int) -> DatabaseError:
    """The error for a shared database that somebody has to bring forward."""
    return DatabaseError(
        f"{location.shown} is of an older version (schema {version}, this program needs {VERSION})",
        hint="`crm db migrate` brings it forward, after a backup",
    )


def missing(location: Location) -> DatabaseMissing:
    """The error for a database that is not there."""
    if location.given:
        return DatabaseMissing(
            f"there is no database at {location.shown}",
            hint="`crm init` makes one there; `crm demo` makes the demo",
        )
    return DatabaseMissing(
        "there is no database yet",
        hint="`crm add-contact NAME` or `crm import FILE` makes it, `crm demo` shows an example",
    )


def check_version(connection: sqlite3.Connection, location: Location) -> int:
    """The schema version of an open file; 0 for an empty one.

    Raises NotADatabase for a file of another program, DatabaseNewer for one of a later version.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    ours = int(connection.execute("PRAGMA application_id").fetchone()[0]) == APPLICATION_ID
    if not ours and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise NotADatabase(
            f"{location.shown} is an SQLite file of another program",
            hint="name another file with --db",
        )
    if version > VERSION:
        raise newer(location, version)
    return version


def newer(location: Location, version: int) -> DatabaseNewer:
    """The error for a database of a later version of the program."""
    return DatabaseNewer(
        f"{location.shown} was written by a newer version of crm"
        f" (schema {version}, this program knows {VERSION})",
        hint="upgrade crm on this machine",
    )


def _checked(connection: sqlite3.Connection, location: Location) -> int:
    """The schema version; the connection is closed when the file cannot be read."""
    try:
        return check_version(connection, location)
    except BaseException:
        connection.close()
        raise


def connect_file(location: Location) -> sqlite3.Connection:
    """A read-only connection. One that finds a journal left by a crash may write, to roll back."""
    connection = _open(location, "ro")
    try:
        connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise
        connection = _open(location, "rw")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _open(location: Location, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(location.path.absolute()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
