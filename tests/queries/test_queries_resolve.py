"""A word on the command line means one record, or it is said why not."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcli.errors import Ambiguous, NotFound
from crmcli.queries.resolve import candidates, resolve
from crmcli.store.read import Reader
from crmcli.values import Env

EXACT = [
    ("c1", "c1"),
    ("C1", "c1"),
    ("ST3", "st3"),
    ("ada@acme.com", "c1"),
    ("ADA@HOME.ORG", "c1"),
    ("Ada <ada@acme.com>", "c1"),
    ("info@acme.com", "o1"),
    ("+44 20 7946 0958", "c1"),
    ("(020) 7946-0958", "c1"),
    ("0044 20 79460958", "c1"),
    ("acme.com", "o1"),
    ("https://www.acme.com", "o1"),
    ("https://www.acme.com/about", "o1"),
    ("https://www.linkedin.com/in/Ada/", "c1"),
    ("linkedin:ada", "c1"),
    ("@ada", "c1"),
    ("ada.dev/about", "c1"),
    ("Ada Lovelace", "c1"),
    ("  ada  LOVELACE ", "c1"),
    ("jurgen muller", "c2"),
    ("Pat O'Brien", "c3"),
    ("Acme, Inc", "o1"),
    ("acme inc", "o1"),
    ("=SUM(1;2) 100%_sure", "c4"),
    ("Acme renewal", "d1"),
    ("call ada", "t1"),
    ("price agreed", "a1"),
    ("vip", "tg1"),
    ("ben", "u2"),
]

PARTIAL = [
    ("lovelace", "c1"),
    ("ada love", "c1"),
    ("love ada", "c1"),
    ("velace", "c1"),
    ("müll", "c2"),
    ("initec", "o2"),
    ("tokyo", "d2"),
    ("pencils", "t3"),
    ("negot", "st4"),
]

AMONG = [
    ("ada", ("user",), "u1"),
    ("ben@team.com", ("user",), "u2"),
    ("prop", ("stage",), "st3"),
    ("acme", ("deal",), "d1"),
    ("acme.com", ("company",), "o1"),
]


@pytest.mark.parametrize(("text", "handle"), EXACT)
def test_what_identifies_a_record_is_exact(
    reader: Reader, env: Env, text: str, handle: str
) -> None:
    found = resolve(reader, env, text)
    assert (found.handle, found.exact) == (handle, True)


@pytest.mark.parametrize(("text", "handle"), PARTIAL)
def test_a_part_of_one_name_is_enough_but_not_exact(
    reader: Reader, env: Env, text: str, handle: str
) -> None:
    found = resolve(reader, env, text)
    assert (found.handle, found.exact) == (handle, False)


@pytest.mark.parametrize(("text", "nouns", "handle"), AMONG)
def test_only_the_named_types_are_looked_at(
    reader: Reader, env: Env, text: str, nouns: tuple[str, ...], handle: str
) -> None:
    assert resolve(reader, env, text, nouns).handle == handle


@pytest.mark.parametrize(("text", "handles"), [("ada", ["c1", "c5"]), ("acme", ["o1", "o3", "d1"])])
def test_more_than_one_is_never_decided(
    reader: Reader, env: Env, text: str, handles: list[str]
) -> None:
    with pytest.raises(Ambiguous) as caught:
        resolve(reader, env, text)
    listed = caught.value.details["candidates"]
    assert sorted(item["handle"] for item in listed) == sorted(handles)
    assert set(listed[0]) == {"handle", "title", "noun", "extra"}
    assert caught.value.details["text"] == text
    assert all(handle in caught.value.message for handle in handles)


@pytest.mark.parametrize(
    ("text", "nouns", "message", "hint"),
    [
        ("c99", (), "no contact c99", "crm contacts"),
        ("c6", (), "was deleted", "crm restore c6"),
        ("t1", ("contact",), "is a task, not a contact", "c12"),
        ("c" + "9" * 18, (), "no contact", "crm contacts"),
        ("c" + "9" * 30, (), "no record fits", "crm search"),
        ("Ada Lovelaec", (), "no record fits", "did you mean c1 Ada Lovelace"),
        ("Propossal", ("stage",), "no stage fits", "did you mean st3 Proposal"),
        ("pat obrien", (), "no record fits", "did you mean c3"),
        ("gone girl", (), "no record fits", "crm search"),
        ("", (), "no record fits", "crm search"),
        ("nobody@nowhere.org", (), "no record fits", ""),
        ("+1 415 555 0100", (), "no record fits", ""),
    ],
)
def test_what_is_not_there_is_told_with_a_hint(
    reader: Reader, env: Env, text: str, nouns: tuple[str, ...], message: str, hint: str
) -> None:
    with pytest.raises(NotFound) as caught:
        resolve(reader, env, text, nouns)
    assert message in caught.value.message
    assert hint in str(caught.value.hint)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30))
def test_any_text_is_some_candidates_or_not_found(reader: Reader, env: Env, text: str) -> None:
    with suppress(NotFound):
        found = candidates(reader, env, text)
        assert found.total >= len(found.hits)
    with suppress(NotFound, Ambiguous):
        assert resolve(reader, env, text).handle
