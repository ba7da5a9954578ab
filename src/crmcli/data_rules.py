"""The team's rules for its data: how the settings declare them, and whether values keep to them.

A rule is a table of the settings file:

    [[rules]]
    name = "close date"           # else its number
    record = "deal"
    from_stage = "Proposal"       # or stage = "Won"; pipeline = "Sales"
    require = ["close", "value"]
    severity = "error"            # or "warning"
    message = "a deal needs a close date from Proposal on"

Beside `require` there are, for one `field`: `pattern` (a regular expression that the whole value
fits), `min` and `max` (numbers, amounts in their own currency, dates such as "today"), `one_of`,
`unique = true` and `case` (title, upper, lower). A blank value breaks `require` only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from crmcli import values
from crmcli.catalog import BY_NAME, BY_PLURAL
from crmcli.errors import InvalidValue
from crmcli.fields import Field
from crmcli.values.base import Env, Money, quote
from crmcli.values.money import minor_exponent
from crmcli.values.text import did_you_mean, fold

ERROR, WARNING = "error", "warning"
CASES = ("title", "upper", "lower")

Contents = Mapping[str, Sequence[Any]]
"""The values of a record by the names of its fields, none where a field is blank."""

_DATES = frozenset(("day", "when", "moment", "birthday"))
_NUMBERS = frozenset(("integer", "number", "percent", "year", "duration", "interval", "money"))
_DAY = 10  # characters of a day, which a stored moment begins with


class DataRule(NamedTuple):
    """One rule. says: what it demands, in a sentence; the other parts: see above."""

    name: str
    record: str
    severity: str
    says: str
    require: tuple[str, ...] = ()
    field: str = ""
    pattern: str = ""
    min: str = ""
    max: str = ""
    one_of: tuple[str, ...] = ()
    unique: bool = False
    case: str = ""
    pipeline: str = ""
    stage: str = ""
    from_stage: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it looks at, as the settings name them."""
        return (*self.require, self.field) if self.field else self.require


# --- from the settings


