"""The pipeline screen: exact sums, marks, filters, and an index that covers it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from queries_handmade import BEN, ENV, LOST, PROPOSAL, WON, Hand, made
from tests import engines

from crmcli.errors import InvalidValue, NotFound, UnknownName
from crmcli.queries.pipeline import BUSY_SQL, CLOSED_SQL, STAGE_SQL, pipeline
from crmcli.results import StageLine
from crmcli.store import connect
from crmcli.store.read import Reader
from crmcli.values import Money

PARKED, PILOT = 7, 8


def fill(hand: Hand) -> None:
    hand.put("stage", id=PARKED, name="Parked", pipeline_id=1, position=7, type="on hold",
             probability=30, rot_days=5)  # fmt: skip
    hand.put("pipeline", id=2, name="Partners", position=2, is_default=0)
    hand.put("stage", id=PILOT, name="Pilot", pipeline_id=2, position=1, type="open",
             probability=40)  # fmt: skip
    hand.put("company", id=1, name="Acme")
    hand.deal(1, 100_00, stage_since="2026-03-01T09:00:00Z", expected_close="2026-03-20",
              company_id=1, owner_id=1, title="Fine")  # fmt: skip
    hand.deal(2, 250_00, stage_since="2026-02-01T09:00:00Z", expected_close="2026-03-04",
              owner_id=1)  # fmt: skip
    hand.deal(3, 50_00, "USD", probability=80, owner_id=BEN)
    hand.deal(4, None, stage_id=PROPOSAL, stage_since="2026-02-12T09:00:00Z")
    hand.deal(5, 1000_01, stage_id=PROPOSAL, owner_id=BEN, expected_close="2026-03-05")
    hand.deal(6, 500_00, stage_id=WON, closed_at="2026-02-20T12:00:00Z")
    hand.deal(7, 900_00, stage_id=WON, closed_at="2025-10-01T12:00:00Z")
    hand.deal(8, 70_00, "USD", stage_id=LOST, closed_at="2026-03-01T12:00:00Z", owner_id=BEN)
    hand.deal(9, 9999_00, deleted_at="2026-03-01T12:00:00Z")
    hand.deal(10, 200_00, stage_id=PARKED, stage_since="2026-01-01T09:00:00Z",
              expected_close="2026-01-01")  # fmt: skip
    hand.deal(11, 10_00, stage_id=PILOT)
    hand.put("task", deal_id=1, title="later", due="2026-04-01")
    hand.put("task", deal_id=1, title="next", due="2026-03-06")
    hand.put("task", deal_id=3, status="done")
    hand.put("task", deal_id=4)
    hand.put("task", deal_id=5, deleted_at="2026-03-01T12:00:00Z")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Reader]:
    opened = made(tmp_path_factory.mktemp("pipeline") / "crm.db", fill)
    yield opened
    opened.close()


def stage(lines: tuple[StageLine, ...], name: str) -> StageLine:
    return next(line for line in lines if line.name == name)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def figures(line: StageLine) -> tuple[Any, ...]:
    return line.number, line.sums, line.weighted, (line.rotting, line.late, line.idle)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("New", (3, (eur(350_00), usd(50_00)), (eur(35_00), usd(40_00)), (1, 1, 2))),
        ("Qualified", (0, (), (), (0, 0, 0))),
        ("Proposal", (2, (eur(1000_01),), (eur(500_01),), (1, 0, 1))),
        ("Won", (1, (eur(500_00),), (), (0, 0, 0))),
        ("Lost", (1, (usd(70_00),), (), (0, 0, 0))),
        ("Parked", (1, (eur(200_00),), (eur(60_00),), (1, 0, 0))),
    ],
)
def test_each_stage_has_its_exact_sums_and_marks(
    reader: Reader, name: str, expected: tuple[Any, ...]
) -> None:
    view = pipeline(reader, ENV)
    assert figures(stage(view.stages, name)) == expected


def test_the_total_is_over_the_open_stages_only(reader: Reader) -> None:
    view = pipeline(reader, ENV)
    assert figures(view.total) == (
        5, (eur(1350_01), usd(50_00)), (eur(535_01), usd(40_00)), (2, 1, 3),
    )  # fmt: skip
    assert view.others == ("Partners",)
    assert "90 days" in view.hint


def test_another_pipeline_is_shown_by_name(reader: Reader) -> None:
    view = pipeline(reader, ENV, pipeline="partners")
    assert (view.name, view.others) == ("Partners", ("Sales",))
    assert [figures(line)[:2] for line in view.stages] == [(1, (eur(10_00),))]


def test_an_owner_and_a_query_narrow_it(reader: Reader) -> None:
    view = pipeline(reader, ENV, owner="ben", me="ada")
    assert [line.number for line in view.stages] == [1, 0, 1, 0, 0, 1, 0]
    assert stage(view.stages, "Proposal").idle == 1
    mine = pipeline(reader, ENV, ["value:200.."], owner="me", me="ada")
    assert figures(stage(mine.stages, "New")) == (1, (eur(250_00),), (eur(25_00),), (1, 1, 1))
    assert mine.filtered == "owner:me value:200.."
    assert pipeline(reader, ENV, where="company:acme").total.number == 1


def test_deals_are_listed_with_those_first_that_need_attention(reader: Reader) -> None:
    new = stage(pipeline(reader, ENV, deals=True).stages, "New")
    assert [(deal.handle, deal.marks) for deal in new.deals] == [
        ("d2", ("rotting", "late", "no next step")),
        ("d3", ("no next step",)),
        ("d1", ()),
    ]
    fine = new.deals[2]
    assert (fine.title, fine.company, fine.value, fine.owner) == (
        "Fine",
        "Acme",
        eur(100_00),
        "ada",
    )
    assert (fine.age, fine.next_step, fine.next_due) == (4, "next", "2026-03-06")


def test_a_limit_says_how_many_deals_are_left(reader: Reader) -> None:
    new = stage(pipeline(reader, ENV, deals=True, limit=1).stages, "New")
    assert (len(new.deals), new.more) == (1, 2)
    every = stage(pipeline(reader, ENV, deals=True, limit=0).stages, "New")
    assert (len(every.deals), every.more) == (3, 0)


def test_nothing_found_says_what_to_do(reader: Reader) -> None:
    assert "leave out the filter" in pipeline(reader, ENV, ["nonexistentword"]).hint


def test_the_name_of_a_pipeline_that_finds_nothing_is_told_how_to_be_typed(reader: Reader) -> None:
    assert "--pipeline Partners" in pipeline(reader, ENV, ["partners"]).hint
    assert "--pipeline" not in pipeline(reader, ENV, ["partners"], pipeline="partners").hint


def test_unknown_names_are_told(reader: Reader) -> None:
    with pytest.raises(NotFound):
        pipeline(reader, ENV, pipeline="nonesuch")
    with pytest.raises(InvalidValue):
        pipeline(reader, ENV, owner="nobody")
    with pytest.raises(UnknownName):
        pipeline(reader, ENV, ["vaule:3"])


@pytest.mark.parametrize(
    ("sql", "params", "index"),
    [
        (STAGE_SQL, ["", "", 1], "ix_deal_board"),
        (CLOSED_SQL, [""], "ix_deal_closed"),
        (BUSY_SQL, [], "ix_task_next"),
    ],
)
@pytest.mark.sqlite_only
def test_an_index_covers_what_is_counted(
    reader: Reader, sql: str, params: list[Any], index: str
) -> None:
    plan = reader.rows("EXPLAIN QUERY PLAN " + sql.format(where="1 = 1"), params)
    assert any(f"USING COVERING INDEX {index}" in row[3] for row in plan)


DEALS = st.lists(
    st.tuples(
        st.sampled_from((1, 2, 3, 4)),
        st.none() | st.integers(-(10**9), 10**9),
        st.sampled_from(("EUR", "USD", "JPY")),
        st.none() | st.integers(0, 100),
        st.booleans(),
    ),
    max_size=25,
)
CHANCE = {1: 10, 2: 25, 3: 50, 4: 75}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[tuple[Path, Reader]]:
    path = tmp_path_factory.mktemp("any") / "crm.db"
    opened = made(path, lambda hand: None)
    yield path, opened
    opened.close()


@settings(max_examples=40, deadline=None)
@given(deals=DEALS)
def test_sums_are_those_of_the_deals_whatever_they_are(
    empty: tuple[Path, Reader], deals: list[tuple[int, int | None, str, int | None, bool]]
) -> None:
    path, opened = empty
    store(path, deals)
    view = pipeline(opened, ENV)
    for line, place in zip(view.stages[:4], CHANCE, strict=True):
        here = [deal for deal in deals if deal[0] == place]
        assert line.number == len(here)
        assert line.idle == sum(not busy for *_rest, busy in here)
        sums: dict[str, int] = {}
        weighted: dict[str, int] = {}
        for _stage, value, code, own, _busy in here:
            if value is not None:
                sums[code] = sums.get(code, 0) + value
                chance = CHANCE[place] if own is None else own
                weighted[code] = weighted.get(code, 0) + value * chance
        assert {money.currency: money.minor for money in line.sums} == sums
        assert {money.currency: money.minor for money in line.weighted} == {
            code: (total + 50) // 100 for code, total in weighted.items()
        }


def store(path: Path, deals: list[tuple[int, int | None, str, int | None, bool]]) -> None:
    """Put exactly these deals into the database."""
    connection = connect.begun(engines.location_of(path))
    connection.execute("DELETE FROM task")
    connection.execute("DELETE FROM deal")
    base = "created_at, updated_at, version, title"
    for id, (place, value, code, own, busy) in enumerate(deals, 1):
        connection.execute(
            f"INSERT INTO deal ({base}, title_key, id, stage_id, value, currency, probability,"
            " stage_since) VALUES ('x', 'x', 1, 't', 't', ?, ?, ?, ?, ?, ?)",
            (id, place, value, None if value is None else code, own, "2026-03-05T09:00:00Z"),
        )
        if busy:
            connection.executemany(
                f"INSERT INTO task ({base}, deal_id, status, priority)"
                " VALUES ('x', 'x', 1, 't', ?, 'open', 'normal')",
                [(id,), (id,)],
            )
    connect.commit(connection)
    connection.close()


def test_an_empty_pipeline_says_how_to_begin(tmp_path: Path, engine: str) -> None:
    opened = made(tmp_path / "crm.db", lambda hand: None)
    view = pipeline(opened, ENV)
    opened.close()
    assert view.total.number == 0
    assert "crm add-deal" in view.hint
