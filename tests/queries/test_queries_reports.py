"""The reports: exact figures by hand, groups, periods, and names that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from queries_handmade import (
    ADA,
    BEN,
    ENV,
    LOST,
    NEGOTIATION,
    NEW,
    PROPOSAL,
    QUALIFIED,
    WON,
    Hand,
    made,
)  # fmt: skip

from crmcli.errors import InvalidValue, UnknownName
from crmcli.queries.reports import REPORTS, report
from crmcli.results import Report
from crmcli.store.read import Reader
from crmcli.values import Money

JAN, FEB, MAR = "2026-01-10T12:00:00Z", "2026-02-10T12:00:00Z", "2026-03-01T12:00:00Z"
# In Berlin this is already March.
ALMOST_MARCH = "2026-02-28T23:30:00Z"


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def fill(hand: Hand) -> None:
    hand.put("source", id=1, name="Fair")
    closed_deals(hand)
    open_deals(hand)
    hand.put("contact", id=1)
    hand.talk(1, MAR, type="call", duration=30, owner_id=ADA, deal_id=11)
    hand.talk(1, MAR, type="call", duration=15, owner_id=BEN)
    hand.talk(1, ALMOST_MARCH, type="email", owner_id=ADA)
    hand.talk(1, MAR, type="meeting", planned=1, owner_id=ADA)
    hand.talk(1, "2025-03-01T12:00:00Z", type="visit", owner_id=ADA)


def closed_deals(hand: Hand) -> None:
    """Won and lost: (id, amount, currency, stage, closed, owner, made)."""
    for id, minor, code, stage, closed, owner, made_at in (
        (1, 100_00, "EUR", WON, JAN, ADA, "2025-12-31T12:00:00Z"),  # ten days
        (2, 300_00, "EUR", WON, FEB, ADA, "2026-01-21T12:00:00Z"),  # twenty
        (3, 50_00, "EUR", LOST, FEB, ADA, "2026-02-01T12:00:00Z"),
        (4, 70_00, "USD", WON, ALMOST_MARCH, BEN, "2026-02-08T23:30:00Z"),  # twenty
        (5, 30_00, "USD", LOST, MAR, BEN, "2026-02-01T12:00:00Z"),
        (6, None, None, WON, MAR, BEN, "2026-02-01T12:00:00Z"),
        (7, 999_00, "EUR", WON, "2024-06-01T12:00:00Z", ADA, "2024-05-01T12:00:00Z"),
    ):
        hand.deal(
            id, minor, code or "EUR", stage_id=stage, closed_at=closed, stage_since=closed,
            owner_id=owner, created_at=made_at,
            lost_reason={3: "price", 5: None}.get(id), source_id=1 if id < 3 else None,
        )  # fmt: skip
    hand.move(3, PROPOSAL, "2026-02-05T12:00:00Z")
    hand.move(3, LOST, FEB, PROPOSAL)
    hand.move(1, NEW, "2025-12-31T12:00:00Z")
    hand.move(1, PROPOSAL, "2026-01-04T12:00:00Z", NEW)
    hand.move(1, WON, JAN, PROPOSAL)


def open_deals(hand: Hand) -> None:
    """Two open deals in Negotiation, one in New, one in Qualified."""
    hand.deal(11, 1000_00, stage_id=NEGOTIATION, expected_close="2026-03-20", owner_id=ADA,
              stage_since="2026-01-01T12:00:00Z", created_at="2026-01-01T12:00:00Z")  # fmt: skip
    hand.deal(12, 200_00, stage_id=NEGOTIATION, probability=50, expected_close="2026-04-20",
              owner_id=BEN, stage_since="2026-01-02T12:00:00Z")  # fmt: skip
    hand.deal(13, 400_00, "USD", expected_close="2026-03-04", owner_id=BEN,
              stage_since="2026-03-01T12:00:00Z")  # fmt: skip
    hand.deal(14, None, stage_id=QUALIFIED, stage_since="2026-01-03T12:00:00Z")
    hand.move(11, NEW, "2026-01-01T12:00:00Z")
    hand.move(11, NEGOTIATION, "2026-01-06T12:00:00Z", NEW)
    hand.move(13, NEW, "2026-03-01T12:00:00Z")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Reader]:
    opened = made(tmp_path_factory.mktemp("reports") / "crm.db", fill)
    yield opened
    opened.close()


def rows(found: Report) -> list[tuple[Any, ...]]:
    return list(found.listing.rows)


def test_won_deals_are_counted_by_the_month_of_the_users_clock(reader: Reader) -> None:
    found = report(reader, ENV, "won")
    assert rows(found) == [
        ("2026-01", 1, eur(100_00), eur(100_00), 100),
        ("2026-02", 1, eur(300_00), eur(300_00), 50),
        ("2026-03", 1, usd(70_00), usd(70_00), 50),
        ("2026-03", 1, None, None, 100),
    ]
    assert found.totals == ("Total", 4, None, None, 67)
    assert "not added up" in found.listing.note
    assert found.period == "2025-03-05..2026-03-05"


def test_won_deals_by_owner_never_mix_currencies(reader: Reader) -> None:
    found = report(reader, ENV, "won", by="owner", period="2026")
    assert rows(found) == [
        ("ada", 2, eur(400_00), eur(200_00), 67),
        ("ben", 1, usd(70_00), usd(70_00), 50),
        ("ben", 1, None, None, 100),
    ]


def test_a_period_without_a_month_in_between_shows_it_empty(reader: Reader) -> None:
    found = report(reader, ENV, "won", ["owner:ada"], period="all")
    labels = [row[0] for row in rows(found)]
    assert labels[:2] == ["2024-06", "2024-07"]
    assert labels[-1] == "2026-03"
    assert rows(found)[1] == ("2024-07", 0, eur(0), None, None)
    assert found.totals == ("Total", 3, eur(1399_00), eur(466_33), 75)
    assert found.period == ""


def test_one_currency_is_added_up(reader: Reader) -> None:
    found = report(reader, ENV, "won", by="source", owner="ada")
    assert rows(found) == [("Fair", 2, eur(400_00), eur(200_00), 100)]


def test_lost_deals_have_their_reason_and_the_stage_they_came_from(reader: Reader) -> None:
    assert rows(report(reader, ENV, "lost")) == [
        ("no reason", 1, usd(30_00), 50),
        ("price", 1, eur(50_00), 50),
    ]
    assert rows(report(reader, ENV, "lost", by="stage")) == [
        ("Proposal", 1, eur(50_00), 50),
        ("no stage", 1, usd(30_00), 50),
    ]


def test_activities_are_those_that_took_place(reader: Reader) -> None:
    found = report(reader, ENV, "activity")
    assert rows(found) == [("call", 2, 67, 45), ("email", 1, 33, None)]
    assert found.totals == ("Total", 3, 100, 45)
    by_month = report(reader, ENV, "activity", by="month", period="2026")
    assert rows(by_month) == [("2026-03", 3, 100, 45)]
    assert rows(report(reader, ENV, "activity", by="owner", owner="ben")) == [("ben", 1, 100, 15)]


def test_activities_of_a_pipeline_are_those_on_its_deals(reader: Reader) -> None:
    assert rows(report(reader, ENV, "activity", pipeline="sales")) == [("call", 1, 100, 30)]


def test_conversion_follows_deals_from_stage_to_stage(reader: Reader) -> None:
    assert rows(report(reader, ENV, "conversion")) == [
        ("New", 3, 2, 67, 0, 10, 4.5),
        ("Proposal", 2, 1, 50, 1, 50, 5.5),
        ("Negotiation", 1, 0, 0, 0, 75, None),
    ]
    assert rows(report(reader, ENV, "conversion", period="2026-03")) == [
        ("New", 1, 0, 0, 0, 10, None)
    ]


def test_conversion_of_the_deals_made_by_each_owner(reader: Reader) -> None:
    found = report(reader, ENV, "conversion", by="owner")
    assert rows(found) == [
        ("ben", 5, 2, 1, 2, 40),
        ("ada", 4, 2, 1, 1, 50),
        ("no owner", 1, 0, 0, 1, 0),
    ]
    assert found.totals == ("Total", 10, 4, 2, 4, 40)


def test_velocity_is_deals_times_rate_times_average_by_cycle(reader: Reader) -> None:
    # EUR: 2 open x 2/3 x 200.00 / 15 days = 17.78; USD: 1 open x 1/2 x 70.00 / 20 days = 1.75
    assert rows(report(reader, ENV, "velocity")) == [
        ("Sales", 2, 67, eur(200_00), 15.0, eur(17_78)),
        ("Sales", 1, 50, usd(70_00), 20.0, usd(1_75)),
    ]


def test_velocity_without_a_won_deal_is_unknown(reader: Reader) -> None:
    assert rows(report(reader, ENV, "velocity", period="2025")) == [
        ("Sales", 2, None, None, None, None),
        ("Sales", 1, None, None, None, None),
    ]


def test_the_forecast_weighs_by_the_deals_own_probability(reader: Reader) -> None:
    found = report(reader, ENV, "forecast")
    assert rows(found) == [
        ("past close", 1, usd(400_00), usd(40_00)),
        ("2026-03", 1, eur(1000_00), eur(750_00)),
        ("2026-04", 1, eur(200_00), eur(100_00)),
        ("no date", 1, None, None),
    ]
    assert rows(report(reader, ENV, "forecast", period="2026-04..2026-05")) == [
        ("2026-04", 1, eur(200_00), eur(100_00))
    ]


def test_the_pipeline_report_is_in_the_order_of_the_stages(reader: Reader) -> None:
    found = report(reader, ENV, "pipeline")
    assert rows(found) == [
        ("New", 1, usd(400_00), usd(400_00), usd(40_00)),
        ("Qualified", 1, None, None, None),
        ("Negotiation", 2, eur(1200_00), eur(600_00), eur(850_00)),
    ]
    assert found.totals[:2] == ("Total", 4)


def test_stale_deals_are_those_neither_moved_nor_talked_about(reader: Reader) -> None:
    assert [(row[0], row[-1]) for row in rows(report(reader, ENV, "stale"))] == [
        ("d12", 62),
        ("d14", 61),
    ]
    everything = report(reader, ENV, "stale", period="all")
    assert [row[0] for row in rows(everything)] == ["d12", "d14", "d11", "d13"]
    assert rows(report(reader, ENV, "stale", by="stage")) == [
        ("Qualified", 1, None, 61),
        ("Negotiation", 1, eur(200_00), 62),
    ]


def test_the_leaderboard_counts_activities_once_per_owner(reader: Reader) -> None:
    found = report(reader, ENV, "leaderboard", period="2026")
    assert rows(found) == [
        ("ada", 2, eur(400_00), 1, 67, 2),
        ("ben", 1, usd(70_00), 1, 50, 1),
        ("ben", 1, None, 0, 100, None),
    ]
    assert found.totals == ("Total", 4, None, 2, 67, 3)


@pytest.mark.parametrize("name", list(REPORTS))
@pytest.mark.parametrize("period", [None, "all", "2020", "q1", "last month"])
def test_every_report_runs_by_every_group_in_every_period(
    reader: Reader, name: str, period: str | None
) -> None:
    for by in REPORTS[name].by:
        found = report(reader, ENV, name, by=by, period=period, pipeline="sales", owner="ada")
        assert found.name == name
        assert found.definition
        names = [column.name for column in found.listing.columns]
        assert found.bar in names
        assert all(len(row) == len(names) for row in rows(found))
        assert len(found.totals) in (0, len(names))


def test_several_pipelines_are_told_apart_by_the_name_of_the_stage(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def two(hand: Hand) -> None:
        hand.put("pipeline", id=2, name="Partners", position=2, is_default=0)
        hand.put("stage", id=7, name="New", pipeline_id=2, position=1, type="open")
        hand.deal(1, 100)
        hand.deal(2, 100, stage_id=7)

    opened = made(tmp_path_factory.mktemp("two") / "crm.db", two)
    labels = [row[0] for row in rows(report(opened, ENV, "pipeline"))]
    only = [row[0] for row in rows(report(opened, ENV, "pipeline", pipeline="partners"))]
    opened.close()
    assert (labels, only) == (["Sales: New", "Partners: New"], ["New"])


def test_a_limit_cuts_rows_but_not_totals(reader: Reader) -> None:
    found = report(reader, ENV, "conversion", by="owner", limit=1)
    assert (len(rows(found)), found.listing.total, found.totals[1]) == (1, 3, 10)


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        ({"name": "wno"}, UnknownName, "won"),
        ({"name": "won", "by": "onwer"}, UnknownName, "owner"),
        ({"name": "leaderboard", "by": "month"}, UnknownName, "owner"),
        ({"name": "won", "period": "someday maybe"}, InvalidValue, ""),
        ({"name": "won", "owner": "nobody"}, InvalidValue, ""),
    ],
)
def test_what_is_not_there_is_told_with_a_hint(
    reader: Reader, words: dict[str, str], error: type[Exception], hint: str
) -> None:
    with pytest.raises(error) as told:
        report(reader, ENV, **words)
    assert hint in str(getattr(told.value, "hint", ""))
