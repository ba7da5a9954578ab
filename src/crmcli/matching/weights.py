"""What agreement and disagreement tell: the model of Fellegi and Sunter (1969).

A comparison of two records gives a level for each field. How often a level occurs among records
of one and the same person (m) and among those of different ones (u) gives its weight,
log2(m / u); the weights of the fields add up. m, u and the share of matches are found by
expectation and maximisation over the candidates (Winkler, 1988), with fixed ones as a prior that
counts as a number of pairs: little data leaves the fixed ones as they are, much data outweighs
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log, log2
from typing import NamedTuple

Pattern = tuple[int, ...]
"""The level of each field; 0 where there was nothing to compare."""


class Prior(NamedTuple):
    """What is assumed of a field before there is data: m and u of each level from 1 on."""

    m: tuple[float, ...]
    u: tuple[float, ...]


class Model(NamedTuple):
    """m and u of each field and level, and the share of matches among the candidates."""

    m: tuple[tuple[float, ...], ...]
    u: tuple[tuple[float, ...], ...]
    share: float

    def weight(self, field: int, level: int) -> float:
        """How much a level tells: bits for (above 0) or against; 0 for a missing one."""
        return log2(self.m[field][level - 1] / self.u[field][level - 1]) if level else 0.0

    def total(self, pattern: Pattern) -> float:
        """The weights of all fields, with the odds that a candidate has before any is looked at."""
        start = log2(self.share / (1 - self.share))
        return start + sum(self.weight(field, level) for field, level in enumerate(pattern))


def probability(bits: float) -> float:
    """The probability that odds of 2**bits are."""
    if bits > 60:
        return 1.0
    return 0.0 if bits < -60 else 2**bits / (1 + 2**bits)


_ROUNDS = 60
_STILL = 1e-5
_PRIOR_PAIRS = 60.0
_FARTHEST, _MOST_APART, _MOST_NOT_SAME = 4.0, 0.4, 0.65
_SMALLEST_SHARE, _LARGEST_SHARE = 0.002, 0.8


def estimate(
    patterns: Mapping[Pattern, int], priors: Sequence[Prior], usual: Sequence[float], share: float
) -> Model:
    """The model under which these patterns, each with how often it occurs, are likeliest.

    usual: how often any two records agree in a field; candidates that do not match agree at least
    as often. share: the assumed part of matches among the candidates, to begin with.
    """
    model = Model(tuple(p.m for p in priors), tuple(p.u for p in priors), share)
    total = sum(patterns.values())
    if not total:
        return model
    for _round in range(_ROUNDS):
        after = _better(model, patterns, priors, usual, total)
        moved = abs(after.share - model.share)
        model = after
        if moved < _STILL:
            break
    return model


def _better(
    model: Model,
    patterns: Mapping[Pattern, int],
    priors: Sequence[Prior],
    usual: Sequence[float],
    total: int,
) -> Model:
    """One round: how likely each pattern is a match, then the frequencies that follow."""
    matches = [[_PRIOR_PAIRS * share for share in prior.m] for prior in priors]
    others = [[_PRIOR_PAIRS * share for share in prior.u] for prior in priors]
    matched = 0.0
    logs = _logs(model)
    start = log(model.share / (1 - model.share))
    for pattern, count in patterns.items():
        bits = start + sum([logs[f][level] for f, level in enumerate(pattern)])
        chance = 1.0 if bits > 40 else 0.0 if bits < -40 else 1 / (1 + exp(-bits))
        matched += chance * count
        for field, level in enumerate(pattern):
            if level:
                matches[field][level - 1] += chance * count
                others[field][level - 1] += (1 - chance) * count
    share = min(max(matched / total, _SMALLEST_SHARE), _LARGEST_SHARE)
    return Model(
        tuple(
            _held(_shares(counts), prior.m) for counts, prior in zip(matches, priors, strict=True)
        ),
        tuple(_at_least(_shares(counts), same) for counts, same in zip(others, usual, strict=True)),
        share,
    )


def _logs(model: Model) -> list[list[float]]:
    return [
        [0.0, *(log(a / b) for a, b in zip(m, u, strict=True))]
        for m, u in zip(model.m, model.u, strict=True)
    ]


def _held(m: tuple[float, ...], prior: tuple[float, ...]) -> tuple[float, ...]:
    """m within reason: the same person is mostly written the same, whatever the data seem to say.

    Without it, a large group of look-alikes (colleagues, families) is taken for matches.
    """
    pairs = zip(m[1:], prior[1:], strict=True)
    rest = [min(share, _FARTHEST * usual, _MOST_APART) for share, usual in pairs]
    scale = min(_MOST_NOT_SAME / max(sum(rest), 1e-9), 1.0)
    held = [share * scale for share in rest]
    return (1 - sum(held), *held)


def _at_least(u: tuple[float, ...], same: float) -> tuple[float, ...]:
    """u with agreement no rarer than between any two records."""
    if u[0] >= same:
        return u
    scale = (1 - same) / max(1 - u[0], 1e-9)
    return (same, *(share * scale for share in u[1:]))


def _shares(counts: list[float]) -> tuple[float, ...]:
    total = sum(counts)
    return tuple(max(count / total, 1e-5) for count in counts)
