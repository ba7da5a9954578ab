"""The household: making the database, looking at it, backing it up."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from crmcli.actions.context import Context
from crmcli.catalog import BY_TABLE, RECORDS
from crmcli.errors import DatabaseError
from crmcli.results import Column, Done, Fact, Listing, Screen
from crmcli.store.read import VERSION, missing


def init(ctx: Context) -> Done:
    """Make an empty database, with the default pipeline; say so where there is one already."""
    from crmcli.store import schema

    made = schema.ensure(ctx.location, ctx.now)
    verb = "Made" if made else "There is a database already:"
    return Done((f"{verb} {ctx.location.shown}",), data={"path": str(ctx.location.path)})


def db_info(ctx: Context) -> Screen:
    """Path, size, version and counts."""
    reader, path = ctx.reader, ctx.location.path
    facts = [
        Fact("path", "text", "Path", str(path)),
        Fact("size", "integer", "Size in bytes", os.stat(path).st_size),
        Fact("version", "integer", "Schema version", VERSION),
        Fact("backup", "moment", "Last backup", _last_backup(ctx)),
    ]
    for record in RECORDS:
        count = reader.scalar(f"SELECT count(*) FROM {record.table} WHERE deleted_at IS NULL")
        facts.append(Fact(record.plural, "integer", record.plural.capitalize(), count))
    changes = reader.scalar("SELECT count(*) FROM change_set")
    facts.append(Fact("changes", "integer", "Change sets", changes))
    return Screen("card", "Database", facts=tuple(facts))


def _last_backup(ctx: Context) -> str | None:
    from crmcli.store.backup import list_backups

    found = list_backups(ctx.location)
    return found[0].made if found else None


_POLYMORPHIC = (
    ("tagging", "record", "record_id"),
    ("link", "from_record", "from_id"),
    ("link", "to_record", "to_id"),
)


def db_check(ctx: Context) -> Done:
    """Examine the file: integrity, foreign keys, the ends of tags and links, the search index.

    Raises DatabaseError with what was found when anything is wrong.
    """
    reader = ctx.reader
    problems = [row[0] for row in reader.rows("PRAGMA integrity_check") if row[0] != "ok"]
    problems += [
        f"row {row[1]} of {row[0]} refers to a {row[2]} that is not there"
        for row in reader.rows("PRAGMA foreign_key_check")
    ]
    problems += _loose_ends(ctx) + _index_gaps(ctx)
    if problems:
        raise DatabaseError(
            f"{ctx.location.shown}: {problems[0]}"
            + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""),
            hint="`crm backup list` shows what can be restored",
            details={"problems": problems[:100]},
        )
    line = f"{ctx.location.shown} is sound: integrity, references, links and search index"
    return Done((line,), data={"problems": []})


def _loose_ends(ctx: Context) -> list[str]:
    found = []
    for table, kind, column in _POLYMORPHIC:
        for record in RECORDS:
            count = ctx.reader.scalar(
                f"SELECT count(*) FROM {table} x WHERE x.{kind} = ? AND NOT EXISTS"
                f" (SELECT 1 FROM {record.table} t WHERE t.id = x.{column})",
                (record.name,),
            )
            if count:
                found.append(f"{count} rows of {table} belong to no {record.name}")
    return found


def _index_gaps(ctx: Context) -> list[str]:
    """Record types whose rows in the search index are not what the table says."""
    from crmcli.store.search import SEARCHED, document_sql, indexed_sql

    found = []
    for table in SEARCHED:
        wanted, held = document_sql(BY_TABLE[table]), indexed_sql(table)
        missing = ctx.reader.scalar(f"SELECT count(*) FROM ({wanted} EXCEPT {held})")
        extra = ctx.reader.scalar(f"SELECT count(*) FROM ({held} EXCEPT {wanted})")
        if missing or extra:
            noun = BY_TABLE[table].name
            found.append(f"the search index lacks {missing} and holds {extra} wrong rows of {noun}")
    return found


_BACKUP_COLUMNS = (
    Column("file", "text", "File"),
    Column("made", "moment", "Made"),
    Column("size", "integer", "Bytes"),
    Column("records", "integer", "Records"),
    Column("note", "text", "Note", 1),
)


def backup_create(ctx: Context, file: str | None = None, note: str = "") -> Done:
    """Write a backup: into a folder, or to the default one."""
    from crmcli.store import backup

    if not ctx.location.path.exists():
        raise missing(ctx.location)
    folder = Path(file).expanduser() if file else None
    made = backup.create(ctx.location, ctx.env.now, folder=folder, note=note)
    data: dict[str, Any] = {"path": str(made.path), "counts": made.counts}
    return Done((f"Backed up to {made.path}",), data=data)


def backup_list(ctx: Context) -> Listing:
    """The backups of this database, newest first."""
    from crmcli.store.backup import list_backups

    rows = tuple(
        (b.path.name, b.made, b.size, sum(b.counts.values()), b.note or None)
        for b in list_backups(ctx.location)
    )
    return Listing("backup", _BACKUP_COLUMNS, rows, len(rows), "No backups yet: crm backup create")


def backup_restore(ctx: Context, file: str) -> Done:
    """Put a backup in the place of the database, after a backup of that."""
    from crmcli.store import backup

    ctx.close()
    result = backup.restore(ctx.location, backup.find(file), ctx.env.now)
    lines = [f"Restored {result.backup.path.name} to {ctx.location.shown}"]
    if result.before:
        lines.append(f"What was there before is in {result.before}")
    return Done(tuple(lines), data={"before": str(result.before) if result.before else None})
