"""Copying all of a database into another one, of either kind: records, history, ids, counters.

The source is read in one snapshot, the target written in one transaction. Before the commit each
table is read back and compared with what was read from the source, by count and checksum. What is
derived (views, search index) is made anew in the target.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.errors import DatabaseError, UsageError
from crmcli.store import connect, schema, search
from crmcli.store.faults import explained
from crmcli.store.location import Location
from crmcli.store.read import VERSION, missing, open_reader

Advance = Callable[[int], None]
Row = tuple[Any, ...]

_MANY = 1000  # rows of a table of which it pays to have whole indexes while they are deleted
_BATCH = 1000  # rows that are read, compared and written at a time
_MADE = ("pipeline", "stage")  # tables of which a new database has rows
_VERSION = "name <> 'schema'"  # of the table `meta`: each database keeps its own


def _nothing(rows: int) -> None:
    """Tell nobody."""


class Table(NamedTuple):
    """A table to copy, and the columns that its rows are told apart and ordered by."""

    name: str
    columns: tuple[str, ...]
    key: str

    @property
    def select(self) -> str:
        """The rows to copy, in an order that both databases agree on."""
        where = f" WHERE {_VERSION}" if self.name == "meta" else ""
        return f"SELECT {', '.join(self.columns)} FROM {self.name}{where} ORDER BY {self.key}"


_INDEX = Table("search", ("rowid", "name", "body"), "rowid")


class Copied(NamedTuple):
    """How many rows of a table were copied, and the checksum that both sides have."""

    table: str
    rows: int
    sha256: str


def tables() -> list[Table]:
    """All tables with content of their own, each after those that it refers to."""
    from sqlmodel import SQLModel

    from crmcli.models import load_all

    load_all()
    return [
        Table(table.name, tuple(table.c.keys()), next(iter(table.primary_key.columns)).name)
        for table in SQLModel.metadata.sorted_tables
    ]


def rows_in(location: Location) -> int:
    """How many rows there are to copy. Raises what `read.open_reader` raises."""
    with closing(open_reader(location)) as reader:
        return sum(int(reader.scalar(f"SELECT count(*) FROM {t.name}")) for t in tables())


def is_empty(location: Location) -> bool:
    """Whether a copy to there would replace nothing: no database, or one as `init` leaves it."""
    if not location.url and (not location.path.exists() or not location.path.stat().st_size):
        return True
    with explained(location), closing(connect.connect(location)) as connection:
        if schema.stored_version(connection, location) == 0:
            return True
        return not any(
            connection.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchone()
            for table in tables()
            if table.name not in (*_MADE, "meta")
        )


def copy(
    source: Location,
    target: Location,
    now: str,
    *,
    replace: bool = False,
    keep: bool = True,
    advance: Advance = _nothing,
) -> list[Copied]:
    """Copy everything from `source` to `target`, which is made if it is not there.

    now: a stored moment. replace: the target may hold records, which are lost. keep: whether the
    copy stays, or was a dry run. advance: told how many more rows were read.
    Raises UsageError for a copy onto itself or onto records, DatabaseError when the two do not
    agree afterwards, and what opening either raises; then the target is as it was.
    """
    if same(source, target):
        raise UsageError("source and target are the same database")
    if not replace and not is_empty(target):
        raise UsageError(f"{target.shown} holds records already", hint="--yes replaces all of them")
    open_reader(source).close()  # says what is wrong, and brings an older file forward
    with _snapshot(source) as reading:
        schema.ensure(target, now)
        with _writing(target, VERSION, keep=keep) as writing:
            copied = _copy_tables(reading, writing, tables(), target, advance)
            search.rebuild(writing)
    return copied


def dump(source: Location, file: Path) -> int:
    """Copy a server's database, as old as it may be, to a new SQLite file of the same version,
    which is returned.

    Raises DatabaseMissing for a database without tables, DatabaseNewer for one of a later version.
    """
    from crmcli.store import migrate

    target = Location(file, given=True)
    with _snapshot(source) as reading:
        version = schema.stored_version(reading, source)
        if version == 0:
            raise missing(source)
        migrate.make_older(target, version)
        with _writing(target, version) as writing:
            # The index is copied as it is: what an older version searched only that version knows.
            _copy_tables(reading, writing, [*_tables_in(writing), _INDEX], target)
    return version


def _tables_in(connection: sqlite3.Connection) -> list[Table]:
    """The tables of a file, which need not be those of the models."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        " AND name NOT LIKE 'search%' ORDER BY name"
    ).fetchall()
    found = []
    for (name,) in names:
        columns = connection.execute(f"SELECT name, pk FROM pragma_table_info('{name}')").fetchall()
        key = next(column for column, place in columns if place == 1)
        found.append(Table(name, tuple(column for column, _place in columns), key))
    return found


