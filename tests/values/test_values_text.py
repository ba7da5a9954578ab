"""Text is stored as it was typed, without what could harm, and compared by its keys."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.values import check, parse
from crmcli.values.text import clean, close_matches, fold, match_key, sort_key

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=60)  # surrogates included


@pytest.mark.parametrize(
    "text",
    [
        "Ωmega Ελληνικά 日本語 עברית العربية हिन्दी ไทย",
        "👩‍👩‍👧‍👦 🏳️‍🌈 zalgo̷̶",
        "\u202eright to left",
        "x" * 10_000,
        "=1+1",
        "[red]bold[/red]",
        "'; drop table contact; --",
        "$(rm -rf /) `id` \\ %s {0}",
        "tab\tinside",
    ],
)
def test_any_text_survives(text, env):
    assert parse("text", text, env) == text
    assert parse("longtext", text, env) == text
    assert check("text", text) == text


@pytest.mark.parametrize(
    ("typed", "one_line", "lines"),
    [
        ("a\x1b[31mb", "a[31mb", "a[31mb"),
        ("a\x00\x07\x7f\x9bb", "ab", "ab"),
        ("a\r\nb\rc\nd", "a b c d", "a\nb\nc\nd"),
        ("  a  ", "a", "a"),
        ("a\ud800b", "a\ufffdb", "a\ufffdb"),
        ("\x1b\x00 \n", "", ""),
    ],
)
def test_control_characters_go(typed, one_line, lines):
    assert clean(typed) == one_line
    assert clean(typed, lines=True) == lines


@given(ANY_TEXT, st.booleans())
def test_cleaning_twice_changes_nothing_and_leaves_no_control(text, lines):
    once = clean(text, lines=lines)
    assert clean(once, lines=lines) == once
    assert once.encode().decode() == once
    assert not [char for char in once if unicodedata.category(char) == "Cc" and char not in "\t\n"]


@given(st.text(max_size=40))
def test_keys_are_their_own_keys(text):
    for key in (fold, sort_key):
        assert key(key(text)) == key(text)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Straße", "STRASSE", (fold, sort_key, match_key)),
        ("Ａda  Lovelace", "ada lovelace", (fold, sort_key, match_key)),
        ("Résumé", "resume", (sort_key, match_key)),
        ("Łukasz Ødegård", "lukasz odegard", (sort_key, match_key)),
        ("O'Brien", "OBrien", (match_key,)),
        ("O’Brien-Smith", "o'brien smith", (match_key,)),
        ("Acme, Inc.", "acme inc", (match_key,)),
        ("हिन्दी", "हन्द", ()),
        ("!!!", "???", ()),
    ],
)
def test_which_keys_take_two_spellings_for_the_same(left, right, same):
    found = tuple(key for key in (fold, sort_key, match_key) if key(left) == key(right))
    assert found == same


def test_close_words_are_found_whatever_their_case():
    choices = ["New", "Qualified", "Proposal", "Negotiation", "Won", "Lost"]
    assert close_matches("negotation", choices)[0] == "Negotiation"
    assert close_matches("xyzzy", choices) == []
