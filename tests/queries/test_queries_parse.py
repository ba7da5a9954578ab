"""The query language: what is typed becomes the tree that is meant, or one clear error."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.catalog import BY_NAME
from crmcli.errors import QueryError
from crmcli.queries import parse
from crmcli.queries.compile import compile as compile_query
from crmcli.queries.parse import And, Compare, Node, Not, Or, Word, parse_terms, parse_where
from crmcli.store.read import Reader
from crmcli.values import Env

ADA, VIP = Word("ada"), Compare("tag", ":", "vip")
PRESS, BERLIN = Compare("tag", ":", "press"), Compare("city", ":", "Berlin")

TERMS: list[tuple[list[str], Node]] = [
    ([], And(())),
    (["ada"], ADA),
    (["ada", "tag:vip"], And((ADA, VIP))),
    (["ada", "and", "tag:vip"], And((ADA, VIP))),
    (["tag:vip", "or", "tag:press", "ada"], Or((VIP, And((PRESS, ADA))))),
    (["tag:vip", "OR", "ada"], Or((VIP, ADA))),
    (["not:tag:vip"], Not(VIP)),
    (["not:ada"], Not(ADA)),
    (["not", "ada"], Not(ADA)),
    (["not:not:ada"], ADA),
    (["company:=Acme"], Compare("company", ":=", "Acme")),
    (["company:Acme Corp"], Compare("company", ":", "Acme Corp")),
    (["value>=10k"], Compare("value", ">=", "10k")),
    (["value > 10k"], Compare("value", ">", "10k")),
    (["status=open"], Compare("status", ":=", "open")),
    (["status!=open"], Not(Compare("status", ":=", "open"))),
    (["company.industry:retail"], Compare("company.industry", ":", "retail")),
    (["first-name:Ada"], Compare("first-name", ":", "Ada")),
    (["größe:5"], Compare("größe", ":", "5")),
    (["https://acme.com"], Word("https://acme.com")),
    (["12:30"], Word("12:30")),
    (["-5"], Word("-5")),
    (["  ", "ada "], ADA),
    (["Ada (London)"], Word("Ada (London)")),
]

WHERES: list[tuple[str, Node]] = [
    ("", And(())),
    ("ada tag:vip", And((ADA, VIP))),
    ("tag:vip or tag:press", Or((VIP, PRESS))),
    ("(tag:vip or tag:press) city:Berlin", And((Or((VIP, PRESS)), BERLIN))),
    ("tag:vip or tag:press and city:Berlin", Or((VIP, And((PRESS, BERLIN))))),
    ("-tag:vip", Not(VIP)),
    ("-(tag:vip or ada)", Not(Or((VIP, ADA)))),
    ("not tag:vip", Not(VIP)),
    ("not:(ada)", Not(ADA)),
    ("value > 10k", Compare("value", ">", "10k")),
    ("value>= 10k ada", And((Compare("value", ">=", "10k"), ADA))),
    ("due<today", Compare("due", "<", "today")),
    ("(value>10k)", Compare("value", ">", "10k")),
    ("status = open", Compare("status", ":=", "open")),
    ('company:"Acme, Inc"', Compare("company", ":", "Acme, Inc", quoted=True)),
    ("company:'Acme, Inc'", Compare("company", ":", "Acme, Inc", quoted=True)),
    ('company:=""', Compare("company", ":=", "", quoted=True)),
    (r'name:"a \"b\""', Compare("name", ":", 'a "b"', quoted=True)),
    ('"or"', Word("or")),
    ('"tag:vip"', Word("tag:vip")),
    ("O'Brien", Word("O'Brien")),
    ("name:foo(bar)", Compare("name", ":", "foo(bar)")),
    ("value:-500", Compare("value", ":", "-500")),
    ("a - b", And((Word("a"), Word("-"), Word("b")))),
]

WRONG_TERMS = [
    (["--foo"], "unknown option"),
    (["-x"], "unknown option"),
    (["value:"], "no value"),
    (["value>"], "no value"),
    (["not:value:"], "no value"),
    (["or", "ada"], "missing before"),
    (["ada", "or"], "missing after"),
    (["not:"], "missing after"),
    (["ada"] * 501, "more than"),
]

WRONG_WHERES = [
    ("(ada", "not closed"),
    ("ada)", "without its ("),
    ("()", "missing before"),
    ('name:"ada', "not closed"),
    ('due:"1 May"..', "closing quote"),
    ("name: ada", "no value"),
    ("value >", "no value"),
    ("ada or or ben", "missing before"),
    ("(" * 99 + "ada" + ")" * 99, "nested"),
]


@pytest.mark.parametrize(("words", "tree"), TERMS)
def test_arguments_become_the_tree_that_is_meant(words: list[str], tree: Node) -> None:
    assert repr(parse_terms(words)) == repr(tree)


@pytest.mark.parametrize(("text", "tree"), WHERES)
def test_a_whole_query_becomes_the_tree_that_is_meant(text: str, tree: Node) -> None:
    assert repr(parse_where(text)) == repr(tree)


@pytest.mark.parametrize(("words", "message"), WRONG_TERMS)
def test_arguments_that_cannot_be_read_are_told(words: list[str], message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_terms(words)
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(("text", "message"), WRONG_WHERES)
def test_a_query_that_cannot_be_read_is_told(text: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_where(text)
    assert message in caught.value.message


def test_a_missing_value_hints_at_the_shell() -> None:
    with pytest.raises(QueryError) as caught:
        parse_terms(["value:"])
    assert "shell" in str(caught.value.hint)
    assert caught.value.details["word"] == "value:"


@given(st.lists(st.text(max_size=20), max_size=6))
def test_any_arguments_are_a_query_or_a_query_error(words: list[str]) -> None:
    with suppress(QueryError):
        assert leaves(parse_terms(words)) <= len(words)


PIECES = [*"ab:=<>!()\"'\\-., ", "not:", " or ", " and ", "tag:", ".."]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    with suppress(QueryError):
        assert leaves(parse_where(text)) <= len(text)


def leaves(node: Node) -> int:
    if isinstance(node, And | Or):
        return sum(leaves(term) for term in node.terms)
    return leaves(node.term) if isinstance(node, Not) else 1


def examples() -> list[str]:
    """The left side of the table in the module's docstring."""
    lines = [line[4:] for line in str(parse.__doc__).splitlines() if line.startswith("    ")]
    return [form for line in lines for form in line[:27].split("  ") if form.strip()]


@pytest.mark.parametrize("example", examples())
def test_the_examples_of_the_docstring_are_queries(reader: Reader, env: Env, example: str) -> None:
    field = re.match(r"[(-]*([a-z]+)", example)
    record = BY_NAME["deal" if field and field[1] in ("value", "status") else "contact"]
    record = BY_NAME["task"] if "due" in example else record
    found = compile_query(parse_where(example), record, env, "ada", reader)
    assert found.text != "1 = 1"
