"""Calendars in: an .ics file whose meetings become activities.

A meeting is known by its UID (kept as an external id of the system `calendar`), so that the next
import of the file updates it. Those who take part are linked by e-mail; addresses that nobody has
stay in the notes. Of a meeting that recurs, those of the last month and of the next three become
activities, each by its own UID and date; one that was moved or cancelled is what the file says.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.actions.context import Context
from crmcli.errors import InvalidValue, MissingPart, NotFound, NotPermitted
from crmcli.exchange import batches
from crmcli.exchange.applying import Counts
from crmcli.results import ImportSummary
from crmcli.values.calendar import at_local, moment_text
from crmcli.values.text import clean, fold

if TYPE_CHECKING:
    from crmcli.store.write import Writer

SYSTEM = "calendar"
BACK, AHEAD = timedelta(days=31), timedelta(days=92)
"""How far recurring meetings are followed, from now."""

_LARGEST = 50_000_000
_MOST = 1000  # occurrences of one meeting


class Meeting(NamedTuple):
    """One meeting of a file. at: its stored moment; minutes: how long; people: e-mails."""

    uid: str
    subject: str
    at: str
    minutes: int
    people: tuple[str, ...]
    notes: str | None
    cancelled: bool


def is_calendar(path: Path) -> bool:
    """Whether a file is one for this module."""
    if path.suffix.lower() in (".ics", ".ical", ".ifb"):
        return True
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR")
    except OSError:
        return False


def import_calendar(ctx: Context, path: Path) -> ImportSummary:
    """Make, update and cancel the meetings of a calendar file; one change set.

    Raises MissingPart without the library, InvalidValue for a file that is no calendar, BrokenRule
    where a meeting breaks a rule of the team's.
    """
    content = _content(path)
    found = list(meetings(content, ctx.env.now, ctx.env.zone, path))
    with ctx.writing(kind="import") as writer:
        fates = Counter(_settle(ctx, writer, meeting) for meeting in found)
        changed = fates["updated"] + fates["cancelled"]
        counts = Counts(len(found), fates["created"], changed, fates["unchanged"])
        ctx.ask_rules(writer)
        warnings = [("cancelled meeting", fates["cancelled"])] if fates["cancelled"] else []
        warnings += [(notice, 1) for notice in ctx.notices]
        sha256 = hashlib.sha256(content).hexdigest()
        batch = writer.change_set and batches.listed(
            writer, path.name, sha256, "activity", counts, sum(number for _kind, number in warnings)
        )
    handles = (f"i{batch}", f"h{writer.change_set}") if batch and not ctx.dry_run else (None, None)
    return ImportSummary(
        str(path),
        "activity",
        "activities",
        "calendar",
        **counts._asdict(),
        warnings=tuple(warnings),
        handle=handles[0],
        change_set=handles[1],
        dry_run=ctx.dry_run,
    )


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise InvalidValue(f"{path} is too large for a calendar")
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}") from None
    except OSError as error:
        raise NotPermitted(f"{path} cannot be read: {error.strerror}") from error


# --- reading


def meetings(content: bytes, now: datetime, zone: tzinfo, path: Path) -> Iterator[Meeting]:
    """The meetings in a calendar, recurring ones as far as they are followed.

    zone: of times that name none. Raises MissingPart, InvalidValue.
    """
    try:
        from icalendar import Calendar
    except ImportError as error:
        raise MissingPart(
            "calendars need a part that is not installed", hint="pip install 'crmcli[remind]'"
        ) from error
    try:
        calendars = Calendar.from_ical(content.decode("utf-8", "replace"), multiple=True)
        events: list[Any] = [event for each in calendars for event in each.walk("VEVENT")]
    except (ValueError, IndexError, KeyError) as error:
        raise InvalidValue(
            f"{path} is no calendar that can be read: {str(error)[:100]}",
            hint="a calendar begins with BEGIN:VCALENDAR",
        ) from None
    if not calendars:
        raise InvalidValue(f"{path} holds no calendar", hint="it may have been cut off")
    moved = {
        (str(event["UID"]), _moment(event["RECURRENCE-ID"].dt, zone))
        for event in events
        if "UID" in event and "RECURRENCE-ID" in event
    }
    for event in events:
        if "UID" in event and "DTSTART" in event:
            yield from _of_event(event, moved, now, zone)


def _of_event(
    event: Any, moved: set[tuple[str, datetime]], now: datetime, zone: tzinfo
) -> Iterator[Meeting]:
    uid = str(event["UID"])
    begins = _moment(event["DTSTART"].dt, zone)
    if "RECURRENCE-ID" in event:
        named = moment_text(_moment(event["RECURRENCE-ID"].dt, zone))
        yield _meeting(event, f"{uid}#{named}", begins, zone)
    elif "RRULE" not in event and "RDATE" not in event:
        yield _meeting(event, uid, begins, zone)
    else:
        for at in _repeated(event, now, zone):
            if (uid, at) not in moved:
                yield _meeting(event, f"{uid}#{moment_text(at)}", at, zone)


def _moment(value: date, zone: tzinfo) -> datetime:
    """The moment of a calendar's date, or date and time with or without a zone."""
    if not isinstance(value, datetime):
        return at_local(value, time(0), zone)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _repeated(event: Any, now: datetime, zone: tzinfo) -> list[datetime]:
    """The occurrences from a month ago to three months ahead."""
    from crmcli.values.recurrence import between

    start = event["DTSTART"].dt
    rule = event["RRULE"].to_ical().decode() if "RRULE" in event else ""
    found = between(rule, start, now - BACK, now + AHEAD, zone) if rule else []
    found += [_moment(each.dt, zone) for block in _listed(event, "RDATE") for each in block.dts]
    out = {_moment(each.dt, zone) for block in _listed(event, "EXDATE") for each in block.dts}
    wanted = {at for at in found if now - BACK <= at <= now + AHEAD} - out
    return sorted(wanted)[:_MOST]


