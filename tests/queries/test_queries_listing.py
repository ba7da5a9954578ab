"""Lists: columns, order, pages, counts, and what is said beside them."""

from __future__ import annotations

from typing import Any

import pytest

from crmcli.catalog import BY_NAME, RECORDS
from crmcli.errors import QueryError, UnknownName
from crmcli.fields import Record
from crmcli.queries.listing import listing
from crmcli.results import Listing, Point
from crmcli.store import dialect
from crmcli.store.read import Reader
from crmcli.values import Env, Money


def listed(reader: Reader, env: Env, noun: str, *terms: str, **options: Any) -> Listing:
    return listing(reader, env, BY_NAME[noun], terms, me="ada", **options)


def names(result: Listing) -> list[str]:
    return [column.name for column in result.columns]


def test_a_list_shows_the_listed_fields_after_the_handle(reader: Reader, env: Env) -> None:
    result = listed(reader, env, "contact")
    assert names(result) == ["handle", "name", "email", "phone", "company", "status", "owner"]
    assert [row[0] for row in result.rows] == ["c4", "c5", "c1", "c2", "c3"]
    assert result.rows[2][1:] == (
        "Ada Lovelace", "Ada@acme.com", "+442079460958", "Acme, Inc", "customer", "ada",
    )  # fmt: skip
    assert (result.noun, result.total, result.marks) == ("contacts", 5, ())


def test_a_page_is_counted_whole(reader: Reader, env: Env) -> None:
    result = listed(reader, env, "contact", limit=2)
    assert [row[0] for row in result.rows] == ["c4", "c5"]
    assert result.total == 5
    assert len(listed(reader, env, "contact", limit=0).rows) == 5
    assert listed(reader, env, "contact", "tag:press", limit=1).total == 2


@pytest.mark.parametrize(("counted", "total", "more"), [(1, 1, True), (2, 2, False), (3, 2, False)])
def test_a_filtered_list_is_counted_up_to_a_bound(
    reader: Reader, env: Env, monkeypatch: pytest.MonkeyPatch, counted: int, total: int, more: bool
) -> None:
    monkeypatch.setattr("crmcli.queries.paging.COUNTED", counted)
    found = listed(reader, env, "contact", "tag:press", limit=1)
    assert (found.total, found.more) == (total, more)
    whole = listed(reader, env, "contact", limit=1)
    assert (whole.total, whole.more) == (5, False)


