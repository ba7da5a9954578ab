"""The formats for programs: typed, exact, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from output_samples import (
    CARD,
    CONTACTS,
    DONE,
    EMPTY,
    PIPELINE,
    PIPELINE_DEALS,
    REPORT,
    TASKS,
    TODAY,
    how,
)

from crmcli.errors import UsageError
from crmcli.output import lines
from crmcli.output.delimited import csv_cell
from crmcli.output.jsons import encode
from crmcli.results import Column, Listing, Point
from crmcli.values import Money
from crmcli.values.spreadsheet import from_spreadsheet_safe, spreadsheet_safe


def written(result, format, **changes):
    return "\n".join(lines(result, how(format=format, **changes)))


def loaded(result, format="json"):
    return json.loads(written(result, format), parse_float=Decimal)


def listing(kind, *cells, name="x"):
    return Listing(
        "things", (Column(name, kind, "X"),), tuple((cell,) for cell in cells), len(cells)
    )


def test_a_listing_is_an_array_of_typed_objects():
    first = loaded(CONTACTS)[0]
    assert first["handle"] == "c12"
    assert first["email"] == [
        {"value": "ada@acme.com", "label": "work", "primary": True},
        {"value": "ada@home.org", "label": "home", "primary": False},
    ]
    assert first["last_contact"] == "2026-03-04T15:00:00Z"
    assert loaded(CONTACTS)[1]["phone"] is None
    assert loaded(EMPTY) == []


@pytest.mark.parametrize(
    ("kind", "cell", "text"),
    [
        ("integer", 3, "3"),
        ("number", 1.5, "1.5"),
        ("percent", 25, "25"),
        ("yesno", 1, "true"),
        ("day", "2026-03-05", '"2026-03-05"'),
        ("tags", (Point("vip"), Point("math")), '["vip", "math"]'),
        ("trend", (1, 0, 2), "[1, 0, 2]"),
        ("text", "ü\u202e\x9b", '"ü\\u202e\\u009b"'),
    ],
)
def test_a_value_in_json(kind, cell, text):
    assert written(listing(kind, cell), "jsonl") == f'{{"x": {text}}}'


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(1_200_000, "EUR"), "12000.00"),
        (Money(5, "EUR"), "0.05"),
        (Money(-150, "USD"), "-1.50"),
        (Money(500, "JPY"), "500"),
        (Money(1234, "KWD"), "1.234"),
        (Money(2**63 - 1, "EUR"), "92233720368547758.07"),
    ],
)
def test_an_amount_is_an_exact_number_with_its_currency_beside_it(money, amount):
    want = f'{{"value": {amount}, "currency": "{money.currency}"}}'
    assert written(listing("money", money, name="value"), "jsonl") == want
    assert f'"sum_currency": "{money.currency}"' in written(
        listing("money", money, name="sum"), "jsonl"
    )
    row = written(listing("money", money, name="value"), "csv").splitlines()
    assert row == ["value,currency", f"{amount},{money.currency}"]


def test_the_currency_is_not_given_twice_when_it_was_asked_for():
    columns = (Column("value", "money", "Value"), Column("currency", "currency", "Currency"))
    both = Listing("deals", columns, ((Money(100, "EUR"), "EUR"),), 1)
    assert written(both, "tsv").splitlines() == ["value\tcurrency", "1.00\tEUR"]


def test_json_lines_has_one_row_on_each_line():
    rows = written(TASKS, "jsonl").splitlines()
    assert [json.loads(row)["handle"] for row in rows] == ["t31", "t40", "t41"]
    assert len(written(PIPELINE, "jsonl").splitlines()) == 1
    assert len(written(REPORT, "jsonl").splitlines()) == 3


def test_a_screen_is_an_object_of_facts_and_sections():
    card = loaded(CARD)
    assert card["handle"] == "c12"
    assert card["revenue"] == Decimal("1200000.00")
    assert card["revenue_currency"] == "EUR"
    assert [deal["currency"] for deal in card["deals"]] == ["EUR", "EUR"]
    assert card["links"] == []
    assert [task["handle"] for task in loaded(TODAY)["overdue"]] == ["t31", "t40", "t41"]


def test_the_pipeline_has_stages_and_a_total():
    found = loaded(PIPELINE)
    assert list(found) == ["pipeline", "filtered", "stages", "total"]
    assert found["stages"][0]["sums"][1] == {"value": Decimal("40000.00"), "currency": "USD"}
    assert "deals" not in found["stages"][0]
    assert loaded(PIPELINE_DEALS)["stages"][0]["deals"][0]["value"] == Decimal("12000.00")


def test_a_report_and_a_write_as_objects():
    report = loaded(REPORT)
    assert (report["name"], report["rows"][0]["deals"]) == ("won", 4)
    assert report["totals"]["sum"] == Decimal("174500.00")
    assert loaded(DONE)["records"] == ["c12"]
    assert loaded(DONE)["change_set"] == "h412"


def test_into_a_pipe_a_list_is_tsv_and_a_screen_plain_text():
    piped = how(tty=False, color=False)
    assert next(iter(lines(TASKS, piped))) == "handle\tdue\ttitle\tabout\towner"
    assert next(iter(lines(CARD, piped))) == "c12  Ada Lovelace"


def test_tsv_keeps_a_value_on_its_line_and_in_its_column():
    assert written(listing("longtext", "a\tb\nc\r\nd\u2028e"), "tsv") == "x\na b c d e"


@pytest.mark.parametrize(
    ("kind", "cell", "text"),
    [
        ("text", "=1+1", "'=1+1"),
        ("text", "'=1+1", "''=1+1"),
        ("text", "'plain", "'plain"),
        ("text", "-", "'-"),
        ("text", "@me", "'@me"),
        ("text", "a,b", '"a,b"'),
        ("text", 'say "hi"', '"say ""hi"""'),
        ("longtext", "two\nlines", '"two\nlines"'),
        ("integer", -5, "-5"),
        ("money", Money(-500, "EUR"), "-5.00"),
        ("phone", "+442079460958", "+442079460958"),
        ("phone", "+1*cmd()", "'+1*cmd()"),
        ("text", None, ""),
    ],
)
def test_a_csv_cell(kind, cell, text):
    assert csv_cell(kind, cell) == text


