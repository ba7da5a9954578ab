"""Search finds records by the beginnings of their words, and forgives mistakes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcli.queries.search import search, suggestions
from crmcli.store.read import Reader
from crmcli.values import Env


def handles(reader: Reader, env: Env, text: str, *nouns: str, limit: int = 20) -> list[str]:
    return [row[0] for row in search(reader, env, text, nouns, limit).rows]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ada lovelace", "c1"),
        ("lovelace", "c1"),
        ("love", "c1"),
        ("Müller", "c2"),
        ("muller", "c2"),
        ("c2", "c2"),
        ("acme.com", "o1"),
        ("ada@acme.com", "c1"),
        ("+44 20 7946 0958", "c1"),
        ("initech", "o2"),
        ("domplatz", None),
        ("köln", "c2"),
        ("tea", "c2"),
        ("price", "a1"),
        ("lovelaec", "c1"),
        ("lovlace", "c1"),
        ("olvelace", "c1"),
        ("ada lovelas", "c1"),
        ("initeck", "o2"),
    ],
)
def test_the_intended_record_comes_first(
    reader: Reader, env: Env, text: str, first: str | None
) -> None:
    found = handles(reader, env, text)
    assert (found[0] if found else None) == first


def test_a_match_names_its_type_title_and_one_detail(reader: Reader, env: Env) -> None:
    result = search(reader, env, "lovelace")
    assert [column.name for column in result.columns] == ["handle", "noun", "title", "detail"]
    assert result.rows[0] == ("c1", "contact", "Ada Lovelace", "Acme, Inc")
    assert result.total == len(result.rows)


def test_names_come_before_other_words(reader: Reader, env: Env) -> None:
    found = handles(reader, env, "acme")
    assert set(found[:3]) == {"o1", "o3", "d1"}
    assert {"c1", "c3"} <= set(found)


def test_types_and_number_can_be_limited(reader: Reader, env: Env) -> None:
    assert handles(reader, env, "ada", "task") == ["t1"]
    result = search(reader, env, "ada", limit=1)
    assert len(result.rows) == 1
    assert result.total > 1
    assert len(search(reader, env, "ada", limit=0).rows) == result.total


def test_a_correction_is_said(reader: Reader, env: Env) -> None:
    assert "lovelace" in search(reader, env, "lovelaec").note
    assert not search(reader, env, "lovelace").note


def test_what_is_deleted_is_not_found(reader: Reader, env: Env) -> None:
    assert "c6" not in handles(reader, env, "gone girl")


def test_nothing_found_is_an_empty_list_with_a_hint(reader: Reader, env: Env) -> None:
    result = search(reader, env, "xqzzqx")
    assert (result.rows, result.total) == ((), 0)
    assert result.hint


def test_suggestions_are_close_names(reader: Reader) -> None:
    assert [hit.handle for hit in suggestions(reader, "Lovelaec", ("contact",))] == ["c1"]
    assert [hit.handle for hit in suggestions(reader, "Negociation", ("stage",))][:1] == ["st4"]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30))
def test_any_text_can_be_searched_for(reader: Reader, env: Env, text: str) -> None:
    result = search(reader, env, text)
    assert len(result.rows) <= 20


@pytest.mark.parametrize("text", ['"', "*", "a AND", "NEAR(a b)", "name:", "^a", "-", "a" * 5000])
def test_search_syntax_is_plain_text(reader: Reader, env: Env, text: str) -> None:
    assert search(reader, env, text).noun == "matches"