def read_rules(given: Any) -> tuple[DataRule, ...]:
    """The rules that the tables of a settings file declare.

    Raises InvalidValue, naming the rule, for one that cannot be understood.
    """
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise InvalidValue("rules are tables of the settings file", hint=_EXAMPLE)
    found = tuple(_rule(table, number) for number, table in enumerate(given, 1))
    names = [rule.name for rule in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidValue(f"there are two rules {quote(twice)}", hint="give one another name")
    return found


def wrong(name: str, what: str, hint: str | None = None) -> InvalidValue:
    """The error for a rule of the settings that makes no sense."""
    return InvalidValue(f"rule {quote(name)}: {what}", hint=hint or "`crm config edit` opens it")


_EXAMPLE = 'for example: [[rules]] record = "contact", require = ["email"]'
_OF_A_FIELD = ("pattern", "min", "max", "one_of", "unique", "case")
_LISTS = ("require", "one_of")
_KNOWN = ("name", "record", "severity", "message", "require", "field", *_OF_A_FIELD,
          "pipeline", "stage", "from_stage")  # fmt: skip


def _rule(table: dict[str, Any], number: int) -> DataRule:
    name = str(table.get("name", number))
    given = {key: _read(name, key, value) for key, value in table.items()}
    word = given.get("record", "")
    record = BY_NAME.get(word) or BY_PLURAL.get(word)
    if record is None:
        raise wrong(name, "it names no type of record", 'for example: record = "deal"')
    says = given.pop("message", "")
    rule = DataRule(
        **{"severity": ERROR, **given, "name": name, "record": record.name, "says": says}
    )
    _check_sense(rule)
    return rule if says else rule._replace(says=_said(rule))


def _read(name: str, key: str, value: Any) -> Any:
    """A value of the settings as the rule of this name holds it."""
    if key not in _KNOWN:
        raise wrong(name, f"there is no {quote(key)}", did_you_mean(key, _KNOWN))
    if key == "unique" and isinstance(value, bool):
        return value
    if key in _LISTS and isinstance(value, str | list):
        return (value,) if isinstance(value, str) else tuple(map(str, value))
    if key in ("unique", *_LISTS) or isinstance(value, bool | list | dict):
        raise wrong(name, f"{key} cannot be {quote(str(value))}")
    # as it would be typed: 1e6 is 1000000
    return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _check_sense(rule: DataRule) -> None:
    if rule.severity not in (ERROR, WARNING):
        raise wrong(rule.name, f"severity cannot be {quote(rule.severity)}", "error or warning")
    if rule.case and rule.case not in CASES:
        raise wrong(rule.name, f"case cannot be {quote(rule.case)}", f"one of {', '.join(CASES)}")
    asked = [key for key in _OF_A_FIELD if getattr(rule, key)]
    if asked and not rule.field:
        raise wrong(rule.name, f"{asked[0]} of which field?", 'for example: field = "postcode"')
    if not asked and (rule.field or not rule.require):
        raise wrong(rule.name, "it demands nothing", f"add require, {', '.join(_OF_A_FIELD)}")
    if rule.record != "deal" and (rule.pipeline or rule.stage or rule.from_stage):
        raise wrong(rule.name, "only deals have stages and pipelines")
    try:
        re.compile(rule.pattern)
    except re.error as error:
        raise wrong(rule.name, f"the pattern is wrong: {error}") from error


def _said(rule: DataRule) -> str:
    """What a rule without a message demands."""
    parts = []
    if rule.require:
        labels = [_label(rule, name) for name in rule.require]
        parts.append(f"a {rule.record} needs {' and '.join(labels)}")
    if rule.field:
        parts.append(f"{_label(rule, rule.field)} must be {' and '.join(_demands(rule))}")
    return ", ".join(parts) + _where(rule)


def _label(rule: DataRule, name: str) -> str:
    field = BY_NAME[rule.record].field(name)
    return field.label.lower() if field else name


def _demands(rule: DataRule) -> Iterator[str]:
    if rule.pattern:
        yield f"like {rule.pattern}"
    if rule.min:
        yield f"{rule.min} or more"
    if rule.max:
        yield f"{rule.max} or less"
    if rule.one_of:
        yield f"one of {', '.join(rule.one_of)}"
    if rule.unique:
        yield "unique"
    if rule.case:
        yield f"in {rule.case} case"


def _where(rule: DataRule) -> str:
    parts = [
        f" from {rule.from_stage} on" if rule.from_stage else "",
        f" in {rule.stage}" if rule.stage else "",
        f" of pipeline {rule.pipeline}" if rule.pipeline else "",
    ]
    return "".join(parts)


# --- whether values keep to a rule


def tester(rule: DataRule, fields: Mapping[str, Field], env: Env) -> Callable[[Contents], bool]:
    """What says of a record's contents whether they break the rule, uniqueness apart.

    fields: those of the rule, by the names that the settings use. Raises InvalidValue, naming the
    rule, for a limit that its field cannot have.
    """
    needed = [fields[name].name for name in rule.require]
    looked_at = fields[rule.field].name if rule.field else ""
    fits = list(_fits(rule, fields[rule.field], env)) if rule.field else []

    def broken(contents: Contents) -> bool:
        if not all(contents[name] for name in needed):
            return True
        held = contents[looked_at] if fits else ()
        return not all(fit(value) for value in held for fit in fits)

    return broken


def _fits(rule: DataRule, field: Field, env: Env) -> Iterator[Callable[[Any], bool]]:
    """The demands on one value of the rule's field."""
    # addresses are written out where they are read, and so no kind of value
    text = str if field.kind == "address" else partial(values.plain, field.kind)
    if rule.pattern:
        matched = re.compile(rule.pattern).fullmatch
        yield lambda value: matched(text(value)) is not None
    if rule.one_of:
        allowed = {fold(each) for each in rule.one_of}
        yield lambda value: fold(text(value)) in allowed
    if rule.case:
        written = _CASES[rule.case]
        yield lambda value: written(text(value))
    if rule.min:
        least = _limit(rule, field, rule.min, env)
        yield lambda value: _measure(field.kind, value, least) >= least
    if rule.max:
        most = _limit(rule, field, rule.max, env)
        yield lambda value: _measure(field.kind, value, most) <= most


def _limit(rule: DataRule, field: Field, text: str, env: Env) -> Any:
    """A limit as it is compared: a day, or a number, for amounts in whole units."""
    if field.kind not in _DATES | _NUMBERS:
        raise wrong(rule.name, f"{field.name} has no least and no most", "it is no number or date")
    kind = "day" if field.kind in _DATES else "number" if field.kind == "money" else field.kind
    try:
        return values.parse(kind, text, env)
    except InvalidValue as error:
        raise wrong(rule.name, error.message, error.hint) from error


def _measure(kind: str, value: Any, limit: Any) -> Any:
    """A value as it is compared with a limit; a birthday without its year keeps to any."""
    if isinstance(value, Money):
        return value.minor / 10 ** minor_exponent(value.currency)
    if kind in _DATES:
        return limit if value.startswith("--") else value[:_DAY]
    return value


def _titled(text: str) -> bool:
    """Whether every word begins with a capital, small words inside apart, and not all is one."""
    from crmcli.values.tidy import is_particle, tidy

    words = text.split()
    small = [word for word in words[1:] if word[:1].islower() and not is_particle(word)]
    return tidy(text) == text and not small and not words[0][:1].islower()


_CASES: dict[str, Callable[[str], bool]] = {
    "title": _titled,
    "upper": lambda text: text == text.upper(),
    "lower": lambda text: text == text.lower(),
}
