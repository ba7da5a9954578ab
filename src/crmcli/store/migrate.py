"""Bringing an older database forward, by migrations.

The number of a revision is the version of the schema after it: the `user_version` of a file, on a
server the row `schema` of the table `meta`. All missing revisions run in one transaction, after a
backup; a database whose migration fails stays as it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.errors import DatabaseError
from crmcli.store import backup, connect, schema, search
from crmcli.store.faults import explained
from crmcli.store.location import Location

if TYPE_CHECKING:
    from alembic.script import Script

FOLDER = Path(__file__).parent / "migrations"


def migrate(location: Location, version: int, folder: Path = FOLDER) -> backup.Backup:
    """Bring the database from schema `version` to the newest revision in `folder`.

    Returns the backup that was made before. Raises DatabaseBusy, and DatabaseError where a
    revision fails or would leave references to rows that are not there.
    """
    from alembic.util.exc import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    saved = backup.create(location, datetime.now(UTC), note=f"before the upgrade from {version}")
    try:
        _in_one_transaction(location, folder)
    except (SQLAlchemyError, CommandError) as error:
        raise _failed(location, str(error).splitlines()[0], saved) from error
    return saved


def make_older(location: Location, version: int, folder: Path = FOLDER) -> None:
    """Make a new file with the schema that `version` had, and no rows.

    Its views are those of this program: they say nothing that is not in the tables.
    """
    connect.make_file(location)
    _in_one_transaction(location, folder, last=version)


def revisions(folder: Path = FOLDER) -> list[Script]:
    """All revisions, oldest first."""
    from alembic.script import ScriptDirectory

    return list(ScriptDirectory(str(folder)).walk_revisions())[::-1]


def _in_one_transaction(location: Location, folder: Path, last: int | None = None) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with explained(location):
        connection = connect.connect(location)
    try:
        # To Alembic a transaction is open throughout, lest it commit after each table that it
        # rebuilds. When SQLAlchemy lets go, ours is committed already, or is rolled back.
        borrowed = connect.borrowed(connection)
        with explained(location), borrowed.connect() as session, session.begin():
            if not location.url:
                # SQLite rebuilds a table by dropping it, which with foreign keys on would take its
                # children along; the switch works only outside a transaction.
                connection.execute("PRAGMA foreign_keys = OFF")
            connect.begin(connection)
            with Operations.context(MigrationContext.configure(session)):
                _bring_forward(connection, location, folder, last)
            connect.commit(connection)
    finally:
        connection.close()


def _bring_forward(connection: Any, location: Location, folder: Path, last: int | None) -> None:
    """Run what is missing by now: another process may have been faster."""
    version = schema.stored_version(connection, location)
    pending = [
        script
        for script in revisions(folder)
        if version < int(script.revision) <= (last or int(script.revision))
    ]
    if not pending:
        return
    if location.url:
        _on_server(connection, pending)
    else:
        _in_file(connection, location, pending)
    if last is None:
        # What is searched may differ from one version to the next, as views do.
        search.rebuild(connection)


def _on_server(connection: Any, pending: Sequence[Script]) -> None:
    """Run revisions in a PostgreSQL database, and give new columns our types."""
    from crmcli.store import postgres

    for name in postgres.views(connection):
        connection.execute(f'DROP VIEW "{name}"')
    for script in pending:
        script.module.upgrade()
    postgres.unify_types(connection)
    schema.finish(connection)
    connection.execute(
        "UPDATE meta SET value = ? WHERE name = 'schema'", (str(int(pending[-1].revision)),)
    )


def _in_file(connection: sqlite3.Connection, location: Location, pending: Sequence[Script]) -> None:
    """Run revisions in an SQLite file."""
    for name in _names(connection, "view"):
        connection.execute(f'DROP VIEW "{name}"')
    numbers = _numbers(connection)
    for script in pending:
        script.module.upgrade()
    _keep_numbers(connection, numbers)
    _check_references(connection, location)
    schema.finish(connection)
    connection.execute(f"PRAGMA user_version = {int(pending[-1].revision)}")


def _numbers(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """How far the ids of each table were counted; nothing in a new file."""
    if "sqlite_sequence" not in _names(connection, "table"):
        return []
    return connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()


def _check_references(connection: sqlite3.Connection, location: Location) -> None:
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise DatabaseError(
            f"{location.shown} cannot be upgraded: {len(broken)} rows, the first in the table"
            f" {broken[0][0]}, refer to rows that are not there; nothing was changed",
            hint="`crm db check` examines the file",
        )


def _keep_numbers(connection: sqlite3.Connection, numbers: list[tuple[str, int]]) -> None:
    """Go on counting where a rebuilt table had come to: handles are never used again."""
    tables = _names(connection, "table")
    for name, seq in numbers:
        if name in tables:
            connection.execute(
                "DELETE FROM sqlite_sequence WHERE name = ? AND seq < ?", (name, seq)
            )
            connection.execute(
                "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ?"
                " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
                (name, seq, name),
            )


def _names(connection: sqlite3.Connection, type: str) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = ?", (type,)).fetchall()
    return {row[0] for row in rows}


def _failed(location: Location, why: str, saved: backup.Backup) -> DatabaseError:
    return DatabaseError(
        f"{location.shown} could not be upgraded: {why}; nothing was changed",
        hint=f"a copy from before is {saved.path}",
    )
