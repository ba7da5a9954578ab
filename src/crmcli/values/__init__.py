"""Kinds of value: how each is parsed from what people type, checked, compared and shown.

Pure functions: no files, no clock, no environment; what they depend on comes in as `Env`. Stored
forms are text or integers and the same in every database:

    day         YYYY-MM-DD                       money     integer minor units and ISO 4217 code
    birthday    YYYY-MM-DD or --MM-DD            duration  integer minutes
    moment      YYYY-MM-DDTHH:MM:SSZ (UTC)       interval  integer days
    when        a day or a moment                percent   integer 0 to 100
    integer, year   integer                      yesno     integer 0 or 1
    number      floating point                   others    text

A kind's module is loaded when the kind is first used.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from crmcli.errors import InvalidValue
from crmcli.values.base import Env as Env
from crmcli.values.base import Kind
from crmcli.values.base import Money as Money
from crmcli.values.base import Stored as Stored
from crmcli.values.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

_HOMES = {
    "text": "text",
    "longtext": "text",
    "ref": "text",
    "name": "names",
    "email": "emails",
    "phone": "phone",
    "url": "web",
    "domain": "web",
    "social": "web",
    "country": "places",
    "postcode": "places",
    "language": "places",
    "zone": "places",
    "currency": "money",
    "money": "money",
    "integer": "number",
    "number": "number",
    "percent": "number",
    "year": "number",
    "yesno": "number",
    "day": "days",
    "birthday": "days",
    "moment": "days",
    "when": "days",
    "duration": "durations",
    "interval": "durations",
    "recurrence": "recurrence",
    "leads": "recurrence",
    "clock": "schedule",
    "hours": "schedule",
    "weekdays": "schedule",
    "channels": "schedule",
    "choice": "choices",
    "tags": "choices",
}

KINDS = tuple(_HOMES)
"""The names of all kinds."""


@cache
def _kind(name: str) -> Kind:
    module = import_module(f"crmcli.values.{_HOMES[name]}")
    kind: Kind = module.KINDS[name]
    return kind


def parse(
    kind: str, text: str, env: Env, choices: Sequence[str] = (), *, past: bool = False
) -> Stored | None:
    """The stored form of what was typed; None for an empty text.

    choices: the words that a choice allows. past: a date without a year is the last one.
    Raises InvalidValue with a sentence and a hint.
    """
    spec = _kind(kind)
    cleaned = clean(text, lines=spec.lines)
    if not cleaned:
        return None
    return spec.parse(cleaned, env._replace(past=True) if past else env, choices)


def check(kind: str, value: Any, choices: Sequence[str] = ()) -> Stored:
    """A stored form, made canonical (texts are cleaned); ValueError when it is not one."""
    return _kind(kind).check(value, choices)


def plain(kind: str, value: Stored | None) -> str:
    """The form for machines: ISO dates, decimals without a currency; "" for None.

    `parse` reads it back (money: when the currency is the base currency).
    """
    return "" if value is None else _kind(kind).plain(value)


def show(kind: str, value: Stored | None, env: Env) -> str:
    """The form for people: relative dates, money with its symbol; "" for None."""
    if value is None:
        return ""
    spec = _kind(kind)
    return spec.plain(value) if spec.show is None else spec.show(value, env)


def json_value(kind: str, value: Stored | None) -> Any:
    """The form for JSON: numbers as numbers, yes/no as a boolean, money as an object."""
    if value is None:
        return None
    spec = _kind(kind)
    return value if spec.json is None else spec.json(value)


def key(kind: str, value: Stored) -> str:
    """The text under which two values of a kind count as the same."""
    spec = _kind(kind)
    return spec.key(spec.plain(value))


def has_span(kind: str) -> bool:
    """Whether values of this kind have an order that a range can be typed in."""
    return _kind(kind).span is not None


def span(kind: str, text: str, env: Env, *, future: bool = False) -> tuple[Stored, Stored]:
    """What a typed word covers, as stored forms from the first up to but without the second.

    "2026-01" covers a month, "today" a day, "10k" one amount. A bare length such as "30d" is the
    day that long ago, or with `future` that far ahead; a year that was not typed is the nearest
    one in that direction. For `when`, whose column holds days and moments, ask for "day" and for
    "moment" and compare each with the values of its length. Raises InvalidValue.
    """
    spec = _kind(kind)
    if spec.span is None:
        raise InvalidValue(
            f"a range needs a field with an order, not one of kind {kind}",
            hint="ranges work on dates, amounts and numbers",
        )
    return spec.span(clean(text), env, future)
