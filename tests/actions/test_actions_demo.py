"""The demo: as large as promised, the same for the same day, sound, and never in anybody's way."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crmcli import values
from crmcli.actions import demo
from crmcli.actions.context import Context
from crmcli.config import defaults
from crmcli.errors import Conflict
from crmcli.queries.pipeline import pipeline
from crmcli.queries.reports import REPORTS, report
from crmcli.queries.today import today
from crmcli.store.location import Location
from crmcli.store.read import open_reader
from crmcli.values import Env
from crmcli.values.text import sort_key

ENV = Env(datetime(2026, 3, 5, 9, tzinfo=UTC), ZoneInfo("Europe/Berlin"), "GB", "EUR")


def context(path: Path, env: Env = ENV) -> Context:
    return Context(Location(path, given=True), env, defaults(), "root", "crm demo")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    demo.make(context(path))
    return path


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    found = connection.execute(sql).fetchall()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("table", "number"),
    [("company", 200), ("contact", 600), ("deal", 150), ("activity", 2000), ("app_user", 4)],
)
def test_it_has_what_was_promised(made: Path, table: str, number: int) -> None:
    assert ask(made, f"SELECT count(*) FROM {table}") == [(number,)]


def test_it_is_the_same_for_the_same_day(
    made: Path, tmp_path: Path, content: Callable[[Path], Any]
) -> None:
    demo.make(context(tmp_path / "again.db"))
    assert content(tmp_path / "again.db") == content(made)


@pytest.mark.parametrize(
    "now", [datetime(2026, 2, 28, 23, 59, tzinfo=UTC), datetime(2024, 2, 29, 0, 1, tzinfo=UTC),
            datetime(2027, 1, 2, 12, tzinfo=UTC)]
)  # fmt: skip
def test_it_can_be_made_on_any_day(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "demo.db"
    demo.make(context(path, ENV._replace(now=now, zone=ZoneInfo("America/New_York"))))
    assert ask(path, "SELECT count(*) FROM activity") == [(2000,)]


def test_the_file_is_sound(made: Path) -> None:
    assert ask(made, "PRAGMA integrity_check") == [("ok",)]
    assert ask(made, "PRAGMA foreign_key_check") == []
    assert (made.stat().st_mode & 0o777) == 0o600
    assert os.listdir(made.parent) == ["demo.db"]


def test_every_deal_ends_where_its_history_ends(made: Path) -> None:
    last = (
        "SELECT stage_id, at, deal_id FROM ("
        "SELECT *, row_number() OVER (PARTITION BY deal_id ORDER BY at DESC, id DESC) AS n"
        " FROM stage_change) WHERE n = 1"
    )
    assert (
        ask(
            made,
            f"SELECT d.id FROM deal d LEFT JOIN ({last}) h ON h.deal_id = d.id"
            " WHERE h.stage_id IS NOT d.stage_id OR h.at IS NOT d.stage_since",
        )
        == []
    )
    assert ask(
        made,
        "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id"
        " WHERE (s.type IN ('won', 'lost')) <> (d.closed_at IS NOT NULL)"
        " OR (s.type = 'lost') <> (d.lost_reason IS NOT NULL)"
        " OR d.created_at > d.stage_since OR d.stage_since > '2026-03-05T09:00:00Z'",
    ) == []  # fmt: skip


def test_nothing_has_happened_yet_that_is_planned(made: Path) -> None:
    assert ask(
        made, "SELECT count(*) FROM activity WHERE planned = 0 AND at > '2026-03-05T09:00:00Z'"
    ) == [(0,)]
    assert ask(made, "SELECT count(*) > 10 FROM activity WHERE planned = 1") == [(1,)]


def test_every_stored_value_is_a_proper_one(made: Path) -> None:
    for kind, value, key in ask(made, "SELECT kind, value, key FROM contact_point"):
        assert values.check(kind, value) == value
        assert values.key(kind, value) == key
    for table, column in (("contact", "name"), ("company", "name"), ("deal", "title")):
        for text, key in ask(made, f"SELECT {column}, {column}_key FROM {table}"):
            assert key == sort_key(text)
    for kind, column in (("birthday", "birthday"), ("zone", "time_zone"), ("language", "language")):
        for (value,) in ask(made, f"SELECT {column} FROM contact WHERE {column} IS NOT NULL"):
            assert values.check(kind, value) == value


def test_numbers_and_addresses_reach_nobody(made: Path) -> None:
    mails = ask(made, "SELECT value FROM contact_point WHERE kind = 'email'")
    assert all(value.endswith(".example") for (value,) in mails)
    american = ask(
        made, "SELECT value FROM contact_point WHERE kind = 'phone' AND value LIKE '+1%'"
    )
    assert american
    assert all(value[5:10] == "55501" for (value,) in american)


def test_every_e_mail_belongs_to_one_person(made: Path) -> None:
    sql = "SELECT key FROM contact_point WHERE kind = 'email' GROUP BY key HAVING count(*) > 1"
    assert ask(made, sql) == []


def test_every_screen_has_something_to_show(made: Path) -> None:
    reader = open_reader(Location(made))
    view = pipeline(reader, ENV, deals=True)
    assert all(line.number for line in view.stages)
    assert view.total.rotting and view.total.late and view.total.idle  # noqa: PT018
    assert view.others == ("Partners",)
    screen = today(reader, ENV, me="root")
    shown = {section.name for section in screen.sections if section.listing.rows}
    assert shown == {"overdue", "due", "coming_up", "meetings", "deals", "keep_in_touch"}
    for name in REPORTS:
        assert report(reader, ENV, name).listing.rows, name
    reader.close()


def test_it_can_be_searched_and_is_one_change_set(made: Path) -> None:
    indexed = ask(made, "SELECT count(*) FROM search")[0][0]
    assert indexed >= 200 + 600 + 150 + 2000
    assert ask(made, "SELECT count(*) FROM change_set") == [(1,)]
    assert ask(made, "SELECT u.name FROM change_set c JOIN app_user u ON u.id = c.user_id") == [
        ("ada",)
    ]


def test_it_is_made_anew_over_an_older_demo(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    ctx = context(path)
    demo.make(ctx)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE contact SET name = 'changed'")
    connection.commit()
    connection.close()
    demo.make(ctx)
    assert ask(path, "SELECT count(*) FROM contact WHERE name = 'changed'") == [(0,)]


@pytest.mark.parametrize("kind", ["real", "foreign", "text"])
def test_any_other_file_is_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "mine.db"
    if kind == "real":
        with context(path).writing() as writer:
            writer.create("contact", {"name": "Ada"})
    elif kind == "foreign":
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE meta (name, value)")
        connection.execute("INSERT INTO meta VALUES ('demo', 'x')")
        connection.commit()
        connection.close()
    else:
        path.write_text("my diary")
    before = path.read_bytes()
    with pytest.raises(Conflict):
        demo.make(context(path))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["mine.db"]


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    done = demo.make(replace(context(tmp_path / "demo.db"), dry_run=True))
    assert (done.dry_run, done.lines[0][:4]) == (True, "Made")
    assert os.listdir(tmp_path) == []
