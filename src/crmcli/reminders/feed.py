"""A calendar of tasks and meetings: an .ics file that calendar programs read.

Identifiers are stable: a series keeps its own however many of its tasks are done, so that a
calendar moves the entry rather than adding another. Times are given in the zone of the owner, whose
rules the library writes into the file; days are whole days; reminders are alarms.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.actions.context import Context
from crmcli.errors import MissingPart, NotPermitted
from crmcli.queries.people import moment_due, user_named, zone_of
from crmcli.reminders.planning import identity
from crmcli.results import Done
from crmcli.store.logs import logging
from crmcli.store.read import Rows
from crmcli.values import Env
from crmcli.values.calendar import is_day, moment_of
from crmcli.values.recurrence import ical_rule, reminder_moments

if TYPE_CHECKING:
    from icalendar import Calendar, Event

_TASK_LENGTH = timedelta(minutes=30)
_MEETING_LENGTH = 60  # minutes, where nobody said how long
_TASKS = (
    "SELECT t.id, t.title, t.due, t.remind, t.recurrence, t.series_id, t.occurrence, t.notes,"
    " t.owner_id, t.updated_at, t.version, t.priority,"
    " (SELECT c.name FROM contact c WHERE c.id = t.contact_id) FROM task t"
    " WHERE t.deleted_at IS NULL AND t.status = 'open' AND t.due IS NOT NULL"
)
_MEETINGS = (
    "SELECT t.id, t.subject, t.at, t.duration, t.notes, t.owner_id, t.updated_at, t.version"
    " FROM activity t WHERE t.deleted_at IS NULL AND t.planned = 1"
)


class _Look(NamedTuple):
    rows: Rows
    env: Env
    domain: str


def write(ctx: Context, path: Path, owner: str = "all") -> Done:
    """Write the calendar of a user (`me`, a name, `all`) to a file, at once as a whole.

    Raises MissingPart without the library, NotFound for a user that there is not, NotPermitted
    for a file that cannot be written.
    """
    whose = None if owner == "all" else user_named(ctx.reader, ctx.env, owner, ctx.user)
    reader = ctx.reader
    domain = reader.scalar("SELECT value FROM meta WHERE name = 'identity'")
    if domain is None and not ctx.dry_run:
        ctx.close()
        with logging(ctx.location) as log:
            domain = identity(log)
    made = calendar(ctx.reader, ctx.env, str(domain), whose)
    entries = len(made.walk("VEVENT"))
    if not ctx.dry_run:
        _replace(path, made.to_ical())
    line = f"Wrote {entries} entr{'y' if entries == 1 else 'ies'} to {path}"
    return Done((line,), data={"path": str(path), "entries": entries}, dry_run=ctx.dry_run)


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise NotPermitted(f"{path} cannot be written: {error.strerror}") from error


def calendar(rows: Rows, env: Env, domain: str, user: int | None = None) -> Calendar:
    """The calendar of a user, or of all.

    domain: what identifiers end with. Raises MissingPart without the library.
    """
    try:
        from icalendar import Calendar
    except ImportError as error:
        raise MissingPart(
            "calendars need a part that is not installed", hint="pip install 'crmcli[remind]'"
        ) from error
    made = Calendar()
    made.add("prodid", "-//crm//crmcli//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "crm")
    look = _Look(rows, env, domain)
    where, params = ("", []) if user is None else (" AND t.owner_id = ?", [user])
    for row in rows.rows(f"{_TASKS}{where} ORDER BY t.id", params):
        made.add_component(_task(look, row))
    for row in rows.rows(f"{_MEETINGS}{where} ORDER BY t.id", params):
        made.add_component(_meeting(look, row))
    made.add_missing_timezones()
    return made


def _event(look: _Look, uid: str, summary: str, updated: str, version: int) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{uid}@{look.domain}")
    event.add("summary", summary)
    event.add("dtstamp", moment_of(updated))
    event.add("last-modified", moment_of(updated))
    event.add("sequence", version - 1)
    return event


def _task(look: _Look, row: tuple[Any, ...]) -> Event:
    (id, title, due, remind, rule, series, occurrence, notes, owner, updated, version, priority,
     contact) = row  # fmt: skip
    zone = zone_of(look.rows, owner, look.env)
    summary = f"{title} ({contact})" if contact else title
    if series:
        # The next task of a series goes on counting, lest calendars take it for an older version.
        sql = "SELECT sum(version) FROM task WHERE series_id = ?"
        version = look.rows.scalar(sql, (series,)) or version
    event = _event(look, f"task-{series or id}", summary, updated, version)
    if is_day(due):
        day = date.fromisoformat(due)
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        begins = moment_of(due).astimezone(zone)
        event.add("dtstart", begins)
        event.add("dtend", begins + _TASK_LENGTH)
    event.add("description", f"crm done t{id}" + (f"\n\n{notes}" if notes else ""))
    event.add("priority", {"high": 1, "normal": 5, "low": 9}[priority])
    if rule and occurrence == due:
        _add_rule(look, event, rule, series, due, zone)
    for moment in reminder_moments(remind, moment_due(due, zone)):
        _add_alarm(event, moment, title)
    return event


def _add_rule(
    look: _Look, event: Event, rule: str, series: int | None, due: str, zone: Any
) -> None:
    """How it goes on from here; a task that was put off stands alone until it is settled."""
    from icalendar import vRecur

    start = look.rows.scalar("SELECT occurrence FROM task WHERE id = ?", (series,)) or due
    text = ical_rule(rule, start, zone)
    if not text:
        return
    parsed: dict[str, Any] = vRecur.from_ical(text)
    if "COUNT" in parsed:
        settled = look.rows.scalar(
            "SELECT count(*) FROM task WHERE series_id = ? AND occurrence < ?", (series, due)
        )
        parsed["COUNT"] = [max(parsed["COUNT"][0] - settled, 1)]
    if "UNTIL" in parsed:
        parsed["UNTIL"] = [_until(parsed["UNTIL"][0], due, zone)]
    event.add("rrule", parsed)


def _until(until: date, due: str, zone: Any) -> date:
    """The end in the form that the beginning has: a day, or the last moment of it in UTC."""
    day = until.date() if isinstance(until, datetime) else until
    if is_day(due):
        return day
    from datetime import UTC, time

    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


def _add_alarm(event: Event, moment: datetime, title: str) -> None:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", moment)
    event.add_component(alarm)


def _meeting(look: _Look, row: tuple[Any, ...]) -> Event:
    id, subject, at, duration, notes, owner, updated, version = row
    zone = zone_of(look.rows, owner, look.env)
    event = _event(look, f"activity-{id}", subject, updated, version)
    begins = moment_of(at).astimezone(zone)
    event.add("dtstart", begins)
    event.add("dtend", begins + timedelta(minutes=duration or _MEETING_LENGTH))
    if notes:
        event.add("description", notes)
    for name, address in look.rows.rows(
        "SELECT c.name, (SELECT x.value FROM contact_point x WHERE x.contact_id = c.id"
        " AND x.kind = 'email' AND x.deleted_at IS NULL ORDER BY x.is_primary DESC, x.id LIMIT 1)"
        " FROM activity_participant p JOIN contact c ON c.id = p.contact_id"
        " WHERE p.activity_id = ? AND p.deleted_at IS NULL ORDER BY p.id",
        (id,),
    ):
        _add_attendee(event, name, address)
    return event


def _add_attendee(event: Event, name: str, address: str | None) -> None:
    from icalendar import vCalAddress, vText

    if address:
        person = vCalAddress(f"mailto:{address}")
        person.params["cn"] = vText(name)
        event.add("attendee", person)
