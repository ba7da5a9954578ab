"""Backups: consistent copies of the database file, each with a manifest beside it.

A backup is made while others read and write. It is an ordinary database (`--db FILE` opens it);
the manifest, a JSON file of the same name, says of which database, when, why and what is in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from crmcli.catalog import RECORDS
from crmcli.errors import DatabaseError, NotADatabase, NotFound
from crmcli.store import connect
from crmcli.store.faults import explained
from crmcli.store.location import Location, data_dir
from crmcli.store.read import PATIENCE, check_version, missing

_STAMP = "%Y%m%dT%H%M%SZ"


class Backup(NamedTuple):
    """A backup and what its manifest says.

    made: a stored moment. database: the path of the database it was made of, "" when no manifest
    says so. size: bytes. version: of its schema. counts: live records by noun.
    """

    path: Path
    made: str
    database: str = ""
    note: str = ""
    size: int = 0
    version: int = 0
    counts: dict[str, int] = {}
    sha256: str = ""


class Restored(NamedTuple):
    """What a restore put in place, and where the state before it went (None: there was none)."""

    backup: Backup
    before: Path | None


def backup_dir() -> Path:
    """The folder for backups that name no other."""
    return data_dir() / "backups"


def create(
    location: Location, now: datetime, *, folder: Path | None = None, note: str = ""
) -> Backup:
    """Write a backup of the database at `location` into `folder`, by default `backup_dir()`.

    now: an aware moment, by which the file is named. note: why it was made.
    Raises DatabaseMissing, NotADatabase, DatabaseNewer, DatabaseBusy or DatabaseError.
    """
    if not location.path.exists():
        raise missing(location)
    target = _free_path(folder or backup_dir(), location.path.stem, now)
    part = target.with_suffix(".part")
    try:
        with explained(location):
            version = _copy_out(location, part)
        with explained(Location(target)):
            made = _described(part, target, location, now=now, note=note, version=version)
            _write_manifest(made)
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return made


def list_backups(location: Location | None = None, folder: Path | None = None) -> list[Backup]:
    """The backups in `folder`, newest first; those of one database, or of all for None."""
    folder = folder or backup_dir()
    found = [_read(path) for path in folder.glob("*.db")] if folder.is_dir() else []
    if location is not None:
        database = str(location.path.absolute())
        found = [backup for backup in found if backup.database in ("", database)]
    return sorted(found, key=lambda backup: (backup.made, backup.path.name), reverse=True)


def find(text: str, folder: Path | None = None) -> Backup:
    """The backup at the path `text`, or of that name in the folder. Raises NotFound."""
    given = Path(text).expanduser()
    for path in (given, (folder or backup_dir()) / given, (folder or backup_dir()) / f"{given}.db"):
        if path.is_file():
            return _read(path)
    raise NotFound(f"there is no backup {text}", hint="`crm backup list` shows them")


def restore(
    location: Location, backup: Backup, now: datetime, *, folder: Path | None = None
) -> Restored:
    """Replace the content of the database by a backup, after a backup of its present state.

    Other processes see either the old content or the new. Raises NotADatabase for a backup that
    is damaged, DatabaseNewer for one of a later version, DatabaseBusy and DatabaseError.
    """
    _verify(backup)
    before = _save_present(location, backup, now, folder)
    with explained(location):
        connect.make_file(location)
        target = connect.connect(location)
        source = _open_readonly(backup.path)
        try:
            _copy(source, target)
        finally:
            source.close()
            target.close()
    return Restored(backup, before)


# --- making one


def _free_path(folder: Path, stem: str, now: datetime) -> Path:
    """A name that no backup has yet, in a folder that only its owner can read."""
    with explained(Location(folder)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{stem}-{now.astimezone(UTC).strftime(_STAMP)}"
    path, number = folder / f"{name}.db", 1
    while path.exists() or path.with_suffix(".part").exists():
        number += 1
        path = folder / f"{name}-{number}.db"
    return path


def _copy_out(location: Location, part: Path) -> int:
    """Copy the database into a new file; its schema version."""
    source = _open_readonly(location.path)
    try:
        version = check_version(source, location)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        target = sqlite3.connect(part, isolation_level=None)
        try:
            _copy(source, target)
        finally:
            target.close()
    finally:
        source.close()
    return version


def _copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy all pages in one step, so that writers in between cannot make it start over."""
    source.backup(target, pages=-1, sleep=0.02, progress=_impatient())


