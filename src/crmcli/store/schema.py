"""The schema: made whole in a new file, brought forward by migrations in an older one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.errors import DatabaseMissing
from crmcli.store import connect, search, views
from crmcli.store.faults import explained
from crmcli.store.location import Location
from crmcli.store.read import APPLICATION_ID, VERSION, check_version, newer, older

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

# The default pipeline: name, type, probability in per cent, days until a deal rots.
STAGES = (
    ("New", "open", 10, 14),
    ("Qualified", "open", 25, 21),
    ("Proposal", "open", 50, 21),
    ("Negotiation", "open", 75, 14),
    ("Won", "won", 100, None),
    ("Lost", "lost", 0, None),
)


def ensure(location: Location, now: str) -> bool:
    """Make the database where there is none, bring it forward where it is older.

    now: a stored moment, the creation time of the first rows. Returns whether it was made.
    """
    if location.url:
        return _ensure_on_server(location, now)
    with explained(location):
        fresh = not location.path.exists() or location.path.stat().st_size == 0
        if fresh:
            connect.make_file(location)
            return _create(location, now)
        connection = connect.connect(location)
        try:
            version = connect.patiently(lambda: check_version(connection, location))
        finally:
            connection.close()
    if version == 0:
        with explained(location):
            return _create(location, now)
    if version < VERSION:
        upgrade(location)
    return False


def _ensure_on_server(location: Location, now: str) -> bool:
    """Make the tables of an empty PostgreSQL database; an older one is left to its team."""
    with explained(location):
        connection = connect.connect(location)
        try:
            version = stored_version(connection, location)
        finally:
            connection.close()
        if version == 0:
            return _create(location, now)
    if version < VERSION:
        raise older(location, version)
    return False


def stored_version(connection: Any, location: Location) -> int:
    """The schema version of an open database; raises as `read.check_version`."""
    if isinstance(connection, sqlite3.Connection):
        return check_version(connection, location)
    from crmcli.store import postgres

    version = postgres.version(connection)
    if version > VERSION:
        raise newer(location, version)
    return version


def _create(location: Location, now: str) -> bool:
    connection = connect.connect(location)
    with connect.all_or_nothing(connection):
        connect.begin(connection)
        if stored_version(connection, location) != 0:
            return False
        for statement in server_statements(connection) if location.url else statements():
            connection.execute(statement)
        _seed(connection, now)
        finish(connection)
        connect.commit(connection)
    return True


def statements() -> list[str]:
    """The DDL of the current schema for SQLite: tables, indexes, search index."""
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

    return [*_tables(SQLiteDialect_pysqlite()), *search.CREATE]


def server_statements(connection: Any) -> list[str]:
    """The DDL of the current schema for the server that is connected to."""
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    from crmcli.store import postgres

    tables = [postgres.ddl(statement) for statement in _tables(PGDialect_psycopg())]  # type: ignore[no-untyped-call]
    return [*postgres.functions(connection), *tables, *postgres.SEARCH]


def _tables(dialect: Dialect) -> list[str]:
    """The tables and indexes of the models."""
    from sqlalchemy.schema import CreateIndex, CreateTable
    from sqlmodel import SQLModel

    from crmcli.models import load_all

    load_all()
    found = []
    for table in SQLModel.metadata.sorted_tables:
        # A handle is never used again, not even after a purge of the newest record.
        table.dialect_options["sqlite"]["autoincrement"] = "version" in table.c
        found.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        for index in indexes:
            where = f" WHERE {index.info['where']}" if "where" in index.info else ""
            found.append(str(CreateIndex(index).compile(dialect=dialect)).strip() + where)
    return found


def finish(connection: Any) -> None:
    """Make the views anew and mark the database as ours, of the current version."""
    for statement in (*views.drop_statements(), *views.create_statements()):
        connection.execute(statement)
    if not isinstance(connection, sqlite3.Connection):
        connection.execute("DELETE FROM meta WHERE name = 'schema'")
        connection.execute("INSERT INTO meta VALUES ('schema', ?)", (str(VERSION),))
        return
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def upgrade(location: Location) -> Path | None:
    """Bring an older database forward: back it up, then run the missing migrations in one
    transaction. Returns the backup; None for a database that is current.

    Raises DatabaseMissing for one that holds no tables at all.
    """
    with explained(location), closing(connect.connect(location)) as connection:
        version = connect.patiently(lambda: stored_version(connection, location))
    if version == VERSION:
        return None
    if version == 0:
        raise DatabaseMissing(
            f"{location.shown} is empty", hint="`crm init` makes the database there"
        )
    from crmcli.store.migrate import migrate

    return migrate(location, version).path


def _seed(connection: Any, now: str) -> None:
    """The default pipeline with its stages."""
    pipeline = connection.execute(
        "INSERT INTO pipeline (created_at, updated_at, version, name, name_key, position,"
        " is_default) VALUES (?, ?, 1, 'Sales', 'sales', 1, 1) RETURNING id",
        (now, now),
    ).fetchone()[0]
    connection.executemany(
        "INSERT INTO stage (created_at, updated_at, version, name, name_key, pipeline_id,"
        " position, type, probability, rot_days) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
        [
            (now, now, name, name.casefold(), pipeline, place, kind, chance, rots)
            for place, (name, kind, chance, rots) in enumerate(STAGES, 1)
        ],
    )
