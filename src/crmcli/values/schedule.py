"""When and how somebody wants to hear of something: clock, hours, weekdays, channels.

clock       8:00   8am   08:00                       08:00
hours       22:00-07:00   10pm to 7am                22:00-07:00
weekdays    mon-fri   mon, wed   weekdays   any      MO,TU,WE,TH,FR
channels    mail, desktop   email                    mail,desktop
"""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING, Any

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, Kind, check_str, quote, unreadable
from crmcli.values.calendar import WEEKDAY_CODES, WEEKDAYS, WEEKDAYS_SHORT
from crmcli.values.text import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

CHANNELS = ("terminal", "mail", "desktop", "webhook", "program")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2}))? ?([ap]\.?m\.?)?")
_WORDS = {"weekdays": range(5), "any": range(7), "all": range(7), "daily": range(7)}
_OTHER_NAMES = {"email": "mail", "e-mail": "mail", "notification": "desktop", "hook": "webhook"}
_CLOCK_EXAMPLE = "for example 08:00 or 8am"
_HOURS_EXAMPLE = "for example 22:00-07:00"
_DAYS_EXAMPLE = "for example mon-fri, or mon,wed,fri"


def parse_clock(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed time of day as HH:MM."""
    match = _CLOCK.fullmatch(text.lower().strip())
    if match is None:
        raise unreadable(text, "a time of day", _CLOCK_EXAMPLE)
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3]:
        hour = hour % 12 + (12 if match[3].startswith("p") else 0) if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59:
        raise InvalidValue(f"there is no time {quote(text)}", hint=_CLOCK_EXAMPLE)
    return f"{hour:02}:{minute:02}"


def check_clock(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored time of day; otherwise ValueError."""
    return clock_of(check_str(value)).strftime("%H:%M")


def clock_of(stored: str) -> time:
    """The time of day of a stored form; ValueError for any other text."""
    if not re.fullmatch(r"(?a)\d\d:\d\d", stored):
        raise ValueError(f"{quote(stored)} is not a time HH:MM")
    return time.fromisoformat(stored)


def parse_hours(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """Typed hours as HH:MM-HH:MM; the end may be on the next day."""
    begin, sign, end = re.sub(r" to |\u2013", "-", text.lower()).partition("-")
    if not sign:
        raise unreadable(text, "hours", _HOURS_EXAMPLE)
    found = f"{parse_clock(begin.strip(), env)}-{parse_clock(end.strip(), env)}"
    return _not_empty(found)


def _not_empty(hours: str) -> str:
    if hours[:5] == hours[6:]:
        raise InvalidValue(f"{hours} has no length", hint=_HOURS_EXAMPLE)
    return hours


def check_hours(value: Any, choices: Sequence[str] = ()) -> str:
    """Stored hours; otherwise ValueError."""
    begin, _sign, end = check_str(value).partition("-")
    return f"{check_clock(begin)}-{check_clock(end)}"


def parse_weekdays(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """Typed weekdays as MO,TU,…: a list, with ranges such as mon-fri."""
    low = text.lower().strip()
    numbers = set(_WORDS.get(low, ()))
    for part in [] if numbers else re.split(r"[,;]\s*|\s+and\s+|\s+", low):
        first, sign, last = part.partition("-")
        if first not in WEEKDAYS or (sign and last not in WEEKDAYS):
            numbers.update(_by_code(part, text))
        elif sign:
            away = (WEEKDAYS[last] - WEEKDAYS[first]) % 7
            numbers.update((WEEKDAYS[first] + step) % 7 for step in range(away + 1))
        else:
            numbers.add(WEEKDAYS[first])
    return ",".join(WEEKDAY_CODES[number] for number in sorted(numbers))


def _by_code(part: str, text: str) -> set[int]:
    if part.upper() not in WEEKDAY_CODES:
        raise unreadable(text, "weekdays", _DAYS_EXAMPLE)
    return {WEEKDAY_CODES.index(part.upper())}


def check_weekdays(value: Any, choices: Sequence[str] = ()) -> str:
    """Stored weekdays; otherwise ValueError."""
    codes = check_str(value).split(",")
    if any(code not in WEEKDAY_CODES for code in codes):
        raise ValueError(f"{quote(str(value))} are not weekdays")
    return ",".join(sorted(set(codes), key=WEEKDAY_CODES.index))


def show_weekdays(value: str, env: Env) -> str:
    """Mon-Fri, or Mon, Wed."""
    if value == ",".join(WEEKDAY_CODES[:5]):
        return "Mon-Fri"
    return ", ".join(WEEKDAYS_SHORT[WEEKDAY_CODES.index(code)] for code in value.split(","))


def parse_channels(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """Typed channels in the order of `CHANNELS`."""
    found = set()
    for part in re.split(r"[,;\s]+", text.lower()):
        name = _OTHER_NAMES.get(part, part)
        if part and name not in CHANNELS:
            raise InvalidValue(
                f"{quote(part)} is no channel", hint=did_you_mean(part, list(CHANNELS))
            )
        found.add(name)
    return ",".join(name for name in CHANNELS if name in found)


def check_channels(value: Any, choices: Sequence[str] = ()) -> str:
    """Stored channels; otherwise ValueError."""
    names = check_str(value).split(",")
    if any(name not in CHANNELS for name in names):
        raise ValueError(f"{quote(str(value))} are not channels")
    return ",".join(names)


KINDS = {
    "clock": Kind(parse_clock, check_clock, str),
    "hours": Kind(parse_hours, check_hours, str),
    "weekdays": Kind(parse_weekdays, check_weekdays, str, show=show_weekdays),
    "channels": Kind(parse_channels, check_channels, str),
}
