"""What people say about a reminder that is no task: later, or never mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli import values
from crmcli.actions.context import Context
from crmcli.actions.records import done as written
from crmcli.actions.refs import target
from crmcli.errors import InvalidValue, NotFound
from crmcli.queries.people import people
from crmcli.reminders.owed import Item, owed
from crmcli.reminders.rules import rules
from crmcli.results import Done

if TYPE_CHECKING:
    from crmcli.store.write import Writer


def hold(ctx: Context, ref: str, until: str | None) -> Done:
    """Put the reminders about a record off until a day as typed, or drop them for None.

    The record itself is not changed; a task is rather snoozed. Raises NotFound when nothing is
    owed about it, InvalidValue for a day that has passed.
    """
    day = values.parse("day", until, ctx.env) if until is not None else None
    if day is not None and str(day) <= ctx.env.today.isoformat():
        raise InvalidValue(f"{until} has passed", hint="for example tomorrow, or +3d")
    with ctx.writing() as writer:
        found = target(ctx, writer, ref)
        items = _about(ctx, writer, found.noun, found.id)
        if not items:
            raise NotFound(f"nothing is owed about {found.handle} {found.title}")
        for item in items:
            _put(writer, item.key.partition("@")[0], None if day is None else str(day))
        shown = f"until {values.show('day', day, ctx.env)}" if day else "dropped"
        line = f"Reminders about {found.handle} {found.title}: {shown}"
    return written(writer, ctx, [line], [found.handle])


def _about(ctx: Context, writer: Writer, noun: str, id: int) -> list[Item]:
    team = people(writer, ctx.env)
    items = owed(writer, ctx.env, team, rules(writer))
    return [item for item in items if (item.noun, item.id) == (noun, id)]


def _put(writer: Writer, key: str, until: str | None) -> None:
    row = writer.scalar("SELECT id FROM reminder_hold WHERE key = ? AND deleted_at IS NULL", (key,))
    if row is None:
        writer.create("reminder_hold", {"key": key, "until": until})
    else:
        writer.update("reminder_hold", row, {"until": until})
