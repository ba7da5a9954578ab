"""How a task repeats: said the way people say it, stored as an RFC 5545 RRULE, read back as words.

As read on Wednesday 4 March 2026:

    daily                          FREQ=DAILY
    every day                      FREQ=DAILY
    every 3 days                   FREQ=DAILY;INTERVAL=3
    every other day                FREQ=DAILY;INTERVAL=2
    every weekday                  FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
    every weekend                  FREQ=WEEKLY;BYDAY=SA,SU
    weekly                         FREQ=WEEKLY
    every monday                   FREQ=WEEKLY;BYDAY=MO
    every mon, wed and fri         FREQ=WEEKLY;BYDAY=MO,WE,FR
    every 2 weeks                  FREQ=WEEKLY;INTERVAL=2
    every 2 weeks on tuesday       FREQ=WEEKLY;INTERVAL=2;BYDAY=TU
    monthly                        FREQ=MONTHLY
    monthly on the 15th            FREQ=MONTHLY;BYMONTHDAY=15
    monthly on the 1st and 15th    FREQ=MONTHLY;BYMONTHDAY=1,15
    monthly on the last day        FREQ=MONTHLY;BYMONTHDAY=-1
    monthly on the last friday     FREQ=MONTHLY;BYDAY=-1FR
    every 2 months on the first monday  FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO
    every last friday              FREQ=MONTHLY;BYDAY=-1FR
    quarterly                      FREQ=MONTHLY;INTERVAL=3
    yearly                         FREQ=YEARLY
    every 5 march                  FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5
    yearly on 24 december          FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24
    every monday until 2026-06-30  FREQ=WEEKLY;UNTIL=20260630;BYDAY=MO
    weekly 10 times                FREQ=WEEKLY;COUNT=10
    every 30 days after done       FREQ=DAILY;INTERVAL=30;X-FROM=DONE
    30 days after done             FREQ=DAILY;INTERVAL=30;X-FROM=DONE
    RRULE:FREQ=DAILY;INTERVAL=10   FREQ=DAILY;INTERVAL=10

A rule is *fixed*, or with `X-FROM=DONE` (a part of our own, as RFC 5545 has none for it) counted
from the day on which the last one was done. A rule by months or years without a day of its own
keeps to the day of the first occurrence, or to the month's last day where the month is shorter.
Occurrences are reckoned in local time: at 09:00 stays at 09:00 when the clocks change.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, Kind, check_str, quote, unreadable
from crmcli.values.calendar import (
    MONTH_NAMES,
    MONTHS,
    UNITS,
    WEEKDAY_CODES,
    WEEKDAYS,
    WEEKDAYS_SHORT,
    at_local,
    is_day,
    moment_of,
    moment_text,
)
from crmcli.values.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from dateutil.rrule import rrule

EXAMPLES = 'for example "every monday", "monthly on the last friday" or "30 days after done"'

_FROM_DONE = "X-FROM=DONE"
_AFTER_DONE = r",? ?\(?(?:(?:after|from|since|counted from) (?:it (?:is|was) )?(?:done|completion|completed|the last(?: one)?))\)?$"  # noqa: E501
_WEEKDAY_SETS = {
    "weekday": "MO,TU,WE,TH,FR",
    "workday": "MO,TU,WE,TH,FR",
    "business day": "MO,TU,WE,TH,FR",
    "weekend": "SA,SU",
}
_ADVERBS = {
    "daily": ("day", 1),
    "weekly": ("week", 1),
    "biweekly": ("week", 2),
    "fortnightly": ("week", 2),
    "monthly": ("month", 1),
    "bimonthly": ("month", 2),
    "quarterly": ("quarter", 1),
    "half-yearly": ("month", 6),
    "yearly": ("year", 1),
    "annually": ("year", 1),
}
_FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_PLACES = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
    "fifth": 5, "5th": 5, "last": -1, "second last": -2, "second to last": -2,
}  # fmt: skip
_PLACE_NAMES = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_ORDER = (
    "FREQ INTERVAL COUNT UNTIL BYMONTH BYMONTHDAY BYDAY BYYEARDAY BYWEEKNO BYSETPOS WKST".split()  # noqa: SIM905
)
_LONGEST = 200


class Parts(NamedTuple):
    """A rule taken apart: the RRULE by its parts, and whether it counts from completion."""

    rule: dict[str, str]
    from_done: bool


def parts_of(stored: str) -> Parts:
    """The parts of a stored rule."""
    pairs = [part.partition("=") for part in stored.split(";") if part]
    rule = {name: value for name, _equals, value in pairs if name != "X-FROM"}
    return Parts(rule, stored.endswith(_FROM_DONE))


def _joined(rule: dict[str, str], *, from_done: bool = False) -> str:
    ordered = [name for name in _ORDER if name in rule]
    text = ";".join(f"{name}={rule[name]}" for name in ordered)
    return f"{text};{_FROM_DONE}" if from_done else text


# --- reading what people type


def parse_recurrence(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed rule in its stored form."""
    if len(text) > _LONGEST:
        raise unreadable(text, "a rule of repetition", EXAMPLES)
    if "freq=" in text.lower():
        return _raw(text)
    low = " ".join(text.lower().replace("\u2019", "'").split()).strip(" .")
    bare = re.sub(_AFTER_DONE, "", low)
    rule, from_done = {}, bare != low
    bare, rule["UNTIL"] = _until(bare, env)
    bare, rule["COUNT"] = _count(bare)
    found = _said(bare, env, alone=from_done)
    if found is None:
        raise unreadable(text, "a rule of repetition", EXAMPLES)
    if from_done and any(name.startswith("BY") for name in found):
        raise InvalidValue(
            f"{quote(text)} counts from completion and names days as well",
            hint='leave out one of them, for example "30 days after done"',
        )
    full = {**found, **{name: value for name, value in rule.items() if value}}
    return _joined(full, from_done=from_done)


