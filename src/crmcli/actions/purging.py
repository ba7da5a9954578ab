"""Purging: what was deleted long ago is removed for good, after a backup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from crmcli import values
from crmcli.actions.backups import folders
from crmcli.actions.context import Context
from crmcli.catalog import BY_TABLE
from crmcli.errors import DatabaseError
from crmcli.results import Done
from crmcli.values.calendar import moment_text

AGE = "90d"
"""For how long what was deleted stays, unless somebody says otherwise."""

Counts = Mapping[str, int]


class Purged(NamedTuple):
    """How many rows of which tables went, and how many had to stay."""

    counts: Counts
    kept: Counts


def purge(ctx: Context, older_than: str = AGE) -> Done:
    """Remove for good what was deleted longer ago than the interval `older_than`.

    What a record that stays still refers to is kept and said. A backup is made first; with
    `ctx.dry_run`, and where there is nothing to remove, there is none. Raises InvalidValue for an
    interval that cannot be read, and what `store.backup.create` raises; then nothing was removed.
    """
    days = int(str(values.parse("interval", older_than, ctx.env)))
    before = moment_text(ctx.env.now - timedelta(days=days))
    ctx.close()
    found = _removed(replace(ctx, dry_run=True), before)
    long_ago = f"more than {'a day' if days == 1 else f'{days} days'} ago"
    lines = [f"Nothing to purge: nothing else was deleted {long_ago}"]
    backup = None
    if found.counts:
        lines = [f"Purged {counted(found.counts)}, deleted {long_ago}"]
        if not ctx.dry_run:
            backup = _backup(ctx)
            lines.append(f"What was there before is in {backup}")
            _removed(ctx, before)
    warnings = [] if ctx.dry_run else compacted(ctx)
    if found.kept:
        warnings.append(f"kept {counted(found.kept)}, to which something that stays refers")
    data = {
        "purged": by_noun(found.counts), "rows": sum(found.counts.values()),
        "kept": by_noun(found.kept), "backup": backup,
    }  # fmt: skip
    return Done(tuple(lines), warnings=tuple(warnings), data=data, dry_run=ctx.dry_run)


def _removed(ctx: Context, before: str) -> Purged:
    from crmcli.store.removal import Removal, forget_words

    with ctx.writing("purge") as writer:
        removal = Removal(writer)
        kept = removal.doom_deleted(before)
        counts = removal.counts
        if not ctx.dry_run:
            removal.carry_out()
            forget_words(writer)
    return Purged(counts, kept)


def _backup(ctx: Context) -> str:
    from crmcli.store import backup

    folder = folders(ctx.settings)[0]
    made = backup.create(ctx.location, ctx.env.now, folder=folder, note="before a purge")
    return str(made.path)


def compacted(ctx: Context) -> list[str]:
    """Rid the file of the traces of what was removed; what to warn of when that cannot be done."""
    from crmcli.store.removal import compact

    try:
        compact(ctx.location)
    except DatabaseError as problem:
        return [f"free pages of the file still hold it: {problem.message}; `crm purge` clears them"]
    return []


def by_noun(counts: Counts) -> dict[str, int]:
    """Numbers of records by noun, from numbers of rows by table."""
    return {BY_TABLE[table].name: n for table, n in counts.items() if table in BY_TABLE}


def counted(counts: Counts) -> str:
    """Numbers of rows in words: `2 contacts, 1 deal and 7 entries such as e-mails and tags`."""
    parts = [
        f"{number:,} {BY_TABLE[table].name if number == 1 else BY_TABLE[table].plural}"
        for table, number in counts.items()
        if table in BY_TABLE
    ]
    rest = sum(counts.values()) - sum(by_noun(counts).values())
    if rest:
        parts.append(f"{rest:,} {'entry' if rest == 1 else 'entries'} such as e-mails and tags")
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
