"""Comparing many pairs, a field at a time; what is compared twice is compared once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

from crmcli.matching.levels import FORM, MISSING, OTHER, SAME, Compare
from crmcli.matching.tables import Column

_REMEMBERED = 300_000
_FEW = 3_000
_NAMES = 1 << 32


def field_levels(
    column: Column, compare: Compare, left: Sequence[int], right: Sequence[int]
) -> list[int]:
    """The level of one field for each pair of places in `left` and `right`."""
    codes, values = column.codes, column.vocabulary.values
    if len(values) == 1:
        return [MISSING] * len(left)

    def level(a: int, b: int) -> int:
        if not a or not b:
            return MISSING
        return SAME if a == b else best_level(compare, values[a], values[b])

    if len(values) > _FEW:
        return [level(codes[i], codes[j]) for i, j in zip(left, right, strict=True)]
    known: dict[int, int] = {}
    found = []
    for i, j in zip(left, right, strict=True):
        key = codes[i] * _FEW + codes[j]
        if key not in known:
            known[key] = level(codes[i], codes[j])
        found.append(known[key])
    return found


def best_level(compare: Compare, one: Any, other: Any) -> int:
    """The level of two values, or of the most alike of several."""
    if isinstance(one, str) and isinstance(other, str):
        return compare(one, other)
    mine, yours = ((each,) if isinstance(each, str) else each for each in (one, other))
    if not set(mine).isdisjoint(yours):
        return SAME
    return min(compare(a, b) for a, b in product(mine, yours))


class NameLevels(NamedTuple):
    """The levels of first and last names, and whether they are the other way round: 0 not told,
    1 in the same order, 2 swapped."""

    first: list[int]
    last: list[int]
    order: list[int]


class NameComparer:
    """Compares first and last names, also with each other. Both columns share a vocabulary."""

    def __init__(self, first: Column, last: Column, compare: Compare) -> None:
        self._first, self._last = first.codes, last.codes
        self._values = first.vocabulary.values
        self._compare = compare
        self._known: dict[int, int] = {}

    def levels(self, left: Sequence[int], right: Sequence[int]) -> NameLevels:
        """The levels for each pair of places."""
        firsts, lasts, pair = self._first, self._last, self._pair
        found = [
            pair(firsts[i], lasts[i], firsts[j], lasts[j]) for i, j in zip(left, right, strict=True)
        ]
        return NameLevels(*map(list, zip(*found, strict=True))) if found else NameLevels([], [], [])

    def _pair(self, a: int, b: int, c: int, d: int) -> tuple[int, int, int]:
        level = self._level
        first = SAME if a == c else level(a, c)
        last = SAME if b == d else level(b, d)
        first, last = (first if a and c else MISSING), (last if b and d else MISSING)
        if SAME <= first <= FORM or SAME <= last <= FORM:
            return first, last, 1
        crossed, back = level(a, d), level(b, c)
        if _better(crossed, back, first, last):
            return crossed, back, 2
        return first, last, 0 if MISSING in (first, last) else 1

    def _level(self, a: int, b: int) -> int:
        if not a or not b:
            return MISSING
        if a == b:
            return SAME
        key = a * _NAMES + b
        level = self._known.get(key)
        if level is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            level = self._known[key] = self._compare(self._values[a], self._values[b])
        return level


def _better(crossed: int, back: int, first: int, last: int) -> bool:
    """Whether names agree when one pair of them is turned round, and not as they are."""
    near = sum(SAME <= level <= FORM for level in (crossed, back))
    apart = OTHER in (crossed, back)
    return near == 2 or (near == 1 and not apart and first in (MISSING, OTHER) and last != SAME)
