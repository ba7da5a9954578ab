"""Dates and periods are read as the tables in the modules' docstrings say."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import InvalidValue
from crmcli.values import Env, calendar, check, dates, parse, show, span
from crmcli.values.periods import EVER, period


def rows(module):
    """The lines of a docstring's table: what is typed, then what it is read as."""
    return [
        re.split(r"  +", line.strip(), maxsplit=1)
        for line in module.__doc__.splitlines()
        if line.startswith("    ")
    ]


def as_read(text: str, env: Env) -> str:
    read = dates.read_date(text, env)
    return f"{read.moment.astimezone(env.zone):%Y-%m-%d %H:%M}" if read.moment else str(read.day)


@pytest.mark.parametrize(("typed", "meant"), rows(dates))
def test_a_typed_date_is_read_as_documented(typed, meant, env):
    assert as_read(typed, env) == meant


@pytest.mark.parametrize(("typed", "meant"), rows(dates))
def test_case_and_spaces_make_no_difference(typed, meant, env):
    assert as_read(f"  {typed.upper()} ", env) == meant


@pytest.mark.parametrize(("typed", "days"), rows(calendar))
def test_a_named_period_covers_the_documented_days(typed, days, env):
    assert [str(day) for day in period(typed, env)] == days.split()


@pytest.mark.parametrize(
    ("typed", "low", "high"),
    [
        ("90d", "2025-12-04", "2026-03-05"),
        ("2 weeks", "2026-02-18", "2026-03-05"),
        ("2026-01..2026-03", "2026-01-01", "2026-04-01"),
        ("last month..today", "2026-02-01", "2026-03-05"),
        ("2026-03-05", "2026-03-05", "2026-03-06"),
        ("q2", "2025-04-01", "2025-07-01"),
        ("ALL", str(EVER[0]), str(EVER[1])),
    ],
)
def test_a_typed_period_covers(typed, low, high, env):
    assert [str(day) for day in period(typed, env)] == [low, high]


@pytest.mark.parametrize(
    ("typed", "told", "hint"),
    [
        ("last mont", 'cannot read "last mont" as a period', "last month"),
        ("2026-01..soon", 'cannot read "soon" as a period', "2026-01..2026-03"),
        ("31 feb", "there is no such day", "2026-03-05"),
    ],
)
def test_what_is_no_period_is_told_with_examples_of_periods(typed, told, hint, env):
    with pytest.raises(InvalidValue) as error:
        period(typed, env)
    assert told in error.value.message
    assert hint in error.value.hint


def test_a_length_and_a_quarter_lie_ahead_where_the_future_is_meant(env):
    assert period("90d", env, future=True) == (date(2026, 3, 4), date(2026, 6, 3))
    assert period("q2", env, future=True)[0] == date(2026, 4, 1)
    assert period("february", env, future=True)[0] == date(2027, 2, 1)


@pytest.mark.parametrize(
    ("order", "typed", "told", "hint"),
    [
        ("DMY", "31/2/26", "day 31, month 2, year 2026: there is no such day", "2026-03-05"),
        ("DMY", "29.2.2027", "day 29, month 2, year 2027: there is no such day", "2026-03-05"),
        ("MDY", "13/5/26", "day 5, month 13, year 2026: there is no month 13", "13 May 2026"),
        ("DMY", "5/13/26", "day 5, month 13, year 2026: there is no month 13", "13 May 2026"),
        ("DMY", "2026-02-30", "day 30, month 2", "2026-03-05"),
        ("DMY", "30 feb", "day 30, month 2: there is no such day", "2026-03-05"),
        ("DMY", "0/0/00", "there is no month 0", "2026-03-05"),
        ("YMD", "3/5/2026", "may be 3 May or 5 Mar", "3 May"),
        ("DMY", "Friday, 5 March 2026", "which is a Thursday", "weekday"),
        ("DMY", "tomorrow 25:00", "no such time", "14:30"),
        ("DMY", "13pm", "no such time", "14:30"),
        ("DMY", "mon 25h", "no such time", "14:30"),
        ("DMY", "mars next week", "cannot read", "tomorrow"),
        ("DMY", "2026-03-05 10:00+29:00", "no UTC offset", "+01:00"),
        ("DMY", "9999999d", "cannot read", "tomorrow"),
        ("DMY", "999999y", "off the calendar", "tomorrow"),
        ("DMY", "soon", 'cannot read "soon" as a date', "tomorrow"),
        ("DMY", "5", "cannot read", "tomorrow"),
        ("DMY", "march 2026", "cannot read", "tomorrow"),
        ("DMY", "5 Mar 2026 10:00 PST", "cannot read", "tomorrow"),
        ("DMY", "1" * 9999, "cannot read", "tomorrow"),
    ],
)
def test_an_impossible_date_is_refused_and_shown_as_it_was_read(order, typed, told, hint, env):
    with pytest.raises(InvalidValue) as error:
        parse("when", typed, env._replace(date_order=order))
    assert told in error.value.message
    assert hint in error.value.hint