class Noted:
    """A reader that remembers what it was asked."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.asked: list[str] = []

    def rows(self, sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
        self.asked.append(sql)
        return self._reader.rows(sql, params)

    def row(self, sql: str, params: Any = ()) -> tuple[Any, ...] | None:
        return next(iter(self.rows(sql, params)), None)

    def scalar(self, sql: str, params: Any = ()) -> Any:
        return (self.row(sql, params) or (None,))[0]

    @property
    def walked(self) -> bool:
        """Whether rows were met along the index of the order."""
        return any("OFFSET" in sql for sql in self.asked)


FILTERS = (
    "tag:press", "city:o", "city:any", "city:none", "email:any", "email.home:any", "phone:4",
    "company:acme", "company.industry:retail", "company.city:any", "not:tag:press", "owner:ada",
    "city:London,Berlin", "status:customer", "a",
)  # fmt: skip


@pytest.mark.parametrize("sort", [None, "-name", "-created", "title", "company"])
@pytest.mark.parametrize("term", FILTERS)
def test_a_page_of_what_is_frequent_is_the_beginning_of_the_whole_list(
    reader: Reader, env: Env, monkeypatch: pytest.MonkeyPatch, term: str, sort: str | None
) -> None:
    whole = listed(reader, env, "contact", term, sort=sort, limit=0)
    assert listed(reader, env, "contact", term, sort=sort, limit=2).rows == whole.rows[:2]
    monkeypatch.setattr("crmcli.queries.paging.COUNTED", 0)
    assert listed(reader, env, "contact", term, sort=sort, limit=2).rows == whole.rows[:2]


@pytest.mark.parametrize("term", [term for term in FILTERS if term != "a"])
def test_what_is_frequent_is_met_on_the_way_and_what_is_rare_is_sorted(
    reader: Reader, env: Env, monkeypatch: pytest.MonkeyPatch, term: str
) -> None:
    noted = Noted(reader)
    listing(noted, env, BY_NAME["contact"], [term], limit=1)
    assert not noted.walked
    monkeypatch.setattr("crmcli.queries.paging.COUNTED", 0)
    monkeypatch.setattr("crmcli.store.dialect.sorts", lambda *_: False)  # as in a large table
    listing(noted, env, BY_NAME["contact"], [term], limit=1)
    assert noted.walked


def test_what_lies_far_along_the_order_is_sorted(
    reader: Reader, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listed(reader, env, "contact", "city:London", limit=0)
    monkeypatch.setattr("crmcli.queries.paging.COUNTED", 0)
    monkeypatch.setattr("crmcli.queries.paging._FAR", 1)
    monkeypatch.setattr("crmcli.queries.paging._ODDS", 1)
    assert listed(reader, env, "contact", "city:London", limit=1).rows == whole.rows[:1]


def test_only_an_order_that_has_an_index_is_gone_along(reader: Reader) -> None:
    live = "SELECT t.id FROM contact t WHERE t.deleted_at IS NULL ORDER BY"
    assert dialect.sorts(reader, f"{live} lower(t.title) LIMIT ?", [1])
    if not reader.location.url:  # a server sorts what is small
        assert not dialect.sorts(reader, f"{live} t.name_key, t.id LIMIT ?", [1])


def test_a_count_of_what_fits_exactly_is_right(reader: Reader, env: Env) -> None:
    assert listed(reader, env, "contact", limit=5).total == 5


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["name", "city"], ["name", "city"]),
        (["handle"], ["handle"]),
        (["NAME", "first-name"], ["name", "first_name"]),
        (["company.industry", "company.owner"], ["company.industry", "company.owner"]),
        (["size", "score"], ["size", "score"]),
        (["email.home"], ["email.home"]),
        (["name", "name"], ["name"]),
        (["id"], ["handle"]),
        (["deleted"], ["deleted"]),
    ],
)
def test_columns_are_those_that_were_named(
    reader: Reader, env: Env, given: list[str], expected: list[str]
) -> None:
    assert names(listed(reader, env, "contact", columns=given)) == expected


def test_a_plus_adds_to_the_default_columns(reader: Reader, env: Env) -> None:
    result = listed(reader, env, "contact", columns=["+city", "tags"])
    assert names(result)[-2:] == ["city", "tags"]
    assert names(result)[:2] == ["handle", "name"]


@pytest.mark.parametrize("name", ["nmae", "company.nmae"])
def test_an_unknown_column_gets_a_suggestion(reader: Reader, env: Env, name: str) -> None:
    with pytest.raises(UnknownName) as caught:
        listed(reader, env, "contact", columns=[name])
    assert "name" in str(caught.value.hint)


def test_a_search_is_no_column(reader: Reader, env: Env) -> None:
    with pytest.raises(QueryError):
        listed(reader, env, "contact", columns=["text"])
    with pytest.raises(QueryError):
        listed(reader, env, "deal", columns=["contacts.email"])


def test_cells_hold_stored_values(reader: Reader, env: Env) -> None:
    wanted = ["company.industry", "company.revenue", "email.home", "address.home", "tags", "score"]
    result = listed(reader, env, "contact", "c1", columns=wanted)
    assert result.rows == (
        ("Retail", Money(100_000_000, "EUR"), "ada@home.org", "London, N1, GB", "press,VIP", 7),
    )
    empty = listed(reader, env, "contact", "c4", columns=wanted)
    assert empty.rows == ((None,) * 6,)


def test_all_of_many_values_are_given_when_asked(reader: Reader, env: Env) -> None:
    wanted = ["email", "tags", "address"]
    (row,) = listed(reader, env, "contact", "c1", columns=wanted, full=True).rows
    assert row[0] == (Point("Ada@acme.com", "work", True), Point("ada@home.org", "Home"))
    assert [point.value for point in row[1]] == ["press", "VIP"]
    assert row[2] == (Point("London, N1, GB", "home", True),)


def test_members_are_names_or_points(reader: Reader, env: Env) -> None:
    assert listed(reader, env, "deal", "d1", columns=["contacts"]).rows == (("Jürgen Müller",),)
    (row,) = listed(reader, env, "deal", "d1", columns=["contacts"], full=True).rows
    assert row == ((Point("Jürgen Müller", "Decider"),),)
    labelled = listed(reader, env, "deal", "d1", columns=["contacts.decider"])
    assert labelled.rows == (("Jürgen Müller",),)


@pytest.mark.parametrize(
    ("noun", "sort", "handles"),
    [
        ("contact", "-name", "c3 c2 c1 c5 c4"),
        ("contact", "company", "c1 c3 c2 c4 c5"),
        ("contact", "-company,name", "c2 c1 c3 c4 c5"),
        ("contact", "status,name", "c2 c3 c1 c5 c4"),
        ("contact", "city", "c2 c1 c3 c4 c5"),
        ("contact", "-score", "c2 c1 c5 c4 c3"),
        ("contact", "created", "c1 c2 c3 c4 c5"),
        ("contact", "company.industry", "c1 c3 c2 c4 c5"),
        ("contact", "-email.home", "c1 c5 c4 c3 c2"),
        ("contact", "-id", "c5 c4 c3 c2 c1"),
        ("deal", None, "d4 d3 d2 d1"),
        ("deal", "value", "d1 d2 d3 d4"),
        ("deal", "-value", "d3 d2 d1 d4"),
        ("deal", "stage", "d2 d1 d3 d4"),
        ("task", None, "t1 t2 t3"),
        ("task", "priority", "t3 t1 t2"),
        ("stage", None, "st1 st2 st3 st4 st5 st6"),
    ],
)
def test_the_order_is_the_one_asked_for_with_empty_values_last(
    reader: Reader, env: Env, noun: str, sort: str | None, handles: str
) -> None:
    result = listed(reader, env, noun, sort=sort, columns=["handle"])
    assert " ".join(row[0] for row in result.rows) == handles


def test_an_unknown_order_is_told(reader: Reader, env: Env) -> None:
    with pytest.raises(UnknownName):
        listed(reader, env, "contact", sort="nmae")
    with pytest.raises(QueryError):
        listed(reader, env, "contact", sort="text")


def test_tasks_show_the_open_ones_and_mark_the_overdue(reader: Reader, env: Env) -> None:
    result = listed(reader, env, "task")
    assert [row[0] for row in result.rows] == ["t1", "t2", "t3"]
    assert result.marks == (("overdue",), (), ())
    assert result.note
    assert listed(reader, env, "task", "status:any").total == 4
    assert listed(reader, env, "task", default_filter=False).total == 4


def test_a_deal_past_its_close_date_is_marked(reader: Reader, env: Env) -> None:
    assert listed(reader, env, "deal").marks == ((), (), ("late",), ())


def test_an_empty_list_says_what_to_type(reader: Reader, env: Env) -> None:
    assert "crm contacts" in listed(reader, env, "contact", "zzz").hint
    assert "crm add-deal" not in listed(reader, env, "deal", "zzz").hint
    assert "crm import FILE" in listed(reader, env, "import").hint
    assert not listed(reader, env, "contact").hint


@pytest.mark.parametrize("record", RECORDS, ids=[record.name for record in RECORDS])
@pytest.mark.parametrize("full", [False, True])
def test_every_type_lists_all_its_fields(
    reader: Reader, env: Env, record: Record, full: bool
) -> None:
    result = listing(reader, env, record, everything=True, full=full, limit=0)
    fields = ["handle", *(field.name for field in record.fields)]
    assert names(result)[: len(fields)] == fields
    assert all(len(row) == len(result.columns) for row in result.rows)


def test_custom_fields_are_among_all(reader: Reader, env: Env) -> None:
    result = listed(reader, env, "contact", everything=True)
    assert names(result)[-2:] == ["size", "score"]


@pytest.mark.parametrize("record", RECORDS, ids=[record.name for record in RECORDS])
def test_every_field_can_be_the_order(reader: Reader, env: Env, record: Record) -> None:
    everything = listing(reader, env, record, default_filter=False)
    for field in record.fields:
        for sign in ("", "-"):
            result = listing(reader, env, record, sort=sign + field.name, default_filter=False)
            assert sorted(result.rows, key=str) == sorted(everything.rows, key=str)


@pytest.mark.parametrize("noun", ["contact", "company", "deal", "activity"])
@pytest.mark.sqlite_only
def test_the_default_order_follows_an_index(reader: Reader, noun: str) -> None:
    from crmcli.queries.sorting import order_by

    record = BY_NAME[noun]
    order = order_by(reader, record, None)
    plan = reader.rows(
        f"EXPLAIN QUERY PLAN SELECT t.id FROM {record.table} t WHERE t.deleted_at IS NULL"
        f" ORDER BY {order} LIMIT 50"
    )
    assert not any("TEMP B-TREE" in row[-1] for row in plan)
