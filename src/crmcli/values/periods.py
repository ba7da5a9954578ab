"""Periods as people type them: for reports, and for ranges in queries.

2026   2026-03   q2   last month   ytd   march   this week      (crmcli.values.calendar)
90d    2 weeks                    a length: up to today, or from today on
2026-01..2026-03   ..today        from the first day of one to the last day of the other
2026-03-05   yesterday            a single day
all                               everything
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, quote, unreadable
from crmcli.values.calendar import DAY, Days, midnight, moment_text, named_period
from crmcli.values.dates import EXAMPLES, read_date, read_offset, shift

EVER = (date(1, 1, 2), date.max)
"""All days; both ends are moments of the calendar in every time zone."""
_EXAMPLES = "for example 2026, q2, last month, 90d or 2026-01..2026-03"
_MINUTE = timedelta(minutes=1)


def period(text: str, env: Env, *, future: bool = False) -> Days:
    """The days of a typed period, from the first up to but without the second.

    future: a bare length begins today instead of ending today, and a month or quarter without a
    year is the next one. Raises InvalidValue.
    """
    low = " ".join(text.lower().split())
    if low in ("all", "ever"):
        return EVER
    first, dots, last = low.partition("..")
    if dots:
        begin = _days(first, env, future)[0] if first else EVER[0]
        end = _days(last, env, future)[1] if last else EVER[1]
        if begin >= end:
            raise InvalidValue(f"{quote(text)} ends before it begins", hint=_EXAMPLES)
        return begin, end
    offset = read_offset(low)
    if offset and not offset.sign and offset.unit not in ("hour", "minute"):
        low = f"{'next' if future else 'last'} {offset.number} {offset.unit}"
    return _days(low, env, future)


def _days(text: str, env: Env, future: bool) -> Days:
    """The days of a typed word; one that is no date at all was meant as a period."""
    try:
        return _covered(text, env, future).days
    except InvalidValue as error:
        if error.hint == EXAMPLES:
            raise unreadable(text, "a period", _EXAMPLES) from None
        raise


class _Covered(NamedTuple):
    """The days that a typed word covers, and the moment if it names one."""

    days: Days
    moment: datetime | None = None


def _covered(text: str, env: Env, future: bool) -> _Covered:
    low = " ".join(text.lower().split())
    try:
        days = named_period(low, env.today, future=future)
        if days:
            return _Covered(days)
        offset = read_offset(low)
        if offset:
            read = shift(offset, env, offset.sign or (1 if future else -1))
        else:
            read = read_date(text, env._replace(past=not future))
        return _Covered((read.day, read.day + DAY), read.moment)
    except OverflowError:
        raise InvalidValue(f"{quote(text)} is off the calendar", hint=EXAMPLES) from None


def span_days(text: str, env: Env, future: bool) -> tuple[str, str]:
    """What a typed word covers, as stored days from the first up to but without the second."""
    low, high = _covered(text, env, future).days
    return low.isoformat(), high.isoformat()


def span_moments(text: str, env: Env, future: bool) -> tuple[str, str]:
    """What a typed word covers, as stored moments: a minute if it names a time, else whole days."""
    covered = _covered(text, env, future)
    try:
        if covered.moment is not None:
            low = covered.moment.replace(second=0)
            return moment_text(low), moment_text(low + _MINUTE)
        return midnight(covered.days[0], env.zone), midnight(covered.days[1], env.zone)
    except OverflowError:
        raise InvalidValue(f"{quote(text)} is off the calendar", hint=EXAMPLES) from None