@pytest.mark.parametrize(
    ("order", "typed", "day"),
    [
        ("DMY", "3/5/26", "2026-05-03"),
        ("MDY", "3/5/26", "2026-03-05"),
        ("YMD", "26/3/5", "2026-03-05"),
        ("MDY", "3/5", "2026-03-05"),
        ("DMY", "3/5", "2026-05-03"),
        ("YMD", "25/3/2026", "2026-03-25"),
        ("YMD", "3/25/2026", "2026-03-25"),
        ("MDY", "2026-03-05", "2026-03-05"),
        ("MDY", "20260305", "2026-03-05"),
    ],
)
def test_the_configured_order_decides(order, typed, day, env):
    assert parse("day", typed, env._replace(date_order=order)) == day


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("5 mar", "2025-03-05"),
        ("4 mar", "2026-03-04"),
        ("fri", "2026-02-27"),
        ("wed", "2026-02-25"),
        ("next fri", "2026-03-06"),
        ("29 feb", "2024-02-29"),
        ("3/5/27", "1927-05-03"),
    ],
)
def test_what_was_left_out_lies_back_where_the_past_is_meant(typed, day, env):
    assert parse("day", typed, env, past=True) == day


@pytest.mark.parametrize(
    ("zone", "typed", "moment"),
    [
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30:00Z"),  # skipped: as 03:30
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z"),  # twice: the first
        ("America/New_York", "2026-03-08 02:30", "2026-03-08T07:30:00Z"),
        ("Asia/Kolkata", "2026-03-05 00:00", "2026-03-04T18:30:00Z"),
        ("Asia/Tokyo", "2026-03-05", "2026-03-04T15:00:00Z"),
        ("Asia/Tokyo", "Thu, 05 Mar 2026 14:30:00 +0100", "2026-03-05T13:30:00Z"),
    ],
)
def test_a_local_time_is_stored_in_utc(zone, typed, moment, env):
    assert parse("moment", typed, env._replace(zone=ZoneInfo(zone))) == moment


def test_a_due_date_keeps_whether_a_time_was_typed(env):
    assert parse("when", "tomorrow", env) == "2026-03-05"
    assert parse("when", "tomorrow 9am", env) == "2026-03-05T08:00:00Z"


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("5 mar", "--03-05", "5 Mar"),
        ("--0229", "--02-29", "29 Feb"),
        ("29 feb", "--02-29", "29 Feb"),
        ("3/5/85", "1985-05-03", "3 May 1985"),
        ("1931-07-26", "1931-07-26", "26 Jul 1931"),
    ],
)
def test_a_birthday_may_lack_its_year(typed, stored, shown, env):
    assert parse("birthday", typed, env) == stored
    assert check("birthday", stored) == stored
    assert show("birthday", stored, env) == shown


