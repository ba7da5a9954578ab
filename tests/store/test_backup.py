"""Backups are whole, private and found again; a restore keeps what was there."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import stat
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import (
    Conflict,
    DatabaseError,
    DatabaseMissing,
    DatabaseNewer,
    InvalidValue,
    NotADatabase,
    NotFound,
    NotPermitted,
)
from crmcli.store import archive, backup, schema
from crmcli.store.location import Location
from crmcli.store.read import VERSION, open_reader
from crmcli.store.sealing import Keys, Lock

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
OPEN = Keys()


@pytest.fixture
def location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Location:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = Location(tmp_path / "team.db", given=True)
    schema.ensure(place, "2026-03-05T09:00:00Z")
    return place


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A public key, and the file of its private key as `age-keygen` writes it."""
    own = pyrage.x25519.Identity.generate()
    path = tmp_path_factory.mktemp("keys") / "key.txt"
    path.write_text(f"# public key: {own.to_public()}\n{own}\n")
    return str(own.to_public()), path


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


def leftovers() -> list[str]:
    """What lies in the folder of backups and is none."""
    names = os.listdir(backup.backup_dir())
    return [name for name in names if not name.endswith(archive.SUFFIX)]


# --- making


def test_a_backup_is_one_file_with_a_manifest(location: Location) -> None:
    made = backup.create(location, NOW, note="by hand")
    assert made.path.name == "team-20260305T090000Z.crmbackup"
    assert made.path.parent == backup.backup_dir()
    assert made.counts["stage"] == 6
    assert made.tables["stage"] == 6
    assert (made.made, made.note, made.engine) == ("2026-03-05T09:00:00Z", "by hand", "sqlite")
    assert backup.list_backups(location) == [made]
    assert leftovers() == []


def test_ordinary_programs_open_a_backup(location: Location, tmp_path: Path) -> None:
    made = backup.create(location, NOW)
    with zipfile.ZipFile(made.path) as file:
        assert file.testzip() is None
        assert json.loads(file.read("manifest.json"))["content"]["sha256"] == made.sha256
        copy = tmp_path / "copy.db"
        copy.write_bytes(gzip.decompress(file.read("database.sqlite.gz")))
    assert pipeline_of(Location(copy)) == "Sales"


def test_only_the_owner_can_read_a_backup(location: Location) -> None:
    made = backup.create(location, NOW)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700


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
    assert backup.list_backups(location, made.path.parent) == [made]


def test_a_file_that_is_there_is_never_replaced(location: Location, tmp_path: Path) -> None:
    target = tmp_path / "monday.crmbackup"
    made = backup.create(location, NOW, file=target)
    assert made.path == target
    with pytest.raises(Conflict):
        backup.create(location, NOW, file=target)
    assert backup.find(str(target)) == made


