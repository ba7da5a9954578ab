"""Rules of repetition: said by people, stored as RRULEs, correct over months and clock changes."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from crmcli import values
from crmcli.errors import InvalidValue
from crmcli.values import Env
from crmcli.values import recurrence as rec

BERLIN = ZoneInfo("Europe/Berlin")
ENV = Env(datetime(2026, 3, 4, 9, 15, tzinfo=UTC), BERLIN)
TABLE = re.findall(r"^    (\S.*?) {2,}(FREQ=\S+)$", rec.__doc__ or "", re.MULTILINE)


@pytest.mark.parametrize(("said", "stored"), TABLE)
def test_the_table_of_examples_holds_and_reads_back(said: str, stored: str) -> None:
    assert values.parse("recurrence", said, ENV) == stored
    assert values.parse("recurrence", values.show("recurrence", stored, ENV), ENV) == stored
    assert values.parse("recurrence", stored, ENV) == stored


@pytest.mark.parametrize(
    "text",
    ["sometimes", "every", "every 0 days", "every blue monday", "FREQ=HOURLY", "FREQ=DAILY;X=1",
     "monthly on the 45th", "weekly 0 times", "every monday after done", "yearly on 31 february",
     "FREQ=DAILY;COUNT=2;UNTIL=20260101", "RRULE:FREQ=WEEKLY;BYDAY=XX", "x" * 300],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        values.parse("recurrence", text, ENV)
    assert "\n" not in caught.value.message


# From the documentation of dateutil.rrule: rule, first occurrence, those expected.
PUBLISHED = [
    ("FREQ=DAILY;COUNT=4", "1997-09-02", "1997-09-02 1997-09-03 1997-09-04 1997-09-05"),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02",
     "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;WKST=SU", "1997-09-02",
     "1997-09-02 1997-09-16 1997-09-30 1997-10-14"),
    ("FREQ=WEEKLY;COUNT=4;BYDAY=TU,TH;WKST=SU", "1997-09-02",
     "1997-09-02 1997-09-04 1997-09-09 1997-09-11"),
    ("FREQ=MONTHLY;COUNT=4;BYDAY=1FR", "1997-09-05", "1997-09-05 1997-10-03 1997-11-07 1997-12-05"),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=-2MO", "1997-09-22", "1997-09-22 1997-10-20 1997-11-17"),
    ("FREQ=MONTHLY;COUNT=4;BYMONTHDAY=-3", "1997-09-28",
     "1997-09-28 1997-10-29 1997-11-28 1997-12-29"),
    ("FREQ=MONTHLY;INTERVAL=18;COUNT=4;BYMONTHDAY=10", "1997-09-10",
     "1997-09-10 1999-03-10 2000-09-10 2002-03-10"),
    ("FREQ=YEARLY;COUNT=3;BYMONTH=6", "1997-06-10", "1997-06-10 1998-06-10 1999-06-10"),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04",
     "1997-09-04 1997-10-07 1997-11-06"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "first", "expected"), PUBLISHED)
def test_published_cases_of_the_library(rule: str, first: str, expected: str) -> None:
    days = expected.split()
    stored = str(values.check("recurrence", rule))
    assert walked(stored, first, BERLIN, len(days) + 1) == days


def walked(stored: str, first: str, zone: ZoneInfo, number: int) -> list[str]:
    """The first occurrences, as many or as there are, by asking for the next one."""
    steps = [first]
    while len(steps) < number and (found := rec.following(stored, first, steps[-1], zone)):
        steps.append(found)
    return steps


def test_the_end_of_a_month_is_kept_through_shorter_ones() -> None:
    assert walked("FREQ=MONTHLY", "2026-01-31", BERLIN, 5) == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
    ]  # fmt: skip
    assert walked("FREQ=YEARLY", "2024-02-29", BERLIN, 5)[1:] == [
        "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29",
    ]  # fmt: skip


def test_what_counts_from_completion_goes_by_the_day_it_was_done() -> None:
    rule = "FREQ=DAILY;INTERVAL=30;X-FROM=DONE"
    assert rec.following(rule, "2026-01-01", "2026-03-04T22:30:00Z", BERLIN) == "2026-04-03"
    timed = rec.following(rule, "2026-01-01T09:00:00Z", "2026-03-04T22:30:00Z", BERLIN)
    assert timed == "2026-04-03T08:00:00Z", "at ten o'clock in summer as in winter"


def test_what_was_missed_is_passed_over() -> None:
    rule = "FREQ=WEEKLY;BYDAY=MO"
    found = rec.following(rule, "2026-01-05", "2026-01-05", BERLIN, not_before="2026-03-04")
    assert found == "2026-03-09"


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]


@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2029, 12, 31)),
    rule=st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY", "FREQ=YEARLY"]),
)
def test_the_hour_stays_over_a_decade_of_clock_changes(
    zone: str, start: datetime, rule: str
) -> None:
    place = ZoneInfo(zone)
    moment = start.replace(second=0, microsecond=0, tzinfo=UTC)
    local = moment.astimezone(place)
    first = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    for found in walked(rule, first, place, 30)[1:]:
        there = datetime.fromisoformat(found).astimezone(place)
        skipped = there - timedelta(hours=2)
        if skipped.utcoffset() == there.utcoffset():
            assert (there.hour, there.minute) == (local.hour, local.minute), found


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    rule=st.sampled_from([stored for _said, stored in TABLE if "UNTIL" not in stored]),
)
def test_the_next_one_is_always_later_and_never_skips(start: date, rule: str) -> None:
    fixed = rule.removesuffix(";X-FROM=DONE")
    first = rec.first_from(fixed, start.replace(day=min(start.day, 28)))
    made = rrulestr(fixed, dtstart=datetime.fromisoformat(first))
    expected = [day.date().isoformat() for day in itertools.islice(made, 6)]
    assert walked(fixed, first, BERLIN, 6) == expected


def test_a_rule_that_began_long_ago_goes_on() -> None:
    assert rec.following("FREQ=DAILY", "1926-03-04", "2026-03-04", BERLIN) == "2026-03-05"


LEADS = [("1d,1h", "1d,1h"), ("2 weeks, 30min", "2w,30m"), ("1 day before and 2h", "1d,2h"),
         ("2026-03-05 10:00", "2026-03-05T09:00:00Z")]  # fmt: skip


@pytest.mark.parametrize(("said", "stored"), LEADS)
def test_reminders_are_lengths_before_or_moments(said: str, stored: str) -> None:
    assert values.parse("leads", said, ENV) == stored
    assert values.check("leads", stored) == stored


def test_reminders_are_reckoned_from_what_is_due() -> None:
    due = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    moments = rec.reminder_moments("1d,1h,2026-03-01T09:00:00Z", due)
    assert [moment.isoformat()[:16] for moment in moments] == [
        "2026-03-01T09:00", "2026-03-09T09:00", "2026-03-10T08:00",
    ]  # fmt: skip


SCHEDULES = [
    ("clock", "8am", "08:00"), ("clock", "20.15", "20:15"), ("hours", "10pm to 7am", "22:00-07:00"),
    ("weekdays", "mon-fri", "MO,TU,WE,TH,FR"), ("weekdays", "sat-mon", "MO,SA,SU"),
    ("channels", "desktop, email", "mail,desktop"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "said", "stored"), SCHEDULES)
def test_schedules_are_read(kind: str, said: str, stored: str) -> None:
    assert values.parse(kind, said, ENV) == stored
    assert values.parse(kind, values.show(kind, stored, ENV), ENV) == stored


@pytest.mark.parametrize(
    ("kind", "text"),
    [("clock", "25:00"), ("clock", "noonish"), ("hours", "8"), ("hours", "08:00-08:00"),
     ("weekdays", "someday"), ("channels", "pigeon"), ("leads", "soonish")],
)  # fmt: skip
def test_wrong_schedules_are_refused(kind: str, text: str) -> None:
    with pytest.raises(InvalidValue):
        values.parse(kind, text, ENV)
