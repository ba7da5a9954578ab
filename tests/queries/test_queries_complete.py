"""Completion offers what begins with what was typed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crmcli.catalog import BY_NAME
from crmcli.queries.complete import field_values, query_terms, records
from crmcli.store.read import Reader

CONTACT, DEAL = BY_NAME["contact"], BY_NAME["deal"]


def words(offers: list[tuple[str, str]]) -> list[str]:
    return [word for word, _help in offers]


@pytest.mark.parametrize(
    ("prefix", "offered"),
    [
        ("Ada", ["Ada Byron", "Ada Lovelace"]),
        ("jurg", ["Jürgen Müller"]),
        ("Tok", ["Tokyo pilot"]),
        ("c1", ["c1"]),
        ("D", ["d4", "d3", "d2", "d1"]),
        ("c0", []),
        ("gone", []),
        ("zzz", []),
    ],
)
def test_records_are_offered_by_name_and_handle(
    reader: Reader, prefix: str, offered: list[str]
) -> None:
    assert words(records(reader, prefix)) == offered


def test_an_offer_says_what_it_is(reader: Reader) -> None:
    assert records(reader, "Tok") == [("Tokyo pilot", "d2")]
    assert records(reader, "d2") == [("d2", "Tokyo pilot")]


@pytest.mark.parametrize(
    ("name", "prefix", "offered"),
    [
        ("status", "l", ["lead", "lost"]),
        ("owner", "", ["me", "ada", "ben"]),
        ("tags", "v", ["VIP"]),
        ("company", "acme", ["Acme Labs", "Acme, Inc"]),
        ("do_not_contact", "", ["yes", "no"]),
        ("name", "", []),
    ],
)
def test_values_of_a_field_are_offered(
    reader: Reader, name: str, prefix: str, offered: list[str]
) -> None:
    field = CONTACT.field(name)
    assert field is not None
    assert words(field_values(reader, prefix, CONTACT, field)) == offered


@pytest.mark.parametrize(
    ("prefix", "offered"),
    [
        ("sta", ["status:"]),
        ("sco", ["score:"]),
        ("seg", ["segment:"]),
        ("not:sta", ["not:status:"]),
        ("status:le", ["status:lead"]),
        ("not:status:le", ["not:status:lead"]),
        ("status:lead,l", ["status:lead,lead", "status:lead,lost"]),
        ("status:=q", ["status:=qualified"]),
        ("size:", ["size:S", "size:M", "size:L"]),
        ("segment:s", ["segment:Stars"]),
        ("nosuch:", []),
    ],
)
def test_terms_of_a_query_are_offered(reader: Reader, prefix: str, offered: list[str]) -> None:
    assert words(query_terms(reader, prefix, CONTACT)) == offered


def test_stages_complete_for_deals(reader: Reader) -> None:
    assert words(query_terms(reader, "stage:pro", DEAL)) == ["stage:Proposal"]


def test_looking_loads_nothing_heavy() -> None:
    code = (
        "import sys, crmcli.queries.complete, crmcli.queries.listing, crmcli.queries.resolve,"
        " crmcli.queries.search\n"
        "heavy = {'sqlmodel', 'sqlalchemy', 'pydantic', 'rich', 'typer', 'rapidfuzz',"
        " 'phonenumbers', 'dateutil'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
