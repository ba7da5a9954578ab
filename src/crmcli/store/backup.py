"""Backups: consistent copies of the database, made while others read and write.

A backup is one file (`crmcli.store.archive`), which always holds an SQLite database: only
`_copy_out` and `_copy_in` know what kind of database a location is.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from crmcli import __version__
from crmcli.catalog import RECORDS
from crmcli.errors import Conflict, DatabaseError, NotADatabase, NotFound
from crmcli.store import archive, connect
from crmcli.store.faults import explained
from crmcli.store.location import Location, data_dir
from crmcli.store.read import PATIENCE, check_version, connect_file, missing
from crmcli.store.sealing import Keys, Lock

_STAMP = "%Y%m%dT%H%M%SZ"
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_WORKROOM = ".work-"
_ABANDONED = 86_400  # seconds after which what a killed process left behind is cleared away


class Backup(NamedTuple):
    """A backup and what its manifest says.

    made: a stored moment. database: what it was made of, "" when no manifest says so. size: bytes
    of the file. version: of its schema. counts: live records by noun. tables: all rows by table.
    encrypted: "", passphrase or key. sha256: of the database in it. app: the version of the
    program. engine: of the database that it was made of. readable: whether the manifest is.
    """

    path: Path
    made: str
    database: str = ""
    note: str = ""
    size: int = 0
    version: int = 0
    counts: dict[str, int] = {}
    tables: dict[str, int] = {}
    encrypted: str = ""
    sha256: str = ""
    app: str = ""
    engine: str = ""
    readable: bool = True


class Restored(NamedTuple):
    """What a restore put in place, and where the state before it went (None: there was none)."""

    backup: Backup
    before: Path | None


def backup_dir() -> Path:
    """The folder for backups that name no other."""
    return data_dir() / "backups"


def create(
    location: Location,
    now: datetime,
    *,
    folder: Path | None = None,
    file: Path | None = None,
    note: str = "",
    lock: Lock | None = None,
) -> Backup:
    """Write a backup of the database at `location` to `file`, else into `folder`, else into
    `backup_dir()`.

    now: an aware moment, by which the file is named. note: why it was made. lock: how to encrypt.
    Raises DatabaseMissing, NotADatabase, DatabaseNewer, DatabaseBusy or DatabaseError; Conflict
    when `file` is there already; what `sealing.seal` raises.
    """
    if not location.url and not location.path.exists():
        raise missing(location)
    target = _new_path(file) if file else _free_path(folder, location.path.stem, now)
    part = target.with_name(target.name + ".part")
    try:
        with _workroom() as room:
            copy = room / "copy.db"
            with explained(location):
                version = _copy_out(location, copy)
            with explained(Location(target)):
                facts = _facts(copy, location, now=now, note=note, version=version, lock=lock)
                content = archive.pack(part, copy, facts, now.astimezone(UTC), lock)
                part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return _described(target, {**facts, "content": content._asdict()})


def list_backups(location: Location | None = None, *folders: Path) -> list[Backup]:
    """The backups in the folders, by default `backup_dir()`, newest first.

    Those of one database and those that cannot be read, or all for None.
    """
    paths = {
        path.resolve(): path
        for folder in folders or (backup_dir(),)
        if folder.is_dir()
        for path in folder.glob(f"*{archive.SUFFIX}")
    }
    found = [_read(path) for path in paths.values()]
    if location is not None:
        ours = ("", _name_of(location))
        found = [backup for backup in found if backup.database in ours]
    return sorted(found, key=lambda backup: (backup.made, backup.path.name), reverse=True)


def find(text: str, *folders: Path) -> Backup:
    """The backup at the path `text`, or of that name in one of the folders. Raises NotFound."""
    given = Path(text).expanduser()
    places = [given.parent, *(folder / given.parent for folder in folders or (backup_dir(),))]
    for place in places:
        for name in (given.name, given.name + archive.SUFFIX):
            if (place / name).is_file():
                return _read(place / name)
    raise NotFound(f"there is no backup {text}", hint="`crm backup list` shows them")


def verify(backup: Backup, keys: Keys) -> None:
    """Raise unless every byte is as it was written, and the database in it sound and complete.

    Raises NotADatabase for a backup that is damaged, DatabaseNewer for one of a later version;
    MissingPart and NotPermitted for an encrypted one that the keys do not open.
    """
    with _workroom() as room:
        _unpacked(backup, room / "copy.db", keys)


def extract(backup: Backup, target: Path, keys: Keys) -> None:
    """Write the database in a backup to a new file, once it has been verified.

    Raises Conflict when the file is there already, and what `verify` raises.
    """
    part = _new_path(target).with_name(target.name + ".part")
    try:
        _unpacked(backup, part, keys)
        with explained(Location(target, given=True)):
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def restore(
    location: Location,
    backup: Backup,
    now: datetime,
    *,
    folder: Path | None = None,
    keys: Keys | None = None,
) -> Restored:
    """Replace the content of the database by a verified backup, after a backup of the present one.

    Other processes see either the old content or the new. folder: where the backup of the present
    goes. Raises what `verify` raises, DatabaseBusy and DatabaseError.
    """
    with _workroom() as room:
        copy = room / "copy.db"
        _unpacked(backup, copy, keys or Keys())
        before = _save_present(location, backup, now, folder)
        with explained(location):
            _copy_in(copy, location)
    return Restored(backup, before)


def replaces(location: Location) -> bool:
    """Whether something is there that a restore would replace, a damaged file included."""
    if location.url:
        from crmcli.store import copying

        return not copying.is_empty(location)
    return location.path.exists() and location.path.stat().st_size > 0


def remove(backups: Sequence[Backup]) -> None:
    """Delete backups. Raises DatabaseError for one that cannot be."""
    for backup in backups:
        with explained(Location(backup.path)):
            backup.path.unlink(missing_ok=True)


def _name_of(location: Location) -> str:
    """How a manifest names the database that the backup was made of."""
    return location.shown if location.url else str(location.path.absolute())


# --- making one


def _new_path(file: Path) -> Path:
    """`file`, which must not be there, in a folder that must be."""
    if file.exists():
        raise Conflict(f"{file} is already there", hint="name another file, or a folder")
    return file


def _free_path(folder: Path | None, stem: str, now: datetime) -> Path:
    """A name that no backup has yet, in a folder that only its owner can read."""
    folder = folder or backup_dir()
    with explained(Location(folder)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{stem}-{now.astimezone(UTC).strftime(_STAMP)}"
    path, number = folder / f"{name}{archive.SUFFIX}", 1
    while path.exists() or path.with_name(path.name + ".part").exists():
        number += 1
        path = folder / f"{name}-{number}{archive.SUFFIX}"
    return path


@contextmanager
def _workroom() -> Iterator[Path]:
    """A private folder for a while. What a killed process left of one goes after a day.

    It lies with this program's data and never beside the target: a plain copy has no business in
    the shared folder that an encrypted backup goes to.
    """
    home = backup_dir()
    with explained(Location(home)):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in home.glob(f"{_WORKROOM}*"):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left, ignore_errors=True)
        room = tempfile.TemporaryDirectory(prefix=_WORKROOM, dir=home, ignore_cleanup_errors=True)
    with room as name:
        yield Path(name)


def _copy_out(location: Location, copy: Path) -> int:
    """Copy the database into the new SQLite file `copy`; its schema version."""
    if location.url:
        from crmcli.store import copying

        return copying.dump(location, copy)
    with closing(connect_file(location)) as source:
        version = check_version(source, location)
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(copy, isolation_level=None)) as target:
            # Nobody else sees the copy, and after a crash nobody asks for it.
            target.execute("PRAGMA journal_mode = OFF")
            target.execute("PRAGMA synchronous = OFF")
            _copy(source, target)
    return version


def _copy_in(copy: Path, location: Location) -> None:
    """Replace the content of the database by that of the SQLite file `copy`."""
    if location.url:
        from crmcli.store import copying

        now = datetime.now(UTC).strftime(_MOMENT)
        copying.copy(Location(copy, given=True), location, now, replace=True)
        return
    connect.make_file(location)
    with closing(connect.connect(location)) as target, closing(_open_readonly(copy)) as source:
        _copy(source, target)


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


def _facts(
    copy: Path, location: Location, *, now: datetime, note: str, version: int, lock: Lock | None
) -> dict[str, Any]:
    """The manifest, but for what is known only when the file is written."""
    tables, counts = _counts(copy)
    return {
        "app": __version__,
        "engine": "postgresql" if location.url else "sqlite",
        "database": _name_of(location),
        "made": now.astimezone(UTC).strftime(_MOMENT),
        "note": note,
        "version": version,
        "counts": counts,
        "tables": tables,
        "encrypted": "" if lock is None else "passphrase" if lock.passphrase else "key",
    }


def _counts(path: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Of the tables that the file has: all rows by table, and live records by noun."""
    with closing(_open_readonly(path)) as connection:
        # The search index is derived from the rest, and its inner tables are the driver's.
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'search%' ORDER BY name"
        )
        tables = {name: _count(connection, f'"{name}"') for (name,) in names.fetchall()}
        counts = {
            record.name: _count(connection, f"{record.table} WHERE deleted_at IS NULL")
            for record in RECORDS
            if record.table in tables
        }
    return tables, counts