def test_there_is_nothing_to_back_up_without_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing):
        backup.create(Location(tmp_path / "none.db", given=True), NOW, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(location: Location, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="nowhere"):
        backup.create(location, NOW, file=tmp_path / "nowhere" / "x.crmbackup")
    assert leftovers() == []


def test_what_a_killed_backup_left_is_cleared_away_after_a_day(location: Location) -> None:
    backup.create(location, NOW)
    old, new = (backup.backup_dir() / f".work-{name}" for name in ("old", "new"))
    for room in (old, new):
        room.mkdir()
        (room / "copy.db").write_text("half")
    os.utime(old, (time.time() - 100_000,) * 2)
    backup.create(location, NOW)
    assert leftovers() == [".work-new"]


def test_a_backup_waits_for_no_writer(location: Location) -> None:
    writer = sqlite3.connect(location.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE pipeline SET name = 'Half done'")
    made = backup.create(location, NOW)
    writer.execute("COMMIT")
    writer.close()
    backup.restore(location, made, NOW)
    assert pipeline_of(location) == "Sales"


# --- finding


def test_a_backup_is_found_by_name_and_by_path(location: Location) -> None:
    made = backup.create(location, NOW)
    assert backup.find(made.path.name) == backup.find(made.path.stem) == backup.find(str(made.path))
    with pytest.raises(NotFound):
        backup.find("nothing.db")


def test_a_backup_that_cannot_be_read_is_still_listed(location: Location) -> None:
    made = backup.create(location, NOW)
    made.path.write_bytes(b"{")
    (found,) = backup.list_backups(location)
    assert (found.path, found.note, found.readable) == (made.path, "cannot be read", False)


# --- damage


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup, to damage copies of it."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder / "data"))
        place = Location(folder / "team.db", given=True)
        schema.ensure(place, "2026-03-05T09:00:00Z")
        return backup.create(place, NOW).path


@given(st.data())
def test_no_single_byte_changes_unnoticed(whole: Path, data: st.DataObject) -> None:
    content = bytearray(whole.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    spoilt = whole.with_name("spoilt.crmbackup")
    spoilt.write_bytes(content)
    with pytest.raises(NotADatabase):
        archive.check(spoilt)


@given(st.data())
def test_nothing_is_cut_off_or_added_unnoticed(whole: Path, data: st.DataObject) -> None:
    content = whole.read_bytes()
    cut = data.draw(st.integers(0, len(content) - 1))
    added = content + data.draw(st.binary(min_size=1, max_size=200))
    spoilt = whole.with_name("cut.crmbackup")
    for text in (content[:cut], content[cut + 1 :], added):
        spoilt.write_bytes(text)
        with pytest.raises(NotADatabase):
            archive.check(spoilt)


def damage(made: backup.Backup) -> None:
    content = bytearray(made.path.read_bytes())
    content[len(content) // 2] ^= 1
    made.path.write_bytes(content)


def repack(made: backup.Backup, change: Callable[[Path, dict[str, object]], None]) -> None:
    """Replace a backup by one whose checksums fit, but whose content or manifest was changed."""
    copy = made.path.with_suffix(".db")
    archive.unpack(made.path, copy, OPEN)
    facts = archive.manifest(made.path)
    change(copy, facts)
    made.path.unlink()
    archive.pack(made.path, copy, facts, NOW)
    copy.unlink()


def make_newer(made: backup.Backup) -> None:
    repack(made, lambda copy, facts: execute(copy, f"PRAGMA user_version = {VERSION + 1}"))


def lose_rows(made: backup.Backup) -> None:
    repack(made, lambda copy, facts: execute(copy, "DELETE FROM stage WHERE id = 6"))


def scribble(made: backup.Backup) -> None:
    def change(copy: Path, facts: dict[str, object]) -> None:
        content = bytearray(copy.read_bytes())
        content[8192 : 8192 + 400] = b"x" * 400
        copy.write_bytes(content)

    repack(made, change)


def make_strange(made: backup.Backup) -> None:
    made.path.write_text("not a backup at all" * 100)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (damage, NotADatabase),
        (make_newer, DatabaseNewer),
        (make_strange, NotADatabase),
        (lose_rows, NotADatabase),
        (scribble, NotADatabase),
    ],
)
def test_a_spoilt_backup_changes_nothing(
    location: Location, spoil: Callable[[backup.Backup], None], error: type[Exception]
) -> None:
    made = backup.create(location, NOW)
    spoil(made)
    found = backup.find(str(made.path))
    before = location.path.read_bytes()
    for attempt in (
        lambda: backup.verify(found, OPEN),
        lambda: backup.restore(location, found, NOW),
        lambda: backup.extract(found, location.path.with_name("new.db"), OPEN),
    ):
        with pytest.raises(error):
            attempt()
    assert location.path.read_bytes() == before
    assert not location.path.with_name("new.db").exists()
    assert leftovers() == []


# --- restoring


def test_a_restore_brings_the_content_back_and_keeps_the_present(location: Location) -> None:
    made = backup.create(location, NOW)
    rename_pipeline(location, "Changed")
    done = backup.restore(location, made, NOW)
    assert pipeline_of(location) == "Sales"
    assert done.before is not None
    backup.restore(location, backup.find(str(done.before)), NOW)
    assert pipeline_of(location) == "Changed"


def test_a_restore_into_a_new_file_leaves_the_database_alone(location: Location) -> None:
    made = backup.create(location, NOW)
    rename_pipeline(location, "Changed")
    target = location.path.with_name("new.db")
    backup.extract(made, target, OPEN)
    assert pipeline_of(Location(target)) == "Sales"
    assert pipeline_of(location) == "Changed"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(Conflict):
        backup.extract(made, target, OPEN)


def test_a_restore_makes_a_database_that_is_gone(location: Location) -> None:
    made = backup.create(location, NOW)
    location.path.unlink()
    assert backup.restore(location, made, NOW).before is None
    assert pipeline_of(location) == "Sales"
    assert stat.S_IMODE(location.path.stat().st_mode) == 0o600


def test_a_restore_puts_a_damaged_database_and_its_journal_aside(location: Location) -> None:
    made = backup.create(location, NOW)
    location.path.write_bytes(b"scribble" * 1000)
    location.path.with_name("team.db-journal").write_bytes(b"an old journal")
    done = backup.restore(location, made, NOW)
    assert pipeline_of(location) == "Sales"
    assert done.before is not None
    assert done.before.read_bytes().startswith(b"scribble")
    assert not location.path.with_name("team.db-journal").exists()


def test_a_restore_never_moves_a_file_of_another_program(
    location: Location, tmp_path: Path
) -> None:
    made = backup.create(location, NOW)
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("chapter one")
    with pytest.raises(NotADatabase):
        backup.restore(Location(thesis, given=True), made, NOW)
    assert thesis.read_text() == "chapter one"


# --- encryption


def test_a_backup_for_a_key_opens_with_it_alone(
    location: Location, identity: tuple[str, Path]
) -> None:
    recipient, path = identity
    made = backup.create(location, NOW, lock=Lock(recipients=(recipient,)))
    assert made.encrypted == "key"
    assert b"SQLite format" not in made.path.read_bytes()
    for keys in (OPEN, Keys("a passphrase")):
        with pytest.raises(NotPermitted):
            backup.verify(made, keys)
    backup.verify(made, Keys(identity=path))
    archive.check(made.path)
    rename_pipeline(location, "Changed")
    backup.restore(location, made, NOW, keys=Keys(identity=path))
    assert pipeline_of(location) == "Sales"


def test_a_backup_with_a_passphrase_opens_with_it_alone(location: Location) -> None:
    made = backup.create(location, NOW, lock=Lock("open sesame"))
    assert made.encrypted == "passphrase"
    backup.verify(made, Keys("open sesame"))
    with pytest.raises(NotPermitted, match="passphrase does not open"):
        backup.verify(made, Keys("open barley"))
    with pytest.raises(NotPermitted, match="is encrypted"):
        backup.verify(made, OPEN)
    assert backup.list_backups(location) == [made]


def test_the_program_age_could_open_an_encrypted_backup(
    location: Location, identity: tuple[str, Path]
) -> None:
    recipient, path = identity
    made = backup.create(location, NOW, lock=Lock(recipients=(recipient,)))
    with zipfile.ZipFile(made.path) as file:
        sealed = file.read("database.sqlite.gz.age")
    own = pyrage.x25519.Identity.from_str(path.read_text().splitlines()[1])
    assert gzip.decompress(pyrage.decrypt(sealed, [own])).startswith(b"SQLite format 3")


def test_a_key_that_is_none_is_refused(location: Location, tmp_path: Path) -> None:
    for text in ("age1nonsense", "ssh-ed25519 nonsense", "nonsense"):
        with pytest.raises(InvalidValue):
            backup.create(location, NOW, lock=Lock(recipients=(text,)))
    assert backup.list_backups(location) == []
    made = backup.create(location, NOW)
    path = tmp_path / "key.txt"
    path.write_text("nonsense")
    assert backup.restore(location, made, NOW, keys=Keys(identity=path)).backup == made


def test_secrets_are_not_in_what_is_printed_of_them() -> None:
    assert "sesame" not in f"{Lock('sesame')!r} {Keys('sesame')!r}"
