"""What people do with a task that repeats, and with its checklist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli import values
from crmcli.actions import series
from crmcli.actions.assign import Assign
from crmcli.actions.context import Context
from crmcli.actions.draft import read
from crmcli.actions.records import change
from crmcli.actions.records import done as written
from crmcli.actions.refs import seen, target
from crmcli.catalog import BY_NAME
from crmcli.errors import Conflict, NotFound, UsageError
from crmcli.queries.people import zone_of
from crmcli.queries.resolve import Found
from crmcli.results import Column, Done, Listing
from crmcli.values import recurrence

if TYPE_CHECKING:
    from crmcli.store.write import Writer

_COMING = 5


def repeat(ctx: Context, ref: str, rule: str) -> Done:
    """Have a task repeat by a rule as people say it; from its date on, which is the first one."""
    with ctx.writing() as writer:
        found = target(ctx, writer, ref, ("task",))
        change(ctx, writer, found, [Assign("recurrence", "=", None, rule)])
        row = writer.row("SELECT recurrence, due FROM task WHERE id = ?", (found.id,))
        stored, due = row or ("", None)
        shown = values.show("recurrence", stored, ctx.env)
        line = f"{found.handle} {found.title} repeats {shown}"
        line += f", next on {values.show('when', due, ctx.env)}"
    return written(writer, ctx, [line], [found.handle])


def stop(ctx: Context, ref: str) -> Done:
    """End a series: its open task is the last one."""
    with ctx.writing() as writer:
        found = target(ctx, writer, ref, ("task",))
        _repeats(writer, found)
        change(ctx, writer, found, [Assign("recurrence", "=", None, "")])
    return written(writer, ctx, [f"{found.handle} {found.title} is the last one"], [found.handle])


def skip(ctx: Context, ref: str) -> Done:
    """Leave out the open task of a series: the next one takes its place."""
    with ctx.writing() as writer:
        found = target(ctx, writer, ref, ("task",))
        _repeats(writer, found)
        if not change(ctx, writer, found, [Assign("status", "=", None, "dropped")]):
            raise Conflict(f"{found.handle} is settled already")
        following = series.successor(writer, found.id)
        ended = "there is none to come"
        line = ended if following is None else series.line_of(ctx, writer, following)
        lines = [f"Skipped {found.handle} {found.title}", line]
    return written(writer, ctx, lines, [found.handle])


def once(ctx: Context, ref: str, assigns: Sequence[Assign]) -> Done:
    """Change fields of this task alone; those that follow are as they were."""
    with ctx.writing() as writer:
        found = target(ctx, writer, ref, ("task",))
        _repeats(writer, found)
        draft = read(ctx, writer, BY_NAME["task"], assigns)
        series.remember_once(writer, found.id, {*draft.columns, *draft.lines})
        change(ctx, writer, found, assigns)
    return written(
        writer, ctx, [f"Changed {found.handle} {found.title}, this once"], [found.handle]
    )


def _repeats(writer: Writer, found: Found) -> None:
    if not writer.scalar("SELECT recurrence FROM task WHERE id = ?", (found.id,)):
        raise Conflict(
            f"{found.handle} {found.title} does not repeat",
            hint=f'for example: crm repeat {found.handle} "every monday"',
        )


def coming(ctx: Context, ref: str) -> Listing:
    """The next dates of a task that repeats."""
    found = seen(ctx, ctx.reader, ref, ("task",))
    row = ctx.reader.row(
        "SELECT t.recurrence, coalesce(f.occurrence, t.due), coalesce(t.occurrence, t.due), t.due,"
        " t.owner_id"
        " FROM task t LEFT JOIN task f ON f.id = t.series_id WHERE t.id = ?",
        (found.id,),
    )
    columns = (Column("due", "when", "Due"),)
    if row is None or not row[0]:
        hint = f'for example: crm repeat {found.handle} "every monday"'
        return Listing("dates", columns, (), 0, hint=f"{found.handle} does not repeat; {hint}")
    rule, start, occurrence, due, owner = row
    zone = zone_of(ctx.reader, owner, ctx.env)
    dates, last = [due], occurrence
    number = 1 if recurrence.parts_of(rule).from_done else _COMING
    while len(dates) < number and (last := recurrence.following(rule, start, last, zone)):
        dates.append(last)
    note = values.show("recurrence", rule, ctx.env)
    return Listing("dates", columns, tuple((each,) for each in dates), len(dates), note=note)


# --- checklists


def checklist(ctx: Context, ref: str) -> Listing:
    """The points of a task's checklist."""
    found = seen(ctx, ctx.reader, ref, ("task",))
    rows = ctx.reader.rows(
        "SELECT position, done, text FROM task_item WHERE task_id = ? AND deleted_at IS NULL"
        " ORDER BY position, id",
        (found.id,),
    )
    columns = (
        Column("point", "integer", "Point"),
        Column("done", "yesno", "Done"),
        Column("text", "text", "What"),
    )
    hint = f'no points yet; crm check {found.handle} --add "First point"'
    return Listing("points", columns, tuple(rows), len(rows), hint=hint)


def check(
    ctx: Context,
    ref: str,
    points: Sequence[str],
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
) -> Done:
    """Tick points of a checklist by number or text (one that is ticked is unticked), add, remove.

    Raises NotFound for a point that is not there.
    """
    with ctx.writing() as writer:
        found = target(ctx, writer, ref, ("task",))
        lines = [_added(ctx, writer, found, text) for text in add]
        lines += [_ticked(writer, found, text) for text in points]
        lines += [_removed(writer, found, text) for text in remove]
        done, every = writer.row(
            "SELECT coalesce(sum(done), 0), count(*) FROM task_item WHERE task_id = ?"
            " AND deleted_at IS NULL",
            (found.id,),
        ) or (0, 0)
        lines.append(f"{found.handle} {found.title}: {done} of {every} done")
    return written(writer, ctx, lines, [found.handle])


def _added(ctx: Context, writer: Writer, found: Found, text: str) -> str:
    value = values.parse("text", text, ctx.env)
    if value is None:
        raise UsageError("a point needs a text", hint=f'crm check {found.handle} --add "Call"')
    last = writer.scalar("SELECT max(position) FROM task_item WHERE task_id = ?", (found.id,)) or 0
    writer.create("task_item", {"task_id": found.id, "position": last + 1, "text": value})
    return f"Added point {last + 1} {value}"


def _ticked(writer: Writer, found: Found, text: str) -> str:
    id, done, what = _point(writer, found, text)
    writer.update("task_item", id, {"done": int(not done)})
    return f"{'Open again' if done else 'Done'}: {what}"


def _removed(writer: Writer, found: Found, text: str) -> str:
    id, _done, what = _point(writer, found, text)
    writer.delete("task_item", id)
    return f"Removed {what}"


def _point(writer: Writer, found: Found, text: str) -> tuple[int, int, str]:
    rows = writer.rows(
        "SELECT id, done, text, position FROM task_item WHERE task_id = ? AND deleted_at IS NULL"
        " ORDER BY position",
        (found.id,),
    )
    low = text.strip().lower()
    for row in rows:
        if low in (str(row[3]), str(row[2]).lower()):
            return int(row[0]), int(row[1]), str(row[2])
    begun = [row for row in rows if low and str(row[2]).lower().startswith(low)]
    if len(begun) == 1:
        return int(begun[0][0]), int(begun[0][1]), str(begun[0][2])
    raise NotFound(
        f"{found.handle} has no point {text}", hint=f"`crm check {found.handle}` lists them"
    )
