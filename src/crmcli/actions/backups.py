"""Backups: made, listed, verified, restored, and cleared away when they are many."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.actions.context import Context
from crmcli.actions.retention import parse_keep, superfluous
from crmcli.errors import Conflict, NotFound
from crmcli.results import Column, Done, Listing

if TYPE_CHECKING:
    from crmcli.store.backup import Backup
    from crmcli.store.sealing import Keys, Lock

_COLUMNS = (
    Column("handle", "handle", "Backup"),
    Column("made", "moment", "Made"),
    Column("size", "integer", "Bytes"),
    Column("records", "integer", "Records"),
    Column("encrypted", "text", "Encrypted", 3),
    Column("note", "text", "Note", 1),
)


def folders(settings: Mapping[str, Any]) -> tuple[Path, ...]:
    """Where backups are looked for; new ones go to the first."""
    from crmcli.store.backup import backup_dir

    named = settings["backup_dir"]
    return (*([Path(named).expanduser()] if named else []), backup_dir())


def known(ctx: Context) -> list[Backup]:
    """The backups of this database, newest first."""
    from crmcli.store.backup import list_backups

    return list_backups(ctx.location, *folders(ctx.settings))


def last_made(ctx: Context) -> str | None:
    """When the newest backup of this database that can be read was made."""
    return next((backup.made for backup in known(ctx) if backup.readable), None)


def create(ctx: Context, to: str | None = None, note: str = "", lock: Lock | None = None) -> Done:
    """Write a backup: to a file, into a folder, or into the usual one.

    to: a folder when it is one, ends with a slash or has no suffix; else the file. Raises what
    `store.backup.create` raises.
    """
    from crmcli.store import backup

    folder, file = _target(ctx, to)
    made = backup.create(ctx.location, ctx.env.now, folder=folder, file=file, note=note, lock=lock)
    sealed = f", encrypted with a {made.encrypted}" if made.encrypted else ""
    return Done((f"Backed up to {made.path}{sealed}",), data=_data(made))


def _target(ctx: Context, to: str | None) -> tuple[Path | None, Path | None]:
    """The folder or the file that a backup goes to."""
    if to is None:
        return folders(ctx.settings)[0], None
    path = Path(to).expanduser()
    if path.is_dir() or to.endswith("/") or not path.suffix:
        return path, None
    return None, path


def _data(backup: Backup) -> dict[str, Any]:
    return {
        "path": str(backup.path),
        "made": backup.made,
        "size": backup.size,
        "counts": backup.counts,
        "encrypted": backup.encrypted or None,
        "sha256": backup.sha256,
    }


def listing(ctx: Context) -> Listing:
    """The backups of this database, newest first."""
    rows = tuple(_row(backup) for backup in known(ctx))
    return Listing("backups", _COLUMNS, rows, len(rows), "No backups yet: crm backup create")


def _row(backup: Backup) -> tuple[Any, ...]:
    records = sum(backup.counts.values()) if backup.readable else None
    facts = (backup.path.stem, backup.made, backup.size, records)
    return (*facts, backup.encrypted or None, backup.note or None)


def find(ctx: Context, file: str | None) -> Backup:
    """The backup at a path or of a name; the newest for None. Raises NotFound."""
    from crmcli.store import backup

    if file is not None:
        return backup.find(file, *folders(ctx.settings))
    newest = next(iter(known(ctx)), None)
    if newest is None:
        raise NotFound("there is no backup yet", hint="`crm backup create` makes one")
    return newest


def verify(backup: Backup, keys: Keys | None) -> Done:
    """Examine a backup: checksums, integrity, counts.

    keys: None leaves the content of an encrypted one closed, and says so. Raises NotADatabase for
    one that is damaged, and what `store.backup.verify` raises.
    """
    from crmcli.store import archive
    from crmcli.store.backup import verify as examine
    from crmcli.store.faults import explained
    from crmcli.store.location import Location

    if keys is None:
        with explained(Location(backup.path)):
            archive.check(backup.path)
        line = f"{backup.path.name} is unchanged since it was written"
        warning = "it is encrypted, so that what is in it was not examined"
        return Done((line,), warnings=(warning,), data={**_data(backup), "opened": False})
    examine(backup, keys)
    records = sum(backup.counts.values())
    line = f"{backup.path.name} is sound: checksums, integrity and {records:,} records"
    return Done((line,), data={**_data(backup), "opened": True})


def restore(ctx: Context, backup: Backup, keys: Keys) -> Done:
    """Put a backup in the place of the database, after a backup of that; verify it with dry_run."""
    from crmcli.store import backup as store

    ctx.close()
    name, place = backup.path.name, ctx.location.shown
    if ctx.dry_run:
        store.verify(backup, keys)
        return Done((f"Restored {name} to {place}",), data=_data(backup), dry_run=True)
    result = store.restore(
        ctx.location, backup, ctx.env.now, folder=folders(ctx.settings)[0], keys=keys
    )
    lines = [f"Restored {name} to {place}"]
    if result.before:
        lines.append(f"What was there before is in {result.before}")
    before = str(result.before) if result.before else None
    return Done(tuple(lines), data={**_data(backup), "before": before})


def extract(ctx: Context, backup: Backup, to: str, keys: Keys) -> Done:
    """Write the database in a backup to a new file. Raises Conflict when the file is there."""
    from crmcli.store import backup as store

    target = Path(to).expanduser()
    if target.exists():
        raise Conflict(f"{target} is already there", hint="name a new file")
    if ctx.dry_run:
        store.verify(backup, keys)
        line = f"Restored {backup.path.name} to {target}"
        return Done((line,), data=_data(backup), dry_run=True)
    store.extract(backup, target, keys)
    lines = (f"Restored {backup.path.name} to {target}", f"`crm --db {target}` opens it")
    return Done(lines, data={**_data(backup), "to": str(target)})


def prunable(ctx: Context, keep: str) -> list[Backup]:
    """The backups that `keep` (7d4w12m) has no use for. Raises InvalidValue."""
    readable = [backup for backup in known(ctx) if backup.readable]
    return superfluous(readable, parse_keep(keep), ctx.env.zone)


def prune(ctx: Context, backups: list[Backup]) -> Done:
    """Delete backups; with dry_run say which."""
    from crmcli.store.backup import remove

    if not backups:
        return Done(("Every backup is to be kept",), data={"removed": []})
    if not ctx.dry_run:
        remove(backups)
    freed = sum(backup.size for backup in backups)
    noun = "backup" if len(backups) == 1 else "backups"
    lines = [f"Removed {backup.path.name}" for backup in backups]
    lines.append(f"Removed {len(backups)} {noun}, {freed:,} bytes")
    removed = [str(backup.path) for backup in backups]
    return Done(tuple(lines), data={"removed": removed}, dry_run=ctx.dry_run)
