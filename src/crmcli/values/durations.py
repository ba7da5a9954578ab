"""Lengths of time: durations in minutes (a call) and intervals in days (keep in touch).

    duration   90   45m   1h30   1h 30m   1.5h   1:30   2 hours   PT1H30M
    interval   30   30d   30 days   2 weeks   3m   1 year   weekly   monthly   quarterly   yearly

A bare number is minutes, or days. A month is 30 days, a quarter 90 and a year 365.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, Kind, check_int, quote, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MINUTES = {
    **dict.fromkeys(("d", "day", "days"), 1440),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 60),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 1),
}
_DAYS = {
    **dict.fromkeys(("d", "day", "days"), 1),
    **dict.fromkeys(("w", "week", "weeks"), 7),
    **dict.fromkeys(("m", "month", "months"), 30),
    **dict.fromkeys(("q", "quarter", "quarters"), 90),
    **dict.fromkeys(("y", "year", "years"), 365),
}
_WORDS = {
    "daily": 1,
    "weekly": 7,
    "biweekly": 14,
    "fortnightly": 14,
    "monthly": 30,
    "quarterly": 90,
    "yearly": 365,
    "annually": 365,
}
_PARTS = r"(\d+(?:[.,]\d+)?)\s*([a-z]*)[\s,]*"
_LONGEST = 40
_MOST = 10**9
_CLOCK = r"(\d{1,4}):([0-5]\d)(?::[0-5]\d)?"
_DURATION_HINT = "for example 45m, 1h 30m or 1:30"
_INTERVAL_HINT = "for example 30d, 2 weeks or monthly"


def _sum(text: str, units: dict[str, int], bare: int) -> int | None:
    """The sum of "1h 30m" in `units`; a last part without a unit counts `bare`, None if unread."""
    parts = re.findall(_PARTS, text)
    if not parts or len(text) > _LONGEST or re.sub(_PARTS, "", text):
        return None
    total = 0.0
    for number, unit in parts:
        if unit and unit not in units:
            return None
        total += float(number.replace(",", ".")) * (units[unit] if unit else bare)
    return round(total) if total <= _MOST else None


def parse_duration(text: str, env: Env, choices: Sequence[str] = ()) -> int:
    """A typed duration in minutes."""
    word = text.lower().removeprefix("pt")
    clock = re.fullmatch(_CLOCK, word)
    if clock:
        return int(clock[1]) * 60 + int(clock[2])
    minutes = _sum(word, _MINUTES, 1)
    if minutes is None:
        raise unreadable(text, "a duration", _DURATION_HINT)
    return minutes


def parse_interval(text: str, env: Env, choices: Sequence[str] = ()) -> int:
    """A typed interval in days, at least one."""
    word = text.lower().removeprefix("every ").strip()
    days = _WORDS.get(word)
    if days is None:
        days = _DAYS.get(word) or _sum(word, _DAYS, 1)
    if days is None:
        raise unreadable(text, "an interval", _INTERVAL_HINT)
    if days < 1:
        raise InvalidValue(f"{quote(text)} is less than a day", hint=_INTERVAL_HINT)
    return days


def show_duration(value: int, env: Env) -> str:
    """1h 30m, 45m, 2h."""
    hours, minutes = divmod(value, 60)
    if not hours:
        return f"{minutes}m"
    return f"{hours}h {minutes}m" if minutes else f"{hours}h"


def show_interval(value: int, env: Env) -> str:
    """30 days, 1 day."""
    return "1 day" if value == 1 else f"{value:,} days"


def _span(
    parse: Callable[[str, Env], int],
) -> Callable[[str, Env, bool], tuple[int, int]]:
    def span(text: str, env: Env, future: bool) -> tuple[int, int]:
        length = parse(text, env)
        return length, length + 1

    return span


KINDS = {
    "duration": Kind(
        parse_duration,
        lambda value, choices: check_int(value, 0, _MOST),
        str,
        show=show_duration,
        span=_span(parse_duration),
    ),
    "interval": Kind(
        parse_interval,
        lambda value, choices: check_int(value, 1, _MOST),
        str,
        show=show_interval,
        span=_span(parse_interval),
    ),
}
