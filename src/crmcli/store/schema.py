"""The schema: made whole in a new file, brought forward by migrations in an older one."""

from __future__ import annotations

import sqlite3

from crmcli.errors import DatabaseMissing
from crmcli.store import connect, search, views
from crmcli.store.faults import explained
from crmcli.store.location import Location
from crmcli.store.read import APPLICATION_ID, VERSION, check_version

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
    with explained(location):
        fresh = not location.path.exists() or location.path.stat().st_size == 0
        if fresh:
            connect.make_file(location)
            return _create(location, now)
        connection = connect.connect(location)
        try:
            version = check_version(connection, location)
        finally:
            connection.close()
    if version == 0:
        with explained(location):
            return _create(location, now)
    if version < VERSION:
        upgrade(location)
    return False


def _create(location: Location, now: str) -> bool:
    connection = connect.connect(location)
    try:
        connect.begin(connection)
        if check_version(connection, location) != 0:
            connection.execute("ROLLBACK")
            return False
        for statement in statements():
            connection.execute(statement)
        _seed(connection, now)
        finish(connection)
        connect.commit(connection)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()
    return True


def statements() -> list[str]:
    """The DDL of the current schema, from the models: tables, indexes, search index."""
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
    from sqlalchemy.schema import CreateIndex, CreateTable
    from sqlmodel import SQLModel

    from crmcli.models import load_all

    load_all()
    dialect = SQLiteDialect_pysqlite()
    found = []
    for table in SQLModel.metadata.sorted_tables:
        # A handle is never used again, not even after a purge of the newest record.
        table.dialect_options["sqlite"]["autoincrement"] = "version" in table.c
        found.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        found += [str(CreateIndex(index).compile(dialect=dialect)).strip() for index in indexes]
    return [*found, *search.CREATE]


def finish(connection: sqlite3.Connection) -> None:
    """Make the views anew and mark the file as ours, of the current version."""
    for statement in (*views.drop_statements(), *views.create_statements()):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def upgrade(location: Location) -> None:
    """Bring an older file forward: back it up, then run the missing migrations in one transaction.

    Raises DatabaseMissing for a file that holds no tables at all.
    """
    with explained(location):
        connection = connect.connect(location)
        version = check_version(connection, location)
        connection.close()
    if version == 0:
        raise DatabaseMissing(
            f"{location.shown} is empty", hint="`crm init` makes the database there"
        )
    from crmcli.store.migrate import migrate

    migrate(location, version)


def _seed(connection: sqlite3.Connection, now: str) -> None:
    """The default pipeline with its stages."""
    pipeline = connection.execute(
        "INSERT INTO pipeline (created_at, updated_at, version, name, name_key, position,"
        " is_default) VALUES (?, ?, 1, 'Sales', 'sales', 1, 1)",
        (now, now),
    ).lastrowid
    connection.executemany(
        "INSERT INTO stage (created_at, updated_at, version, name, name_key, pipeline_id,"
        " position, type, probability, rot_days) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
        [
            (now, now, name, name.casefold(), pipeline, place, kind, chance, rots)
            for place, (name, kind, chance, rots) in enumerate(STAGES, 1)
        ],
    )
