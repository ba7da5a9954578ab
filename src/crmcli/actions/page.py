"""Saving a page that was edited, unless somebody else changed the record in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmcli.actions import journal
from crmcli.actions.assign import Assign
from crmcli.actions.context import Context
from crmcli.actions.records import change
from crmcli.actions.records import done as written
from crmcli.actions.show import page
from crmcli.errors import Changed
from crmcli.queries.resolve import Found
from crmcli.results import Done


def save(ctx: Context, found: Found, before: Any, assigns: Sequence[Assign]) -> Done:
    """Apply assignments to a record that was read as `before` (what `show.page` returned).

    Raises Changed, with its author, when the record is not any more as it was read; and what
    `records.edit` raises.
    """
    with ctx.writing() as writer:
        # read on a connection of its own, which the write transaction lets see what is committed
        current = page(ctx, found.handle)[1]
        author = None if current == before else _last_author(ctx, found.handle)
        ctx.close()
        if current != before:
            raise Changed(
                f"{found.handle} {found.title} was changed by {author} in the meantime",
                hint=f"see `crm history {found.handle}`, then edit it again",
                details={"handle": found.handle, "by": author},
            )
        changed = change(ctx, writer, found, assigns)
    line = f"Changed {found.handle} {found.title}" if changed else "Nothing to change"
    return written(writer, ctx, [line], [found.handle] if changed else [])


def _last_author(ctx: Context, handle: str) -> str:
    listed = journal.history(ctx, handle, 1)
    names = [column.name for column in listed.columns]
    return str(listed.rows[0][names.index("user")]) if listed.rows else "somebody"
