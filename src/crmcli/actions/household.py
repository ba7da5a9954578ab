"""The household: making the database and looking at it."""

from __future__ import annotations

from typing import Any

from crmcli.actions.backups import last_made
from crmcli.actions.context import Context
from crmcli.catalog import RECORDS
from crmcli.errors import DatabaseError
from crmcli.results import Done, Fact, Screen
from crmcli.store import health
from crmcli.store.read import VERSION


def init(ctx: Context) -> Done:
    """Make an empty database, with the default pipeline; say so where there is one already."""
    from crmcli.store import schema

    made = schema.ensure(ctx.location, ctx.now)
    verb = "Made" if made else "There is a database already:"
    return Done((f"{verb} {ctx.location.shown}",), data={"path": str(ctx.location.path)})


def db_info(ctx: Context) -> Screen:
    """Path, size, version and counts."""
    reader, location = ctx.reader, ctx.location
    facts = [
        Fact("path", "text", "Database", location.shown if location.url else str(location.path)),
        Fact("size", "integer", "Size in bytes", health.size(reader)),
        Fact("version", "integer", "Schema version", VERSION),
        Fact("backup", "moment", "Last backup", last_made(ctx)),
        Fact("import", "moment", "Last import", _last_import(ctx)),
    ]
    for record in RECORDS:
        count = reader.scalar(f"SELECT count(*) FROM {record.table} WHERE deleted_at IS NULL")
        facts.append(Fact(record.plural, "integer", record.plural.capitalize(), count))
    changes = reader.scalar("SELECT count(*) FROM change_set")
    facts.append(Fact("changes", "integer", "Change sets", changes))
    return Screen("card", "Database", facts=tuple(facts))


def _last_import(ctx: Context) -> Any:
    return ctx.reader.scalar("SELECT max(created_at) FROM import_batch WHERE deleted_at IS NULL")


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
