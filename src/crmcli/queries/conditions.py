"""Conditions on one value: the SQL for a field's kind, an operator and what was typed.

Every condition is SQL with `?` placeholders and the parameters for them; data is never part of the
SQL. Texts are compared without regard to case: by a key column where there is one, else by
`lower()`, which SQLite applies to ASCII only, so that the usual spellings of other letters are
tried one by one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.errors import InvalidValue, QueryError
from crmcli.store import dialect
from crmcli.values.base import quote
from crmcli.values.text import fold, sort_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from crmcli.fields import Field
    from crmcli.values import Env


class Sql(NamedTuple):
    """A piece of SQL and the parameters of its placeholders.

    probe: the same condition, with the same parameters, as it is best asked of one row after the
    other; "" when that is `text`, None when there is no good way. lead: rows to begin with.
    """

    text: str
    params: Sequence[Any] = ()
    probe: str | None = ""
    lead: Lead | None = None


class Lead(NamedTuple):
    """A condition in two parts: a SELECT of the ids of some records, and what those must meet.

    It may give an id more than once, where several rows of a record meet it.
    """

    ids: Sql
    rest: Sql


class Item(NamedTuple):
    """One typed value with the operator before it; `literal` when it is a value and no word."""

    op: str
    text: str
    literal: bool = False

    @property
    def exact(self) -> bool:
        """Whether the whole value must be equal."""
        return self.op == ":="


EVERYTHING = Sql("1 = 1")
NOTHING = Sql("1 = 0")

_NUMERIC = ("money", "integer", "number", "percent", "duration")
_BETWEEN_DIGITS = re.compile(r"(?<!\d),|,(?!\s*\d)")
_BEFORE_THREE = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))")


def joined(word: str, parts: Iterable[Sql]) -> Sql:
    """The conditions joined by AND or OR, in parentheses."""
    found = list(parts)
    if len(found) == 1:
        return found[0]
    text = f" {word} ".join(part.text for part in found)
    params = [param for part in found for param in part.params]
    return Sql(f"({text})", params, _probes(word, found), _lead(found) if word == "AND" else None)


def _probes(word: str, parts: Sequence[Sql]) -> str | None:
    probes = [part.text if part.probe == "" else part.probe for part in parts]
    if all(part.probe == "" for part in parts):
        return ""
    known = [probe for probe in probes if probe is not None]
    return f"({f' {word} '.join(known)})" if len(known) == len(parts) else None


def _lead(parts: Sequence[Sql]) -> Lead | None:
    """The lead of the first part that has one; the other parts are what is left to be met."""
    for place, part in enumerate(parts):
        if part.lead is not None:
            others = [*parts[:place], *parts[place + 1 :]]
            return Lead(part.lead.ids, joined("AND", [part.lead.rest, *others]))
    return None


def negated(condition: Sql, sql: str) -> Sql:
    """The condition put into `sql`, which has `{}` for it and says the contrary."""
    probe = condition.probe and sql.format(condition.probe)
    return Sql(sql.format(condition.text), condition.params, probe)


def among(column: str, id: str, rows: str, condition: Sql) -> Sql:
    """`column` is the `id` of one of the rows (of a table with its alias) that meet it."""
    ids = Sql(f"SELECT {id} AS id FROM {rows} WHERE {condition.text}", condition.params)
    asked = condition.text if condition.probe == "" else condition.probe
    probe = asked and f"EXISTS (SELECT 1 FROM {rows} WHERE {id} = {column} AND {asked})"
    lead = Lead(ids, EVERYTHING) if column.endswith(".id") else None
    return Sql(f"{column} IN ({ids.text})", condition.params, probe, lead)


def one_of(sql: str, items: Sequence[Any]) -> Sql:
    """`sql` is one of the items, which are bound."""
    if not items:
        return NOTHING
    if len(items) == 1:
        return Sql(f"{sql} = ?", list(items))
    return Sql(f"{sql} IN ({', '.join('?' * len(items))})", list(items))


def split_values(kind: str, text: str) -> list[str]:
    """The values of a comma list; between digits a comma may belong to a number."""
    from crmcli.queries.parse import split_list

    if kind not in _NUMERIC:
        return split_list(text)
    pattern = _BEFORE_THREE if kind in ("integer", "percent") else _BETWEEN_DIGITS
    return [part for part in (part.strip() for part in pattern.split(text)) if part]


def text_condition(sql: str, item: Item, key: str = "") -> Sql:
    """A text contains or is what was typed. key: the SQL of its `sort_key`, where there is one."""
    if key:
        wanted = sort_key(item.text)
        return Sql(f"{key} = ?", [wanted]) if item.exact else Sql(dialect.contains(key), [wanted])
    spellings = _spellings(item.text)
    if item.exact:
        return one_of(f"lower({sql})", spellings)
    return joined("OR", (Sql(dialect.contains(f"lower({sql})"), [word]) for word in spellings))


def _spellings(text: str) -> list[str]:
    """The text as `lower()` may leave it: letters beyond ASCII in any of the usual cases."""
    forms = (text.lower(), text, text.upper(), text.title())
    return list(dict.fromkeys(_ascii_lower(form) for form in forms))


def _ascii_lower(text: str) -> str:
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda m: m[0].lower(), text)


def value_condition(field: Field, sql: str, item: Item, env: Env, key: str = "") -> Sql:
    """The condition for a single value, by the kind of `field`. Raises CrmError."""
    special = _BY_KIND.get(field.kind)
    if special:
        return special(field, sql, item, env)
    if values.has_span(field.kind):
        return _between(field, sql, item, env)
    refuse_order(field, item)
    return text_condition(sql, item, key)


def refuse_order(field: Field, item: Item) -> None:
    """Raise QueryError when a field without an order is compared by < or >."""
    if item.op[0] in "<>":
        raise QueryError(
            f"{field.name} has no order, so {item.op} says nothing",
            hint=f"{field.name}:{item.text} finds what contains the text",
            details={"word": f"{field.name}{item.op}{item.text}"},
        )


def ends(item: Item) -> tuple[str, str, str, str]:
    """The typed ends of an interval: from the start or end of a word, to the start or end of one.

    Returns (first, after, before, last); the interval begins where `first` begins or `after` ends,
    and ends where `before` begins or `last` ends; "" for none. Raises QueryError.
    """
    text = item.text
    match item.op:
        case ">":
            return "", text, "", ""
        case ">=":
            return text, "", "", ""
        case "<":
            return "", "", text, ""
        case "<=":
            return "", "", "", text
    first, dots, last = text.partition("..")
    if not dots:
        return text, "", "", text
    if not (first.strip() or last.strip()):
        raise QueryError("a range needs an end", hint="for example 10k.. or ..today")
    return first.strip(), "", "", last.strip()


def interval(item: Item, span: Callable[[str], tuple[Any, Any]]) -> tuple[Any | None, Any | None]:
    """The half-open interval of stored values that was typed; None for an open end."""
    first, after, before, last = ends(item)
    low = span(first)[0] if first else span(after)[1] if after else None
    high = span(before)[0] if before else span(last)[1] if last else None
    return low, high


def bounds(sql: str, low: Any | None, high: Any | None) -> Sql:
    """`sql` is in a half-open interval; not empty, when both ends are open."""
    parts = [Sql(f"{sql} >= ?", [low])] * (low is not None)
    parts += [Sql(f"{sql} < ?", [high])] * (high is not None)
    return joined("AND", parts) if parts else Sql(f"{sql} IS NOT NULL")


def looks_ahead(field: Field) -> bool:
    """Whether a bare length such as 30d reaches into the future for this field."""
    return field.kind in ("day", "when", "moment", "birthday") and not (
        (field.past and field.kind != "birthday") or field.readonly
    )


def _between(field: Field, sql: str, item: Item, env: Env) -> Sql:
    future = looks_ahead(field)
    low, high = interval(item, lambda text: values.span(field.kind, text, env, future=future))
    return bounds(sql, low, high)


def _when(field: Field, sql: str, item: Item, env: Env) -> Sql:
    """Days and moments in one column: each is compared with the interval of its own form."""
    future = looks_ahead(field)
    days = interval(item, lambda text: values.span("day", text, env, future=future))
    moments = interval(item, lambda text: values.span("moment", text, env, future=future))
    return joined(
        "OR",
        (
            joined("AND", (Sql(f"length({sql}) = 10"), bounds(sql, *days))),
            joined("AND", (Sql(f"length({sql}) > 10"), bounds(sql, *moments))),
        ),
    )


def _birthday(field: Field, sql: str, item: Item, env: Env) -> Sql:
    """With a typed year the birth date itself, without one the day in the year."""
    low, high = interval(item, lambda text: values.span("day", text, env, future=True))
    if any(re.search(r"(?<!\d)\d{4}(?!\d)", end) for end in ends(item)):
        return joined("AND", (Sql(f"length({sql}) = 10"), bounds(sql, low, high)))
    today = env.today.isoformat()
    low, high = low or today, high or today
    if high > f"{int(low[:4]) + 1:04}{low[4:]}":
        return Sql(f"{sql} IS NOT NULL")
    day = f"substr({sql}, length({sql}) - 4)"
    word = "AND" if low[5:] < high[5:] else "OR"
    return joined(word, (Sql(f"{day} >= ?", [low[5:]]), Sql(f"{day} < ?", [high[5:]])))


def _yesno(field: Field, sql: str, item: Item, env: Env) -> Sql:
    refuse_order(field, item)
    wanted = values.parse("yesno", item.text, env)
    return Sql(f"coalesce({sql}, 0) = ?", [wanted])


def _choice(field: Field, sql: str, item: Item, env: Env) -> Sql:
    refuse_order(field, item)
    return Sql(f"{sql} = ?", [values.parse("choice", item.text, env, field.choices)])


def _code(field: Field, sql: str, item: Item, env: Env) -> Sql:
    """Countries and languages: by the code when the name is known, else by the text."""
    refuse_order(field, item)
    try:
        stored = str(values.parse(field.kind, item.text, env))
    except InvalidValue:
        return text_condition(sql, item)
    if fold(stored) != fold(item.text) or len(stored) == 2:
        return one_of(f"lower({sql})", _spellings(stored))
    return text_condition(sql, item)


def _domain(field: Field, sql: str, item: Item, env: Env) -> Sql:
    refuse_order(field, item)
    if item.exact or "/" in item.text or "@" in item.text:
        return Sql(f"{sql} = ?", [values.parse("domain", item.text, env)])
    return text_condition(sql, item)


def _money(field: Field, sql: str, item: Item, env: Env) -> Sql:
    """Amounts: of the typed currency, or without one the same amount in any currency."""
    from crmcli.values.money import parse_money, read_amount

    column = sql.removesuffix(field.column) + field.currency
    typed = {read_amount(end, env).currency for end in ends(item) if end} - {None}
    if len(typed) > 1:
        raise InvalidValue(
            f"{quote(item.text)} is a range in two currencies", hint="for example EUR10k..20k"
        )
    if not typed:
        return _any_currency(sql, column, item, env)
    env = env._replace(currency=str(typed.pop()))
    low, high = interval(item, lambda text: _step(parse_money(text, env).minor))
    return joined("AND", (Sql(f"{column} = ?", [env.currency]), bounds(sql, low, high)))


def _step(minor: int) -> tuple[int, int]:
    return minor, minor + 1


def _any_currency(sql: str, column: str, item: Item, env: Env) -> Sql:
    """Compare in thousandths, the smallest unit of all, brought to each currency's own unit."""
    from crmcli.values.money import minor_of, read_amount

    low, high = interval(item, lambda text: _step(minor_of(read_amount(text, env), "KWD")))
    parts = [
        Sql(f"{sql} {op} {_per_currency(column)}", [_up(end, 1000), end, _up(end, 10)])
        for op, end in ((">=", low), ("<", high))
        if end is not None
    ]
    return joined("AND", parts)


def _per_currency(column: str) -> str:
    from crmcli.values.money import THREE_DECIMAL, ZERO_DECIMAL

    zero = ", ".join(dialect.quoted(code) for code in sorted(ZERO_DECIMAL))
    three = ", ".join(dialect.quoted(code) for code in sorted(THREE_DECIMAL))
    return f"CASE WHEN {column} IN ({zero}) THEN ? WHEN {column} IN ({three}) THEN ? ELSE ? END"


def _up(number: int, unit: int) -> int:
    """`number` / `unit`, rounded up."""
    return -(-number // unit)


_BY_KIND: dict[str, Callable[[Field, str, Item, Env], Sql]] = {
    "when": _when,
    "birthday": _birthday,
    "yesno": _yesno,
    "choice": _choice,
    "country": _code,
    "language": _code,
    "domain": _domain,
    "money": _money,
}
