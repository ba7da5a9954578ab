"""How well duplicates are found, on public data of which the answer is known."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crmcli.actions.dupes import AUTO, THRESHOLD

sys.path.append(str(Path(__file__).parent))
from labelled import SETS, Labelled, found, quality
from tests.exchange.exchange_tools import shared


def labelled(name: str) -> Labelled:
    return SETS[name](shared(name))


@pytest.mark.parametrize(("name", "least"), [("febrl1.csv", 0.995), ("fake_1000.csv", 0.95)])
def test_most_duplicates_are_found_and_little_else(name: str, least: float) -> None:
    table, truth = labelled(name)
    assert quality(found(table, THRESHOLD), truth).f1 >= least


@pytest.mark.parametrize("name", SETS)
def test_what_is_merged_without_a_look_is_right(name: str) -> None:
    table, truth = labelled(name)
    assert quality(found(table, AUTO, sure=True), truth).precision >= 0.99


@pytest.mark.parametrize("name", SETS)
def test_among_different_people_there_are_no_duplicates(name: str) -> None:
    table, truth = labelled(name)
    doubles = {high for _low, high in truth}
    unique = {
        field: [value for place, value in enumerate(values) if place not in doubles]
        for field, values in table.items()
    }
    assert found(unique, THRESHOLD) == set()


@pytest.mark.parametrize("size", [2, 10, 50, 200])
@pytest.mark.parametrize("name", SETS)
def test_a_few_records_are_enough(name: str, size: int) -> None:
    table, truth = labelled(name)
    chosen = list(dict.fromkeys(place for pair in sorted(truth) for place in pair))[:size]
    some = {field: [values[place] for place in chosen] for field, values in table.items()}
    places = {place: number for number, place in enumerate(chosen)}
    right = {
        (min(places[a], places[b]), max(places[a], places[b]))
        for a, b in truth
        if a in places and b in places
    }
    assert quality(found(some, THRESHOLD), right).f1 >= 0.85