def _raw(text: str) -> str:
    """An RRULE as it was typed, once dateutil has read it."""
    upper = text.upper().replace(" ", "").removeprefix("RRULE:").strip(";")
    from_done = upper.endswith(_FROM_DONE)
    try:
        rule = check_rule(upper.removesuffix(_FROM_DONE).strip(";"))
    except ValueError as error:
        raise InvalidValue(
            f"{quote(text)} is no RRULE that works here: {error}", hint=EXAMPLES
        ) from None
    return _joined(rule, from_done=from_done)


def _until(low: str, env: Env) -> tuple[str, str]:
    match = re.fullmatch(r"(.+?),? (?:until|till|up to) (.+)", low)
    if match is None:
        return low, ""
    from crmcli.values.dates import read_date

    return match[1], read_date(match[2], env).day.strftime("%Y%m%d")


def _count(low: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.+?),? (?:for )?(\d{1,4}) times", low)
    if match is None:
        return low, ""
    if match[2].strip("0") == "":
        raise InvalidValue("0 times is never", hint="for example weekly 10 times")
    return match[1], str(int(match[2]))


def _said(low: str, env: Env, *, alone: bool) -> dict[str, str] | None:
    """The rule of "every 2 weeks on tuesday"; alone: a bare length such as "30 days" is one."""
    if low in _ADVERBS:
        return _unit(*_ADVERBS[low])
    head, _on, days = low.partition(" on ")
    if days and head in _ADVERBS:
        return _on_days(_unit(*_ADVERBS[head]), days)
    match = re.fullmatch(r"(?:every|each) (.+)", low)
    if match is None:
        return _length(low) if alone else None
    return _every(match[1], env)


def _every(rest: str, env: Env) -> dict[str, str] | None:
    if rest in _WEEKDAY_SETS or rest.rstrip("s") in _WEEKDAY_SETS:
        days = _WEEKDAY_SETS.get(rest) or _WEEKDAY_SETS[rest.rstrip("s")]
        return {"FREQ": "WEEKLY", "BYDAY": days}
    head, _on, days = rest.partition(" on ")
    length = _length(head)
    if length is not None:
        return _on_days(length, days) if days else length
    weekdays = _weekdays(rest)
    if weekdays:
        return {"FREQ": "WEEKLY", "BYDAY": weekdays}
    other = re.fullmatch(r"(?:other|second) (.+)", rest)
    if other and (weekdays := _weekdays(other[1])):
        return {"FREQ": "WEEKLY", "INTERVAL": "2", "BYDAY": weekdays}
    return _of_month(rest) or _of_year(rest)