def _count(connection: sqlite3.Connection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])


# --- reading one


def _read(path: Path) -> Backup:
    """A backup by its manifest; by what the file system says where that cannot be read."""
    try:
        return _described(path, archive.manifest(path))
    except (NotADatabase, OSError, TypeError, ValueError, KeyError):
        stat = path.stat()
        made = datetime.fromtimestamp(stat.st_mtime, UTC).strftime(_MOMENT)
        note = "cannot be read"
        return Backup(path, made, size=stat.st_size, note=note, readable=False)


def _described(path: Path, facts: dict[str, Any]) -> Backup:
    return Backup(
        path=path,
        made=str(facts["made"]),
        database=str(facts["database"]),
        note=str(facts["note"]),
        size=path.stat().st_size,
        version=int(facts["version"]),
        counts={str(name): int(count) for name, count in facts["counts"].items()},
        tables={str(name): int(count) for name, count in facts["tables"].items()},
        encrypted=str(facts["encrypted"]),
        sha256=str(facts["content"]["sha256"]),
        app=str(facts["app"]),
        engine=str(facts["engine"]),
    )


def _open_readonly(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)


def _unpacked(backup: Backup, copy: Path, keys: Keys) -> None:
    """Write the database in a backup to the new file `copy` and examine it."""
    with explained(Location(backup.path)):
        archive.unpack(backup.path, copy, keys)
    with explained(Location(copy)):
        with closing(_open_readonly(copy)) as connection:
            if check_version(connection, Location(backup.path)) == 0:
                raise NotADatabase(f"{backup.path} holds no database of crm")
            said = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
        if said != "ok":
            raise archive.damaged(backup.path, said)
        if _counts(copy) != (backup.tables, backup.counts):
            raise archive.damaged(backup.path, "it does not hold as many rows as it should")


# --- restoring one


def _save_present(
    location: Location, backup: Backup, now: datetime, folder: Path | None
) -> Path | None:
    """Where the present state went: a backup, or for a damaged file another name beside it."""
    if not replaces(location):
        return None
    try:
        note = f"before restoring {backup.path.name}"
        return create(location, now, folder=folder, note=note).path
    except NotADatabase:
        # Only a file that once was ours is moved; never one that somebody names by mistake.
        if backup.database != _name_of(location):
            raise
    aside = location.path.with_name(
        f"{location.path.name}.damaged-{now.astimezone(UTC).strftime(_STAMP)}"
    )
    if aside.exists():
        raise DatabaseError(f"{aside} is already there", hint="move it away and try again")
    with explained(location):
        # Its journal goes along: beside another file of that name it would be played back into it.
        for ending in ("-journal", "-wal", "-shm", ""):
            part = location.path.with_name(location.path.name + ending)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))
    return aside