@given(st.text() | st.from_regex("'*[=+@-].*", fullmatch=True))
def test_what_was_made_safe_for_a_spreadsheet_comes_back_exactly(text):
    safe = spreadsheet_safe(text)
    assert from_spreadsheet_safe(safe) == text
    assert safe[:1] not in ("=", "+", "-", "@", "\t", "\r") or not safe


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t")).filter(
    bool
)


@given(st.lists(_TEXT, min_size=2, max_size=2))
def test_any_text_survives_csv(cells):
    columns = (Column("a", "text", "A"), Column("b", "longtext", "B"))
    text = written(Listing("things", columns, (tuple(cells),), 1), "csv")
    header, row = csv.reader(io.StringIO(text + "\n", newline=""))
    assert header == ["a", "b"]
    assert [from_spreadsheet_safe(cell) for cell in row] == cells


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_JSON, st.sampled_from(["", "\n"]))
def test_what_is_encoded_is_json_of_the_same_value(value, newline):
    assert json.loads(encode(value, newline)) == value


def test_ids_are_handles_one_on_a_line():
    assert written(CONTACTS, "ids").split() == ["c12", "c7", "c105", "c3", "c4"]
    assert written(CARD, "ids") == "c12"
    assert written(TODAY, "ids").split() == ["t31", "t40", "t41", "d7", "d9"]
    assert written(PIPELINE_DEALS, "ids").split() == ["d7", "d19", "d33", "d34"]
    assert written(DONE, "ids") == "c12"
    with pytest.raises(UsageError, match="no handles"):
        written(REPORT, "ids")


def test_a_screen_of_several_shapes_has_no_csv():
    with pytest.raises(UsageError) as caught:
        written(TODAY, "csv")
    assert "json" in (caught.value.hint or "")


def test_screens_that_are_one_table_have_csv():
    assert written(CARD, "csv").splitlines()[0].startswith("handle,name,title,company")
    assert written(PIPELINE, "tsv").splitlines()[1].split("\t")[:6] == [
        "New", "open", "10", "12", "120000.00", "EUR",
    ]  # fmt: skip
    assert len(written(PIPELINE_DEALS, "csv").splitlines()) == 5
    assert written(REPORT, "csv").splitlines()[1].startswith("January,4,48000.00,EUR")


def test_markdown_shows_data_as_it_is():
    hostile = listing("text", "a|b", "*x* <b>", "two\nlines", "[l](u)")
    assert written(hostile, "md").splitlines() == [
        "| X |",
        "| --- |",
        r"| a\|b |",
        r"| \*x\* \<b\> |",
        "| two<br>lines |",
        r"| \[l\](u) |",
    ]


def test_markdown_of_screens_has_headings():
    text = written(CARD, "md")
    assert text.startswith("# c12 Ada Lovelace\n\n| Field | Value |")
    assert "\n## Open deals\n\n| Deal | Title |" in text
    assert written(REPORT, "md").startswith("# Deals won\n")
    assert "€12,000" in text