def _unit(unit: str, number: int) -> dict[str, str]:
    if unit == "quarter":
        unit, number = "month", number * 3
    rule = {"FREQ": _FREQUENCIES[unit]}
    return {**rule, "INTERVAL": str(number)} if number > 1 else rule


def _length(low: str) -> dict[str, str] | None:
    """day, 3 days, other week, 2 months."""
    match = re.fullmatch(r"(?:(\d{1,4}|other|second|one|a) ?)?([a-z]+)", low)
    if match is None or match[2] not in UNITS:
        return None
    number = {"other": 2, "second": 2, "one": 1, "a": 1, None: 1}.get(match[1])
    number = int(match[1]) if number is None else number
    if number < 1:
        raise InvalidValue(f"every {low}: at least 1 is needed", hint=EXAMPLES)
    return _unit(UNITS[match[2]], number)


def _on_days(rule: dict[str, str], days: str) -> dict[str, str] | None:
    frequency = rule["FREQ"]
    if frequency == "WEEKLY":
        weekdays = _weekdays(days)
        return {**rule, "BYDAY": weekdays} if weekdays else None
    found = _of_month(days) if frequency == "MONTHLY" else None
    found = _of_year(days) if frequency == "YEARLY" else found
    return {**found, **rule} if found else None


def _listed(text: str) -> list[str]:
    return [word for word in re.split(r",? and |, ?|,| & ", text) if word]


def _weekdays(text: str) -> str:
    """MO,WE of "mon and wed"; "" when a word is no weekday."""
    numbers = set()
    for word in _listed(text):
        number = WEEKDAYS.get(word, WEEKDAYS.get(word.rstrip("s")))
        if number is None:
            return ""
        numbers.add(number)
    return ",".join(WEEKDAY_CODES[number] for number in sorted(numbers))


def _of_month(text: str) -> dict[str, str] | None:
    """the 15th, the 1st and 15th, the last day, the last friday."""
    low = text.removeprefix("the ").removesuffix(" of the month").removesuffix(" of month")
    match = re.fullmatch(r"([a-z0-9 ]+?) ([a-z]+)", low)
    if match and match[1] in _PLACES:
        place = _PLACES[match[1]]
        if match[2] in WEEKDAYS:
            return {"FREQ": "MONTHLY", "BYDAY": f"{place}{WEEKDAY_CODES[WEEKDAYS[match[2]]]}"}
        if match[2] == "day":
            return {"FREQ": "MONTHLY", "BYMONTHDAY": str(place)}
        if match[2] in ("weekday", "workday"):
            days = _WEEKDAY_SETS["weekday"]
            return {"FREQ": "MONTHLY", "BYDAY": days, "BYSETPOS": str(place)}
        return None
    days_of_month = [re.fullmatch(r"(?:the )?(\d{1,2})(?:st|nd|rd|th)?", w) for w in _listed(low)]
    numbers = [int(found[1]) for found in days_of_month if found]
    if not numbers or len(numbers) != len(days_of_month) or not all(0 < n < 32 for n in numbers):
        return None
    listed = ",".join(str(number) for number in sorted(set(numbers)))
    return {"FREQ": "MONTHLY", "BYMONTHDAY": listed}


def _of_year(text: str) -> dict[str, str] | None:
    """5 march, march 5th."""
    low = text.removeprefix("the ")
    match = re.fullmatch(r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<m>[a-z]{3,9})", low)
    match = match or re.fullmatch(r"(?P<m>[a-z]{3,9}) (?P<d>\d{1,2})(?:st|nd|rd|th)?", low)
    month = MONTHS.get(match["m"]) if match else None
    if match is None or month is None:
        return None
    try:
        date(2000, month, int(match["d"]))
    except ValueError:
        raise InvalidValue(f"there is no day {quote(text)}", hint=EXAMPLES) from None
    return {"FREQ": "YEARLY", "BYMONTH": str(month), "BYMONTHDAY": str(int(match["d"]))}


