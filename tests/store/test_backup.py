"""Backups are whole, private and found again; a restore keeps what was there."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmcli.errors import DatabaseMissing, DatabaseNewer, NotADatabase, NotFound
from crmcli.store import backup, schema
from crmcli.store.location import Location
from crmcli.store.read import VERSION, open_reader

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Location:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = Location(tmp_path / "team.db", given=True)
    schema.ensure(place, "2026-03-05T09:00:00Z")
    return place


def execute(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def rename_pipeline(location: Location, name: str) -> None:
    execute(location.path, f"UPDATE pipeline SET name = '{name}'")


def pipeline_of(location: Location) -> object:
    reader = open_reader(location)
    try:
        return reader.scalar("SELECT name FROM pipeline")
    finally:
        reader.close()


def test_a_backup_is_a_database_with_a_manifest(location: Location) -> None:
    made = backup.create(location, NOW, note="by hand")
    assert made.path.name == "team-20260305T090000Z.db"
    assert made.path.parent == backup.backup_dir()
    assert made.counts["stage"] == 6
    assert made.made == "2026-03-05T09:00:00Z"
    assert pipeline_of(Location(made.path)) == "Sales"
    assert backup.list_backups(location) == [made]


def test_only_the_owner_can_read_a_backup(location: Location) -> None:
    made = backup.create(location, NOW)
    for path, mode in (
        (made.path, 0o600),
        (made.path.with_suffix(".json"), 0o600),
        (made.path.parent, 0o700),
    ):
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_two_backups_of_one_second_have_two_names(location: Location) -> None:
    first, second = backup.create(location, NOW), backup.create(location, NOW)
    assert first.path != second.path
    assert len(backup.list_backups(location)) == 2


def test_a_list_holds_the_backups_of_one_database(location: Location, tmp_path: Path) -> None:
    other = Location(tmp_path / "other.db", given=True)
    schema.ensure(other, "2026-03-05T09:00:00Z")
    made = backup.create(location, NOW)
    backup.create(other, NOW)
    assert backup.list_backups(location) == [made]
    assert len(backup.list_backups()) == 2


def test_a_folder_of_the_users_own_is_made_and_used(location: Location, tmp_path: Path) -> None:
    made = backup.create(location, NOW, folder=tmp_path / "elsewhere" / "deep")
    assert made.path.parent == tmp_path / "elsewhere" / "deep"


def test_there_is_nothing_to_back_up_without_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing):
        backup.create(Location(tmp_path / "none.db", given=True), NOW, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_restore_brings_the_content_back_and_keeps_the_present(location: Location) -> None:
    made = backup.create(location, NOW)
    rename_pipeline(location, "Changed")
    done = backup.restore(location, made, NOW)
    assert pipeline_of(location) == "Sales"
    assert done.before is not None
    assert pipeline_of(Location(done.before)) == "Changed"


def test_a_restore_makes_a_database_that_is_gone(location: Location) -> None:
    made = backup.create(location, NOW)
    location.path.unlink()
    assert backup.restore(location, made, NOW).before is None
    assert pipeline_of(location) == "Sales"
    assert stat.S_IMODE(location.path.stat().st_mode) == 0o600


def test_a_restore_puts_a_damaged_database_aside(location: Location) -> None:
    made = backup.create(location, NOW)
    location.path.write_bytes(b"scribble" * 1000)
    done = backup.restore(location, made, NOW)
    assert pipeline_of(location) == "Sales"
    assert done.before is not None
    assert done.before.read_bytes().startswith(b"scribble")


def test_a_restore_never_moves_a_file_of_another_program(
    location: Location, tmp_path: Path
) -> None:
    made = backup.create(location, NOW)
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("chapter one")
    with pytest.raises(NotADatabase):
        backup.restore(Location(thesis, given=True), made, NOW)
    assert thesis.read_text() == "chapter one"


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[5000:5100] = b"x" * 100
    path.write_bytes(bytes(content))


def make_newer(path: Path) -> None:
    path.with_suffix(".json").unlink()
    execute(path, f"PRAGMA user_version = {VERSION + 1}")


def make_strange(path: Path) -> None:
    path.with_suffix(".json").unlink()
    path.write_text("not a database at all" * 100)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [(damage, NotADatabase), (make_newer, DatabaseNewer), (make_strange, NotADatabase)],
)
def test_a_spoilt_backup_changes_nothing(location: Location, spoil, error) -> None:
    made = backup.create(location, NOW)
    spoil(made.path)
    with pytest.raises(error):
        backup.restore(location, backup.find(str(made.path)), NOW)
    assert pipeline_of(location) == "Sales"


def test_a_backup_is_found_by_name_and_by_path(location: Location) -> None:
    made = backup.create(location, NOW)
    assert backup.find(made.path.name) == backup.find(made.path.stem) == backup.find(str(made.path))
    with pytest.raises(NotFound):
        backup.find("nothing.db")


def test_a_backup_with_a_broken_manifest_is_still_listed(location: Location) -> None:
    made = backup.create(location, NOW)
    made.path.with_suffix(".json").write_text("{")
    (found,) = backup.list_backups(location)
    assert found.path == made.path
    assert found.note == "its manifest cannot be read"
