"""The calendar: arithmetic on days, moments in UTC, and stretches of days by name.

A week begins on Monday. Months are added to the same day of the month, or to its last day when
the month is shorter. A local time that a clock change skips is read as if the clock had not
changed yet (02:30 becomes 03:30), one that occurs twice is the first of the two.

Names of periods, as on Wednesday 4 March 2026, each from its first day up to but without the last:

    today                  2026-03-04  2026-03-05
    this week              2026-03-02  2026-03-09
    last month             2026-02-01  2026-03-01
    next quarter           2026-04-01  2026-07-01
    ytd                    2026-01-01  2026-03-05
    last 30 days           2026-02-02  2026-03-05
    next 2 weeks           2026-03-04  2026-03-19
    2025                   2025-01-01  2026-01-01
    2026-01                2026-01-01  2026-02-01
    2026-w10               2026-03-02  2026-03-09
    q1                     2026-01-01  2026-04-01
    q4 2025                2025-10-01  2026-01-01
    2025-q4                2025-10-01  2026-01-01
    february               2026-02-01  2026-03-01
    mar 2025               2025-03-01  2025-04-01

Without a year, a month or quarter is the last one that has begun, or the next one that is not
over where the future is meant.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias

Days: TypeAlias = "tuple[date, date]"

DAY = timedelta(days=1)
MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
WEEKDAY_NAMES = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()  # noqa: SIM905
WEEKDAYS_SHORT = tuple(name[:3] for name in WEEKDAY_NAMES)
WEEKDAY_CODES = tuple(name[:2].upper() for name in WEEKDAY_NAMES)  # as RFC 5545 has them

_FULL_MONTHS = (
    "january february march april may june july august september october november december"
)
MONTHS = {
    **{name[:3]: number for number, name in enumerate(_FULL_MONTHS.split(), 1)},
    **{name: number for number, name in enumerate(_FULL_MONTHS.split(), 1)},
    "sept": 9,
}
WEEKDAYS = {
    **{name[:3].lower(): number for number, name in enumerate(WEEKDAY_NAMES)},
    **{name.lower(): number for number, name in enumerate(WEEKDAY_NAMES)},
    "tues": 1,
    "weds": 2,
    "thur": 3,
    "thurs": 3,
}
UNITS = {
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "week"),
    **dict.fromkeys(("m", "mo", "mos", "month", "months"), "month"),
    **dict.fromkeys(("q", "quarter", "quarters"), "quarter"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "year"),
}
_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
_DAYS_IN = {"day": 1, "week": 7}

_RELATIVE = r"(this|current|next|last|previous) (week|month|quarter|year)"
_TO_DATE = {"wtd": "week", "mtd": "month", "qtd": "quarter", "ytd": "year"}
_STRETCH = r"(last|past|next) (\d{1,4}) ?([a-z]+)"
_YEAR = r"[12]\d{3}"
_YEAR_MONTH = r"([12]\d{3})[-/](\d{1,2})"
_YEAR_WEEK = r"([12]\d{3})-?w(\d{1,2})"
_QUARTER = r"q([1-4])(?:[ /-]?([12]\d{3}))?|([12]\d{3})[ /-]?q([1-4])"
_MONTH = r"([a-z]{3,9})\.?(?: ([12]\d{3}))?"


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last of a shorter month; OverflowError off the end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("date out of range")
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def add_units(day: date, count: int, unit: str) -> date:
    """`day` and `count` units (day, week, month, quarter, year); OverflowError off the end."""
    if unit in _DAYS_IN:
        return day + timedelta(days=count * _DAYS_IN[unit])
    return add_months(day, count * _MONTHS_IN[unit])


def start_of(day: date, unit: str) -> date:
    """The first day of the week, month, quarter or year that `day` is in."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS_IN[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def unit_around(day: date, unit: str, offset: int = 0) -> Days:
    """The week, month, quarter or year around `day`, or the one `offset` further."""
    low = add_units(start_of(day, unit), offset, unit)
    return low, add_units(low, 1, unit)