# --- checking and showing


def check_rule(text: str) -> dict[str, str]:
    """The parts of an RRULE; ValueError for one that dateutil or a task cannot work with."""
    pairs = [part.partition("=") for part in text.split(";") if part]
    rule = {name: value for name, _equals, value in pairs}
    unknown = [name for name in rule if name not in _ORDER]
    if unknown or len(pairs) != len(rule):
        raise ValueError(f"{unknown[0] if unknown else 'a part'} is not allowed, or twice there")
    if rule.get("FREQ") not in _FREQUENCIES.values():
        raise ValueError("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY")
    if "COUNT" in rule and "UNTIL" in rule:
        raise ValueError("COUNT and UNTIL exclude each other")
    for name in ("INTERVAL", "COUNT"):
        if name in rule and not (rule[name].isdecimal() and int(rule[name]) > 0):
            raise ValueError(f"{name} is a number from 1")
    _made(_local_rule(rule), datetime(2000, 1, 1))
    return rule


def check_recurrence(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored rule, its parts in order."""
    text = check_str(value)
    from_done = text.endswith(_FROM_DONE)
    rule = check_rule(text.removesuffix(_FROM_DONE).strip(";"))
    return _joined(rule, from_done=from_done)


def show_recurrence(value: str, env: Env) -> str:
    """every monday, every 2 weeks, monthly on the last friday; the RRULE where words fail."""
    rule, from_done = parts_of(value)
    said = _in_words(dict(rule))
    if said is None:
        return value
    if "UNTIL" in rule:
        day = date(int(rule["UNTIL"][:4]), int(rule["UNTIL"][4:6]), int(rule["UNTIL"][6:8]))
        said += f" until {day.isoformat()}"
    if "COUNT" in rule:
        said += f" {rule['COUNT']} times"
    return f"{said} after done" if from_done else said


def _in_words(rule: dict[str, str]) -> str | None:
    unit = next(name for name, word in _FREQUENCIES.items() if word == rule["FREQ"])
    number = int(rule.get("INTERVAL", 1))
    every = f"every {unit}" if number == 1 else f"every {number} {unit}s"
    by = {name: value for name, value in rule.items() if name.startswith("BY")}
    if not by:
        return every
    if set(by) == {"BYDAY"} and unit == "week":
        return _weekly(by["BYDAY"], every, number)
    if set(by) == {"BYDAY"} and unit == "month":
        return _on_place(by["BYDAY"], every)
    if set(by) == {"BYMONTHDAY"} and unit == "month":
        return _on_numbers(by["BYMONTHDAY"], every)
    if set(by) == {"BYMONTH", "BYMONTHDAY"} and by["BYMONTHDAY"].isdecimal() and unit == "year":
        named = by["BYMONTH"].isdecimal()
        month = MONTH_NAMES[int(by["BYMONTH"]) - 1] if named else ""
        return f"{every} on {by['BYMONTHDAY']} {month}" if month else None
    return None


def _weekly(days: str, every: str, number: int) -> str | None:
    if number == 1:
        for name in ("weekday", "weekend"):
            if days == _WEEKDAY_SETS[name]:
                return f"every {name}"
    codes = days.split(",")
    if any(code not in WEEKDAY_CODES for code in codes):
        return None
    names = [WEEKDAYS_SHORT[WEEKDAY_CODES.index(code)] for code in codes]
    said = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"every {said}" if number == 1 else f"{every} on {said}"


def _on_place(day: str, every: str) -> str | None:
    match = re.fullmatch(r"([+-]?\d)([A-Z]{2})", day)
    place = _PLACE_NAMES.get(int(match[1])) if match else None
    if match is None or place is None:
        return None
    return f"{every} on the {place} {WEEKDAYS_SHORT[WEEKDAY_CODES.index(match[2])]}"


def _on_numbers(days: str, every: str) -> str | None:
    if days == "-1":
        return f"{every} on the last day"
    numbers = days.split(",")
    if not all(number.isdecimal() for number in numbers):
        return None
    return f"{every} on the {' and '.join(_ordinal(int(number)) for number in numbers)}"


def _ordinal(number: int) -> str:
    tens = number // 10 % 10 == 1
    return f"{number}{'th' if tens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


# --- reckoning


def following(
    stored: str, start: str, after: str, zone: tzinfo, *, not_before: str = ""
) -> str | None:
    """The first occurrence after `after`, as a day or a moment like `start`; None when it ended.

    start: the first occurrence of the series, which rules without days of their own keep to.
    after: an occurrence; for a rule that counts from completion, when the last one was done.
    not_before: a day; occurrences that were missed until then are passed over.
    """
    parts = parts_of(stored)
    first = _local(start, zone)
    since = _local(after, zone)
    if parts.from_done:
        return _after_done(parts.rule, first, since, start, zone)
    begin = datetime.combine(date.fromisoformat(not_before), time(0)) if not_before else since
    found = _next(parts.rule, first, max(since, begin), inc=begin > since)
    return _stored(found, start, zone) if found else None


def between(rule: str, start: date, begin: datetime, end: datetime, zone: tzinfo) -> list[datetime]:
    """The moments in UTC of an RRULE as calendars hold it, from `begin` to `end`.

    start: the first one, a day, or a date and time in its own zone or else in `zone`.
    Raises InvalidValue for a rule that cannot be read.
    """
    from dateutil.rrule import rrulestr

    own = start.tzinfo if isinstance(start, datetime) and start.tzinfo else zone
    first = start if isinstance(start, datetime) else datetime.combine(start, time(0))
    bare = re.sub(r"UNTIL=(\d{8})(?:T\d{6}Z?)?", r"UNTIL=\1T235959", rule)
    try:
        made = rrulestr(bare, dtstart=first.replace(tzinfo=None))
        margin = timedelta(days=1)
        low, high = (moment.replace(tzinfo=None) for moment in (begin - margin, end + margin))
        found = made.between(low, high, inc=True)
    except (ValueError, KeyError, OverflowError) as error:
        raise InvalidValue(f"the calendar repeats something by {quote(rule)}: {error}") from None
    return [at_local(each.date(), each.time(), own) for each in found]


def first_from(stored: str, day: date) -> str:
    """The first day from `day` on that the rule allows; `day` itself where it names none."""
    rule = parts_of(stored).rule
    begin = datetime.combine(day, time(0))
    return (_next(rule, begin, begin, inc=True) or begin).date().isoformat()


def ical_rule(stored: str, start: str, zone: tzinfo) -> str:
    """The RRULE that calendars understand in the same way; "" for one counted from completion."""
    parts = parts_of(stored)
    if parts.from_done:
        return ""
    return _joined(_with_its_day(parts.rule, _local(start, zone)))


def _after_done(
    rule: dict[str, str], first: datetime, done: datetime, start: str, zone: tzinfo
) -> str | None:
    """One interval after the day on which it was done, at the time of day it always has."""
    begin = datetime.combine(done.date(), first.time())
    bare = {name: value for name, value in rule.items() if name != "COUNT"}
    found = _next(bare, begin, begin)
    return _stored(found, start, zone) if found else None


def _next(
    rule: dict[str, str], first: datetime, after: datetime, *, inc: bool = False
) -> datetime | None:
    """The first occurrence after a local time, with inc at it, of a rule that begins at `first`."""
    try:
        return _made(_local_rule(_with_its_day(rule, first)), first).after(after, inc=inc)
    except OverflowError:  # off the end of the calendar
        return None


def _with_its_day(rule: dict[str, str], first: datetime) -> dict[str, str]:
    """The rule with the day of `first`, or the last of shorter months, where it names none."""
    if first.day < 29 or any(name.startswith("BY") for name in rule):
        return rule
    days = ",".join(str(day) for day in range(28, first.day + 1))
    if rule["FREQ"] == "MONTHLY":
        return {**rule, "BYMONTHDAY": days, "BYSETPOS": "-1"}
    if rule["FREQ"] == "YEARLY" and first.month == 2:
        return {**rule, "BYMONTH": "2", "BYMONTHDAY": days, "BYSETPOS": "-1"}
    return rule


def _local_rule(rule: dict[str, str]) -> str:
    """The rule for naive local times: the day of UNTIL is part of it."""
    if "UNTIL" not in rule:
        return _joined(rule)
    return _joined({**rule, "UNTIL": rule["UNTIL"][:8] + "T235959"})


@lru_cache(maxsize=256)
def _made(rule: str, first: datetime) -> rrule:
    from dateutil.rrule import rrulestr

    return cast("rrule", rrulestr(rule, dtstart=first))


def _local(value: str, zone: tzinfo) -> datetime:
    if is_day(value):
        return datetime.combine(date.fromisoformat(value), time(0))
    return moment_of(value).astimezone(zone).replace(tzinfo=None)


def _stored(local: datetime, like: str, zone: tzinfo) -> str:
    if is_day(like):
        return local.date().isoformat()
    return moment_text(at_local(local.date(), local.time(), zone))


# --- reminders before something is due


_LEAD = re.compile(r"(\d{1,4}) ?([a-z]+)(?: (?:before|earlier|ahead))?")
_LEAD_UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), ("m", 1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("h", 60)),
    **dict.fromkeys(("d", "day", "days"), ("d", 1440)),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), ("w", 10080)),
}
_LEAD_WORDS = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
_STORED_LEAD = re.compile(r"(?a)(\d{1,4})([mhdw])")
_MOST_LEADS = 10
_LEAD_EXAMPLES = "for example 1d,1h (before it is due), or tomorrow 9am"


def parse_leads(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """Typed reminders: lengths of time before it is due, and moments; with commas between."""
    from crmcli.values.days import parse_moment

    found: dict[str, None] = {}
    for word in re.split(r"[,;]| and ", text):
        low = " ".join(word.lower().split())
        match = _LEAD.fullmatch(low)
        if match and match[2] in _LEAD_UNITS:
            found[f"{int(match[1])}{_LEAD_UNITS[match[2]][0]}"] = None
        elif low:
            found[parse_moment(word.strip(), env)] = None
    if len(found) > _MOST_LEADS:
        raise InvalidValue(f"more than {_MOST_LEADS} reminders", hint=_LEAD_EXAMPLES)
    if not found:
        raise unreadable(text, "reminders", _LEAD_EXAMPLES)
    return ",".join(found)


def check_leads(value: Any, choices: Sequence[str] = ()) -> str:
    """Stored reminders."""
    from crmcli.values.days import check_moment

    words = check_str(value).split(",")
    return ",".join(w if _STORED_LEAD.fullmatch(w) else str(check_moment(w, ())) for w in words)


def show_leads(value: str, env: Env) -> str:
    """1 day before, today 09:00."""
    from crmcli import values

    shown = []
    for word in value.split(","):
        match = _STORED_LEAD.fullmatch(word)
        if match is None:
            shown.append(values.show("moment", word, env))
            continue
        unit = _LEAD_WORDS[match[2]]
        shown.append(f"{match[1]} {unit}{'' if match[1] == '1' else 's'} before")
    return ", ".join(shown)


def reminder_moments(leads: str | None, due: datetime | None) -> list[datetime]:
    """The moments in UTC of stored reminders of something due at `due`, in order."""
    found = []
    for word in leads.split(",") if leads else ():
        match = _STORED_LEAD.fullmatch(word)
        if match is None:
            found.append(moment_of(word).astimezone(UTC))
        elif due is not None:
            minutes = int(match[1]) * {"m": 1, "h": 60, "d": 1440, "w": 10080}[match[2]]
            found.append((due - timedelta(minutes=minutes)).astimezone(UTC))
    return sorted(found)


KINDS = {
    "recurrence": Kind(parse_recurrence, check_recurrence, fold, show=show_recurrence),
    "leads": Kind(parse_leads, check_leads, fold, show=show_leads),
}
