"""A write validates, records, keeps its books, and leaves nothing behind when it fails."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests import engines
from tests.engines import ask

from crmcli.errors import Conflict, DatabaseBusy, InvalidValue, NotFound
from crmcli.store import connect, postgres
from crmcli.store.location import Location
from crmcli.store.write import Author, Writer, joined, runs, writing

NOW, LATER = "2026-03-04T09:15:00Z", "2026-03-05T08:00:00Z"


@contextmanager
def write(db: Path, *, now: str = NOW, keep: bool = True, user: str = "ada") -> Iterator[Writer]:
    with writing(engines.location_of(db), Author(user, now, "crm test"), keep=keep) as writer:
        yield writer


def contact(writer: Writer, name: str = "Ada Lovelace", **given: Any) -> int:
    return writer.create("contact", {"name": name, **given})


# --- rows


def test_a_new_row_gets_its_keys_and_books(db: Path) -> None:
    with write(db) as writer:
        id = contact(writer, "Ána  LOVELACE")
    assert ask(
        db, "SELECT id, name_key, created_at, updated_at, version, status, deleted_at FROM contact"
    ) == [(id, "ana lovelace", NOW, NOW, 1, "lead", None)]


def test_an_amount_may_be_beyond_four_bytes(db: Path) -> None:
    deal = {"title": "All of it", "value": 10**15, "currency": "USD", "stage_id": 1}
    with write(db) as writer:
        writer.create("deal", {**deal, "stage_since": NOW})
    assert ask(db, "SELECT value FROM deal") == [(10**15,)]


def test_a_change_counts_the_version_and_moves_the_key(db: Path) -> None:
    with write(db) as writer:
        id = contact(writer)
    with write(db, now=LATER) as writer:
        assert writer.update("contact", id, {"name": "Ada King", "status": "lead"}) == {
            "name": "Ada Lovelace"
        }
    assert ask(db, "SELECT name_key, version, created_at, updated_at FROM contact") == [
        ("ada king", 2, NOW, LATER)
    ]


def test_a_change_to_what_is_so_already_leaves_no_trace(db: Path) -> None:
    with write(db) as writer:
        id = contact(writer)
    with write(db, now=LATER) as writer:
        assert writer.update("contact", id, {"name": "Ada Lovelace"}) == {}
    assert writer.change_set is None
    assert ask(db, "SELECT version, updated_at FROM contact") == [(1, NOW)]


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("contact", {"name": ""}),
        ("contact", {"name": None}),
        ("contact", {"name": 7}),
        ("contact", {"name": "A", "birthday": "yesterday"}),
        ("contact", {"name": "A", "time_zone": "Mars/Olympus"}),
        ("contact", {"name": "A", "keep_in_touch": "often"}),
        ("deal", {"title": "A", "stage_id": 1, "stage_since": "tomorrow"}),
        ("deal", {"title": "A", "stage_id": 1, "stage_since": NOW, "probability": 120}),
        ("deal", {"title": "A", "stage_id": 1, "stage_since": NOW, "currency": "EURO"}),
        ("company", {"name": "A", "founded": "long ago"}),
    ],
)
def test_a_value_that_its_column_cannot_hold_is_refused(
    db: Path, table: str, values: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue), write(db) as writer:
        writer.create(table, values)
    assert ask(db, f"SELECT * FROM {table}") == []


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("contact", {"name": "A", "status": "friend"}),
        ("contact", {"name": "A", "company_id": 99}),
        ("deal", {"title": "A", "stage_id": 99, "stage_since": NOW}),
    ],
)
def test_the_database_itself_keeps_its_rules(db: Path, table: str, values: dict[str, Any]) -> None:
    with pytest.raises(Conflict), write(db) as writer:
        writer.create(table, values)


@pytest.mark.parametrize("op", ["update", "delete", "restore"])
def test_a_row_that_is_not_there_is_not_found(db: Path, op: str) -> None:
    rest = [{"name": "x"}] if op == "update" else []
    with pytest.raises(NotFound, match="c99"), write(db) as writer:
        getattr(writer, op)("contact", 99, *rest)


def test_deleting_hides_and_restoring_brings_back(db: Path) -> None:
    with write(db) as writer:
        id = contact(writer)
    with write(db, now=LATER) as writer:
        writer.delete("contact", id)
        writer.delete("contact", id)
    assert ask(db, "SELECT deleted_at FROM contact") == [(LATER,)]
    assert ask(db, "SELECT count(*) FROM change WHERE op = 'delete'") == [(1,)]
    with write(db) as writer:
        writer.restore("contact", id)
    assert ask(db, "SELECT deleted_at FROM contact") == [(None,)]


def test_names_are_unique_among_live_rows_only(db: Path) -> None:
    with write(db) as writer:
        first = writer.create("tag", {"name": "VIP"})
    with pytest.raises(Conflict, match="already a tag"), write(db) as writer:
        writer.create("tag", {"name": "víp"})
    with write(db) as writer:
        writer.delete("tag", first)
        writer.create("tag", {"name": "vip"})
    with pytest.raises(Conflict, match="already a tag"), write(db) as writer:
        writer.restore("tag", first)


def test_ids_are_never_used_again(db: Path) -> None:
    with write(db) as writer:
        first = contact(writer)
        writer.execute("DELETE FROM contact")
        assert contact(writer) == first + 1


# --- the transaction


def write_and_raise(db: Path, error: type[BaseException]) -> None:
    with write(db) as writer:
        contact(writer, "Grace Hopper")
        writer.update("contact", 1, {"title": "Countess"})
        raise error


def test_what_fails_leaves_nothing(db: Path) -> None:
    with write(db) as writer:
        contact(writer)
    before = engines.snapshot(db)
    with pytest.raises(RuntimeError):
        write_and_raise(db, RuntimeError)
    assert engines.snapshot(db) == before
    assert not db.with_name("crm.db-journal").exists()


def test_an_attempt_that_fails_is_taken_back_alone(db: Path) -> None:
    with write(db) as writer:
        writer.create("tag", {"name": "before"})
        with pytest.raises(Conflict):
            attempt(writer, "within", "before")
        attempt(writer, "after")
    assert ask(db, "SELECT name FROM tag ORDER BY id") == [("before",), ("after",)]
    made = "SELECT count(*) FROM change WHERE tbl = 'tag'"
    assert ask(db, made) == [(2,)]


def attempt(writer: Writer, *tags: str) -> None:
    with writer.attempt():
        for name in tags:
            writer.create("tag", {"name": name})


def test_a_dry_run_sees_its_own_writes_and_keeps_none(db: Path) -> None:
    with write(db) as writer:
        contact(writer)
    before = engines.snapshot(db)
    with write(db, keep=False) as writer:
        contact(writer, "Grace Hopper")
        assert writer.scalar("SELECT count(*) FROM contact") == 2
    assert engines.snapshot(db) == before


def test_an_interrupt_takes_all_of_it_back(db: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_and_raise(db, KeyboardInterrupt)
    assert ask(db, "SELECT count(*) FROM contact") == [(0,)]


def test_the_lock_is_held_before_anything_is_read(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "PATIENCE", 0.05)
    monkeypatch.setattr(postgres, "PATIENCE", 0.05)
    with write(db), pytest.raises(DatabaseBusy, match="another process"), write(db):
        pass


# --- the change set


def test_a_write_is_one_change_set_of_its_author(db: Path) -> None:
    author = Author("grace", NOW, "crm add-contact \x1b[31mAda", "a hunch")
    with writing(engines.location_of(db), author) as writer:
        id = contact(writer)
        writer.update("contact", id, {"title": "Countess"})
    rows = ask(db, "SELECT s.id, u.name, s.at, s.command, s.reason, s.kind, s.state"
                   " FROM change_set s JOIN app_user u ON u.id = s.user_id")  # fmt: skip
    assert rows == [
        (writer.change_set, "grace", NOW, "crm add-contact [31mAda", "a hunch", "write", "done")
    ]
    changes = ask(db, "SELECT tbl, row_id, last_id, op, before, after FROM change ORDER BY id")
    assert changes[0] == ("contact", id, id, "create", None, None)
    assert changes[1][:4] == ("contact", id, id, "update")
    assert [json.loads(text) for text in changes[1][4:]] == [
        {"title": None},
        {"title": "Countess"},
    ]


def test_a_write_that_changes_nothing_makes_no_change_set(db: Path) -> None:
    with write(db) as writer:
        assert writer.rows("SELECT name FROM stage WHERE position = 1") == [("New",)]
    assert writer.change_set is None
    assert ask(db, "SELECT count(*) FROM change_set") == [(0,)]


def test_a_user_is_made_once_whatever_the_spelling(db: Path) -> None:
    for user in ("Ada", "ada", "ADA", "grace"):
        with write(db, user=user) as writer:
            contact(writer)
    assert ask(db, "SELECT name FROM app_user ORDER BY id") == [("Ada",), ("grace",)]


def test_bulk_rows_are_recorded_as_a_run(db: Path) -> None:
    with write(db) as writer:
        writer.executemany(
            "INSERT INTO contact (name, name_key, status, do_not_contact, version, created_at,"
            f" updated_at) VALUES (?, ?, 'lead', 0, 1, '{NOW}', '{NOW}')",
            [(f"N{n}", f"n{n}") for n in range(5)],
        )
        writer.created_run("contact", 1, 5)
        writer.created_run("contact", 6, 5)
    assert ask(db, "SELECT tbl, row_id, last_id, op FROM change") == [("contact", 1, 5, "create")]
    assert ask(db, "SELECT count(*) FROM search WHERE search MATCH ?", '"n3"') == [(1,)]


@pytest.mark.parametrize(
    ("ids", "wanted"),
    [
        ([], []),
        ([4], [(4, 4)]),
        ([3, 1, 2, 7], [(1, 3), (7, 7)]),
        ([5, 5, 6], [(5, 6)]),
    ],
)
def test_ids_become_runs(ids: list[int], wanted: list[tuple[int, int]]) -> None:
    assert runs(set(ids)) == wanted


# --- the file


@pytest.mark.sqlite_only
def test_the_first_write_makes_a_private_file_in_a_private_folder(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = os.umask(0)
    try:
        path = db.parent / "new" / "crmcli" / "crm.db"
        with writing(Location(path), Author("ada", NOW, "crm test")) as writer:
            contact(writer)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.sqlite_only
def test_the_file_stays_one_file(db: Path) -> None:
    with write(db) as writer:
        contact(writer)
    assert [path.name for path in db.parent.glob("crm.db*")] == ["crm.db"]
    assert ask(db, "PRAGMA journal_mode") == [("delete",)]


@pytest.mark.parametrize(
    ("spans", "wanted"),
    [
        ([("a", 1, 2), ("a", 3, 4)], [("a", 1, 4)]),
        ([("a", 1, 9), ("a", 2, 3), ("b", 4, 4)], [("a", 1, 9), ("b", 4, 4)]),
        ([("a", 5, 6), ("a", 1, 2)], [("a", 1, 2), ("a", 5, 6)]),
    ],
)
def test_runs_that_meet_are_joined(
    spans: list[tuple[str, int, int]], wanted: list[tuple[str, int, int]]
) -> None:
    assert joined(spans) == wanted
