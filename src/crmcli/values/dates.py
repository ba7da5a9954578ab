"""Dates and times as people type them.

As read on Wednesday 4 March 2026 at 10:15 in Berlin, in the order DMY:

    today                       2026-03-04
    tomorrow                    2026-03-05
    yesterday                   2026-03-03
    now                         2026-03-04 10:15
    14:30                       2026-03-04 14:30
    14h                         2026-03-04 14:00
    3h                          2026-03-04 13:15
    tomorrow 9am                2026-03-05 09:00
    9:30 pm tomorrow            2026-03-05 21:30
    tomorrow at noon            2026-03-05 12:00
    tomorrow at 9               2026-03-05 09:00
    fri                         2026-03-06
    wednesday                   2026-03-11
    this wed                    2026-03-04
    next tuesday 10:00          2026-03-10 10:00
    last monday                 2026-03-02
    mon 14h                     2026-03-09 14:00
    monday next week            2026-03-09
    this week fri 9h30          2026-03-06 09:30
    +3d                         2026-03-07
    3d                          2026-03-07
    -2w                         2026-02-18
    in 2 weeks                  2026-03-18
    in a month                  2026-04-04
    3 days ago                  2026-03-01
    in 3 hours                  2026-03-04 13:15
    +90min                      2026-03-04 11:45
    end of month                2026-03-31
    eom                         2026-03-31
    eow                         2026-03-08
    eoq                         2026-03-31
    end of year                 2026-12-31
    end of next month           2026-04-30
    end of q2                   2026-06-30
    start of april              2026-04-01
    q3                          2026-09-30
    q4 2027                     2027-12-31
    next week                   2026-03-09
    next month                  2026-04-01
    2026-03-05                  2026-03-05
    2026-03-05 14:30            2026-03-05 14:30
    2026-03-05T14:30Z           2026-03-05 15:30
    2026-03-05T14:30:00+02:00   2026-03-05 13:30
    5 Mar                       2026-03-05
    Mar 5                       2026-03-05
    3 March                     2027-03-03
    5th of March, 2027          2027-03-05
    5-Mar-27                    2027-03-05
    Thursday, 5 March 2026      2026-03-05
    Thu 5 Mar 2026 14:30:00     2026-03-05 14:30
    3/5/26                      2026-05-03
    3.5.2026                    2026-05-03
    3.5.                        2026-05-03
    2026/3/5                    2026-03-05
    20260305                    2026-03-05

A weekday alone is the first one after today, and so is one with "next"; "this" may be today. A
date without a year is the next one that is not over, or the last one where the past is meant
(`Env.past`: birthdays, what has happened), and so is a weekday. An hour of two digits is a time of
day (14h); with one digit, a sign or "in" it is a length of time (3h, +14h). Where no order is
configured, dots mean that the day is first. A two-digit year is within fifty
years from now, or not after this year where the past is meant. A quarter is its last day, "next
week" its first.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, quote, unreadable
from crmcli.values.calendar import (
    DAY,
    MONTH_NAMES,
    MONTHS,
    UNITS,
    WEEKDAY_NAMES,
    WEEKDAYS,
    add_units,
    at_local,
    days_in_month,
    named_period,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLES = "for example tomorrow 9am, fri, +3d, end of month, 5 Mar or 2026-03-05"


class Read(NamedTuple):
    """What was read: a local day, the moment in UTC if a time was typed, whether a year was."""

    day: date
    moment: datetime | None = None
    year_typed: bool = True


class Offset(NamedTuple):
    """A length of time as typed: "+3d". sign is 0 when no direction was typed."""

    sign: int
    number: int
    unit: str


_OFFSET = r"(in |[+-])? ?(\d{1,6}|an?|one) ?([a-z]+)( ago)?"
_CLOCK_UNITS = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hour"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "minute"),
}
_CLOCK = (
    r"(?:at |@ ?)?(?P<h>\d{1,2})"
    r"(?::(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,]\d{1,9})?)?"
    r"(?P<zone> ?z| ?utc| ?gmt| ?[+-]\d{2}:?\d{2})?)? ?(?P<half>[ap]\.?m\.?)?"
    r"|(?:at )?(?P<hour>\d{1,2}) ?h(?P<minute>\d{2})?"
    r"|(?:at )?(?P<word>noon|midnight)"
)
_DAY_CLOCK = rf"(?P<day>.+?)(?:,? |t)(?P<clock>{_CLOCK})"
_BARE_HOUR = r"(?:[01]\d|2[0-3])h"
_CLOCK_DAY = rf"(?P<clock>{_CLOCK}),? (?:on )?(?P<day>.+)"
_WEEKDAY = r"(?:(this|on|next|coming|last|past) )?([a-z]{3,9})\.?"
_WEEKDAY_OF_WEEK = r"(?P<day>[a-z]{3,9}),? (?:of )?(?P<week>(?:this|next|last) week)"
_WEEK_AND_WEEKDAY = r"(?P<week>(?:this|next|last) week),? (?:on )?(?P<day>[a-z]{3,9})"
_WEEKDAY_BEFORE = r"([a-z]{3,9})\.?,? (?=.*\d)(.+)"
_EDGE = r"(end|start|beginning) of (?:the )?(.+)"
_SHORT_EDGE = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}
_NEXT = r"next (?:week|month|quarter|year)"
_DAY_MONTH = (
    r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: of)?[ .-]{0,2}(?P<m>[a-z]{3,9})\.?"
    r"(?:,? ?-?'?(?P<y>\d{4}|\d{2}))?"
)
_MONTH_DAY = (
    r"(?P<m>[a-z]{3,9})\.?[ -]?(?P<d>\d{1,2})(?:st|nd|rd|th)?"
    r"(?:(?:, ?|[ -])'?(?P<y>\d{4}|\d{2}))?"
)
_NUMERIC = r"(\d{1,4})([./-])(\d{1,2})(?:\2(\d{4}|\d{1,2})?)?"
_COMPACT = r"([12]\d{3})(\d{2})(\d{2})"
# With a month in letters only: dateutil reads 20260305 as the third of May when the day is first.
_FOR_LIBRARY = r"(?i)(?=.*\d)(?=.*[a-z]{3})[a-z0-9 ,:.+/-]{6,60}"
_LONGEST = 80
_ORDERS: Mapping[str, str] = {"DMY": "dmy", "MDY": "mdy", "YMD": "ymd"}


def read_date(text: str, env: Env) -> Read:
    """The day, and the moment if a time was typed too; raises InvalidValue as it was read."""
    low = " ".join(text[:_LONGEST].lower().split()).strip(" ,")
    if len(text) > _LONGEST:
        raise unreadable(text, "a date", EXAMPLES)
    try:
        found = _read_relative_clock(low, env) or _read_day(low, env) or _read_clock(low, env)
        found = found or _read_by_library(text, env)
    except OverflowError:
        raise InvalidValue(f"{quote(text)} is off the calendar", hint=EXAMPLES) from None
    if found is None:
        raise unreadable(text, "a date", EXAMPLES)
    return found


def read_offset(low: str) -> Offset | None:
    """A length of time typed in lower case as "30d", "+2 weeks", "in 3 hours", "5 days ago"."""
    match = re.fullmatch(_OFFSET, low)
    unit = (UNITS.get(match[3]) or _CLOCK_UNITS.get(match[3])) if match else None
    if match is None or unit is None or (match[1] and match[4]):
        return None
    sign = -1 if match[1] == "-" or match[4] else 1 if match[1] else 0
    return Offset(sign, int(match[2]) if match[2].isdecimal() else 1, unit)


def shift(offset: Offset, env: Env, sign: int) -> Read:
    """The day, for hours and minutes the moment, at `offset` from now in direction `sign`."""
    count = sign * offset.number
    if offset.unit not in ("hour", "minute"):
        return Read(add_units(env.today, count, offset.unit))
    return _at_moment(
        env.now + timedelta(minutes=count * (60 if offset.unit == "hour" else 1)), env
    )


def _at_moment(moment: datetime, env: Env) -> Read:
    return Read(moment.astimezone(env.zone).date(), moment.astimezone(UTC))


def _read_relative_clock(low: str, env: Env) -> Read | None:
    if low == "now":
        return _at_moment(env.now, env)
    if re.fullmatch(_BARE_HOUR, low):
        return None
    offset = read_offset(low)
    return shift(offset, env, offset.sign or 1) if offset else None


def _read_clock(low: str, env: Env) -> Read | None:
    """A time of day, with a day before or after it or else today."""
    alone = re.fullmatch(_CLOCK, low)
    if alone:
        return _at_clock(Read(env.today), alone, env)
    for pattern in (_DAY_CLOCK, _CLOCK_DAY):
        match = re.fullmatch(pattern, low)
        day = _read_day(match["day"], env) if match else None
        if match and day:
            return _at_clock(day, match, env)
    return None


def _at_clock(day: Read, match: re.Match[str], env: Env) -> Read | None:
    if match["word"]:
        clock: time | None = time(12 if match["word"] == "noon" else 0)
    elif (
        match["m"]
        or match["half"]
        or match["hour"]
        or match[0].startswith("at ")
        or " at " in match[0]
    ):
        clock = _clock_time(match)
    else:
        return None
    if clock is None:
        raise InvalidValue(
            f"there is no such time in {quote(match[0])}", hint="for example 14:30 or 2:30pm"
        )
    if match["zone"]:
        return _at_moment(datetime.combine(day.day, clock, _offset_zone(match["zone"])), env)
    return Read(day.day, at_local(day.day, clock, env.zone), day.year_typed)


def _clock_time(match: re.Match[str]) -> time | None:
    hour, minute = int(match["h"] or match["hour"]), int(match["m"] or match["minute"] or 0)
    second = int(match["s"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].startswith("p") else 0)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _offset_zone(text: str) -> timezone:
    digits = text.strip().replace(":", "")
    if digits in ("z", "utc", "gmt"):
        return UTC
    hours, minutes = int(digits[1:3]), int(digits[3:5])
    if hours > 23 or minutes > 59:
        raise InvalidValue(f"there is no UTC offset {text.strip()}", hint="for example +01:00")
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if digits.startswith("-") else length)


def _read_day(low: str, env: Env) -> Read | None:
    day = _read_word(low, env) or _read_weekday(low, env) or _read_edge(low, env)
    if day:
        return Read(day)
    return _read_named(low, env) or _read_numeric(low, env) or _read_after_weekday(low, env)


def _read_word(low: str, env: Env) -> date | None:
    offset = {"today": 0, "tomorrow": 1, "tmr": 1, "yesterday": -1}.get(low)
    if offset is not None:
        return env.today + DAY * offset
    length = read_offset(low)
    if length and length.unit not in ("hour", "minute"):
        return shift(length, env, length.sign or 1).day
    return None


def _read_weekday(low: str, env: Env) -> date | None:
    match = re.fullmatch(_WEEKDAY, low)
    if match is None or match[2] not in WEEKDAYS:
        return _read_weekday_of_week(low, env)
    ahead = (WEEKDAYS[match[2]] - env.today.weekday()) % 7
    if match[1] == "this":
        return env.today + DAY * ahead
    if match[1] in ("last", "past") or (env.past and match[1] in (None, "on")):
        return env.today - DAY * (7 - ahead)
    return env.today + DAY * (ahead or 7)


def _read_weekday_of_week(low: str, env: Env) -> date | None:
    match = re.fullmatch(_WEEKDAY_OF_WEEK, low) or re.fullmatch(_WEEK_AND_WEEKDAY, low)
    week = named_period(match["week"], env.today, future=True) if match else None
    if match is None or week is None or match["day"] not in WEEKDAYS:
        return None
    return week[0] + DAY * WEEKDAYS[match["day"]]


def _read_edge(low: str, env: Env) -> date | None:
    """The first or last day of a period; a quarter's last and a "next" one's first."""
    match = re.fullmatch(_EDGE, low)
    if low in _SHORT_EDGE:
        at_end, name = True, f"this {_SHORT_EDGE[low]}"
    elif match:
        name = f"this {match[2]}" if match[2] in _SHORT_EDGE.values() else match[2]
        at_end = match[1] == "end"
    elif re.fullmatch(_NEXT, low):
        at_end, name = False, low
    elif "q" in low:
        at_end, name = True, low
    else:
        return None
    days = named_period(name, env.today, future=not env.past)
    if days is None:
        return None
    return days[1] - DAY if at_end else days[0]


def _read_after_weekday(low: str, env: Env) -> Read | None:
    """A date with its weekday before it, which must be the right one."""
    match = re.fullmatch(_WEEKDAY_BEFORE, low)
    if match is None or match[1] not in WEEKDAYS:
        return None
    found = _read_named(match[2], env) or _read_numeric(match[2], env)
    if found and found.year_typed and found.day.weekday() != WEEKDAYS[match[1]]:
        right = WEEKDAY_NAMES[found.day.weekday()]
        raise InvalidValue(
            f"read {quote(match[2])} as {found.day}, which is a {right}",
            hint="leave out the weekday",
        )
    return found


def _read_named(low: str, env: Env) -> Read | None:
    """5 Mar, Mar 5, 5 March 2026."""
    match = re.fullmatch(_DAY_MONTH, low) or re.fullmatch(_MONTH_DAY, low)
    month = MONTHS.get(match["m"]) if match else None
    if match is None or month is None:
        return None
    return _dated(low, int(match["d"]), month, match["y"], env)


def _read_numeric(low: str, env: Env) -> Read | None:
    """3/5/26, 3.5.2026, 3.5., 2026-03-05, by the configured order of day, month and year."""
    compact = re.fullmatch(_COMPACT, low)
    if compact:
        return _dated(low, int(compact[3]), int(compact[2]), compact[1], env)
    match = re.fullmatch(_NUMERIC, low)
    if match is None:
        return None
    first, mark, second, third = match.groups()
    if len(first) == 4 and third:
        return _dated(low, int(third), int(second), first, env)
    if len(first) > 2 or (third is None and mark == "-"):
        return None
    if third is None:
        order = _ORDERS.get(env.date_order) or _only_order(low, int(first), int(second))
        swap = order != "dmy"
        day, month = (int(second), int(first)) if swap else (int(first), int(second))
        return _dated(low, day, month, None, env)
    parts = dict(zip(_order(low, first, second, third, env), (first, second, third), strict=True))
    return _dated(low, int(parts["d"]), int(parts["m"]), parts["y"], env)


def _order(low: str, first: str, second: str, third: str, env: Env) -> str:
    if env.date_order and (env.date_order != "YMD" or len(third) < 4):
        return _ORDERS[env.date_order]
    # No order is configured, or the year comes last against it: day and month are open.
    return _only_order(low, int(first), int(second))


def _only_order(low: str, first: int, second: int) -> str:
    """The order of day and month where the numbers or dots leave only one; else InvalidValue."""
    if first <= 12 and second <= 12 and first != second and "." not in low:
        one, other = f"{first} {MONTH_NAMES[second - 1]}", f"{second} {MONTH_NAMES[first - 1]}"
        raise InvalidValue(
            f"{quote(low)} may be {one} or {other}",
            hint=f"type {one} or {other}, or say which: crm config set date_order DMY",
        )
    return "dmy" if second <= 12 else "mdy"


def _dated(low: str, day: int, month: int, year: str | None, env: Env) -> Read:
    if year is None:
        return Read(_nearest_year(low, day, month, env), year_typed=False)
    full = _full_year(year, env)
    if not (1 <= full <= 9999 and 1 <= month <= 12 and 1 <= day <= days_in_month(full, month)):
        _refuse(low, day, month, full, env)
    return Read(date(full, month, day))


def _full_year(year: str, env: Env) -> int:
    if len(year) > 2:
        return int(year)
    latest = env.today.year + (0 if env.past else 50)
    return latest - (latest - int(year)) % 100


def _nearest_year(low: str, day: int, month: int, env: Env) -> date:
    """The next year that has the day and is not over, or the last one that has begun."""
    today = env.today
    if not (1 <= month <= 12 and 1 <= day <= days_in_month(2000, month)):
        _refuse(low, day, month, None, env)
    for years in range(9):  # 29 February may be eight years away, around a century
        year = today.year + (-years if env.past else years)
        if not 1 <= year <= 9999 or day > days_in_month(year, month):
            continue
        found = date(year, month, day)
        if found <= today if env.past else found >= today:
            return found
    raise OverflowError("date out of range")


def _refuse(low: str, day: int, month: int, year: int | None, env: Env) -> NoReturn:
    read = f"day {day}, month {month}" + ("" if year is None else f", year {year}")
    reason = "there is no such day" if 1 <= month <= 12 else f"there is no month {month}"
    hint = "type it as 2026-03-05 or 5 Mar 2026"
    possible = year is None or 1 <= year <= 9999
    if possible and 1 <= day <= 12 and 1 <= month <= days_in_month(year or 2000, day):
        named = f"{month} {MONTH_NAMES[day - 1]}" + ("" if year is None else f" {year}")
        order = f"the configured order is {env.date_order}; " if env.date_order else ""
        hint = f"{order}for {named} type it so"
    raise InvalidValue(
        f"read {quote(low)} as {read}: {reason}",
        hint=hint,
        details={"value": low, "kind": "a date"},
    )


def _read_by_library(text: str, env: Env) -> Read | None:
    """Formats that are rare when typed but usual in files, read by dateutil.

    It fills what is missing from a default day. Two defaults show whether anything was missing.
    """
    if not re.fullmatch(_FOR_LIBRARY, text):
        return None
    first = _library_date(text, datetime(2000, 1, 1, 0, 0), env)
    second = _library_date(text, datetime(2004, 2, 2, 1, 1), env)
    if first is None or second is None or first.date() != second.date():
        return None
    if first.time() != second.time():
        return Read(first.date()) if (first.hour, first.minute) == (0, 0) else None
    if first.tzinfo is None:
        return Read(first.date(), at_local(first.date(), first.time(), env.zone))
    return _at_moment(first, env)


def _library_date(text: str, default: datetime, env: Env) -> datetime | None:
    import warnings

    from dateutil.parser import ParserError, UnknownTimezoneWarning, parse

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnknownTimezoneWarning)
            return parse(
                text,
                default=default,
                dayfirst=env.date_order == "DMY",
                yearfirst=env.date_order == "YMD",
            )
    except (ParserError, UnknownTimezoneWarning, ValueError):
        return None
