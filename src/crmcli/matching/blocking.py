"""Candidates: pairs of records that share something, found without looking at all pairs.

A pass gives each record keys; records with the same key are a block, and the pairs within a block
are candidates. Rare keys tell most, so the blocks of a pass are taken from the smallest on, until
the pass has given as many pairs as it may (a few for each record, so that all stays linear). What
is left over are large blocks, such as everybody called Smith; within those, ordered by all that
is known of a record, neighbours are still candidates (Hernández and Stolfo, 1995).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, compress
from typing import NamedTuple


class Pass(NamedTuple):
    """A key for each record, "" for none. `again` are further keys, for as many records from the
    first on as there are. telling: what shares such a key is likely the same, so that neighbours
    within large blocks are candidates as well."""

    keys: Sequence[str]
    again: Sequence[tuple[int, str]] = ()
    telling: bool = False


class Candidates(NamedTuple):
    """Pairs, each as `low * number + high`: those that share a rare key or two keys, and those
    that share one common key only."""

    likely: set[int]
    others: set[int]


_WINDOW = 2
_LARGEST = 400
_RARE = 3


def candidates(number: int, passes: Iterable[Pass], order: Callable[[int], str]) -> set[int]:
    """The pairs of `number` records to compare, each as `low * number + high`.

    order: by what the records of a block that is too large are ordered. Pairs with no more than
    one common key between them are left out where there are too many (meta-blocking: Papadakis
    and others, 2014).
    """
    found = Candidates(set(), set())
    for each in passes:
        budget = 20_000 + (number if each.telling else number // 3)
        small, large = _blocks(each, budget)
        for block in small:
            _all_pairs(block, number, found)
        for block in large:
            _neighbours(sorted(block, key=order), number, found.likely)
    if len(found.likely) + len(found.others) <= 100_000 + number // 2:
        found.likely.update(found.others)
    return found.likely


def _blocks(each: Pass, budget: int) -> tuple[list[list[int]], list[list[int]]]:
    """The records of each key that several have: those within the budget of pairs, and, of a
    telling pass, the larger ones."""
    counts = Counter(each.keys)
    counts.update([key for _record, key in each.again])
    counts.pop("", None)
    largest = _largest(counts, budget)
    most = len(each.keys) if each.telling else largest
    blocks: dict[str, list[int]] = {key: [] for key, n in counts.items() if 1 < n <= most}
    shared = [key in blocks for key in each.keys]
    for record, key in compress(enumerate(each.keys), shared):
        blocks[key].append(record)
    for record, key in each.again:
        block = blocks.get(key)
        if block is not None:
            block.append(record)
    groups = [sorted(set(block)) for block in blocks.values()] if each.again else blocks.values()
    small = [block for block in groups if 1 < len(block) <= largest]
    return small, [block for block in groups if len(block) > largest]


def _largest(counts: Counter[str], budget: int) -> int:
    """The size up to which blocks are within the budget of pairs."""
    spent = 0
    for size, times in sorted(Counter(counts.values()).items()):
        spent += times * size * (size - 1) // 2
        if spent > budget or size > _LARGEST:
            return size - 1
    return _LARGEST


def _all_pairs(block: list[int], number: int, found: Candidates) -> None:
    likely, others = found
    if len(block) <= _RARE:
        likely.update([low * number + high for low, high in combinations(block, 2)])
        return
    for place, low in enumerate(block):
        base = low * number
        codes = {base + high for high in block[place + 1 :]}
        likely.update(codes & others)
        others.update(codes)


def _neighbours(block: list[int], number: int, found: set[int]) -> None:
    for step in range(1, _WINDOW + 1):
        for one, other in zip(block, block[step:], strict=False):
            found.add(min(one, other) * number + max(one, other))
