"""What the database driver and the system say, in words that help."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from crmcli.errors import CrmError, DatabaseBusy, DatabaseError, NotADatabase
from crmcli.store.location import Location

# part of the driver's message -> our class, our sentence, our hint
_SAYINGS: tuple[tuple[str, type[DatabaseError], str, str], ...] = (
    (
        "not a database",
        NotADatabase,
        "{path} is not an SQLite file",
        "name another file with --db, or see `crm db path`",
    ),
    (
        "malformed",
        NotADatabase,
        "{path} is damaged",
        "`crm db check` says what is wrong; `crm backup list` shows what can be restored",
    ),
    ("locked", DatabaseBusy, "{path} is in use by another process", "try again in a moment"),
    ("busy", DatabaseBusy, "{path} is in use by another process", "try again in a moment"),
    ("is full", DatabaseError, "the disk is full; nothing was changed", "make room and try again"),
    (
        "readonly",
        DatabaseError,
        "{path} cannot be written",
        "check the permissions of the file and of its folder",
    ),
    (
        "unable to open",
        DatabaseError,
        "{path} cannot be opened",
        "check that the folder exists and that you may use it",
    ),
    (
        "disk i/o",
        DatabaseError,
        "the disk failed while {path} was in use; nothing was changed",
        "check the disk and its free space, then try again",
    ),
)


@contextmanager
def explained(location: Location) -> Iterator[None]:
    """Turn driver and system errors inside the block into `DatabaseError`s."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise translate(error, location) from error


def translate(error: Exception, location: Location) -> CrmError:
    """The `DatabaseError` for what the driver or the system raised about `location`."""
    if location.url:
        from crmcli.store import postgres

        return postgres.translate(error, location)
    if isinstance(error, OSError):
        return _of_system(error, location)
    if location.path.is_dir():
        return NotADatabase(
            f"{location.shown} is a folder", hint="name the file in it, for example with --db"
        )
    said = str(error).lower()
    for part, kind, sentence, hint in _SAYINGS:
        if part in said:
            return kind(sentence.format(path=location.shown), hint=hint)
    return DatabaseError(f"{location.shown}: {error}", hint="`crm db check` examines the file")


def _of_system(error: OSError, location: Location) -> DatabaseError:
    folder = location.path.absolute().parent
    if isinstance(error, FileNotFoundError):
        return DatabaseError(
            f"{location.shown}: there is no folder {folder}",
            hint=f"make it with: mkdir -p {folder}",
        )
    reason = error.strerror or str(error)
    return DatabaseError(
        f"{location.shown}: {reason[:1].lower()}{reason[1:]}",
        hint="check the folder and its permissions, or name another file with --db",
    )
