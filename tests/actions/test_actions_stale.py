"""Who worked from older values is told what others changed, and does not overwrite it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import engines
from tests.surroundings import Crm, context_at

from crmcli.actions import day, journal, records, stale
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.errors import Changed, UsageError
from crmcli.results import Done
from crmcli.store.read import open_reader

Act = Callable[[Context], Done]


def editing(*words: str, ref: str = "c1") -> Act:
    return lambda ctx: records.edit(ctx, [ref], [read_assign(word) for word in words])


@pytest.fixture
def ada(ctx: Context) -> Context:
    """Ada, who made a contact (h1) and a deal (h2)."""
    words = ["title=CTO", "email=a@x.org", "city=Berlin", "notes=first"]
    records.add(ctx, "contact", [read_assign(word) for word in words], title="Ada Lovelace")
    records.add(ctx, "deal", [read_assign("contact=c1")], title="Renewal")
    return ctx


@pytest.fixture
def bob(db: Path) -> Context:
    return context_at(db, "bob")


def version_of(ctx: Context, table: str = "contact") -> int:
    return int(engines.ask(ctx.location.path, f"SELECT version FROM {table} WHERE id = 1")[0][0])


def row_of(ctx: Context) -> Any:
    return engines.ask(ctx.location.path, "SELECT title, department, notes FROM contact")[0]


# --- what counts as a change of the record

TOUCHES: list[tuple[str, Act]] = [
    ("a field", editing("title=CEO")),
    ("two fields at once", editing("title=CEO", "department=Sales")),
    ("an e-mail", editing("email+=b@x.org")),
    ("the address", editing("city=Paris")),
    ("a tag", lambda ctx: records.tag(ctx, ["c1"], ["vip"])),
    ("several rows at once", editing("email+=b@x.org", "tags=vip", "title=CEO", "city=Paris")),
    ("its owner", lambda ctx: records.assign(ctx, ["c1"], "me")),
    ("a won deal", lambda ctx: day.win(ctx, ["d1"])),
]


@pytest.mark.parametrize(("what", "act"), TOUCHES, ids=[each[0] for each in TOUCHES])
def test_the_version_counts_change_sets_that_touch_the_record(
    ada: Context, bob: Context, what: str, act: Act
) -> None:
    before = version_of(ada)
    act(bob)
    assert version_of(ada) == before + 1
    journal.undo(bob)
    assert version_of(ada) == before + 2


def test_what_does_not_touch_the_record_leaves_its_version(ada: Context) -> None:
    before = version_of(ada)
    editing("title=CTO")(ada)
    day.log(ada, "call", ["c1"], "hello", {})
    assert version_of(ada) == before


# --- worked from older values

MEANWHILE: list[tuple[str, Act, Act, bool]] = [
    ("the same field", editing("title=CEO"), editing("title=Chair"), True),
    ("other fields", editing("department=Sales"), editing("title=Chair"), False),
    ("a part of the name", editing("name=Ada King"), editing("last_name=Byron"), True),
    ("one of many, both added", editing("email+=b@x.org"), editing("email+=c@x.org"), False),
    ("one of many, set anew", editing("email+=b@x.org"), editing("email=c@x.org"), True),
    ("tags, both added", editing("tags+=vip"), lambda c: records.tag(c, ["c1"], ["new"]), False),
    ("tags, set anew", editing("tags+=vip"), editing("tags=new"), True),
    ("the address", editing("city=Paris"), editing("city=Rome"), True),
    ("lines of notes", editing("notes+=second"), editing("notes+=third"), False),
    ("notes set anew", editing("notes+=second"), editing("notes=third"), True),
    ("a delete", editing("department=Sales"), lambda c: records.delete(c, ["c1"]), True),
    ("an owner", lambda c: records.assign(c, ["c1"], "me"),
     lambda c: records.assign(c, ["c1"], "me"), True),
]  # fmt: skip


@pytest.mark.parametrize(("what", "first", "second", "stops"), MEANWHILE,
                         ids=[each[0] for each in MEANWHILE])  # fmt: skip
@pytest.mark.parametrize("by", ["if_version", "as_of"])
def test_the_second_is_stopped_where_both_changed_the_same(
    ada: Context, bob: Context, by: str, what: str, first: Act, second: Act, stops: bool
) -> None:
    known = {"if_version": version_of(ada), "as_of": stale.last_change(ada.reader)}
    late = replace(ada, **{by: known[by]})
    first(bob)
    between = engines.snapshot(ada.location.path)
    if not stops:
        second(late)
        return
    with pytest.raises(Changed) as caught:
        second(late)
    assert caught.value.exit_status == 4
    assert "changed by bob" in caught.value.message
    assert caught.value.details["by"] == ["bob"]
    assert caught.value.details["changes"]
    assert engines.snapshot(ada.location.path) == between


def test_different_fields_both_survive(ada: Context, bob: Context) -> None:
    late = replace(ada, if_version=version_of(ada))
    editing("department=Sales")(bob)
    editing("title=Chair")(late)
    assert row_of(ada)[:2] == ("Chair", "Sales")


def test_a_move_of_a_deal_that_was_moved_is_stopped(ada: Context, bob: Context) -> None:
    late = replace(ada, if_version=version_of(ada, "deal"))
    day.move(bob, ["d1"], "proposal")
    with pytest.raises(Changed, match="by bob in the meantime: stage"):
        day.move(late, ["d1"], "negotiation")


@pytest.mark.parametrize("version", [2, 99])
def test_a_version_that_never_was_is_a_conflict(ada: Context, version: int) -> None:
    late = replace(ada, if_version=version_of(ada) + version)
    with pytest.raises(Changed, match="is at version"):
        editing("title=CEO")(late)


def test_a_version_is_of_one_record(ada: Context) -> None:
    records.add(ada, "contact", [], title="Grace Hopper")
    late = replace(ada, if_version=1)
    with pytest.raises(UsageError, match="one record"):
        records.delete(late, ["c1,c2"])


def test_a_version_below_one_is_no_version(ada: Context) -> None:
    with pytest.raises(UsageError, match="from 1 on"):
        editing("title=CEO")(replace(ada, if_version=0))


# --- one line


def test_a_one_line_edit_applies_and_names_what_somebody_just_changed(
    ada: Context, bob: Context
) -> None:
    editing("title=CEO")(bob)
    done = editing("title=Chair")(ada)
    assert done.warnings == ("c1 Ada Lovelace: bob just changed title “CTO” → “CEO” (h3)",)
    assert row_of(ada)[0] == "Chair"
    assert editing("title=Boss")(ada).warnings == ()


def test_what_was_changed_long_ago_is_not_named(ada: Context, bob: Context) -> None:
    editing("title=CEO")(bob)
    later = replace(ada, env=ada.env._replace(now=ada.env.now + timedelta(minutes=11)))
    assert editing("title=Chair")(later).warnings == ()


def test_a_record_that_somebody_just_made_is_no_change(ada: Context, bob: Context) -> None:
    records.add(ada, "contact", [], title="Grace Hopper")
    assert editing("title=Chair", ref="c2")(bob).warnings == ()


# --- at the prompt


def test_the_version_is_in_the_json_of_a_record_and_taken_back(crm: Crm) -> None:
    crm("add-contact", "Ada Lovelace")
    assert '"version": 1' in crm("show", "c1", "--json").out
    assert crm("edit", "c1", "title=CTO", "--if-version", "1").status == 0
    ran = crm("edit", "c1", "title=CEO", "--if-version", "1", "--as", "bob", "--json")
    assert ran.status == 4
    assert '"code": "changed"' in ran.err
    assert crm("edit", "c1", "title=CEO", "--if-version", "2", "--as", "bob").status == 0


def test_a_confirmed_plan_is_stopped_by_a_change_meanwhile(
    crm: Crm, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crmcli.cli.session import Session

    for name in ("Ada", "Grace"):
        crm("add-contact", name)

    def agree(self: Session, question: str, *, agreed: bool = False) -> None:
        self.ctx.close()
        editing("title=CEO", ref="c2")(context_at(db, "bob"))

    monkeypatch.setattr(Session, "confirm", agree)
    ran = crm("edit", "contacts", "--where", "status:lead", "title=Lead")
    assert ran.status == 4
    assert "c2 Grace was changed by bob in the meantime: title empty → “CEO”" in ran.err
    reader = open_reader(engines.location_of(db))
    assert reader.rows("SELECT title FROM contact ORDER BY id") == [(None,), ("CEO",)]
    reader.close()
