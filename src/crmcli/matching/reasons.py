"""Why two records are thought to be one, in words: what speaks for it and what against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from crmcli.matching.finding import Pair, rarities
from crmcli.matching.levels import SAME
from crmcli.matching.subjects import Field, Subject
from crmcli.matching.tables import Table
from crmcli.matching.weights import Model


class Reason(NamedTuple):
    """One field's part in a score. bits: how much it speaks for (above 0) or against."""

    field: str
    says: str
    bits: float


def reasons(subject: Subject, table: Table, model: Model, pair: Pair) -> list[Reason]:
    """The reasons of a pair, what tells most first; fields that tell nothing are left out.

    table: the values as they were, to be shown.
    """
    rare = rarities(subject, model, pair.low, pair.high, pair.pattern)
    found = []
    turned = _turned(subject, pair)
    for place, (field, level) in enumerate(zip(subject.fields, pair.pattern, strict=True)):
        if not level or (field.quiet and level == SAME):
            continue
        bits = model.weight(place, level) + rare.get(field.name, 0.0)
        values = _values(field, table, pair, turned=turned)
        found.append(Reason(field.name, _says(field, level, values), bits))
    found = _one_name(found)
    return sorted(found, key=lambda reason: -abs(reason.bits))


def _turned(subject: Subject, pair: Pair) -> bool:
    return any(
        field.name == "name_order" and level == 2
        for field, level in zip(subject.fields, pair.pattern, strict=True)
    )


_CROSSED = {"first_name": "last_name", "last_name": "first_name"}
_SOURCES = {"number": "street"}


def _values(field: Field, table: Table, pair: Pair, *, turned: bool) -> tuple[str, str]:
    name = _SOURCES.get(field.name, field.name)
    other = _CROSSED.get(name, name) if turned else name
    mine = _texts(table[name][pair.low]) if name in table else [""]
    yours = _texts(table[other][pair.high]) if other in table else [""]
    return _nearest(mine, yours)


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value) or [""]


def _nearest(mine: Sequence[str], yours: Sequence[str]) -> tuple[str, str]:
    """Of several values of each, the two that are most alike."""
    if len(mine) == len(yours) == 1:
        return mine[0], yours[0]
    return max(((a, b) for a in mine for b in yours), key=lambda two: _alike(*two))


def _alike(one: str, other: str) -> float:
    from rapidfuzz.distance import JaroWinkler

    return JaroWinkler.similarity(one.casefold(), other.casefold())


def _says(field: Field, level: int, values: tuple[str, str]) -> str:
    word = field.levels[level - 1]
    if field.quiet:
        return f"{field.label} {word}"
    if word == "same":
        return f"same {field.label}"
    if word == "different":
        return f"different {field.label}"
    return f"{field.label} {_alike(*values):.2f}: {values[0]}/{values[1]}"


def _one_name(found: list[Reason]) -> list[Reason]:
    """The same first and the same last name are the same name."""
    both = {r.field: r for r in found if r.says in ("same first name", "same last name")}
    if len(both) < 2:
        return found
    bits = sum(reason.bits for reason in both.values())
    rest = [reason for reason in found if reason.field not in both]
    return [Reason("name", "same name", bits), *rest]
