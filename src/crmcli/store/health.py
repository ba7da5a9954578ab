"""What can be wrong with a database: its content, its file, and the place where the file lies.

Nothing here changes anything but `remake_views` and `remake_index`.
"""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from crmcli.catalog import BY_TABLE, RECORDS
from crmcli.store import connect, search, views
from crmcli.store.faults import explained
from crmcli.store.location import Location
from crmcli.store.read import Reader

# --- the content


def damage(reader: Reader) -> list[str]:
    """What SQLite finds wrong with the pages of the file."""
    return [str(row[0]) for row in reader.rows("PRAGMA integrity_check") if row[0] != "ok"]


def broken_references(reader: Reader) -> list[str]:
    """Rows that refer to rows which are not there."""
    return [
        f"row {row[1]} of {row[0]} refers to a {row[2]} that is not there"
        for row in reader.rows("PRAGMA foreign_key_check")
    ]


POINTERS = (
    ("tagging", "record", "record_id"),
    ("link", "from_record", "from_id"),
    ("link", "to_record", "to_id"),
    ("external_id", "record", "record_id"),
    ("merged", "record", "into_id"),
    ("not_duplicate", "record", "low_id"),
    ("not_duplicate", "record", "high_id"),
    ("reminder_hold", "record", "record_id"),
)
"""What refers to a record of any type, which foreign keys cannot guard: table, the column of the
noun, the column of the id."""


def loose_ends(reader: Reader) -> list[str]:
    """Tags, links, ids, decisions and holds about records that are not there."""
    found = []
    for table, kind, column in POINTERS:
        for record in RECORDS:
            count = reader.scalar(
                f"SELECT count(*) FROM {table} x WHERE x.{kind} = ? AND NOT EXISTS"
                f" (SELECT 1 FROM {record.table} t WHERE t.id = x.{column})",
                (record.name,),
            )
            if count:
                found.append(f"{count} rows of {table} belong to no {record.name}")
    return found


def stale_index(reader: Reader) -> list[str]:
    """Record types whose rows in the search index are not what the table says."""
    if not _there(reader, "search"):
        return ["the search index is not there"]
    found = []
    for table in search.SEARCHED:
        wanted, held = search.document_sql(BY_TABLE[table]), search.indexed_sql(table)
        if reader.location.url:
            from crmcli.store import postgres

            wanted, held = postgres.words_of(wanted), search.indexed_sql(table, "rowid, words")
        missing = reader.scalar(f"SELECT count(*) FROM ({wanted} EXCEPT {held}) x")
        extra = reader.scalar(f"SELECT count(*) FROM ({held} EXCEPT {wanted}) x")
        if missing or extra:
            noun = BY_TABLE[table].name
            found.append(f"the search index lacks {missing} and holds {extra} wrong rows of {noun}")
    return found


def _there(reader: Reader, table: str) -> bool:
    """Whether the database has such a table."""
    if reader.location.url:
        return reader.scalar("SELECT to_regclass(?)", (table,)) is not None
    return bool(reader.scalar("SELECT count(*) FROM sqlite_master WHERE name = ?", (table,)))


def stale_views(reader: Reader) -> list[str]:
    """Views that are not there, or not as this program makes them.

    A server keeps its own reading of a view: there the names of its columns are compared.
    """
    if reader.location.url:
        from crmcli.store import postgres

        stale = [r for r in RECORDS if postgres.columns(reader, r.plural) != [*views.columns(r)]]
    else:
        rows = reader.rows("SELECT sql FROM sqlite_master WHERE type = 'view'")
        held = {row[0] for row in rows}
        wanted = zip(RECORDS, views.create_statements(), strict=True)
        stale = [record for record, sql in wanted if sql not in held]
    return [f"the view {record.plural} is not current" for record in stale]


class Finding(NamedTuple):
    """Something to look for: a name, the function that looks, and what is said when all is well.

    remake: what makes it anew from the records; None where only a backup helps. file: it can be
    wrong in a file only, not on a server.
    """

    name: str
    look: Callable[[Reader], list[str]]
    well: str
    remake: Callable[[Location], None] | None = None
    file: bool = True


def remake_views(location: Location) -> None:
    """Make the views anew. Raises DatabaseBusy and DatabaseError."""
    _in_transaction(location, (*views.drop_statements(), *views.create_statements()))