def test_a_birthday_in_the_future_is_refused(env):
    with pytest.raises(InvalidValue, match="in the future"):
        parse("birthday", "2026-05-05", env)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2026-03-04", "today"),
        ("2026-03-05", "tomorrow"),
        ("2026-03-03", "yesterday"),
        ("2026-03-07", "in 3 days"),
        ("2026-02-27", "5 days ago"),
        ("2026-03-19", "19 Mar 2026"),
        ("2026-03-05T08:00:00Z", "tomorrow 09:00"),
        ("2026-03-04T23:30:00Z", "tomorrow 00:30"),
        ("2025-12-01T08:00:00Z", "1 Dec 2025 09:00"),
    ],
)
def test_days_near_today_are_shown_by_their_distance(stored, shown, env):
    assert show("when", stored, env) == shown


@pytest.mark.parametrize(
    ("kind", "typed", "future", "covered"),
    [
        ("day", "2026-01", False, ("2026-01-01", "2026-02-01")),
        ("day", "30d", False, ("2026-02-02", "2026-02-03")),
        ("day", "30d", True, ("2026-04-03", "2026-04-04")),
        ("day", "+3d", False, ("2026-03-07", "2026-03-08")),
        ("day", "q2", True, ("2026-04-01", "2026-07-01")),
        ("when", "today", False, ("2026-03-04", "2026-03-05")),
        ("moment", "today", False, ("2026-03-03T23:00:00Z", "2026-03-04T23:00:00Z")),
        ("moment", "2026", False, ("2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z")),
        ("moment", "14:30", False, ("2026-03-04T13:30:00Z", "2026-03-04T13:31:00Z")),
        ("moment", "3h", False, ("2026-03-04T06:15:00Z", "2026-03-04T06:16:00Z")),
    ],
)
def test_a_word_of_a_query_covers(kind, typed, future, covered, env):
    assert span(kind, typed, env, future=future) == covered


YEARS = st.integers(1970, 2100)


@given(YEARS, st.integers(1, 12))
def test_the_spans_of_months_adjoin(year, month):
    env = Env(datetime(2026, 3, 4, 9, 15, tzinfo=UTC), ZoneInfo("America/Santiago"))
    after = f"{year + month // 12}-{month % 12 + 1:02}"
    for kind in ("day", "moment"):
        assert span(kind, f"{year}-{month:02}", env)[1] == span(kind, after, env)[0]


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.times(), st.sampled_from(["D", "M", "Y"]))
def test_a_moment_shown_in_iso_is_read_back(day, clock, first):
    order = {"D": "DMY", "M": "MDY", "Y": "YMD"}[first]
    env = Env(datetime(2026, 3, 4, 9, 15, tzinfo=UTC), ZoneInfo("Europe/Berlin"), date_order=order)
    stored = calendar.moment_text(calendar.at_local(day, clock, env.zone))
    assert parse("moment", stored, env) == stored


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(-60, 60))
def test_adding_months_keeps_the_day_or_takes_the_last(day, months):
    later = calendar.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == min(day.day, calendar.days_in_month(later.year, later.month))


def test_midnight_is_a_moment_at_both_ends_of_ever():
    for zone in (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")):
        for day in EVER:
            stored = calendar.midnight(day, zone)
            assert calendar.moment_of(stored) == calendar.at_local(day, time(0), zone)


@pytest.mark.parametrize("typed", ["3/5/26", "3-5-2026", "3/5"])
def test_without_a_configured_order_a_date_that_reads_both_ways_is_refused(typed, env):
    with pytest.raises(InvalidValue, match=r"may be 3 May or 5 Mar"):
        parse("day", typed, env._replace(date_order=""))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("13/5/26", "2026-05-13"),
        ("5/13/2026", "2026-05-13"),
        ("3.5.2026", "2026-05-03"),
        ("3.5.", "2026-05-03"),
        ("5.13.2026", "2026-05-13"),
    ],
)
def test_without_a_configured_order_a_date_that_reads_one_way_is_read(typed, day, env):
    assert parse("day", typed, env._replace(date_order="")) == day
