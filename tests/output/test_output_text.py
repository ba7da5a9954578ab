"""Text from data reaches the terminal harmless, and in the cells that were meant for it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from output_samples import how

from crmcli.output import lines
from crmcli.output.bars import bar, sparkline, two_tone
from crmcli.output.text import cut, harmless, harmless_lines, pad, width, wrap
from crmcli.results import Column, Done, Fact, Listing, Point, Screen, Section

HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "clipboard": "\x1b]52;c;cm0gLXJmIC8=\x07",
    "title": "\x1b]0;owned\x1b\\",
    "8-bit escape": "\x9b31mred",
    "cursor": "a\x1b[2J\x1b[Hb",
    "backspace": "pass\x08\x08word",
    "bell": "\x07",
    "lines": "one\ntwo\r\nthree\u2028four",
    "bidi": "user\u202egnp.exe\u2066x\u2069",
    "surrogate": "\ud800x",
    "delete": "a\x7fb",
}
OWN = re.compile("\x1b\\[(0|1|2|1;31|3[1-6])m")
FORBIDDEN = {*map(chr, range(32)), "\x7f", *map(chr, range(0x80, 0xA0)), *"\u202e\u2066\u2028"}


def everywhere(text: str) -> dict[str, object]:
    """The text in all the places of a result where data may stand."""
    column = Column("x", "text", text)
    listing = Listing("things", (column,), ((text,), ((Point(text, text),),)), 9, note=text)
    facts = (Fact("x", "text", text, text), Fact("n", "longtext", text, text))
    many = (Fact("e", "email", "Email", (Point(text, text), Point(text))),)
    return {
        "listing": listing,
        "marks": Listing("things", (column,), ((text,),), 1, marks=((text,),)),
        "card": Screen("card", text, text, text, facts + many, (Section("s", text, listing),)),
        "done": Done((text,)),
    }


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("color", [True, False])
def test_nothing_in_data_is_obeyed_by_the_terminal(text, color):
    for result in everywhere(text).values():
        for line in lines(result, how(format="table", color=color)):
            assert not FORBIDDEN & set(OWN.sub("", line) if color else line), line


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("format", ["json", "csv", "tsv", "md"])
def test_nor_in_the_formats_for_programs(text, format):
    result = everywhere(text)["listing"]
    found = set("\n".join(lines(result, how(format=format))))
    assert not found & set("\x1b\x07\x08\x9b\x7f\ud800")


def test_markup_is_text():
    line = list(lines(Done(("[bold red]x[/] :smile:",)), how()))
    assert line == ["[bold red]x[/] :smile:"]


@given(st.text())
def test_harmless_text_is_one_line_and_stays_as_it_is(text):
    safe = harmless(text)
    assert not FORBIDDEN & set(safe)
    assert harmless(safe) == safe
    assert not (FORBIDDEN - {"\n", "\t"}) & set(harmless_lines(text))


@given(st.text(), st.integers(0, 40), st.booleans())
def test_a_cut_text_fits_and_a_filled_one_fits_exactly(text, cells, ascii):
    safe = harmless(text)
    assert width(cut(safe, cells, ascii=ascii)) <= cells
    assert width(pad(cut(safe, cells, ascii=ascii), cells)) == cells


@given(st.text(), st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_no_word(text, cells):
    found = wrap(text, cells)
    assert all(width(line) <= cells for line in found)
    assert "".join("".join(found).split()).replace("\u200e", "") == "".join(
        harmless(part) for part in harmless_lines(text).split()
    ).replace("\u200e", "").replace(" ", "")


@pytest.mark.parametrize(
    ("text", "cells", "want"),
    [
        ("Ada Lovelace", 12, "Ada Lovelace"),
        ("Ada Lovelace", 11, "Ada Lovela…"),
        ("Ada Lovelace", 5, "Ada…"),
        ("日本電気", 8, "日本電気"),
        ("日本電気", 6, "日本…"),
        ("x" * 10_000, 4, "xxx…"),
        ("a", 0, ""),
    ],
)
def test_cutting(text, cells, want):
    assert cut(text, cells) == want


def test_a_thousand_accents_on_one_letter_are_cut():
    assert len(cut("e" + "\u0301" * 10_000, 10)) < 100


@pytest.mark.parametrize(
    ("part", "ascii", "want"),
    [
        (0, False, ""),
        (0.001, False, "▏"),
        (0.5, False, "██"),
        (0.53125, False, "██▏"),
        (1, False, "████"),
        (7, False, "████"),
        (-1, False, ""),
        (0.5, True, "##"),
        (0.01, True, "#"),
    ],
)
def test_a_bar(part, ascii, want):
    assert bar(part, 4, ascii) == want


def test_a_bar_in_two_tones_is_as_long_as_the_greater_part():
    assert two_tone(0.25, 1, 8) == ("██", "░" * 6)
    assert two_tone(0.25, 1, 8, ascii=True) == ("##", "......")
    assert two_tone(0, 0, 8) == ("", "")


def test_a_sparkline_is_as_high_as_its_numbers():
    assert sparkline((0, 1, 2, 7)) == "▁▂▃█"
    assert sparkline((0, 0)) == "▁▁"
    assert sparkline(()) == ""
    assert sparkline((0, 7), ascii=True) == "_#"
