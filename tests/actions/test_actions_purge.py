"""A purge removes for good what was deleted long ago, and nothing that something else needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import engines
from tests.exchange.exchange_tools import load
from tests.surroundings import Crm, content_of

from crmcli.actions import backups, day, household, journal, purging, records
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.actions.merge import merge
from crmcli.errors import Conflict, InvalidValue, NotFound
from crmcli.models import load_all
from crmcli.store import backup, health
from crmcli.store.sealing import Keys


def add(ctx: Context, noun: str, title: str, *words: str) -> str:
    return records.add(ctx, noun, [read_assign(word) for word in words], title=title).records[0]


def later(ctx: Context, days: int) -> Context:
    ctx.close()
    return replace(ctx, env=ctx.env._replace(now=ctx.env.now + timedelta(days=days)))


def ids(ctx: Context, table: str) -> list[int]:
    return [id for (id,) in engines.ask(ctx.location.path, f"SELECT id FROM {table} ORDER BY id")]


@pytest.fixture
def team(ctx: Context) -> Context:
    """Three people, of whom the second was deleted on the first day and the third 80 days later."""
    ctx.settings["backup_dir"] = str(ctx.location.path.parent / "kept")
    for name in ("Ada", "Bob", "Eve"):
        add(ctx, "contact", name, f"email={name}@x.example", "city=London", "tags=vip")
    records.link(ctx, "c1", "knows", "c2")
    records.delete(ctx, ["c2"])
    records.delete(later(ctx, 80), ["c3"])
    return ctx


def test_what_was_deleted_long_ago_goes_with_all_that_belongs_to_it(team: Context) -> None:
    live = content_of(team.location.path)["contact"]
    answer = purging.purge(later(team, 100))
    assert answer.data["purged"] == {"contact": 1}
    assert ids(team, "contact") == [1, 3]
    for table in ("contact_point", "address", "tagging"):
        assert len(ids(team, table)) == 2
    assert ids(team, "link") == []
    assert content_of(team.location.path)["contact"] == live
    household.db_check(team)
    with pytest.raises(NotFound):
        records.restore(team, ["c2"])
    assert add(team, "contact", "New") == "c4"


@pytest.mark.parametrize(("age", "left"), [("1y", [1, 2, 3]), ("90d", [1, 3]), ("2w", [1])])
def test_the_age_says_how_long_ago(team: Context, age: str, left: list[int]) -> None:
    purging.purge(later(team, 100), age)
    assert ids(team, "contact") == left


def test_an_age_that_cannot_be_read_purges_nothing(team: Context) -> None:
    with pytest.raises(InvalidValue):
        purging.purge(later(team, 100), "long")
    assert ids(team, "contact") == [1, 2, 3]


def test_a_backup_is_made_before_and_brings_everything_back(team: Context) -> None:
    before = content_of(team.location.path)
    answer = purging.purge(later(team, 100))
    (made,) = backups.known(team)
    assert (str(made.path), made.note) == (answer.data["backup"], "before a purge")
    records.delete(team, ["c1"])
    backup.restore(team.location, made, later(team, 101).env.now, keys=Keys())
    assert ids(team, "contact") == [1, 2, 3]
    assert content_of(team.location.path) == before


def test_nothing_to_purge_makes_no_backup(team: Context) -> None:
    answer = purging.purge(team)
    assert (answer.data["purged"], answer.data["backup"]) == ({}, None)
    assert backups.known(team) == []


def test_a_dry_run_says_the_same_and_changes_nothing(team: Context) -> None:
    at = later(team, 100)
    tried = purging.purge(replace(at, dry_run=True))
    assert ids(team, "contact") == [1, 2, 3]
    assert backups.known(team) == []
    assert tried.data["purged"] == purging.purge(at).data["purged"]
    assert tried.lines[0].startswith("Purged 1 contact and 4 entries")


def test_what_something_that_stays_refers_to_is_kept_and_said(team: Context) -> None:
    deal = add(team, "deal", "Engine", "contact=c1")
    day.log(team, "call", ["c1"], "prices", {"deal": deal})
    records.delete(team, ["c1"])
    answer = purging.purge(later(team, 100))
    assert answer.data["kept"] == {"contact": 1}
    assert "kept 1 contact" in answer.warnings[0]
    assert (ids(team, "contact"), len(ids(team, "contact_point"))) == ([1, 3], 2)
    records.restore(team, ["c1"])


def test_a_chain_goes_as_a_whole_or_stays_as_a_whole(ctx: Context) -> None:
    for number in range(3):
        words = [f"parent=o{number}"] if number else []
        add(ctx, "company", f"Company {number}", *words)
    records.delete(ctx, ["o1", "o2"])
    assert purging.purge(later(ctx, 100)).data["kept"] == {"company": 2}
    records.delete(ctx, ["o3"])
    assert purging.purge(later(ctx, 200)).data["purged"] == {"company": 3}
    household.db_check(ctx)


def test_the_history_keeps_who_when_and_which_command_but_no_value(team: Context) -> None:
    purging.purge(replace(later(team, 100), command="crm purge"))
    sets = {row[0]: row for row in journal.history(team).rows}
    assert sets["h7"][2:6] == ("ada", "crm purge", 1, "")
    assert {name: row[4:6] for name, row in sets.items() if row[5]} == {
        "h2": (0, "purged"), "h4": (0, "purged"), "h5": (0, "purged"),
    }  # fmt: skip
    assert [row[3] for row in journal.history(team, ["h7"]).rows] == ["purged c2"]
    changes = engines.ask(team.location.path, "SELECT before, after FROM change")
    assert "bob" not in repr(changes).lower()


def test_a_purge_and_what_it_purged_cannot_be_undone(team: Context) -> None:
    at = later(team, 100)
    purging.purge(at)
    for change_set in (None, "h7", "h2"):
        with pytest.raises(Conflict, match="for good"):
            journal.undo(at, change_set)
    journal.undo(at, "h6")
    assert content_of(team.location.path)["contact"].keys() == {1, 3}


def test_an_import_of_which_a_part_was_purged_is_undone_as_far_as_it_is_there(
    ctx: Context,
) -> None:
    load(ctx, "Name,Email\n" + "".join(f"P{n},p{n}@x.example\n" for n in range(5)))
    records.delete(ctx, ["c2", "c4"])
    at = later(ctx, 100)
    purging.purge(at)
    assert {row[0]: row[4] for row in journal.history(at).rows}["h1"] == 6
    assert "3 contacts removed" in journal.undo(at, "i1").lines[0]
    assert "3 contacts restored" in journal.redo(at).lines[0]
    assert purging.purge(later(ctx, 200)).data["purged"] == {}


def test_many_go_at_once_and_every_reference_is_still_checked(ctx: Context) -> None:
    load(ctx, "Name,Email,Company\n" + "".join(f"P{n},p{n}@x.example,Acme\n" for n in range(60)))
    journal.undo(ctx)
    before = engines.ask(ctx.location.path, _INDEXES[engines.in_use()])
    answer = purging.purge(later(ctx, 100))
    assert answer.data["purged"] == {"company": 1, "contact": 60}
    assert engines.ask(ctx.location.path, _INDEXES[engines.in_use()]) == before
    household.db_check(ctx)


_INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY 1",
    "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
}


def test_the_handle_of_a_merged_record_still_leads_to_the_other(ctx: Context) -> None:
    one, other = add(ctx, "contact", "Ada Lovelace"), add(ctx, "contact", "Ada Lovelase")
    merge(ctx, [one, other])
    at = later(ctx, 100)
    assert purging.purge(at).data["purged"] == {"contact": 1}
    records.edit(at, [other], [read_assign("title=CTO")])
    assert engines.ask(ctx.location.path, "SELECT title FROM contact") == [("CTO",)]
    household.db_check(ctx)


def test_deleted_fields_stay_because_values_of_them_may(ctx: Context) -> None:
    records.delete(ctx, [add(ctx, "field", "plan", "record=contact", "kind=text")])
    assert purging.purge(later(ctx, 100)).data["purged"] == {}


def test_every_column_with_the_id_of_a_row_is_known_to_a_removal() -> None:
    pointers = {(table, column) for table, _kind, column in health.POINTERS}
    log = {("delivery", "record_id"), ("merged", "record_id"), ("change", "row_id")}
    log |= {("change", "last_id")}  # runs of rows, which are shortened
    found = {
        (column.table.name, column.name)
        for model in load_all()
        for column in columns(model)
        if column.name.endswith("_id")
        and "foreign" not in column.info
        and str(column.type) == "INTEGER"
    }
    assert found - log == pointers


def columns(model: Any) -> Any:
    return model.__table__.c


@pytest.mark.sqlite_only
def test_the_file_is_made_smaller(ctx: Context) -> None:
    lines = "".join(f"P{n},{'x' * 900}\n" for n in range(400))
    load(ctx, f"Name,Notes\n{lines}")
    journal.undo(ctx)
    ctx.close()
    before = ctx.location.path.stat().st_size
    purging.purge(later(ctx, 100))
    assert ctx.location.path.stat().st_size < before / 2


def test_the_command_asks_first(crm: Crm, db: Path) -> None:
    crm("add-contact", "Ada")
    crm("delete", "c1")
    ran = crm("purge")
    assert (ran.status, "Remove for good" in ran.err) == (2, True)
    assert crm("purge", "--yes", "--older-than", "1d").status == 0
    assert engines.ask(db, "SELECT id FROM contact") == [(1,)]
