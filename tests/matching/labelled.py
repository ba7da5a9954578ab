"""Public sets of people of which it is known who is who, as columns."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from crmcli.matching.clusters import clusters
from crmcli.matching.finding import find
from crmcli.matching.people import people
from crmcli.matching.tables import Table
from crmcli.matching.weights import probability

Pairs = set[tuple[int, int]]


class Labelled(NamedTuple):
    """Records, and the pairs of them that are one person."""

    table: Table
    truth: Pairs


class Quality(NamedTuple):
    """How many of the found pairs are right, how many of the right ones are found, and both."""

    precision: float
    recall: float
    f1: float


def febrl(path: Path) -> Labelled:
    """Australian people with typing mistakes (FEBRL); without their soc_sec_id."""
    rows = _rows(path)
    table = {
        "first_name": [row["given_name"] for row in rows],
        "last_name": [row["surname"] for row in rows],
        "birthday": [_day(row["date_of_birth"]) for row in rows],
        "street": [
            f"{row['street_number']} {row['address_1']} {row['address_2']}".strip() for row in rows
        ],
        "city": [row["suburb"] for row in rows],
        "region": [row["state"] for row in rows],
        "postcode": [row["postcode"] for row in rows],
    }
    return Labelled(table, _truth([row["rec_id"].split("-")[1] for row in rows]))


def fake(path: Path) -> Labelled:
    """British people with mistakes and gaps in all of their few fields (splink)."""
    rows = _rows(path)
    table = {
        "first_name": [row["first_name"] for row in rows],
        "last_name": [row["surname"] for row in rows],
        "birthday": [row["dob"] for row in rows],
        "city": [row["city"] for row in rows],
        "email": [(row["email"],) if row["email"] else () for row in rows],
    }
    return Labelled(table, _truth([row["cluster"] for row in rows]))


SETS = {"febrl1.csv": febrl, "fake_1000.csv": fake}


def found(table: Table, threshold: float, *, sure: bool = False) -> Pairs:
    """The pairs within the clusters found; `sure`: of clusters that themselves score so much."""
    from math import log2

    subject = people(table)
    made = clusters(subject, find(subject, threshold), log2(threshold / (1 - threshold)))
    kept = [each.members for each in made if not sure or each.score >= threshold]
    return {pair for members in kept for pair in combinations(members, 2)}


def quality(pairs: Pairs, truth: Pairs) -> Quality:
    """How good the found pairs are."""
    right = len(pairs & truth)
    precision, recall = right / max(len(pairs), 1), right / max(len(truth), 1)
    return Quality(precision, recall, 2 * precision * recall / max(precision + recall, 1e-9))


def best(table: Table, truth: Pairs) -> tuple[float, Quality]:
    """The threshold with the best F1, and the quality there."""
    tried = [round(probability(bits), 4) for bits in range(-5, 8)]
    scored = [(each, quality(found(table, each), truth)) for each in tried]
    return max(scored, key=lambda one: one[1].f1)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def _day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 else ""


def _truth(labels: Sequence[str]) -> Pairs:
    groups = defaultdict(list)
    for place, label in enumerate(labels):
        groups[label].append(place)
    return {pair for group in groups.values() for pair in combinations(group, 2)}