def remake_index(location: Location) -> None:
    """Make the search index anew. Raises DatabaseBusy and DatabaseError."""
    if location.url:
        from crmcli.store import postgres

        _in_transaction(location, (*postgres.NO_SEARCH, *postgres.SEARCH), fill=True)
        return
    drops = ("DROP TABLE IF EXISTS search_vocab", "DROP TABLE IF EXISTS search")
    _in_transaction(location, (*drops, *search.CREATE), fill=True)


def _in_transaction(location: Location, statements: tuple[str, ...], *, fill: bool = False) -> None:
    with explained(location):
        connection = connect.begun(location)
        with connect.all_or_nothing(connection):
            for statement in statements:
                connection.execute(statement)
            if fill:
                search.rebuild(connection)
            connect.commit(connection)


FINDINGS = (
    Finding("integrity", damage, "every page of the file is sound"),
    Finding("references", broken_references, "every reference leads to a record"),
    Finding("links", loose_ends, "tags and links belong to records", file=False),
    Finding("views", stale_views, "the views are current", remake_views, file=False),
    Finding(
        "search", stale_index, "the search index agrees with the records", remake_index, file=False
    ),
)


def findings(location: Location) -> list[Finding]:
    """What to look for in a database."""
    return [finding for finding in FINDINGS if not (location.url and finding.file)]


def size(reader: Reader) -> int:
    """The size of the database in bytes."""
    if reader.location.url:
        return int(reader.scalar("SELECT pg_database_size(current_database())"))
    return reader.location.path.stat().st_size


# --- the file

OTHERS, GROUP = 0o007, 0o077


def exposure(path: Path, forbidden: int) -> int:
    """The bits of `forbidden` that the mode of `path` has; 0 where modes mean nothing."""
    if sys.platform == "win32":
        return 0
    return stat.S_IMODE(path.stat().st_mode) & forbidden


def close_off(path: Path, forbidden: int) -> None:
    """Take the bits of `forbidden` off the mode of `path`. Raises DatabaseError."""
    with explained(Location(path)):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~forbidden)


def journal(path: Path) -> Path | None:
    """The journal beside the file, if there is one: a write is under way, or was cut off."""
    found = path.with_name(f"{path.name}-journal")
    return found if found.exists() and found.stat().st_size else None


# --- the place

_SYNC_FOLDERS = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "cloudstorage": "a sync folder of macOS",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "pcloud drive": "pCloud",
    "proton drive": "Proton Drive",
    "mega": "MEGA",
    "syncthing": "Syncthing",
}
_SYNC_MARKERS = {".stfolder": "Syncthing", ".dropbox": "Dropbox"}
_NETWORK_TYPES = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "smb2", "ncpfs", "afs", "9p", "ceph", "lustre",
     "gpfs", "glusterfs", "beegfs", "davfs", "fuse.davfs2", "fuse.sshfs", "fuse.rclone",
     "fuse.s3fs", "fuse.glusterfs", "fuse.ceph", "fuse.gvfsd-fuse", "vboxsf")
)  # fmt: skip
MOUNTS = Path("/proc/self/mounts")
_OCTAL = re.compile(r"\\(\d{3})")  # how a blank is written there


def sync_service(path: Path) -> str | None:
    """The service that synchronises the folder of `path`, as its name or its markers tell."""
    folder = path.resolve().parent
    for part in folder.parts:
        # "OneDrive - Acme" and "Dropbox (Personal)" are what their first words say
        for name in (part.casefold(), part.casefold().split(" - ")[0].split(" (")[0]):
            if name in _SYNC_FOLDERS:
                return _SYNC_FOLDERS[name]
    for place in (folder, *folder.parents):
        for marker, service in _SYNC_MARKERS.items():
            # the folder ~/.dropbox holds settings; the marker of a synchronised one is a file
            if (place / marker).exists() and (marker != ".dropbox" or (place / marker).is_file()):
                return service
    return None


def network_type(path: Path, mounts: str) -> str | None:
    """The type of the network drive that `path` lies on. mounts: the text of /proc/mounts."""
    target = str(path.resolve())
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1])
        under = target == point or target.startswith(point.rstrip("/") + "/")
        if under and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind if kind in _NETWORK_TYPES else None
