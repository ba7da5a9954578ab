"""What finding needs to know of a kind of record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from crmcli.matching import levels
from crmcli.matching.blocking import Pass
from crmcli.matching.tables import Column
from crmcli.matching.weights import Prior


class Field(NamedTuple):
    """A field that is compared.

    label: for people. levels: what each level from 1 on is called. prior: what is assumed of it.
    rare: agreement on a rare value tells more than on a common one. quiet: only what is out of
    the ordinary is worth a word.
    """

    name: str
    label: str
    levels: tuple[str, ...]
    prior: Prior
    rare: bool = False
    quiet: bool = False


_OWN = Prior((0.75, 0.05, 0.05, 0.15), (0.05, 0.01, 0.04, 0.90))


def own_fields(names: Sequence[str]) -> tuple[Field, ...]:
    """Fields of a team's own that take part, of which nothing is known but that they are texts."""
    return tuple(
        Field(name, name.replace("_", " "), levels.TEXT_LEVELS, _OWN, rare=True) for name in names
    )


class Subject(NamedTuple):
    """Records of a kind, ready to be compared.

    compare: places of the left and of the right records to the levels of each field. passes: the
    keys by which candidates are found. order: what a block that is too large is ordered by.
    """

    number: int
    fields: tuple[Field, ...]
    columns: dict[str, Column]
    compare: Callable[[Sequence[int], Sequence[int]], list[list[int]]]
    passes: Callable[[], Iterator[Pass]]
    order: Callable[[int], str]
