"""The screens of the day: what belongs where, whose it is, and that reading changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from queries_handmade import ADA, BEN, ENV, LOST, PROPOSAL, Hand, made
from tests import engines

from crmcli.errors import InvalidValue
from crmcli.queries.today import today
from crmcli.results import Screen
from crmcli.store.read import Reader
from crmcli.values import Env, Money

Open = Callable[[Callable[[Hand], None]], Reader]


@pytest.fixture
def opened(tmp_path: Path, engine: str) -> Iterator[Open]:
    readers = []

    def make(fill: Callable[[Hand], None]) -> Reader:
        readers.append(made(tmp_path / f"{len(readers)}.db", fill))
        return readers[-1]

    yield make
    for reader in readers:
        reader.close()
    engines.forget_below(tmp_path)


def rows(screen: Screen, name: str) -> list[tuple[Any, ...]]:
    return [
        row for section in screen.sections if section.name == name for row in section.listing.rows
    ]


def handles(screen: Screen, name: str) -> list[str]:
    return [row[0] for row in rows(screen, name)]


def placed(screen: Screen) -> dict[str, list[str]]:
    """The handles in each section that has any."""
    found = {section.name: handles(screen, section.name) for section in screen.sections}
    return {name: some for name, some in found.items() if some}


BERLIN = ENV  # Thursday 5 March 2026, 10:00
AUCKLAND = ENV._replace(  # Friday 6 March 2026, 09:30, while it is Thursday in UTC
    now=datetime(2026, 3, 5, 20, 30, tzinfo=UTC), zone=ZoneInfo("Pacific/Auckland")
)
HONOLULU = ENV._replace(  # Wednesday 4 March 2026, 23:00, while it is Thursday in UTC
    zone=ZoneInfo("Pacific/Honolulu")
)


@pytest.mark.parametrize(
    ("due", "env", "section"),
    [
        ("2026-03-04", BERLIN, "overdue"),
        ("2026-03-05", BERLIN, "due"),
        ("2026-03-06", BERLIN, "coming_up"),
        (None, BERLIN, ""),
        ("2026-03-12", BERLIN, "coming_up"),
        ("2026-03-12T22:59:59Z", BERLIN, "coming_up"),
        ("2026-03-12T23:00:00Z", BERLIN, ""),
        ("2026-03-13", BERLIN, ""),
        ("2026-03-05T08:59:59Z", BERLIN, "overdue"),
        ("2026-03-05T09:00:00Z", BERLIN, "due"),
        ("2026-03-05T22:59:59Z", BERLIN, "due"),
        ("2026-03-05T23:00:00Z", BERLIN, "coming_up"),
        ("2026-03-05", AUCKLAND, "overdue"),
        ("2026-03-06", AUCKLAND, "due"),
        ("2026-03-06T10:59:00Z", AUCKLAND, "due"),
        ("2026-03-06T11:00:00Z", AUCKLAND, "coming_up"),
        ("2026-03-05T20:00:00Z", AUCKLAND, "overdue"),
        ("2026-03-03", HONOLULU, "overdue"),
        ("2026-03-04", HONOLULU, "due"),
        ("2026-03-05", HONOLULU, "coming_up"),
        ("2026-03-05T09:30:00Z", HONOLULU, "due"),
        ("2026-03-05T10:00:00Z", HONOLULU, "coming_up"),
    ],
)
def test_a_task_is_overdue_due_or_later_by_the_clock_of_the_user(
    opened: Open, due: str | None, env: Env, section: str
) -> None:
    reader = opened(lambda hand: hand.put("task", due=due) and None)
    expected = {section: ["t1"]} if section else {}
    assert placed(today(reader, env, owner="all")) == expected


def test_the_first_tasks_of_the_coming_week_are_seen_and_the_others_counted(opened: Open) -> None:
    def fill(hand: Hand) -> None:
        for day in (13, 12, 11, 10, 9, 8, 7, 6):
            hand.put("task", due=f"2026-03-{day:02}")

    screen = today(opened(fill), ENV, owner="all")
    assert placed(screen) == {"coming_up": ["t8", "t7", "t6", "t5", "t4"]}
    assert next(s for s in screen.sections if s.name == "coming_up").listing.total == 7


@pytest.mark.parametrize(("owner", "last"), [("all", False), ("ben", True), ("none", True)])
def test_the_owner_goes_first_where_it_is_the_same_for_all(
    opened: Open, owner: str, last: bool
) -> None:
    tasks = today(opened(owned), ENV, owner=owner).sections[1].listing
    priorities = {column.name: column.priority for column in tasks.columns}
    rest = {priorities[name] for name in ("contact", "deal", "company", "priority")}
    assert (priorities["owner"] > max(rest)) is last
    assert (priorities["owner"] < min(rest)) is not last


def test_more_days_show_what_comes_then(opened: Open) -> None:
    def fill(hand: Hand) -> None:
        hand.put("task", due="2026-03-12")
        hand.put("task", due="2026-03-13")
        hand.put("activity", planned=1, at="2026-03-12T10:00:00Z")

    screen = today(opened(fill), ENV, owner="all", days="7")
    assert placed(screen) == {"due": ["t1"], "meetings": ["a1"]}
    assert [section.title for section in screen.sections][1:3] == [
        "Due within 7 days",
        "Planned within 7 days",
    ]


@pytest.mark.parametrize("days", ["-1", "many", "100000"])
def test_days_are_a_sensible_number(opened: Open, days: str) -> None:
    with pytest.raises(InvalidValue):
        today(opened(lambda hand: None), ENV, days=days)


def test_meetings_are_todays_and_older_ones_wait_to_be_settled(opened: Open) -> None:
    def fill(hand: Hand) -> None:
        hand.put("contact", id=1, name="Ada Lovelace")
        for at in ("2026-03-05T08:00:00Z", "2026-03-04T22:59:00Z", "2026-03-05T23:00:00Z"):
            hand.talk(1, at, planned=1, type="meeting")
        hand.talk(1, "2026-03-05T08:00:00Z")

    screen = today(opened(fill), ENV, owner="all")
    assert placed(screen) == {"meetings": ["a1"], "unsettled": ["a2"]}
    assert rows(screen, "meetings")[0][4] == "Ada Lovelace"


def test_deals_that_need_attention_come_with_their_marks(opened: Open) -> None:
    def fill(hand: Hand) -> None:
        hand.deal(1, 100_00, expected_close="2026-04-01")
        hand.deal(2, 200_00, stage_id=PROPOSAL, expected_close="2026-03-01")
        hand.deal(3, 300_00, expected_close="2026-04-01", stage_since="2026-01-01T00:00:00Z")
        hand.deal(4, 400_00, stage_id=LOST, closed_at="2026-03-01T00:00:00Z")
        for deal in (1, 3):
            hand.put("task", deal_id=deal)

    screen = today(opened(fill), ENV, owner="all")
    listing = next(s.listing for s in screen.sections if s.name == "deals")
    assert [(row[0], row[3]) for row in listing.rows] == [
        ("d2", Money(200_00, "EUR")),
        ("d3", Money(300_00, "EUR")),
    ]
    assert listing.marks == (("late", "no next step"), ("rotting",))


def test_contacts_are_due_when_their_interval_is_over(opened: Open) -> None:
    def fill(hand: Hand) -> None:
        old = {"keep_in_touch": 30, "created_at": "2025-01-01T00:00:00Z"}
        for id in (1, 2, 3, 4, 7):
            hand.put("contact", id=id, **old)
        hand.put("contact", id=5, **{**old, "do_not_contact": 1})
        hand.put("contact", id=6, keep_in_touch=30, created_at="2026-03-01T00:00:00Z")
        hand.talk(1, "2026-02-03T12:00:00Z")  # thirty days ago
        hand.talk(2, "2026-02-04T12:00:00Z")  # twenty-nine
        hand.talk(3, "2026-03-01T12:00:00Z", type="note")  # is no talk
        hand.talk(4, "2026-03-01T12:00:00Z", planned=1)  # did not take place yet
        hand.talk(7, "2026-01-03T12:00:00Z")

    found = rows(today(opened(fill), ENV, owner="all"), "keep_in_touch")
    assert [(row[0], row[5]) for row in found] == [("c3", 398), ("c4", 398), ("c7", 31), ("c1", 0)]
    assert found[0][3] is None
    assert found[2][3] == "2026-01-03T12:00:00Z"


def owned(hand: Hand) -> None:
    hand.put("task", due="2026-03-05", owner_id=ADA)
    hand.put("task", due="2026-03-05", owner_id=BEN)
    hand.put("task", due="2026-03-05")


@pytest.mark.parametrize(
    ("owner", "me", "tasks", "subtitle"),
    [
        (None, "ada", ["t1"], "of ada; --owner all shows everybody's"),
        (None, "zoe", ["t1", "t2", "t3"], "of everybody: zoe owns nothing yet"),
        ("all", "ada", ["t1", "t2", "t3"], ""),
        ("ben", "ada", ["t2"], "of ben"),
        ("me", "ben", ["t2"], "of ben"),
        ("none", "ada", ["t3"], "of none"),
    ],
)
def test_the_day_is_the_users_own_unless_asked_otherwise(
    opened: Open, owner: str | None, me: str, tasks: list[str], subtitle: str
) -> None:
    screen = today(opened(owned), ENV, owner=owner, me=me)
    assert handles(screen, "due") == tasks
    assert screen.subtitle == subtitle


def test_one_person_alone_sees_everything(opened: Open) -> None:
    def fill(hand: Hand) -> None:
        owned(hand)
        hand.writer.execute("UPDATE app_user SET active = 0 WHERE name = 'ben'")

    screen = today(opened(fill), ENV, me="ada")
    assert (handles(screen, "due"), screen.subtitle) == (["t1", "t2", "t3"], "")


def test_a_stranger_is_told(opened: Open) -> None:
    with pytest.raises(InvalidValue):
        today(opened(owned), ENV, owner="nobody")


def test_long_sections_are_cut_and_counted(opened: Open) -> None:
    def fill(hand: Hand) -> None:
        for _task in range(30):
            hand.put("task", due="2026-03-01")

    reader = opened(fill)
    listing = today(reader, ENV, owner="all").sections[0].listing
    assert (len(listing.rows), listing.total) == (25, 30)
    assert set(listing.marks) == {("overdue",)}
    everything = today(reader, ENV, owner="all", limit=0).sections[0].listing
    assert (len(everything.rows), everything.total) == (30, 30)
