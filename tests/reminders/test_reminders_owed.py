"""What is owed, to whom and when: every rule, quiet hours, days off, holds, and no flood."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests import engines

from crmcli.actions import day, records, repeating, series
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.actions.journal import undo
from crmcli.errors import Conflict, InvalidValue, NotFound, UsageError
from crmcli.reminders import feed, holding, job, planning, running, screen, status, switching
from crmcli.reminders.owed import Item
from crmcli.store.location import locate
from crmcli.store.logs import logging


def add(ctx: Context, noun: str, title: str, *words: str) -> str:
    done = records.add(ctx, noun, [read_assign(word) for word in words], title=title)
    return done.records[0]


def at(ctx: Context, moment: str) -> Context:
    """The same surroundings at another moment."""
    ctx.close()
    return replace(ctx, env=ctx.env._replace(now=datetime.fromisoformat(moment)), _reader=None)


def items(ctx: Context, user: int = 1) -> list[Item]:
    found = running.work_out(ctx)
    ctx.close()
    return [detail.item for detail in found.by_person.get(user, [])]


def keys(ctx: Context, rule: str) -> list[str]:
    return [item.key for item in items(ctx) if item.rule == rule]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-08T08:59:00Z", []),
        ("2026-03-09T09:00:00Z", ["task:1:2026-03-10T09:00:00Z:1d"]),
        ("2026-03-10T08:30:00Z", ["task:1:2026-03-10T09:00:00Z:1h"]),
        ("2026-03-10T09:00:00Z", ["task:1:2026-03-10T09:00:00Z:due"]),
        ("2026-03-20T09:00:00Z", ["task:1:2026-03-10T09:00:00Z:due"]),
    ],
)
def test_of_several_reminders_the_last_that_has_come_is_owed(
    ctx: Context, moment: str, expected: list[str]
) -> None:
    add(ctx, "task", "Call", "due=2026-03-10 10:00", "remind=1d,1h")
    assert keys(at(ctx, moment), "tasks") == expected


def test_a_day_begins_in_the_zone_of_its_owner(ctx: Context) -> None:
    add(ctx, "user", "ada", "time_zone=America/New_York")
    add(ctx, "task", "Call", "due=2026-03-10")
    assert not keys(at(ctx, "2026-03-10T03:59:00Z"), "tasks")
    assert keys(at(ctx, "2026-03-10T04:00:00Z"), "tasks")


def test_a_task_waits_for_the_one_before_it(ctx: Context) -> None:
    add(ctx, "task", "First", "due=2026-03-04")
    add(ctx, "task", "Second", "due=2026-03-04", "after=t1")
    assert [item.handle for item in items(ctx)] == ["t1"]
    assert "No longer waits: t2 Second" in day.done(ctx, ["t1"]).lines
    assert [item.handle for item in items(ctx)] == ["t2"]
    with pytest.raises(InvalidValue, match="wait for each other"):
        records.edit(ctx, ["t1"], [read_assign("after=t2")])


def test_people_not_spoken_to_are_owed_by_their_own_interval_or_their_companys(
    ctx: Context,
) -> None:
    add(ctx, "contact", "Ann Own", "company=Acme", "keep_in_touch=10d", "status=customer")
    add(ctx, "contact", "Bob Acme", "company=Acme", "status=customer")
    add(ctx, "contact", "Cy Other", "status=customer")
    switching.cadence(ctx, "Acme", "20d")
    after = at(ctx, "2026-03-14T10:00:00Z")
    assert [item.title for item in items(after)] == ["Ann Own"]
    assert [item.title for item in items(at(ctx, "2026-03-24T10:00:00Z"))] == [
        "Ann Own", "Bob Acme",
    ]  # fmt: skip
    later = at(ctx, "2026-03-24T10:00:00Z")
    day.log(later, "call", ["c1"], "hello", {})
    assert [item.title for item in items(later)] == ["Bob Acme"]
    switching.cadence(later, "Acme", "off")
    assert not items(later)
    with pytest.raises(InvalidValue):
        switching.cadence(later, "segment:nothing", "3d")


def test_birthdays_come_every_year_also_that_of_29_february(ctx: Context) -> None:
    add(ctx, "contact", "Leap", "birthday=2000-02-29", "status=customer")
    add(ctx, "contact", "May", "birthday=--05-05", "status=customer")
    assert [i.title for i in items(at(ctx, "2027-02-28T10:00:00Z"))] == ["Leap"]
    assert [i.title for i in items(at(ctx, "2028-02-28T10:00:00Z"))] == []
    assert [i.title for i in items(at(ctx, "2028-02-29T10:00:00Z"))] == ["Leap"]
    assert keys(at(ctx, "2026-05-05T10:00:00Z"), "birthdays") != keys(
        at(ctx, "2027-05-05T10:00:00Z"), "birthdays"
    )


def test_deals_and_leads_are_owed_until_something_is_done(ctx: Context) -> None:
    add(ctx, "contact", "Lee Lead")
    add(ctx, "deal", "Engine", "expected_close=2026-03-06")
    add(ctx, "field", "renewal", "record=deal", "kind=day")
    add(ctx, "deal", "Contract", "renewal=2026-04-01")
    later = at(ctx, "2026-03-19T10:00:00Z")
    rules = {item.rule: item.handle for item in items(later)}
    assert rules["expected closes"] == "d1"
    assert rules["renewals"] == "d2"
    assert {"next steps", "rotting deals", "unanswered leads"} <= set(rules)
    add(later, "task", "Next", "deal=d1", "due=2026-04-01")
    day.log(later, "call", ["c1"], "hello", {})
    rest = {(item.rule, item.handle) for item in items(later)}
    assert ("next steps", "d1") not in rest
    assert ("unanswered leads", "c1") not in rest


def test_a_task_left_untouched_escalates_to_another_person(ctx: Context) -> None:
    add(ctx, "user", "ada")
    add(ctx, "user", "grace")
    add(ctx, "task", "Call", "due=2026-03-05", "owner=ada")
    switching.give(ctx, "escalation", "grace")
    assert not items(at(ctx, "2026-03-07T10:00:00Z"), 2)
    assert [i.key for i in items(at(ctx, "2026-03-10T10:00:00Z"), 2)] == ["escalated:1:2026-03-05"]


def test_a_reminder_is_put_off_dropped_and_taken_back(ctx: Context) -> None:
    add(ctx, "deal", "Engine")
    (before,) = keys(ctx, "next steps")
    add(ctx, "task", "Rest", "due=2026-03-04")
    done = holding.snooze(ctx, ["d1,t1"], "+3d")
    assert done.records == ("d1", "t1")
    assert not items(ctx)
    (after,) = keys(at(ctx, "2026-03-07T10:00:00Z"), "next steps")
    assert after == f"{before}@2026-03-07", "which is told of again"
    undo(ctx)
    assert keys(ctx, "next steps") == [before]
    holding.drop(ctx, "d1")
    assert not keys(at(ctx, "2026-03-17T10:00:00Z"), "next steps")
    with pytest.raises(NotFound):
        holding.drop(ctx, "d1")
    with pytest.raises(Conflict):
        holding.drop(ctx, "t1")


def test_what_was_put_off_waits_with_all_its_reminders(ctx: Context) -> None:
    add(ctx, "activity", "Demo", "type=meeting", "at=2026-03-10 10:00")
    holding.snooze(at(ctx, "2026-03-10T08:30:00Z"), ["a1"], "+3d")
    assert not items(at(ctx, "2026-03-12T09:00:00Z")), "neither at its hour nor as unsettled"
    assert [item.handle for item in items(at(ctx, "2026-03-13T09:00:00Z"))] == ["a1"]


def test_the_screen_shows_what_is_owed_by_the_end_of_the_day(ctx: Context) -> None:
    add(ctx, "user", "ada")
    add(ctx, "user", "ben")
    add(ctx, "task", "Late", "due=2026-03-03", "owner=ada", "priority=high")
    add(ctx, "task", "Tonight", "due=2026-03-04 23:30", "owner=ben")
    add(ctx, "task", "Tomorrow", "due=2026-03-05", "owner=ada")
    add(ctx, "activity", "Demo", "type=meeting", "at=2026-03-04 18:00", "owner=ben")
    assert shown(ctx) == {"tasks": ["t1", "t2"], "meetings": ["a1"]}
    assert shown(ctx, days=1)["tasks"] == ["t1", "t2", "t3"]
    assert shown(ctx, owner="ada") == {"tasks": ["t1"]}
    assert shown(ctx, owner="me", me="ben", days=1) == {"tasks": ["t2"], "meetings": ["a1"]}
    assert shown(ctx, but={2}) == {"tasks": ["t1"]}
    holding.snooze(ctx, ["a1"], "tomorrow")
    switching.switch(ctx, "tasks", on=False)
    assert shown(ctx) == {}
    with pytest.raises(NotFound):
        shown(ctx, owner="nobody")


def shown(ctx: Context, **choice: Any) -> dict[str, list[str]]:
    found = screen.due(ctx.reader, ctx.env, **choice)
    ctx.close()
    return {part.name: [row[0] for row in part.listing.rows] for part in found.sections}


def test_rules_are_switched_and_wrong_ones_refused(ctx: Context) -> None:
    add(ctx, "deal", "Engine")
    switching.switch(ctx, "next", on=False)
    assert not items(ctx)
    undo(ctx)
    assert items(ctx)
    with pytest.raises(NotFound):
        switching.switch(ctx, "nonsense", on=True)
    for words in (("kind=date",), ("kind=date", "date=deal.nothing"), ("query=(",)):
        with pytest.raises((InvalidValue, UsageError)):
            add(ctx, "alert", "Wrong", *words)


# --- when


WHEN: list[tuple[str, tuple[str, ...], bool]] = [
    ("2026-03-04T09:15:00Z", (), True),
    ("2026-03-04T21:30:00Z", ("quiet_hours=22:00-07:00",), False),
    ("2026-03-05T06:00:00Z", ("quiet_hours=22:00-07:00",), True),
    ("2026-03-07T09:00:00Z", ("working_days=mon-fri",), False),
    ("2026-03-09T09:00:00Z", ("working_days=mon-fri",), True),
    ("2026-03-04T06:30:00Z", ("digest_at=08:00",), False),
    ("2026-03-04T07:00:00Z", ("digest_at=08:00",), True),
]


@pytest.mark.parametrize(("moment", "words", "sent"), WHEN)
def test_nothing_is_planned_when_somebody_is_not_to_be_disturbed(
    ctx: Context, moment: str, words: tuple[str, ...], sent: bool
) -> None:
    add(ctx, "user", "ada", "channels=mail", *words)
    add(ctx, "task", "Call", "due=2026-03-03")
    assert bool(planned(at(ctx, moment))) == sent


def planned(ctx: Context) -> int:
    found = running.work_out(ctx)
    ctx.close()
    with logging(ctx.location) as log:
        row = {"at": ctx.now, "host": "here", "pid": 1, "due": 0, "sent": 0, "failed": 0}
        run = log.insert_log("reminder_run", row)
        return planning.plan(log, ctx.env, found.people, found.by_person, run)


def test_a_holiday_is_a_day_off(ctx: Context) -> None:
    add(ctx, "user", "ada", "channels=mail")
    add(ctx, "holiday", "Founding day", "day=2026-03-04")
    add(ctx, "task", "Call", "due=2026-03-03")
    assert planned(ctx) == 0
    assert planned(at(ctx, "2026-03-04T22:59:00Z")) == 0
    assert planned(at(ctx, "2026-03-04T23:00:00Z")) == 1, "it is the next day in Berlin"


def test_one_digest_a_day_and_what_has_an_hour_at_once(ctx: Context) -> None:
    add(ctx, "user", "ada", "channels=mail", "digest_at=08:00")
    add(ctx, "task", "One", "due=2026-03-03")
    add(ctx, "task", "Two", "due=2026-03-03")
    assert planned(ctx) == 1
    add(ctx, "task", "Three", "due=2026-03-03")
    assert planned(ctx) == 0, "the digest of today is out"
    add(ctx, "task", "At ten", "due=2026-03-04 10:20")
    assert planned(at(ctx, "2026-03-04T09:20:00Z")) == 1
    assert planned(at(ctx, "2026-03-05T07:00:00Z")) == 1


def test_at_most_so_many_a_day_and_a_missed_week_without_a_flood(ctx: Context) -> None:
    add(ctx, "user", "ada", "channels=mail", "one_each=yes", "max_per_day=3")
    for number in range(5):
        add(ctx, "task", f"Task {number}", "due=2026-03-03")
    assert planned(ctx) == 1, "one for all that is left"
    for number in range(2):
        add(ctx, "task", f"More {number}", "due=2026-03-03")
    assert planned(ctx) == 2
    add(ctx, "task", "Too much", "due=2026-03-03")
    assert planned(ctx) == 0
    assert planned(at(ctx, "2026-03-05T09:00:00Z")) == 1


# --- series


def test_settling_a_task_makes_the_next_one_once_and_undo_takes_both_back(ctx: Context) -> None:
    add(ctx, "task", "Pay", "due=2026-01-31", "recurrence=monthly", "remind=1d", "tags=home")
    repeating.check(ctx, "t1", (), add=["Print"])
    done = day.done(ctx, ["t1"])
    assert done.lines[1].startswith("Next: t2 Pay, due 31 Mar 2026")
    rows = engines.ask(ctx.location.path, "SELECT due, remind, series_id FROM task WHERE id = 2")
    assert rows == [("2026-03-31", "1d", 1)]
    assert repeating.checklist(ctx, "t2").rows == ((1, 0, "Print"),)
    assert series.keep_up(ctx) == []
    ctx.close()
    undo(ctx)
    live = "SELECT id FROM task WHERE status = 'open' AND deleted_at IS NULL"
    assert engines.ask(ctx.location.path, live) == [(1,)]
    assert "Next: t3" in day.done(ctx, ["t1"]).lines[1]


def test_a_series_is_skipped_changed_once_and_ended(ctx: Context) -> None:
    add(ctx, "task", "Report", "due=2026-03-06", "recurrence=every friday")
    repeating.once(ctx, "t1", [read_assign("title=Report to the board")])
    repeating.skip(ctx, "t1")
    rows = engines.ask(ctx.location.path, "SELECT title, due FROM task WHERE id = 2")
    assert rows == [("Report", "2026-03-13")]
    assert [row[0] for row in repeating.coming(ctx, "t2").rows][:2] == ["2026-03-13", "2026-03-20"]
    ctx.close()
    repeating.stop(ctx, "t2")
    assert len(day.done(ctx, ["t2"]).lines) == 1
    with pytest.raises(Conflict):
        repeating.skip(ctx, "t2")


def test_counted_from_completion_the_next_one_comes_after_the_day_it_was_done(
    ctx: Context,
) -> None:
    add(ctx, "task", "Call", "due=2026-02-01", "recurrence=30 days after done")
    day.done(ctx, ["t1"])
    assert engines.ask(ctx.location.path, "SELECT due FROM task WHERE id = 2") == [("2026-04-03",)]


def test_what_was_settled_past_the_rules_is_kept_up_with_once(ctx: Context) -> None:
    add(ctx, "task", "Pay", "due=2026-03-01", "recurrence=monthly")
    with engines.connected(ctx.location.path) as connection:
        connection.execute("UPDATE task SET status = 'done'")
    assert series.keep_up(ctx) == [2]
    ctx.close()
    assert series.keep_up(ctx) == []


# --- the calendar, the job


def test_the_calendar_is_read_by_the_library_and_keeps_its_identifiers(
    ctx: Context, tmp_path: object
) -> None:
    from icalendar import Calendar

    add(ctx, "task", "Pay", "due=2026-03-31 09:00", "recurrence=monthly", "remind=1d,1h")
    add(ctx, "task", "Day", "due=2026-03-05")
    path = ctx.location.path.with_name("crm.ics")
    feed.write(ctx, path)
    first = Calendar.from_ical(path.read_text())
    pay, plain = first.walk("VEVENT")
    assert pay["DTSTART"].dt.isoformat() == "2026-03-31T09:00:00+02:00"
    assert pay["RRULE"]["BYMONTHDAY"] == [28, 29, 30, 31]
    assert pay["RRULE"]["BYSETPOS"] == [-1]
    assert len(pay.walk("VALARM")) == 2
    assert plain["DTSTART"].dt.isoformat() == "2026-03-05"
    assert [str(zone["TZID"]) for zone in first.walk("VTIMEZONE")] == ["Europe/Berlin"]
    ctx.close()
    day.done(ctx, ["t1"])
    feed.write(ctx, path)
    again = {str(e["UID"]): e for e in Calendar.from_ical(path.read_text()).walk("VEVENT")}
    assert again[str(pay["UID"])]["DTSTART"].dt.isoformat() == "2026-04-30T09:00:00+02:00"
    assert again[str(pay["UID"])]["SEQUENCE"] > pay["SEQUENCE"]


ENVIRON = {"CRM_USER": "ada", "CRM_CONFIG": "/home/ada/100%/config.toml", "SECRET": "x"}


def a_job() -> job.Job:
    made = job.make(locate("postgresql://ada:s3cret@db/crm"), ENVIRON, 15)
    return made._replace(words=("/opt/crm python", "-m", "crmcli", "remind"))


def test_a_crontab_line_carries_its_environment_and_no_secret() -> None:
    line = job.crontab_line(a_job())
    assert line == (
        "*/15 * * * * CRM_DB=postgresql://ada@db/crm CRM_CONFIG=/home/ada/100\\%/config.toml"
        f" CRM_USER=ada '/opt/crm python' -m crmcli remind # {a_job().name}"
    )


@pytest.mark.parametrize("kind", ["systemd", "launchd", "windows"])
def test_files_of_other_systems_hold_the_job(kind: str, tmp_path: object) -> None:
    text = "".join(file.text for file in job.files(a_job(), kind, Path("/home/ada")))
    for part in ("crmcli", "remind", "postgresql://ada@db/crm", "CRM_USER"):
        assert part in text
    assert "s3cret" not in text
    assert "SECRET" not in text


def test_minutes_that_a_crontab_cannot_say_are_refused() -> None:
    with pytest.raises(InvalidValue):
        job.make(locate("/tmp/crm.db"), {}, 7)


def test_the_status_tells_the_runs_and_what_is_coming(ctx: Context) -> None:
    add(ctx, "user", "ada", "channels=mail", "email=ada@x.test")
    ctx.settings["mail_from"] = "crm@x.test"
    add(ctx, "task", "Call", "due=2026-03-04")
    add(ctx, "task", "Later", "due=2026-03-08")
    ran = running.run(ctx, clock=lambda: ctx.env.now)
    assert (ran.delayed, ran.sent) == (1, 0)
    card = status.status(ctx)
    rows = {section.name: section.listing.rows for section in card.sections}
    assert rows["under_way"][0][:3] == ("ada", "mail", "pending")
    assert "no mail server" in str(rows["runs"])
    assert [row[2] for row in rows["coming"]] == ["Later"]
    assert status.deliveries(ctx, "t1").rows[0][0] == "Call"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
@pytest.mark.parametrize("minutes", [1, 15, 60])
def test_systemd_takes_its_files_as_they_are_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    environ = {"CRM_CONFIG": "/home/ada/$HOME 100%/a\"b'c\\d.toml"}
    made = job.make(locate(str(tmp_path / "crm.db")), environ, minutes)
    files = job.systemd_files(made, tmp_path)
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text)
    words = ["systemd-analyze", "--user", "verify", *(str(file.path) for file in files)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
