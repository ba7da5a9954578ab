"""The working day: log what happened, follow up, get tasks done, move deals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crmcli import values
from crmcli.actions import rules, series
from crmcli.actions.assign import Assign
from crmcli.actions.context import Context
from crmcli.actions.draft import as_read, read
from crmcli.actions.records import change, make
from crmcli.actions.records import done as written
from crmcli.actions.refs import targets
from crmcli.catalog import BY_NAME
from crmcli.errors import Conflict, InvalidValue, UsageError
from crmcli.queries.resolve import Found
from crmcli.results import Done
from crmcli.values.text import clean

if TYPE_CHECKING:
    from crmcli.store.write import Writer

# How a record that is followed up or logged about becomes a field of the task or activity.
_ABOUT = {"contact": "contact", "company": "company", "deal": "deal"}


def log(
    ctx: Context, type: str, who: Sequence[str], text: str, options: Mapping[str, str | None]
) -> Done:
    """Log an activity of a type with contacts, a company or a deal.

    options: further fields of the activity as they were typed (deal, company, at, duration,
    outcome, direction, notes). What lies in the future is planned until `done`.
    """
    record = BY_NAME["activity"]
    with ctx.writing() as writer:
        found = targets(ctx, writer, who, tuple(_ABOUT))
        assigns = [Assign("type", "=", None, type), Assign("subject", "=", None, text)]
        assigns += [Assign(n, "=", None, t) for n, t in options.items() if t is not None]
        assigns += [_about("contacts" if f.noun == "contact" else f.noun, f) for f in found]
        draft = read(ctx, writer, record, assigns)
        if draft.columns.get("deal_id") and not draft.members:
            _with_the_deals_company(writer, draft.columns)
        id = make(ctx, writer, record, draft)
        planned = bool(draft.columns["planned"])
        moment = values.show("moment", draft.columns["at"], ctx.env)
        people = ", ".join(f.title for f in found)
        line = f"{'Planned' if planned else 'Logged'} {record.handle(id)} {draft.columns['type']}"
        line += f" with {people}" if people else ""
        line += f", {moment}" if planned or options.get("at") else ""
    return written(writer, ctx, [line], [record.handle(id)])


def _about(field: str, found: Found) -> Assign:
    return Assign(field, "+=" if field == "contacts" else "=", None, found.handle)


def _with_the_deals_company(writer: Writer, columns: dict[str, int | None]) -> None:
    row = writer.row("SELECT company_id FROM deal WHERE id = ?", (columns["deal_id"],))
    if row:
        columns.setdefault("company_id", row[0])


def follow_up(
    ctx: Context, who: Sequence[str], when: str, text: str, options: Mapping[str, str | None]
) -> Done:
    """Set a task to come back to each contact, company or deal.

    when: a day or a moment as typed; text: what to do, or "" for "Follow up with NAME".
    """
    record, lines, handles = BY_NAME["task"], [], []
    with ctx.writing() as writer:
        for found in targets(ctx, writer, who, tuple(_ABOUT)):
            assigns = [
                Assign("title", "=", None, text or f"Follow up with {found.title}"),
                Assign("due", "=", None, when),
                _about(_ABOUT[found.noun], found),
            ]
            assigns += [Assign(n, "=", None, t) for n, t in options.items() if t is not None]
            draft = read(ctx, writer, record, assigns)
            understood = as_read(draft, record, ctx.env)
            _complete_task(writer, draft.columns)
            handles.append(record.handle(make(ctx, writer, record, draft)))
            lines.append(f"Added {handles[-1]} {draft.columns['title']}{understood}")
    return written(writer, ctx, lines, handles)


def _complete_task(writer: Writer, columns: dict[str, int | None]) -> None:
    """A task about a deal concerns the deal's contact and company too."""
    if columns.get("deal_id") and not columns.get("contact_id"):
        row = writer.row(
            "SELECT contact_id, company_id FROM deal WHERE id = ?", (columns["deal_id"],)
        )
        for column, value in zip(("contact_id", "company_id"), row or (), strict=False):
            columns.setdefault(column, value)


def done(ctx: Context, refs: Sequence[str], *, drop: bool = False) -> Done:
    """Mark tasks as done, or dropped, and planned activities as having taken place."""
    lines, handles = [], []
    status = "dropped" if drop else "done"
    with ctx.writing() as writer:
        for found in targets(ctx, writer, refs, ("task", "activity")):
            assigns = _settled(writer, ctx, found, status)
            if change(ctx, writer, found, assigns):
                handles.append(found.handle)
                lines.append(f"{status.capitalize()}: {found.handle} {found.title}")
                lines += _what_follows(ctx, writer, found)
    return written(writer, ctx, lines or ["It was done already"], handles)


def _what_follows(ctx: Context, writer: Writer, found: Found) -> list[str]:
    """The next task of a series, and the tasks that need wait no longer."""
    if found.noun != "task":
        return []
    following = series.successor(writer, found.id)
    lines = [] if following is None else [series.line_of(ctx, writer, following)]
    return lines + [
        f"No longer waits: t{id} {title}" for id, title in series.waiting(writer, found.id)
    ]


