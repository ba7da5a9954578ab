"""Records to compare, as columns of values made alike, each value with a number of its own.

Two values are equal when their numbers are; 0 stands for a missing one. That makes the comparison
of a million pairs mostly one of integers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple, TypeAlias

Table: TypeAlias = Mapping[str, Sequence[Any]]
"""Column name -> a value for each record: a text ("" when missing), for e-mails and phones a tuple
of texts."""

Prepare: TypeAlias = Callable[[Any], Any]
"""Makes alike what means the same."""

_ASSUMED_PAIRS = 500


class Vocabulary:
    """Values and their numbers; several columns may share one."""

    def __init__(self) -> None:
        self.values: list[Any] = [""]
        self._numbers: dict[Any, int] = {"": 0, (): 0}

    def number(self, value: Any) -> int:
        """The number of a value, the same for the same value."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.values)
            self.values.append(value)
        return found


class Column(NamedTuple):
    """One field of all records.

    codes: the number of each record's value; vocabulary: what the numbers mean; counts: how many
    records have each value; filled: how many have one at all; typical: how many share the value
    of a record, on the average.
    """

    codes: list[int]
    vocabulary: Vocabulary
    counts: Counter[int]
    filled: int
    typical: float

    def value(self, record: int) -> Any:
        """The value of a record, by its place."""
        return self.vocabulary.values[self.codes[record]]

    def agreeing(self, assumed: float) -> float:
        """How often two records that have a value have the same one.

        assumed: how often it is thought to be, which is what counts while there is little data.
        """
        same = sum(count * (count - 1) for count in self.counts.values()) / 2
        pairs = self.filled * (self.filled - 1) / 2
        return min((same + assumed * _ASSUMED_PAIRS) / (pairs + _ASSUMED_PAIRS), 0.99)

    def raw(self) -> list[Any]:
        """The values of all records."""
        values = self.vocabulary.values
        return [values[code] for code in self.codes]


def values_of(table: Table, name: str, number: int) -> Iterable[Any]:
    """The values of a column for `number` records, all missing where the table lacks it."""
    return table.get(name) or repeat("", number)


def column(
    values: Iterable[Any],
    prepare: Prepare | None = None,
    vocabulary: Vocabulary | None = None,
) -> Column:
    """A column from the raw values of the records; `prepare` makes alike what means the same."""
    vocabulary = vocabulary or Vocabulary()
    known: dict[Any, int] = {"": 0, (): 0, None: 0}
    codes = []
    for value in values:
        code = known.get(value)
        if code is None:
            made = prepare(value) if prepare else value
            code = known[value] = vocabulary.number(made)
        codes.append(code)
    counts = Counter(codes)
    counts.pop(0, None)
    filled = counts.total()
    typical = sum(count * count for count in counts.values()) / max(filled, 1)
    return Column(codes, vocabulary, counts, filled, typical)


def one_or_more(values: Sequence[str]) -> str | tuple[str, ...]:
    """Several values as a tuple; one as itself, which is quicker to compare."""
    return values[0] if len(values) == 1 else tuple(values)