def moment_text(moment: datetime) -> str:
    """The stored form of an aware moment: 2026-03-05T09:00:00Z."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def moment_of(stored: str) -> datetime:
    """The aware moment of a stored form."""
    return datetime.fromisoformat(stored)


def at_local(day: date, clock: time, zone: tzinfo) -> datetime:
    """The moment in UTC at which the clocks of `zone` show that time of that day."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def is_day(when: str) -> bool:
    """Whether a stored `when` is a day; else it is a moment."""
    return len(when) == len("2026-03-05")


def midnight(day: date, zone: tzinfo) -> str:
    """The stored moment at which `day` begins in `zone`."""
    return moment_text(at_local(day, time(0), zone))


def _nearest(low: date, months: int, today: date, future: bool) -> Days:
    """The stretch of `months` from `low`, a year earlier or later if that is nearer the wish."""
    if future and add_months(low, months) <= today:
        low = add_months(low, 12)
    elif not future and low > today:
        low = add_months(low, -12)
    return low, add_months(low, months)


def _quarter(text: str, today: date, future: bool) -> Days | None:
    match = re.fullmatch(_QUARTER, text)
    if match is None:
        return None
    quarter, year = int(match[1] or match[4]), match[2] or match[3]
    low = date(int(year) if year else today.year, quarter * 3 - 2, 1)
    return (low, add_months(low, 3)) if year else _nearest(low, 3, today, future)


def _month(text: str, today: date, future: bool) -> Days | None:
    match = re.fullmatch(_MONTH, text)
    if match is None or match[1] not in MONTHS:
        return None
    low = date(int(match[2]) if match[2] else today.year, MONTHS[match[1]], 1)
    return (low, add_months(low, 1)) if match[2] else _nearest(low, 1, today, future)


def _numbered(text: str) -> Days | None:
    """2026, 2026-03, 2026-w10."""
    if re.fullmatch(_YEAR, text):
        return date(int(text), 1, 1), date(int(text) + 1, 1, 1)
    match = re.fullmatch(_YEAR_MONTH, text)
    if match and 1 <= int(match[2]) <= 12:
        return unit_around(date(int(match[1]), int(match[2]), 1), "month")
    match = re.fullmatch(_YEAR_WEEK, text)
    if match and 1 <= int(match[2]) <= 53:
        fourth = date(int(match[1]), 1, 4)  # the first week is the one with the fourth of January
        return unit_around(fourth + timedelta(weeks=int(match[2]) - 1), "week")
    return None


def _stretch(text: str, today: date) -> Days | None:
    match = re.fullmatch(_STRETCH, text)
    if match is None or match[3] not in UNITS:
        return None
    count, unit = int(match[2]), UNITS[match[3]]
    if match[1] == "next":
        return today, add_units(today, count, unit) + DAY
    return add_units(today, -count, unit), today + DAY


def _relative(text: str, today: date) -> Days | None:
    if text in ("today", "yesterday", "tomorrow"):
        low = today + DAY * ("yesterday", "today", "tomorrow").index(text) - DAY
        return low, low + DAY
    if text in _TO_DATE:
        return start_of(today, _TO_DATE[text]), today + DAY
    match = re.fullmatch(_RELATIVE, text)
    if match is None:
        return None
    offset = {"next": 1, "last": -1, "previous": -1}.get(match[1], 0)
    return unit_around(today, match[2], offset)


def named_period(text: str, today: date, *, future: bool = False) -> Days | None:
    """The days of a period by its name in lower case, from the first up to but without the second.

    None when it is no such name; the table above lists them. OverflowError off the calendar's end.
    """
    return (
        _relative(text, today)
        or _numbered(text)
        or _quarter(text, today, future)
        or _month(text, today, future)
        or _stretch(text, today)
    )