def _settled(writer: Writer, ctx: Context, found: Found, status: str) -> list[Assign]:
    if found.noun == "task":
        return [Assign("status", "=", None, status)]
    planned_at = writer.scalar("SELECT at FROM activity WHERE id = ?", (found.id,))
    # What is done before its time took place now.
    moved = [Assign("at", "=", None, ctx.now)] if planned_at > ctx.now else []
    return [Assign("planned", "=", None, "no"), *moved]


def put_off(ctx: Context, writer: Writer, found: Found, when: str) -> str:
    """Put a task off: to a day or moment, or `+3d` from its due date (from today if overdue).

    Says so; "" when it is due then already.
    """
    due = _later(ctx, writer, found, when)
    if not change(ctx, writer, found, [Assign("due", "=", None, due)]):
        return ""
    return f"Snoozed {found.handle} {found.title}, now due {values.show('when', due, ctx.env)}"


def _later(ctx: Context, writer: Writer, found: Found, when: str) -> str:
    """The new due date. A step such as +3d keeps the time of day that the task had."""
    row = writer.row("SELECT status, due FROM task WHERE id = ?", (found.id,))
    status, due = row or ("", None)
    if status != "open":
        raise Conflict(f"{found.handle} is {status}", hint=f"`crm reopen {found.handle}` first")
    value = values.parse("when", _stepped(ctx, when, due), ctx.env)
    if value is None:
        raise UsageError("until when?", hint="for example: crm snooze t31 +3d")
    if str(value)[:10] < ctx.env.today.isoformat():
        raise InvalidValue(
            f"{when}: {values.show('when', value, ctx.env)} has passed",
            hint="name a day to come, for example tomorrow or +3d",
        )
    return str(value)


def _stepped(ctx: Context, when: str, due: str | None) -> str:
    """`when`, or for a step of days from a due date to come, the day that it leads to."""
    from datetime import datetime, timedelta

    text = clean(when).strip()
    step = text[1:-1] if text.startswith("+") and text[-1:] in ("d", "w") else ""
    if not step.isdigit() or not due or len(step) > 4:
        return when
    days = int(step) * (7 if text.endswith("w") else 1)
    moment = datetime.fromisoformat(due) if len(due) > 10 else None
    day = moment.astimezone(ctx.env.zone).date() if moment else datetime.fromisoformat(due).date()
    target_day = max(day, ctx.env.today) + timedelta(days=days)
    clock = f" {moment.astimezone(ctx.env.zone):%H:%M}" if moment else ""
    return f"{target_day.isoformat()}{clock}"


def move(ctx: Context, refs: Sequence[str], stage: str) -> Done:
    """Move deals to a stage of their pipeline."""
    return _into(ctx, refs, [Assign("stage", "=", None, stage)], "Moved")


def win(ctx: Context, refs: Sequence[str]) -> Done:
    """Win deals: into the first stage of type won."""
    return _close(ctx, refs, "won", [], "Won")


def lose(ctx: Context, refs: Sequence[str], reason: str | None) -> Done:
    """Lose deals, for a reason: into the first stage of type lost."""
    assigns = [Assign("lost_reason", "=", None, reason)] if reason else []
    return _close(ctx, refs, "lost", assigns, "Lost")


def _close(ctx: Context, refs: Sequence[str], type: str, assigns: list[Assign], verb: str) -> Done:
    lines, handles = [], []
    with ctx.writing() as writer:
        for found in targets(ctx, writer, refs, ("deal",)):
            pipeline = writer.scalar(
                "SELECT s.pipeline_id FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.id = ?",
                (found.id,),
            )
            stage = rules.first_stage(writer, pipeline, type)
            wanted = [Assign("stage", "=", None, f"st{stage.id}"), *assigns]
            if change(ctx, writer, found, wanted):
                handles.append(found.handle)
                lines.append(f"{verb} {found.handle} {found.title}{_worth(ctx, writer, found)}")
    return written(writer, ctx, lines or [f"It is {type} already"], handles)


def _into(ctx: Context, refs: Sequence[str], assigns: list[Assign], verb: str) -> Done:
    lines, handles = [], []
    with ctx.writing() as writer:
        for found in targets(ctx, writer, refs, ("deal",)):
            if change(ctx, writer, found, assigns):
                handles.append(found.handle)
                name = writer.scalar(
                    "SELECT s.name FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.id = ?",
                    (found.id,),
                )
                lines.append(f"{verb} {found.handle} {found.title} to {name}")
    return written(writer, ctx, lines or ["It is in that stage already"], handles)


def _worth(ctx: Context, writer: Writer, found: Found) -> str:
    row = writer.row("SELECT value, currency FROM deal WHERE id = ?", (found.id,))
    if row is None or row[0] is None:
        return ""
    return f", {values.show('money', values.Money(*row), ctx.env)}"
