"""Pairs of records that may be the same, each with how likely that is and what speaks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from crmcli.matching.blocking import candidates
from crmcli.matching.subjects import Subject
from crmcli.matching.tables import Column
from crmcli.matching.weights import Model, Pattern, estimate, probability

_CHUNK = 50_000


class Pair(NamedTuple):
    """Two records by their places, low first. bits: the evidence, the logarithm of the odds;
    pattern: the level of each field."""

    low: int
    high: int
    bits: float
    pattern: Pattern

    @property
    def score(self) -> float:
        """How likely the two are one, from 0 to 1."""
        return probability(self.bits)


class Found(NamedTuple):
    """The pairs that score at least what was asked, best first, and the model behind them."""

    pairs: list[Pair]
    model: Model
    compared: int


def find(subject: Subject, threshold: float) -> Found:
    """The pairs of a subject that score at least `threshold` (0 to 1)."""
    codes = sorted(candidates(subject.number, subject.passes(), subject.order))
    patterns = list(_patterns(subject, codes))
    counts = Counter(patterns)
    priors = [field.prior for field in subject.fields]
    model = estimate(counts, priors, _usual(subject), _share(subject, codes))
    least = log2(threshold / (1 - threshold)) if threshold < 1 else 60.0
    bases = {pattern: model.total(pattern) for pattern in counts}
    hopeful = {p for p, bits in bases.items() if bits + _most(subject, p) >= least}
    found = []
    for code, pattern in zip(codes, patterns, strict=True):
        if pattern in hopeful:
            low, high = divmod(code, subject.number)
            bits = bases[pattern] + sum(rarities(subject, model, low, high, pattern).values())
            if bits >= least:
                found.append(Pair(low, high, bits, pattern))
    found.sort(key=lambda pair: (-pair.bits, pair.low, pair.high))
    return Found(found, model, len(codes))


def scored(subject: Subject, model: Model, places: Sequence[tuple[int, int]]) -> list[Pair]:
    """The given pairs of places, low first, whatever they score."""
    if not places:
        return []
    left, right = zip(*places, strict=True)
    patterns = zip(*subject.compare(left, right), strict=True)
    return [
        Pair(low, high, _bits(subject, model, low, high, pattern), pattern)
        for (low, high), pattern in zip(places, patterns, strict=True)
    ]


def _bits(subject: Subject, model: Model, low: int, high: int, pattern: Pattern) -> float:
    added = sum(rarities(subject, model, low, high, pattern).values())
    return model.total(pattern) + added


def _usual(subject: Subject) -> list[float]:
    """How often any two records agree in each field, by how often its values occur."""
    columns = [subject.columns.get(field.name) for field in subject.fields]
    return [
        column.agreeing(field.prior.u[0]) if column else 0.0
        for field, column in zip(subject.fields, columns, strict=True)
    ]


def _share(subject: Subject, codes: Sequence[int]) -> float:
    """What part of the candidates is assumed to match: one in twenty records has a double."""
    return min(max(subject.number / 20 / max(len(codes), 1), 0.005), 0.3)


def _patterns(subject: Subject, codes: Sequence[int]) -> Iterator[Pattern]:
    known: dict[Pattern, Pattern] = {}
    for start in range(0, len(codes), _CHUNK):
        part = codes[start : start + _CHUNK]
        left = [code // subject.number for code in part]
        right = [code % subject.number for code in part]
        for pattern in zip(*subject.compare(left, right), strict=True):
            yield known.setdefault(pattern, pattern)


_RAREST = 8.0


def _most(subject: Subject, pattern: Pattern) -> float:
    """The most that rare values can add."""
    return _RAREST * sum(
        field.rare and 0 < level <= 2 for field, level in zip(subject.fields, pattern, strict=True)
    )


def rarities(
    subject: Subject, model: Model, low: int, high: int, pattern: Pattern
) -> dict[str, float]:
    """What the rareness of the values that agree adds to the evidence, by field.

    The u of agreement is an average; a value that one in ten thousand has tells more, and one
    that many have less (Winkler, 2000). Where values nearly agree, half of it counts.
    """
    found = {}
    for field, level in zip(subject.fields, pattern, strict=True):
        if field.rare and 0 < level <= 2:
            column = subject.columns[field.name]
            bits = _rarity(column, low, high)
            found[field.name] = bits if level == 1 else bits / 2
    return found


_ASSUMED_RECORDS = 100


def _rarity(column: Column, low: int, high: int) -> float:
    """How much rarer than usual the commoner of two values is, in bits; less so in few records."""
    counts, filled = column.counts, column.filled
    count = max(counts[column.codes[low]], counts[column.codes[high]], 1)
    bits = log2(column.typical / count) * filled / (filled + _ASSUMED_RECORDS)
    return min(max(bits, -_RAREST), _RAREST)
