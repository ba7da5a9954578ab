"""The kinds that hold dates: day, birthday, moment, and when (a day or a moment).

People see a day near today by its distance ("in 3 days") and any other as "5 Mar 2026"; a moment
adds the time in their zone. A day takes the day of a typed time; a moment typed without a time is
the beginning of its day.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, Kind, check_str, quote
from crmcli.values.calendar import MONTH_NAMES, midnight, moment_of, moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.values.dates import Read

_NEAR = 14
_EXAMPLE = "for example 2026-03-05 or 5 Mar"
_DAY_LENGTH = len("2026-03-05")
_STORED_DAY = r"(?a)\d{4}-\d{2}-\d{2}"
_STORED_MOMENT = r"(?a)\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z"
_NO_YEAR = r"--(\d{2})-?(\d{2})"


def _read(text: str, env: Env) -> Read:
    from crmcli.values.dates import read_date

    return read_date(text, env)


def _span_days(text: str, env: Env, future: bool) -> tuple[str, str]:
    from crmcli.values.periods import span_days

    return span_days(text, env, future)


def _span_moments(text: str, env: Env, future: bool) -> tuple[str, str]:
    from crmcli.values.periods import span_moments

    return span_moments(text, env, future)


def parse_day(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed date as YYYY-MM-DD."""
    return _read(text, env).day.isoformat()


def parse_moment(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed date and time as a moment in UTC."""
    return _moment(text, _read(text, env), env)


def _moment(text: str, read: Read, env: Env) -> str:
    try:
        return moment_text(read.moment) if read.moment else midnight(read.day, env.zone)
    except OverflowError:
        raise InvalidValue(f"{quote(text)} is off the calendar", hint=_EXAMPLE) from None


def parse_when(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed date as a day, or as a moment if a time was typed."""
    read = _read(text, env)
    return _moment(text, read, env) if read.moment else read.day.isoformat()


def parse_birthday(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed date of birth as YYYY-MM-DD, or --MM-DD when no year was typed."""
    without_year = re.fullmatch(_NO_YEAR, text)
    bare = f"2000-{without_year[1]}-{without_year[2]}" if without_year else text
    read = _read(bare, env._replace(past=True))
    if without_year or not read.year_typed:
        return f"-{read.day.isoformat()[4:]}"
    if read.day > env.today:
        raise InvalidValue(
            f"{quote(text)} is a birthday in the future: {show_date(read.day)}", hint=_EXAMPLE
        )
    return read.day.isoformat()


def check_day(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored day; otherwise ValueError."""
    stored = check_str(value)
    if not re.fullmatch(_STORED_DAY, stored):
        raise ValueError(f"{quote(stored)} is not a day YYYY-MM-DD")
    return date.fromisoformat(stored).isoformat()


def check_moment(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored moment; otherwise ValueError."""
    stored = check_str(value)
    if not re.fullmatch(_STORED_MOMENT, stored):
        raise ValueError(f"{quote(stored)} is not a moment YYYY-MM-DDTHH:MM:SSZ")
    return moment_text(datetime.fromisoformat(stored))


def check_when(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored day or moment; otherwise ValueError."""
    return check_day(value) if len(check_str(value)) == _DAY_LENGTH else check_moment(value)


def check_birthday(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored day with or without its year; otherwise ValueError."""
    stored = check_str(value)
    if stored.startswith("--"):
        return check_day(f"2000{stored[1:]}")[4:].rjust(7, "-")
    return check_day(stored)


def show_date(day: date) -> str:
    """5 Mar 2026."""
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def relative_day(day: date, today: date) -> str:
    """today, tomorrow, in 3 days, 5 days ago; 5 Mar 2026 when it is more than two weeks away."""
    away = (day - today).days
    if abs(away) > _NEAR:
        return show_date(day)
    if abs(away) <= 1:
        return ("yesterday", "today", "tomorrow")[away + 1]
    return f"in {away} days" if away > 0 else f"{-away} days ago"


def _show_day(value: str, env: Env) -> str:
    return relative_day(date.fromisoformat(value), env.today)


def _show_moment(value: str, env: Env) -> str:
    local = moment_of(value).astimezone(env.zone)
    return f"{relative_day(local.date(), env.today)} {local:%H:%M}"


def _show_when(value: str, env: Env) -> str:
    return _show_day(value, env) if len(value) == _DAY_LENGTH else _show_moment(value, env)


def _show_birthday(value: str, env: Env) -> str:
    if value.startswith("--"):
        return f"{int(value[5:])} {MONTH_NAMES[int(value[2:4]) - 1]}"
    return show_date(date.fromisoformat(value))


KINDS = {
    "day": Kind(parse_day, check_day, str, show=_show_day, span=_span_days),
    "birthday": Kind(parse_birthday, check_birthday, str, show=_show_birthday, span=_span_days),
    "moment": Kind(parse_moment, check_moment, str, show=_show_moment, span=_span_moments),
    "when": Kind(parse_when, check_when, str, show=_show_when, span=_span_days),
}
