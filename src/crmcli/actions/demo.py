"""`crm demo`: a database with an invented team, to look around in."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmcli.actions.context import Context
from crmcli.errors import Conflict, CrmError
from crmcli.results import Done
from crmcli.store.faults import explained
from crmcli.store.location import Location, data_dir
from crmcli.store.read import open_reader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crmcli.store.write import Writer

MARK = "demo"
"""The name in the table `meta` by which a demo database is known."""

_AUTHOR = "ada"
_TOLD = ("company", "contact", "deal", "activity", "task")


def make(ctx: Context) -> Done:
    """Make the demo database at the context's location, anew if it is there.

    The same for the same day. It is made beside its place and then put there at once. Raises
    Conflict when another database is at that place.
    """
    location = ctx.location
    if location.path.exists() and not is_demo(location):
        raise Conflict(
            f"{location.shown} is not a demo database, so it is left alone",
            hint="`crm --db demo demo` makes the demo in a place of its own",
        )
    if ctx.dry_run:
        return Done((f"Made the demo database {location.shown}",), dry_run=True)
    ctx.close()
    counts = _build(ctx, location)
    told = [f"{counts[table]:,} {_plural(table)}" for table in _TOLD]
    line = f"Made the demo database {location.shown}: {', '.join(told[:-1])} and {told[-1]}"
    return Done((line,), data={"path": str(location.path), "counts": counts})


def is_demo(location: Location) -> bool:
    """Whether the database at `location` was made by `make`."""
    try:
        reader = open_reader(location)
    except CrmError:
        return False
    try:
        return reader.row("SELECT 1 FROM meta WHERE name = ?", (MARK,)) is not None
    finally:
        reader.close()


def _plural(table: str) -> str:
    from crmcli.catalog import BY_TABLE

    return BY_TABLE[table].plural


def _build(ctx: Context, location: Location) -> dict[str, int]:
    """Make the file beside its place and move it there; returns the rows by table."""
    draft = location.path.with_name(f".{location.path.name}.{os.getpid()}.new")
    with explained(location):
        if location.path.parent == data_dir():
            location.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            counts = _fill(replace(ctx, location=Location(draft, given=True), user=_AUTHOR))
            os.replace(draft, location.path)
        finally:
            _remove(draft)
    return counts


def _remove(draft: Path) -> None:
    for path in (draft, draft.with_name(f"{draft.name}-journal")):
        path.unlink(missing_ok=True)


def _fill(ctx: Context) -> dict[str, int]:
    from crmcli.actions import demo_data

    tables = demo_data.rows(ctx.env)
    with ctx.writing() as writer:
        for table, rows in tables.items():
            _insert(writer, table, rows)
        writer.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?)", (MARK, ctx.env.today.isoformat())
        )
    return {table: len(rows) for table, rows in tables.items()}


def _insert(writer: Writer, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """All rows of a table, whose ids follow each other."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    writer.executemany(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        [[row.get(column) for column in columns] for row in rows],
    )
    writer.created_run(table, rows[0]["id"], rows[-1]["id"])
