"""What people look at, as transcripts in `golden/`; UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from output_samples import HUMAN, how

from crmcli.output import lines
from crmcli.output.text import width
from crmcli.results import Column, Listing, Report

GOLDEN = Path(__file__).parent / "golden"
VARIANTS = {
    "80 columns": how(80, color=False),
    "140 columns": how(140, color=False),
    "80 columns, in colour": how(80),
    "80 columns, in ASCII": how(80, color=False, ascii=True),
}


def drawn(name: str, **changes: object) -> list[str]:
    return list(lines(HUMAN[name], how(format="table")._replace(**changes)))


def transcript(name: str) -> str:
    """All variants of a screen; ␛ stands for the escape character."""
    parts = []
    for title, variant in VARIANTS.items():
        text = "\n".join(lines(HUMAN[name], variant._replace(format="table")))
        parts.append(f"=== {title}\n{text}\n".replace("\x1b", "␛"))
    return "\n".join(parts)


@pytest.mark.parametrize("name", HUMAN)
def test_a_screen_looks_as_in_its_transcript(name):
    path = GOLDEN / f"{name}.txt"
    text = transcript(name)
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("cells", [33, 50, 66, 80, 111, 140, 200])
@pytest.mark.parametrize("name", sorted(set(HUMAN) - {"done"}))
def test_no_line_is_wider_than_the_terminal(name, cells):
    assert [line for line in drawn(name, width=cells, color=False) if width(line) > cells] == []


@pytest.mark.parametrize("name", HUMAN)
def test_colour_adds_nothing_but_escapes(name):
    import re

    coloured = [re.sub("\x1b\\[[0-9;]*m", "", line) for line in drawn(name)]
    assert coloured == drawn(name, color=False)


@pytest.mark.parametrize("name", HUMAN)
def test_without_colour_there_is_no_escape(name):
    assert "\x1b" not in "".join(drawn(name, color=False))


@pytest.mark.parametrize("name", sorted(set(HUMAN) - {"contacts", "pipeline-deals"}))
def test_in_ascii_only_data_goes_beyond_it(name):
    text = "".join(drawn(name, color=False, ascii=True))
    assert {char for char in text if not char.isascii()} <= set("€ü·")


def test_columns_of_low_priority_go_first_and_the_handle_stays():
    heads = [drawn("contacts", width=cells, color=False)[0].split() for cells in (140, 80, 40, 12)]
    assert heads[0][-2:] == ["Last", "contact"]
    assert "Phone" not in heads[1]
    assert "Company" in heads[2]
    assert heads[3] == ["Contact"]


def test_every_row_of_any_script_starts_its_columns_in_the_same_cell():
    head, *rows = drawn("contacts", width=140, color=False)
    at = head.index("Status")
    for row in rows[:5]:
        before = next(i for i in range(len(row)) if width(row[:i]) == at and width(row[i]) > 0)
        assert row[before:].split()[0] in ("lead", "customer", "qualified", "former")


def test_marks_are_words_or_symbols_and_not_only_colours():
    assert "3 days ago !" in drawn("tasks", color=False)[1]
    assert "rotting" in "\n".join(drawn("card", color=False))


def test_a_quiet_list_has_no_footer():
    assert "--limit" in "\n".join(drawn("contacts"))
    assert "--limit" not in "\n".join(drawn("contacts", quiet=True))
    assert drawn("done", quiet=True) == []


def test_a_list_that_was_not_counted_to_its_end_says_so():
    listing = HUMAN["contacts"]._replace(total=10_000, more=True)
    assert "of more than 10,000 contacts" in "\n".join(lines(listing, how(format="table")))


def test_the_bar_of_a_report_gives_way_to_names_and_numbers():
    columns = (
        Column("stage", "text", "Stage"),
        Column("count", "integer", "Entered"),
        Column("rate", "percent", "Conversion"),
    )
    rows = (("Partners: Contacted", 1, 75), ("Sales: Negotiation", 2, 50))
    report = Report("x", "X", "What it is.", "2026", Listing("x", columns, rows, 2), bar="rate")
    wide, narrow = (list(lines(report, how(cells, color=False))) for cells in (60, 44))
    assert "█" in wide[-1]
    assert narrow[-2:] == [
        "Partners: Contacted        1         75%",
        "Sales: Negotiation         2         50%",
    ]
