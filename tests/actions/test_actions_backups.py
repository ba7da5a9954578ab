"""Backups at the prompt: made, verified, restored, and cleared away by a rule."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.surroundings import Crm

from crmcli.actions import backups
from crmcli.actions.retention import parse_keep, superfluous
from crmcli.errors import InvalidValue
from crmcli.store import backup as store
from crmcli.store.backup import Backup
from crmcli.store.location import Location
from crmcli.store.read import open_reader

pytestmark = pytest.mark.sqlite_only

# --- what to keep


def at(*moments: str) -> list[Backup]:
    return [Backup(Path(f"{moment}.crmbackup"), moment) for moment in moments]


def kept(moments: list[str], keep: str, zone: str = "UTC") -> list[str]:
    found = at(*moments)
    gone = superfluous(found, parse_keep(keep), ZoneInfo(zone))
    return [backup.made for backup in found if backup not in gone]


MORNING, NOON, EVENING = (f"2026-03-04T{hour}:00:00Z" for hour in ("06", "12", "23"))
TUESDAY, SUNDAY, FEBRUARY, LAST_YEAR = (
    f"{day}T06:00:00Z" for day in ("2026-03-03", "2026-03-01", "2026-02-10", "2025-12-31")
)
EVERY = [MORNING, NOON, EVENING, TUESDAY, SUNDAY, FEBRUARY, LAST_YEAR]


@pytest.mark.parametrize(
    ("moments", "keep", "left"),
    [
        (EVERY, "1d", [EVENING]),
        (EVERY, "2d", [EVENING, TUESDAY]),
        (EVERY, "3d", [EVENING, TUESDAY, SUNDAY]),
        (EVERY, "2w", [EVENING, SUNDAY]),
        (EVERY, "2m", [EVENING, FEBRUARY]),
        (EVERY, "2y", [EVENING, LAST_YEAR]),
        (EVERY, "2d3m", [EVENING, TUESDAY, FEBRUARY, LAST_YEAR]),
        (EVERY, "7d4w12m", [EVENING, TUESDAY, SUNDAY, FEBRUARY, LAST_YEAR]),
        (EVERY, "0d", [EVENING]),
        ([MORNING], "0d", [MORNING]),
        ([], "7d", []),
    ],
)
def test_the_newest_of_each_period_stays(moments: list[str], keep: str, left: list[str]) -> None:
    assert kept(moments, keep) == left


def test_days_are_those_of_the_users_zone() -> None:
    # 23:00 UTC is the next day in Berlin, so that noon is the newest of its own day.
    assert kept([NOON, EVENING], "2d") == [EVENING]
    assert kept([NOON, EVENING], "2d", "Europe/Berlin") == [NOON, EVENING]


_MOMENTS = st.lists(
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)).map(
        lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    ),
    unique=True,
    max_size=30,
)


@given(_MOMENTS, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_pruning_keeps_the_newest_and_once_is_enough(
    moments: list[str], days: int, weeks: int, months: int
) -> None:
    rule = f"{days}d{weeks}w{months}m"
    left = kept(moments, rule)
    assert not moments or max(moments) in left
    assert kept(left, rule) == left
    assert len(left) <= max(days + weeks + months, 1)


@pytest.mark.parametrize(
    ("text", "keep"),
    [
        ("7d4w12m", {"d": 7, "w": 4, "m": 12}),
        ("30d", {"d": 30}),
        (" 1Y 2d ", {"y": 1, "d": 2}),
    ],
)
def test_a_rule_says_what_to_keep(text: str, keep: dict[str, int]) -> None:
    assert parse_keep(text) == keep


@pytest.mark.parametrize("text", ["", "7", "d", "7x", "7d4", "7d7d", "-1d", "7d,4w", "99999d"])
def test_a_rule_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_keep(text)


# --- at the prompt


@pytest.fixture
def made(crm: Crm, db: Path) -> Path:
    """The path of a backup of a database with one contact."""
    crm("add-contact", "Ada")
    return Path(json.loads(crm("backup", "create", "--json").out)["path"])


def names(path: Path) -> list[object]:
    reader = open_reader(Location(path, given=True))
    try:
        return [row[0] for row in reader.rows("SELECT name FROM contacts ORDER BY name")]
    finally:
        reader.close()


def backups_of(db: Path) -> list[Backup]:
    return store.list_backups(Location(db, given=True))


@pytest.mark.parametrize(
    ("to", "path"),
    [
        ("there/", "there/crm-*.crmbackup"),
        ("there", "there/crm-*.crmbackup"),
        ("monday.crmbackup", "monday.crmbackup"),
        ("monday.bak", "monday.bak"),
    ],
)
def test_a_backup_goes_where_it_is_sent(crm: Crm, made: Path, to: str, path: str) -> None:
    ran = crm("backup", "create", "--to", str(made.parent.parent / to), "--note", "for Bob")
    assert ran.status == 0, ran
    (found,) = made.parent.parent.glob(path)
    assert store.find(str(found)).note == "for Bob"
    assert crm("backup", "verify", str(found)).status == 0


def test_the_folder_of_backups_is_a_setting(crm: Crm, db: Path, made: Path) -> None:
    folder = db.parent / "nas"
    crm("config", "set", "backup_dir", str(folder))
    crm("backup", "create", "--note", "on the nas")
    assert len(list(folder.iterdir())) == 1
    rows = json.loads(crm("backup", "list", "--json").out)
    assert {row["note"] for row in rows} == {None, "on the nas"}
    assert crm("backup", "verify", rows[0]["handle"]).status == 0


def test_a_list_names_what_other_commands_take(crm: Crm, made: Path) -> None:
    (row,) = json.loads(crm("backup", "list", "--json").out)
    assert row["handle"] == made.stem
    assert row["size"] == made.stat().st_size
    assert crm("backup", "verify", row["handle"]).out.startswith(f"{made.name} is sound")


def test_without_a_name_the_newest_is_verified(crm: Crm, db: Path, made: Path) -> None:
    assert made.name in crm("backup", "verify").out
    made.write_bytes(made.read_bytes()[:-1])
    ran = crm("backup", "verify")
    assert (ran.status, ran.out) == (7, "")
    made.unlink()
    assert crm("backup", "verify").status == 3


def test_a_restore_needs_a_yes_and_keeps_what_was_there(crm: Crm, db: Path, made: Path) -> None:
    crm("add-contact", "Bob")
    assert crm("backup", "restore", made.name).status == 2
    assert crm("backup", "restore", made.name, "--dry-run").status == 0
    assert names(db) == ["Ada", "Bob"]
    assert crm("backup", "restore", made.name, "--yes").status == 0
    assert names(db) == ["Ada"]
    (before,) = [backup for backup in backups_of(db) if backup.note.startswith("before")]
    assert crm("backup", "restore", before.path.name, "--yes").status == 0
    assert names(db) == ["Ada", "Bob"]


def test_a_restore_asks_nothing_where_there_is_nothing_to_replace(
    crm: Crm, db: Path, made: Path
) -> None:
    fresh = db.with_name("fresh.db")
    assert crm("--db", str(fresh), "backup", "restore", str(made)).status == 0
    assert names(fresh) == ["Ada"]


def test_a_restore_into_a_new_file_asks_nothing_and_replaces_nothing(
    crm: Crm, db: Path, made: Path
) -> None:
    target = db.with_name("march.db")
    crm("add-contact", "Bob")
    assert crm("backup", "restore", made.name, "--to", str(target)).status == 0
    assert (names(target), names(db)) == (["Ada"], ["Ada", "Bob"])
    assert crm("backup", "restore", made.name, "--to", str(target)).status == 4


def test_an_encrypted_backup_takes_its_passphrase(
    crm: Crm, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm("add-contact", "Ada")
    assert crm("backup", "create", "--encrypt").status == 2
    secret = db.with_name("secret")
    secret.write_text("open sesame\n")
    assert crm("backup", "create", "--passphrase-file", str(secret)).status == 0
    (found,) = backups_of(db)
    ran = crm("backup", "verify")
    assert ran.status == 0
    assert "not examined" in ran.err
    assert crm("backup", "restore", found.path.name, "--yes").status == 6
    monkeypatch.setenv("CRM_BACKUP_PASSPHRASE", "open barley")
    assert crm("backup", "verify").status == 6
    monkeypatch.setenv("CRM_BACKUP_PASSPHRASE", "open sesame")
    assert "is sound" in crm("backup", "verify").out
    assert crm("backup", "restore", found.path.name, "--yes").status == 0


def test_an_empty_passphrase_is_refused(crm: Crm, db: Path) -> None:
    crm("add-contact", "Ada")
    secret = db.with_name("secret")
    secret.write_text("\n")
    assert crm("backup", "create", "--passphrase-file", str(secret)).status == 2
    assert crm("backup", "create", "--passphrase-file", str(db.with_name("none"))).status == 6
    assert backups_of(db) == []


def test_without_the_library_encryption_says_what_to_install(
    crm: Crm, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_BACKUP_PASSPHRASE", "open sesame")
    monkeypatch.setattr(sys, "path", [place for place in sys.path if "site-packages" not in place])
    monkeypatch.delitem(sys.modules, "pyrage", raising=False)
    ran = crm("backup", "create", "--encrypt")
    assert ran.status == 1
    assert "pip install 'crmcli[encryption]'" in ran.err
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_prune_says_what_it_would_remove_and_removes_that(crm: Crm, db: Path, made: Path) -> None:
    location = Location(db, given=True)
    for days in range(1, 4):
        for hour in (1, 2):
            when = datetime.now(UTC) - timedelta(days=days, hours=hour)
            store.create(location, when)
    assert crm("backup", "prune", "--keep", "9d").status == 2
    would = json.loads(crm("backup", "prune", "--keep", "2d", "--dry-run", "--json").out)
    assert len(backups_of(db)) == 7
    done = json.loads(crm("backup", "prune", "--keep", "2d", "--yes", "--json").out)
    assert done["removed"] == would["removed"]
    assert len(backups_of(db)) == 2
    assert made in [backup.path for backup in backups_of(db)]
    assert crm("backup", "prune", "--keep", "2d").out == "Every backup is to be kept\n"
    assert crm("backup", "prune", "--keep", "two").status == 5


def test_prune_leaves_other_databases_and_what_it_cannot_read(
    crm: Crm, db: Path, made: Path
) -> None:
    crm("--db", str(db.with_name("other.db")), "add-contact", "Eve")
    for _ in range(2):
        crm("--db", str(db.with_name("other.db")), "backup", "create")
    strange = made.with_name("strange.crmbackup")
    strange.write_text("nonsense")
    crm("backup", "prune", "--keep", "0d", "--yes")
    assert made.exists()
    assert strange.exists()
    assert len(store.list_backups()) == 4


def test_the_database_says_when_it_was_last_saved_and_filled(crm: Crm, db: Path) -> None:
    crm("add-contact", "Ada")
    before = json.loads(crm("db", "info", "--json").out)
    assert (before["backup"], before["import"]) == (None, None)
    crm("backup", "create")
    after = json.loads(crm("db", "info", "--json").out)
    assert after["backup"] == backups_of(db)[0].made
    assert after["size"] == db.stat().st_size


@pytest.mark.parametrize("prepare", [lambda path: path.unlink(), lambda path: None])
def test_the_context_is_free_again_after_a_restore(ctx, prepare: Callable[[Path], None]) -> None:
    from crmcli.store import schema
    from crmcli.store.sealing import Keys

    schema.ensure(ctx.location, ctx.now)
    backups.create(ctx)
    (found,) = backups.known(ctx)
    prepare(ctx.location.path)
    backups.restore(ctx, found, Keys())
    assert ctx.reader.scalar("SELECT count(*) FROM stage") == 6
