"""Tasks that repeat, wait for each other, and remind.

A series has one open task. Settling it makes the next one in the same change set: by the rule from
the occurrence that was settled (what was missed until today is passed over), or from the day on
which it was done. `(series_id, occurrence)` is unique, so that machines which do the same at the
same time make one task. Deleting the open task ends the series.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.actions.context import Context
from crmcli.actions.draft import Draft
from crmcli.errors import Conflict, InvalidValue
from crmcli.queries.people import moment_due, zone_of
from crmcli.store.read import Rows
from crmcli.values import recurrence
from crmcli.values.calendar import moment_text

if TYPE_CHECKING:
    from crmcli.store.write import Writer

_COPIED = (
    "title", "priority", "contact_id", "company_id", "deal_id", "owner_id", "recurrence", "remind",
    "notes", "custom", "series_id",
)  # fmt: skip
_DEEPEST = 1000  # tasks that wait for one another
_SETTLED = "('done', 'dropped')"


# --- rules of the trade, for `crmcli.actions.rules`


def before(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    """Complete the draft of a task: its first date, its series, when it reminds."""
    columns = draft.columns
    if columns.get("after_id"):
        _refuse_circle(writer, columns["after_id"], id)
    now = _current(writer, id)
    rule = columns.get("recurrence")
    due = columns.get("due", now.due)
    if rule and not due:
        due = columns["due"] = recurrence.first_from(rule, ctx.env.today)
    if rule and rule != now.recurrence and id is not None:
        columns |= {"series_id": id, "occurrence": due}
    if columns.get("due", now.due) is None and now.recurrence and "recurrence" not in columns:
        raise InvalidValue("due: a task that repeats needs a date", hint="every= ends the series")
    if "due" in columns or "remind" in columns:
        owner = columns.get("owner_id", now.owner_id)
        columns["remind_at"] = first_reminder(
            columns.get("remind", now.remind), due, zone_of(writer, owner, ctx.env)
        )


def after(ctx: Context, writer: Writer, id: int, new: bool) -> None:
    """Found the series of a new task; make the next task of one that was settled."""
    row = writer.row("SELECT status, recurrence, due, series_id FROM task WHERE id = ?", (id,))
    if row is None or not row[1]:
        return
    if row[3] is None:
        writer.update("task", id, {"series_id": id, "occurrence": row[2]})
    if row[0] != "open":
        make_next(ctx, writer, id)


class _Current(NamedTuple):
    """What an edited task holds."""

    due: str | None = None
    remind: str | None = None
    recurrence: str | None = None
    owner_id: int | None = None


def _current(writer: Writer, id: int | None) -> _Current:
    sql = "SELECT due, remind, recurrence, owner_id FROM task WHERE id = ?"
    row = writer.row(sql, (id,)) if id is not None else None
    return _Current(*row) if row else _Current()


def _refuse_circle(writer: Writer, first: int, id: int | None) -> None:
    seen: int | None = first
    for _step in range(_DEEPEST):
        if seen is None:
            return
        if seen == id:
            raise InvalidValue("after: the two would wait for each other")
        seen = writer.scalar("SELECT after_id FROM task WHERE id = ?", (seen,))
    raise InvalidValue("after: too many tasks wait for one another")


def first_reminder(leads: str | None, due: str | None, zone: tzinfo) -> str | None:
    """The stored moment of the first of the reminders; None without any."""
    moments = recurrence.reminder_moments(leads, moment_due(due, zone) if due else None)
    return moment_text(moments[0]) if moments else None


# --- the next one


def make_next(ctx: Context, writer: Writer, id: int) -> int | None:
    """Make the task that follows the settled task `id`; None where there is one, or none to come.

    Returns its id.
    """
    columns = ", ".join(_COPIED)
    row = writer.row(f"SELECT occurrence, done_at, once, {columns} FROM task WHERE id = ?", (id,))
    if row is None or successor(writer, id) is not None:
        return None
    occurrence, done_at, once = row[:3]
    found = dict(zip(_COPIED, row[3:], strict=True))
    due = _next_due(ctx, writer, found, occurrence, done_at or ctx.now)
    if due is None or _taken(writer, found["series_id"], due):
        return None
    fields = {**found, **json.loads(once or "{}"), "due": due, "occurrence": due}
    fields["remind"] = _lengths_only(fields["remind"])
    zone = zone_of(writer, found["owner_id"], ctx.env)
    fields["remind_at"] = first_reminder(fields["remind"], due, zone)
    made = writer.create("task", fields)
    _copy_parts(writer, id, made)
    return made


def _next_due(
    ctx: Context, writer: Writer, found: dict[str, Any], occurrence: str, done_at: str
) -> str | None:
    rule, series = str(found["recurrence"]), found["series_id"]
    parts = recurrence.parts_of(rule)
    start = writer.scalar("SELECT occurrence FROM task WHERE id = ?", (series,)) or occurrence
    zone = zone_of(writer, found["owner_id"], ctx.env)
    if parts.from_done:
        if "COUNT" in parts.rule and _number(writer, series) >= int(parts.rule["COUNT"]):
            return None
        return recurrence.following(rule, start, done_at, zone)
    local = ctx.env.now.astimezone(zone).date().isoformat()
    return recurrence.following(rule, start, occurrence, zone, not_before=local)


def _number(writer: Writer, series: int) -> int:
    sql = "SELECT count(*) FROM task WHERE series_id = ? AND deleted_at IS NULL"
    return int(writer.scalar(sql, (series,)))


def _taken(writer: Writer, series: int, occurrence: str) -> bool:
    sql = "SELECT 1 FROM task WHERE series_id = ? AND occurrence = ? AND deleted_at IS NULL"
    return writer.row(sql, (series, occurrence)) is not None


def _lengths_only(leads: str | None) -> str | None:
    """Reminders without those at a moment, which was that of one occurrence."""
    kept = [word for word in (leads or "").split(",") if word and not word.endswith("Z")]
    return ",".join(kept) or None


def _copy_parts(writer: Writer, id: int, made: int) -> None:
    """The tags and the checklist, with nothing ticked."""
    for (tag,) in writer.rows(
        "SELECT tag_id FROM tagging WHERE record = 'task' AND record_id = ? AND deleted_at IS NULL",
        (id,),
    ):
        writer.create("tagging", {"tag_id": tag, "record": "task", "record_id": made})
    for position, text in writer.rows(
        "SELECT position, text FROM task_item WHERE task_id = ? AND deleted_at IS NULL"
        " ORDER BY position, id",
        (id,),
    ):
        writer.create("task_item", {"task_id": made, "position": position, "text": text})


def successor(rows: Rows, id: int) -> int | None:
    """The task that followed task `id` in its series; None when there is none."""
    found: int | None = rows.scalar(
        "SELECT min(n.id) FROM task t JOIN task n ON n.series_id = t.series_id AND n.id > t.id"
        " AND n.deleted_at IS NULL WHERE t.id = ?",
        (id,),
    )
    return found


def waiting(rows: Rows, id: int) -> list[tuple[int, str]]:
    """The open tasks that waited for task `id`: id and title."""
    found = rows.rows(
        "SELECT id, title FROM task WHERE after_id = ? AND status = 'open' AND deleted_at IS NULL"
        " ORDER BY id",
        (id,),
    )
    return [(int(row[0]), str(row[1])) for row in found]


_LEFT_OFF = (
    "SELECT t.id FROM task t WHERE t.recurrence IS NOT NULL AND t.deleted_at IS NULL"
    f" AND t.status IN {_SETTLED} AND t.series_id IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM task n WHERE n.series_id = t.series_id AND n.id > t.id)"
)


def keep_up(ctx: Context) -> list[int]:
    """Make the tasks that are missing after ones that were settled past these rules, by an import.

    Returns their ids; writes nothing where none is missing.
    """
    found = [row[0] for row in ctx.reader.rows(_LEFT_OFF)]
    if not any(_goes_on(ctx, id) for id in found):
        return []
    with ctx.writing() as writer:
        made = [make_next(ctx, writer, int(row[0])) for row in writer.rows(_LEFT_OFF)]
    return [id for id in made if id is not None]


def _goes_on(ctx: Context, id: int) -> bool:
    """Whether the rule of a settled task names a day that is still to come."""
    row = ctx.reader.row(
        "SELECT t.recurrence, f.occurrence, t.occurrence, t.owner_id, t.done_at FROM task t"
        " JOIN task f ON f.id = t.series_id WHERE t.id = ?",
        (id,),
    )
    if row is None:
        return False
    parts = recurrence.parts_of(row[0])
    if parts.from_done:
        return "COUNT" not in parts.rule
    zone = zone_of(ctx.reader, row[3], ctx.env)
    today = ctx.env.today.isoformat()
    start = row[1] or row[2]
    return recurrence.following(row[0], start, row[2], zone, not_before=today) is not None


def line_of(ctx: Context, rows: Rows, id: int, verb: str = "Next") -> str:
    """A sentence about task `id`: its handle, title and date."""
    title, due = rows.row("SELECT title, due FROM task WHERE id = ?", (id,)) or ("", None)
    shown = f", due {values.show('when', due, ctx.env)}" if due else ""
    return f"{verb}: t{id} {title}{shown}"


# --- changing one or all


def remember_once(writer: Writer, id: int, columns: Collection[str]) -> None:
    """Keep what `columns` hold now, for the tasks that follow; the next change is for this one.

    Raises Conflict for a task that does not repeat.
    """
    row = writer.row("SELECT recurrence, once FROM task WHERE id = ?", (id,))
    if row is None or not row[0]:
        raise Conflict(f"t{id} does not repeat", hint=f"crm edit t{id} changes it")
    kept = [name for name in _COPIED if name in columns and name != "series_id"]
    if not kept:
        return
    held = writer.row(f"SELECT {', '.join(kept)} FROM task WHERE id = ?", (id,)) or ()
    once = {**dict(zip(kept, held, strict=True)), **json.loads(row[1] or "{}")}
    writer.update("task", id, {"once": json.dumps(once, ensure_ascii=False, sort_keys=True)})
