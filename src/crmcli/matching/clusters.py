"""From pairs to clusters: records that are all likely to be one.

A pair that looks alike is not enough: A like B and B like C does not make A like C. Clusters grow
from the best pair on, and two of them become one when the evidence between all their members, on
the average, speaks for it (average linkage).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import combinations
from typing import NamedTuple

from crmcli.matching.finding import Found, Pair, scored
from crmcli.matching.subjects import Subject
from crmcli.matching.weights import probability

_CLIP = 12.0
_LARGEST = 40


class Cluster(NamedTuple):
    """Records by their places, ascending, with all pairs of them, best first. score: how likely
    its least likely member belongs to the rest."""

    members: tuple[int, ...]
    pairs: tuple[Pair, ...]
    score: float


def clusters(
    subject: Subject, found: Found, least: float, apart: Collection[tuple[int, int]] = ()
) -> list[Cluster]:
    """The clusters of what was found, best first.

    least: bits that two clusters must have between them to become one. apart: pairs of places,
    low first, that somebody said are not duplicates; they never get into one cluster.
    """
    made = []
    for pairs in _components(found.pairs):
        known = {(pair.low, pair.high): pair for pair in pairs}
        members = sorted({place for pair in known for place in pair})
        if 2 < len(members) <= _LARGEST:
            missing = [pair for pair in combinations(members, 2) if pair not in known]
            known |= {(p.low, p.high): p for p in scored(subject, found.model, missing)}
        made += [_cluster(group, known) for group in _grown(pairs, known, least, apart)]
    return sorted(made, key=lambda cluster: (-cluster.score, cluster.members))


def _components(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs that hang together, each component in the order of the pairs."""
    parent: dict[int, int] = {}

    def root(place: int) -> int:
        while parent.setdefault(place, place) != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for pair in pairs:
        parent[root(pair.low)] = root(pair.high)
    found: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        found[root(pair.low)].append(pair)
    return list(found.values())


Known = dict[tuple[int, int], Pair]


def _grown(
    pairs: Sequence[Pair], known: Known, least: float, apart: Collection[tuple[int, int]]
) -> list[tuple[int, ...]]:
    """The groups of more than one that the members of a component fall into."""
    group: dict[int, tuple[int, ...]] = {}
    for pair in pairs:
        one, other = group.get(pair.low, (pair.low,)), group.get(pair.high, (pair.high,))
        if one is other or pair.high in one:
            continue
        between = [(min(a, b), max(a, b)) for a in one for b in other]
        if any(each in apart for each in between) or _average(between, known) < least:
            continue
        together = tuple(sorted(one + other))
        group.update(dict.fromkeys(together, together))
    return list(dict.fromkeys(group.values()))


def _average(between: Sequence[tuple[int, int]], known: Known) -> float:
    bits = [known[each].bits if each in known else -_CLIP for each in between]
    return sum(max(-_CLIP, min(_CLIP, each)) for each in bits) / len(bits)


def _cluster(members: tuple[int, ...], known: Known) -> Cluster:
    pairs = [known[each] for each in combinations(members, 2) if each in known]
    pairs.sort(key=lambda pair: -pair.bits)
    weakest = min(
        _average([(min(m, o), max(m, o)) for o in members if o != m], known) for m in members
    )
    return Cluster(
        members, tuple(pairs), probability(weakest) if len(members) > 2 else pairs[0].score
    )
