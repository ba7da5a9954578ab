"""The household: making the database and looking at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crmcli.actions.backups import last_made
from crmcli.actions.context import Context
from crmcli.catalog import RECORDS
from crmcli.errors import DatabaseError
from crmcli.results import Done, Fact, Screen
from crmcli.store import health
from crmcli.store.location import Location
from crmcli.store.read import VERSION


def init(ctx: Context) -> Done:
    """Make an empty database, with the default pipeline; say so where there is one already."""
    from crmcli.store import schema

    made = schema.ensure(ctx.location, ctx.now)
    verb = "Made" if made else "There is a database already:"
    path = ctx.location.shown if ctx.location.url else str(ctx.location.path)
    return Done((f"{verb} {ctx.location.shown}",), data={"path": path})


def db_info(ctx: Context) -> Screen:
    """Path, size, version and counts."""
    reader, location = ctx.reader, ctx.location
    facts = [
        Fact("path", "text", "Database", location.shown if location.url else str(location.path)),
        Fact("size", "integer", "Size in bytes", health.size(reader)),
        Fact("version", "integer", "Schema version", VERSION),
        Fact("backup", "moment", "Last backup", last_made(ctx), absent="never"),
        Fact("import", "moment", "Last import", _last_import(ctx), absent="never"),
        Fact("reminders", "moment", "Last reminder run", _last_reminding(ctx), absent="never"),
    ]
    for record in RECORDS:
        count = reader.scalar(f"SELECT count(*) FROM {record.table} WHERE deleted_at IS NULL")
        facts.append(Fact(record.plural, "integer", record.plural.capitalize(), count))
    changes = reader.scalar("SELECT count(*) FROM change_set")
    facts.append(Fact("changes", "integer", "Change sets", changes))
    return Screen("card", "Database", facts=tuple(facts))


def _last_import(ctx: Context) -> Any:
    return ctx.reader.scalar("SELECT max(created_at) FROM import_batch WHERE deleted_at IS NULL")


def _last_reminding(ctx: Context) -> Any:
    return ctx.reader.scalar("SELECT max(at) FROM reminder_run")


def db_check(ctx: Context) -> Done:
    """Examine the database: integrity, references, tags and links, views, search index.

    Raises DatabaseError with what was found when anything is wrong.
    """
    looked_for = health.findings(ctx.location)
    problems = [line for finding in looked_for for line in finding.look(ctx.reader)]
    if problems:
        raise DatabaseError(
            f"{ctx.location.shown}: {problems[0]}"
            + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""),
            hint="`crm doctor` says what mends it",
            details={"problems": problems[:100]},
        )
    line = f"{ctx.location.shown} is sound: {', '.join(each.name for each in looked_for)}"
    return Done((line,), data={"problems": []})


def db_migrate(ctx: Context) -> Done:
    """Bring the database forward to the schema of this program, after a backup.

    Raises DatabaseMissing, DatabaseNewer, DatabaseBusy, or DatabaseError for a step that fails.
    """
    from crmcli.store import schema

    saved = schema.upgrade(ctx.location)
    if saved is None:
        return Done((f"{ctx.location.shown} is current: schema {VERSION}",))
    lines = (f"{ctx.location.shown} is now of schema {VERSION}", f"Backup: {saved}")
    return Done(lines, data={"version": VERSION, "backup": str(saved)})


def db_copy(
    ctx: Context, source: Location, target: Location, *, advance: Callable[[int], None]
) -> Done:
    """Copy all of a database into another one, whose records it replaces.

    Raises UsageError for a copy onto itself, DatabaseError where the two would not agree.
    """
    from crmcli.store import copying

    copied = copying.copy(
        source, target, ctx.now, replace=True, keep=not ctx.dry_run, advance=advance
    )
    verb = "Would copy" if ctx.dry_run else "Copied"
    rows = sum(table.rows for table in copied)
    line = f"{verb} {rows:,} rows of {len(copied)} tables to {target.shown}, and compared them"
    return Done((line,), data={"tables": [table._asdict() for table in copied]})