def same(source: Location, target: Location) -> bool:
    """Whether both name one database."""
    if source.url or target.url:
        return source.url == target.url
    return source.path.resolve() == target.path.resolve()


@contextmanager
def _snapshot(location: Location) -> Iterator[Any]:
    """A connection that sees the database as it is now, whatever others write."""
    with explained(location), closing(connect.connect(location)) as connection:
        on_file = isinstance(connection, sqlite3.Connection)
        connection.execute("BEGIN" if on_file else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        yield connection
        connection.execute("ROLLBACK")


@contextmanager
def _writing(location: Location, version: int, *, keep: bool = True) -> Iterator[Any]:
    """A connection that holds the write lock; commits at the end unless `keep` is false."""
    with explained(location):
        connection = connect.begun(location, bulk=True)
        with connect.all_or_nothing(connection):
            if schema.stored_version(connection, location) != version:
                raise DatabaseError(f"{location.shown} was changed meanwhile", hint="try again")
            if isinstance(connection, sqlite3.Connection):
                connection.execute("PRAGMA defer_foreign_keys = ON")
            yield connection
            if keep:
                connect.commit(connection)


def _copy_tables(
    reading: Any,
    writing: Any,
    wanted: Sequence[Table],
    target: Location,
    advance: Advance = _nothing,
) -> list[Copied]:
    _empty(writing, wanted)
    copied = []
    for table in wanted:
        tally = _Tally()
        _insert(writing, table, tally.over(_batches(reading, table), advance))
        copied.append(Copied(table.name, tally.rows, tally.sha256))
        if table.key == "id":
            connect.count_on(writing, table.name, connect.next_id(reading, table.name) - 1)
    for table, there in zip(wanted, copied, strict=True):
        _compare(writing, table, there, target)
    return copied


def _empty(writing: Any, wanted: Sequence[Table]) -> None:
    """Delete the rows of the tables. A server keeps deleted rows until the commit, and would look
    through all of them for each one that they referred to."""
    from sqlmodel import SQLModel

    from crmcli.store.removal import references, whole_indexes

    large = set() if isinstance(writing, sqlite3.Connection) else set(_large(writing, wanted))
    leading_there = [r for r in references(SQLModel.metadata.sorted_tables) if r.target in large]
    with whole_indexes(writing, leading_there):
        for table in reversed(wanted):
            where = f" WHERE {_VERSION}" if table.name == "meta" else ""
            writing.execute(f"DELETE FROM {table.name}{where}")


def _large(writing: Any, wanted: Sequence[Table]) -> Iterator[str]:
    for table in wanted:
        if writing.execute(f"SELECT 1 FROM {table.name} LIMIT 1 OFFSET {_MANY}").fetchone():
            yield table.name


def _compare(writing: Any, table: Table, there: Copied, target: Location) -> None:
    """Raise unless the target holds exactly the rows that were read."""
    tally = _Tally()
    for _batch in tally.over(_batches(writing, table)):
        pass
    if (tally.rows, tally.sha256) != (there.rows, there.sha256):
        raise DatabaseError(
            f"{target.shown}: the table {table.name} is not what was copied"
            f" ({tally.rows} rows of {there.rows}); nothing was changed",
            hint="`crm db check` examines the source",
        )


def _batches(connection: Any, table: Table) -> Iterator[list[Row]]:
    """The rows of a table, `_BATCH` at a time."""
    on_file = isinstance(connection, sqlite3.Connection)
    run = connection.execute if on_file else partial(connection.stream, size=_BATCH)
    rows = iter(run(table.select))
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _insert(connection: Any, table: Table, batches: Iterator[list[Row]]) -> None:
    connect.insert_many(connection, table.name, table.columns, chain.from_iterable(batches))
    if not isinstance(connection, sqlite3.Connection):
        connection.look_again(table.name)


class _Tally:
    """Counts rows on their way and takes their checksum."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The checksum of the rows so far."""
        return self._digest.hexdigest()

    def over(
        self, batches: Iterable[list[Row]], advance: Advance = _nothing
    ) -> Iterator[list[Row]]:
        """The same batches, which are counted as they are taken."""
        for batch in batches:
            self._digest.update(repr(batch).encode())
            self.rows += len(batch)
            yield batch
            advance(len(batch))
