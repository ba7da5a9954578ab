"""The writing connection: opened, begun and committed with patience for other processes."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from crmcli.store import dialect
from crmcli.store.location import Location
from crmcli.store.read import PATIENCE

if TYPE_CHECKING:
    from sqlalchemy import Engine

T = TypeVar("T")

# Random waits are fairer than the driver's own growing ones: with 16 writers the longest wait
# measured was 3 seconds against 10.
_WAIT = (0.002, 0.020)

# Measured on contacts: 100 rows to a statement take two thirds of the time of one at a time.
_TOGETHER = 200

# Up to 200 MB of pages in memory: indexes grow all over while a large import goes on.
_ROOM_FOR_BULK = "PRAGMA cache_size = -200000"


class Connection(sqlite3.Connection):
    """A connection whose transactions only `begin`, `commit` and a ROLLBACK statement control.

    SQLAlchemy rolls back whatever it is handed, when its engine first connects and when it lets
    go, which would end the write that holds the lock.
    """

    def commit(self) -> None:
        """Nothing: see `crmcli.store.connect.commit`."""

    def rollback(self) -> None:
        """Nothing: a write that fails says ROLLBACK itself."""


def connect(location: Location) -> Any:
    """A connection that may write, in autocommit, with foreign keys on.

    It is one of sqlite3's, or for a server one of `crmcli.store.postgres`, which takes the same
    SQL.
    """
    if location.url:
        from crmcli.store import postgres

        return postgres.connect(location, writes=True)
    return _connect_file(location)


def _connect_file(location: Location) -> sqlite3.Connection:
    # SQLAlchemy hands the connection between its own pools, always within this process and thread.
    connection = sqlite3.connect(
        location.path,
        timeout=0,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
    )
    try:
        patiently(lambda: connection.execute("PRAGMA foreign_keys = ON"))
        patiently(lambda: connection.execute("PRAGMA synchronous = FULL"))
    except BaseException:
        connection.close()
        raise
    return connection


def make_file(location: Location) -> None:
    """Create the file (mode 0600) and its folder (0700) where they are missing."""
    folder = location.path.absolute().parent
    if not folder.exists() and not location.given:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(location.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return


def begin(connection: Any, *, bulk: bool = False) -> None:
    """Take the write lock before anything is read, so that no update can be lost.

    bulk: many rows are on their way.
    """
    if isinstance(connection, sqlite3.Connection):
        if bulk:
            connection.execute(_ROOM_FOR_BULK)
        patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
        return
    from crmcli.store import postgres

    postgres.begin(connection, bulk=bulk)


def begun(location: Location, *, bulk: bool = False, checked: bool = True) -> Any:
    """A connection that holds the write lock.

    bulk: many rows are on their way. checked: false when what they refer to was looked up or made
    in the same transaction; SQLite does not look it up again, which would take a third of the time
    of an import.
    """
    connection = connect(location)
    try:
        if not checked and not location.url:
            connection.execute("PRAGMA foreign_keys = OFF")
        begin(connection, bulk=bulk)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def all_or_nothing(connection: Any) -> Iterator[None]:
    """What was not committed when the block ends is taken back, and the connection let go of."""
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.close()


def commit(connection: Any) -> None:
    """Commit, waiting for readers to finish."""
    patiently(lambda: connection.execute("COMMIT"))


def insert_many(
    connection: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows, many to a statement; a row that breaks a rule ends the whole write."""
    if not isinstance(connection, sqlite3.Connection):
        connection.copy_in(table, columns, rows)
        return
    one = f"({', '.join('?' * len(columns))})"
    start = f"{dialect.INSERT_OR_END} INTO {table} ({', '.join(columns)}) VALUES "
    whole = start + ", ".join([one] * _TOGETHER)
    rest = iter(rows)
    while some := list(islice(rest, _TOGETHER)):
        full = len(some) == _TOGETHER
        statement = whole if full else start + ", ".join([one] * len(some))
        connection.execute(statement, list(chain.from_iterable(some)))


def next_id(connection: Any, table: str) -> int:
    """The id that the next new row of `table` gets; ids of purged records count as used."""
    if not isinstance(connection, sqlite3.Connection):
        from crmcli.store import postgres

        return postgres.next_id(connection, table)
    row = connection.execute(
        f"SELECT max(coalesce((SELECT max(id) FROM {table}), 0),"
        " coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0)) + 1",
        (table,),
    ).fetchone()
    return int(row[0])


def count_on(connection: Any, table: str, last: int) -> None:
    """Go on counting after the id `last`, also when its row is gone."""
    if not isinstance(connection, sqlite3.Connection):
        from crmcli.store import postgres

        postgres.count_on(connection, table, last)
        return
    named = {"table": table, "last": last}
    connection.execute(
        "UPDATE sqlite_sequence SET seq = :last WHERE name = :table AND seq < :last", named
    )
    connection.execute(
        "INSERT INTO sqlite_sequence (name, seq) SELECT :table, :last WHERE :last > 0"
        " AND EXISTS (SELECT 1 FROM sqlite_master WHERE name = :table"
        " AND sql LIKE '%AUTOINCREMENT%')"
        " AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :table)",
        named,
    )


def borrowed(connection: Any) -> Engine:
    """Our connection as an engine of SQLAlchemy's, which neither begins nor ends its work."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    if isinstance(connection, sqlite3.Connection):
        return create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    from sqlalchemy.engine.interfaces import BindTyping

    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connection.raw,
        poolclass=StaticPool,
        use_native_hstore=False,
    )
    # A cast to INTEGER, which it would write for every whole number, refuses large amounts.
    engine.dialect.bind_typing = BindTyping.NONE
    return engine


def patiently(action: Callable[[], T]) -> T:
    """Do `action` again while the database is busy, for up to `PATIENCE` seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(*_WAIT))  # noqa: S311 - spreads waiters, protects nothing