def _listed(event: Any, name: str) -> list[Any]:
    held = event.get(name, [])
    return held if isinstance(held, list) else [held]


def _meeting(event: Any, uid: str, at: datetime, zone: tzinfo) -> Meeting:
    addresses = [str(each) for each in _listed(event, "ATTENDEE")]
    addresses += [str(event["ORGANIZER"])] if "ORGANIZER" in event else []
    people = dict.fromkeys(
        fold(text[7:]) for text in addresses if text.lower().startswith("mailto:")
    )
    place = clean(str(event.get("LOCATION", "")))
    said = clean(str(event.get("DESCRIPTION", "")), lines=True)
    return Meeting(
        uid=clean(uid),
        subject=clean(str(event.get("SUMMARY", ""))) or "Meeting",
        at=moment_text(at),
        minutes=_minutes(event, zone),
        people=tuple(people),
        notes="\n".join(part for part in (place, said) if part) or None,
        cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )


def _minutes(event: Any, zone: tzinfo) -> int:
    start = _moment(event["DTSTART"].dt, zone)
    if "DTEND" in event:
        length = _moment(event["DTEND"].dt, zone) - start
    elif "DURATION" in event:
        length = event["DURATION"].dt
    else:
        length = timedelta(hours=1)
    return max(int(length.total_seconds() // 60), 0)


# --- writing


def _settle(ctx: Context, writer: Writer, meeting: Meeting) -> str:
    """Make, update or cancel one meeting; which of them."""
    row = writer.row(
        "SELECT x.record_id FROM external_id x JOIN activity a ON a.id = x.record_id"
        " WHERE x.key = ? AND x.record = 'activity' AND x.system = ? AND x.deleted_at IS NULL"
        " AND a.deleted_at IS NULL ORDER BY x.id DESC",
        (meeting.uid, SYSTEM),
    )
    if row is None:
        return "unchanged" if meeting.cancelled else _made(ctx, writer, meeting)
    if meeting.cancelled:
        writer.delete("activity", row[0])
        return "cancelled"
    changed = bool(writer.update("activity", row[0], _columns(ctx, writer, meeting, row[0])))
    changed |= _take_part(writer, row[0], meeting)
    return "updated" if changed else "unchanged"


def _made(ctx: Context, writer: Writer, meeting: Meeting) -> str:
    columns = _columns(ctx, writer, meeting, None)
    id = writer.create("activity", {"type": "meeting", "owner_id": writer.user_id, **columns})
    writer.create(
        "external_id",
        {"system": SYSTEM, "record": "activity", "record_id": id, "key": meeting.uid},
    )
    _take_part(writer, id, meeting)
    return "created"


def _columns(ctx: Context, writer: Writer, meeting: Meeting, id: int | None) -> dict[str, Any]:
    """What the file says of a meeting. One that was settled stays so unless it was moved."""
    before = writer.row("SELECT at, planned, company_id FROM activity WHERE id = ?", (id or 0,))
    planned = int(meeting.at > ctx.now)
    company = _company(writer, meeting)
    if before is not None:
        planned = before[1] if before[0] == meeting.at else planned
        company = before[2] or company
    return {
        "subject": meeting.subject,
        "at": meeting.at,
        "planned": planned,
        "duration": meeting.minutes,
        "notes": meeting.notes,
        "company_id": company,
    }


def _contacts(writer: Writer, meeting: Meeting) -> list[int]:
    found = []
    for address in meeting.people:
        id = writer.scalar(
            "SELECT p.contact_id FROM contact_point p JOIN contact c ON c.id = p.contact_id"
            " WHERE p.kind = 'email' AND p.key = ? AND p.deleted_at IS NULL"
            " AND c.deleted_at IS NULL ORDER BY c.id",
            (address,),
        )
        found += [int(id)] if id is not None else []
    return found


def _company(writer: Writer, meeting: Meeting) -> int | None:
    people = _contacts(writer, meeting)
    sql = "SELECT company_id FROM contact WHERE id = ?"
    company: int | None = writer.scalar(sql, (people[0],)) if people else None
    return company


def _take_part(writer: Writer, id: int, meeting: Meeting) -> bool:
    """Link those who take part; somebody who was linked by hand stays."""
    there = {
        row[0]
        for row in writer.rows(
            "SELECT contact_id FROM activity_participant WHERE activity_id = ?"
            " AND deleted_at IS NULL",
            (id,),
        )
    }
    new = [contact for contact in dict.fromkeys(_contacts(writer, meeting)) if contact not in there]
    for contact in new:
        writer.create("activity_participant", {"activity_id": id, "contact_id": contact})
    return bool(new)
