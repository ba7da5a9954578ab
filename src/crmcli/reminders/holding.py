"""What people say about a reminder: later, or never mind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli import values
from crmcli.actions.context import Context
from crmcli.actions.day import put_off
from crmcli.actions.records import done as written
from crmcli.actions.refs import target, targets
from crmcli.errors import Conflict, InvalidValue, NotFound
from crmcli.queries.people import people
from crmcli.queries.resolve import Found
from crmcli.reminders.owed import Item, end_of_today, owed
from crmcli.reminders.rules import rules
from crmcli.results import Done

if TYPE_CHECKING:
    from crmcli.store.write import Writer


def snooze(ctx: Context, refs: Sequence[str], when: str) -> Done:
    """Put off what is due: a task to a day or moment, or `+3d` from its due date (from today if
    overdue); the reminders about any other record until a day, the record itself staying as it is.

    Raises NotFound when nothing is owed about a record, InvalidValue for a day that has passed.
    """
    lines, handles = [], []
    with ctx.writing() as writer:
        asked = targets(ctx, writer, refs)
        items = _owed(ctx, writer) if any(found.noun != "task" for found in asked) else []
        for found in asked:
            if found.noun == "task":
                line = put_off(ctx, writer, found, when)
            else:
                line = _hold(ctx, writer, items, found, _day(ctx, when))
            if line:
                lines.append(line)
                handles.append(found.handle)
    return written(writer, ctx, lines or ["Nothing to change: it is due then already"], handles)


def drop(ctx: Context, ref: str) -> Done:
    """End the reminders about a record, which itself stays as it is.

    Raises Conflict for a task, NotFound when nothing is owed about it.
    """
    with ctx.writing() as writer:
        found = target(ctx, writer, ref)
        if found.noun == "task":
            raise Conflict(
                f"{found.handle} {found.title} is a task",
                hint=f"crm done {found.handle} --drop drops it",
            )
        line = _hold(ctx, writer, _owed(ctx, writer), found, None)
    return written(writer, ctx, [line], [found.handle])


def _day(ctx: Context, when: str) -> str:
    day = str(values.parse("day", when, ctx.env))
    if day <= ctx.env.today.isoformat():
        raise InvalidValue(f"{when} has passed", hint="for example tomorrow, or +3d")
    return day


def _owed(ctx: Context, writer: Writer) -> list[Item]:
    """All that is owed by the end of today."""
    return owed(writer, end_of_today(ctx.env), people(writer, ctx.env), rules(writer))


def _hold(
    ctx: Context, writer: Writer, items: Sequence[Item], found: Found, until: str | None
) -> str:
    """Keep back what is owed about a record, until a day or for good; says so."""
    occurrences = {i.occurrence for i in items if (i.noun, i.id) == (found.noun, found.id)}
    if not occurrences:
        raise NotFound(f"nothing is owed about {found.handle} {found.title}")
    for occurrence in sorted(occurrences):
        row = writer.scalar(
            "SELECT id FROM reminder_hold WHERE key = ? AND deleted_at IS NULL", (occurrence,)
        )
        if row is None:
            about = {"record": found.noun, "record_id": found.id}
            writer.create("reminder_hold", {"key": occurrence, "until": until, **about})
        else:
            writer.update("reminder_hold", row, {"until": until})
    shown = f"snoozed until {values.show('day', until, ctx.env)}" if until else "dropped"
    return f"Reminders about {found.handle} {found.title}: {shown}"