def _impatient() -> Callable[[int, int, int], None]:
    """A progress hook that gives up on a database which stays locked; the driver never would."""
    deadline = time.monotonic() + PATIENCE

    def check(status: int, remaining: int, total: int) -> None:
        waiting = status & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if waiting and time.monotonic() > deadline:
            raise sqlite3.OperationalError("database is locked")

    return check


def _described(
    part: Path, target: Path, location: Location, *, now: datetime, note: str, version: int
) -> Backup:
    return Backup(
        path=target,
        made=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        database=str(location.path.absolute()),
        note=note,
        size=part.stat().st_size,
        version=version,
        counts=_counts(part),
        sha256=_digest(part),
    )


def _counts(path: Path) -> dict[str, int]:
    """Live records by noun, of the tables that the file has."""
    connection = _open_readonly(path)
    try:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        return {
            record.name: int(
                connection.execute(
                    f"SELECT count(*) FROM {record.table} WHERE deleted_at IS NULL"
                ).fetchone()[0]
            )
            for record in RECORDS
            if record.table in names
        }
    finally:
        connection.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_manifest(backup: Backup) -> None:
    facts = {name: value for name, value in backup._asdict().items() if name != "path"}
    text = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
    path = backup.path.with_suffix(".json")
    with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)


# --- reading one


def _read(path: Path) -> Backup:
    """A backup by its manifest; by what the file system says where there is none."""
    manifest = path.with_suffix(".json")
    stat = path.stat()
    made = datetime.fromtimestamp(stat.st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    plain = Backup(path, made, size=stat.st_size)
    if not manifest.is_file():
        return plain
    try:
        facts: Any = json.loads(manifest.read_text("utf-8"))
        return Backup(path, **facts)
    except (ValueError, TypeError):
        return plain._replace(note="its manifest cannot be read")


def _open_readonly(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)


# --- restoring one


def _verify(backup: Backup) -> None:
    """Raise unless the file is whole, ours, and of a version that this program knows."""
    place = Location(backup.path, given=True)
    with explained(place):
        if backup.sha256 and _digest(backup.path) != backup.sha256:
            raise _damaged(place, "it is not what its manifest says")
        connection = _open_readonly(backup.path)
        try:
            if check_version(connection, place) == 0:
                raise NotADatabase(f"{place.shown} holds no database of crm")
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
    if said != "ok":
        raise _damaged(place, said)


def _damaged(place: Location, why: str) -> NotADatabase:
    return NotADatabase(
        f"the backup {place.shown} is damaged: {why}",
        hint="`crm backup list` shows the others; nothing was changed",
    )


def _save_present(
    location: Location, backup: Backup, now: datetime, folder: Path | None
) -> Path | None:
    """Where the present state went: a backup, or for a damaged file another name beside it."""
    if not location.path.exists() or location.path.stat().st_size == 0:
        return None
    try:
        note = f"before restoring {backup.path.name}"
        return create(location, now, folder=folder, note=note).path
    except NotADatabase:
        # Only a file that once was ours is moved; never one that somebody names by mistake.
        if backup.database != str(location.path.absolute()):
            raise
    aside = location.path.with_name(
        f"{location.path.name}.damaged-{now.astimezone(UTC).strftime(_STAMP)}"
    )
    if aside.exists():
        raise DatabaseError(f"{aside} is already there", hint="move it away and try again")
    with explained(location):
        location.path.rename(aside)
    return aside
