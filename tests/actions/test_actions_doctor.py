"""The doctor finds what is wrong, says what mends it, and mends what is safe."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.surroundings import Crm

from crmcli.actions import backups
from crmcli.actions.context import Context
from crmcli.actions.doctor import doctor
from crmcli.results import Check, Checkup
from crmcli.store import health, schema
from crmcli.store.location import Location

MakeContext = Callable[..., Context]

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def team(ctx: Context) -> Context:
    """A database with a contact, and a backup of it."""
    schema.ensure(ctx.location, ctx.now)
    with ctx.writing() as writer:
        writer.create("contact", {"name": "Ada", "status": "lead", "do_not_contact": 0})
    backups.create(ctx)
    return ctx


def execute(ctx: Context, *statements: str) -> None:
    connection = sqlite3.connect(ctx.location.path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def of(checkup: Checkup, name: str) -> Check:
    (found,) = [check for check in checkup.checks if check.name == name]
    return found


def later(ctx: Context, days: int) -> None:
    ctx.env = ctx.env._replace(now=ctx.env.now + timedelta(days=days))


def test_all_is_well_in_a_sound_place(team: Context) -> None:
    found = doctor(team, strict=True)
    assert [check for check in found.checks if check.state != "ok"] == []
    assert found.exit_status == 0
    names = [check.name for check in found.checks]
    assert len(names) == len(set(names))


def expose(ctx: Context) -> None:
    ctx.location.path.chmod(0o644)


def drop_view(ctx: Context) -> None:
    execute(ctx, "DROP VIEW deals")


def change_view(ctx: Context) -> None:
    execute(ctx, "DROP VIEW deals", "CREATE VIEW deals AS SELECT * FROM deal")


def empty_index(ctx: Context) -> None:
    execute(ctx, "DELETE FROM search")


def drop_index(ctx: Context) -> None:
    execute(ctx, "DROP TABLE search_vocab", "DROP TABLE search")


@pytest.mark.parametrize(
    ("spoil", "name", "state"),
    [
        (expose, "permissions", "warning"),
        (drop_view, "views", "error"),
        (change_view, "views", "error"),
        (empty_index, "search", "error"),
        (drop_index, "search", "error"),
    ],
)
def test_what_is_safe_to_mend_is_mended(
    team: Context, spoil: Callable[[Context], None], name: str, state: str
) -> None:
    spoil(team)
    before = doctor(team)
    assert of(before, name).state == state
    assert of(before, name).mend == "crm doctor --fix"
    assert before.exit_status == int(state == "error")
    fixed = doctor(team, fix=True)
    assert (of(fixed, name).state, of(fixed, name).mended) == ("ok", True)
    assert all(check.state == "ok" for check in doctor(team).checks)


def loosen_reference(ctx: Context) -> None:
    execute(ctx, "PRAGMA foreign_keys = OFF", "UPDATE contact SET company_id = 99")


def loosen_tag(ctx: Context) -> None:
    execute(
        ctx,
        "INSERT INTO tag (id, created_at, updated_at, version, name, name_key)"
        " VALUES (1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 1, 'vip', 'vip')",
        "INSERT INTO tagging (record, record_id, tag_id) VALUES ('contact', 99, 1)",
    )


def cut_off_import(ctx: Context) -> None:
    execute(ctx, "UPDATE change_set SET state = 'unfinished', command = 'crm import x.csv'")


def set_clock_back(ctx: Context) -> None:
    later(ctx, -1)


def wait(ctx: Context) -> None:
    later(ctx, 8)


def lose_backups(ctx: Context) -> None:
    for backup in backups.known(ctx):
        backup.path.unlink()


def spoil_backup(ctx: Context) -> None:
    backups.known(ctx)[0].path.write_text("nonsense")


def leave_zone_unnamed(ctx: Context) -> None:
    from datetime import timezone

    ctx.env = ctx.env._replace(zone=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("spoil", "name", "state", "says", "mend"),
    [
        (loosen_reference, "references", "error", "refers to a company", "crm backup restore"),
        (loosen_tag, "links", "error", "belong to no contact", "crm backup restore"),
        (cut_off_import, "imports", "warning", "crm import x.csv", "crm undo h1"),
        (set_clock_back, "clock", "warning", "future", "clock"),
        (wait, "backups", "warning", "8 days old", "crm backup create"),
        (lose_backups, "backups", "warning", "no backup", "crm backup create"),
        (spoil_backup, "backups", "warning", "cannot be read", "crm backup verify"),
        (leave_zone_unnamed, "time zone", "warning", "unknown", "crm config set time_zone"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_wrong_is_told_with_what_mends_it(
    team: Context, spoil: Callable[[Context], None], name: str, state: str, says: str, mend: str
) -> None:
    team.close()
    spoil(team)
    found = doctor(team)
    check = of(found, name)
    assert check.state == state
    assert says in check.says
    assert mend in check.mend
    assert found.exit_status == int(state == "error")
    assert doctor(team, strict=True).exit_status == 1


def test_how_old_a_backup_may_be_is_a_setting(team: Context) -> None:
    wait(team)
    for days, state in ((30, "ok"), (0, "ok"), (2, "warning")):
        team.settings["backup_days"] = days
        assert of(doctor(team), "backups").state == state


def test_damage_is_found_and_no_remedy_touches_it(team: Context) -> None:
    team.close()
    content = bytearray(team.location.path.read_bytes())
    content[20_000:30_000] = b"x" * 10_000
    team.location.path.write_bytes(content)
    found = doctor(team)
    assert found.exit_status == 1
    assert of(found, "integrity").state == "error"
    assert team.location.path.read_bytes() == content


def test_a_missing_database_is_one_error(ctx: Context) -> None:
    found = doctor(ctx, fix=True)
    assert of(found, "database").state == "error"
    assert "crm init" in of(found, "database").mend
    assert not ctx.location.path.exists()


def test_nothing_is_mended_about_a_file_of_another_program(ctx: Context, tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("chapter one")
    thesis.chmod(0o644)
    ctx.location = Location(thesis, given=True)
    found = doctor(ctx, fix=True)
    assert of(found, "database").state == "error"
    assert stat.S_IMODE(thesis.stat().st_mode) == 0o644
    assert thesis.read_text() == "chapter one"


def test_a_journal_that_a_crash_left_is_played_back(team: Context) -> None:
    team.close()
    place = team.location.path
    child = os.fork()
    if child == 0:
        connection = sqlite3.connect(place, isolation_level=None)
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE contact SET name = 'Half'")
        connection.execute("CREATE TABLE filler AS SELECT randomblob(200000) AS x")
        os._exit(0)
    os.waitpid(child, 0)
    assert health.journal(place) is not None
    assert of(doctor(team), "journal").state == "ok"
    assert team.reader.scalar("SELECT name FROM contact") == "Ada"


# --- the place


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("Dropbox/team", "Dropbox"),
        ("Dropbox (Personal)", "Dropbox"),
        ("OneDrive - Acme/sales", "OneDrive"),
        ("Library/Mobile Documents/com~apple~CloudDocs", "iCloud"),
        ("Google Drive/x", "Google Drive"),
        ("Nextcloud", "Nextcloud"),
        ("documents/dropboxes", None),
        ("team", None),
    ],
)
def test_a_sync_folder_is_known_by_its_name(
    tmp_path: Path, folder: str, service: str | None
) -> None:
    place = tmp_path / folder
    place.mkdir(parents=True)
    assert health.sync_service(place / "crm.db") == service


def test_a_sync_folder_is_known_by_its_marker_and_through_a_link(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / "deep").mkdir(parents=True)
    (shared / ".stfolder").mkdir()
    (tmp_path / "link").symlink_to(shared / "deep")
    assert health.sync_service(tmp_path / "link" / "crm.db") == "Syncthing"


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /mnt/nas nfs4 rw 0 0
//server/team /mnt/our\\040team cifs rw 0 0
/dev/sdb1 /mnt/nas/local ext4 rw 0 0
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ada/crm.db", None),
        ("/mnt/nas/crm.db", "nfs4"),
        ("/mnt/nasty/crm.db", None),
        ("/mnt/our team/crm.db", "cifs"),
        ("/mnt/nas/local/crm.db", None),
    ],
)
def test_a_network_drive_is_known_by_its_mount(path: str, kind: str | None) -> None:
    assert health.network_type(Path(path), MOUNTS) == kind


def test_a_database_in_a_sync_folder_is_warned_of(
    team: Context, tmp_path: Path, make_context: MakeContext
) -> None:
    folder = tmp_path / "Dropbox"
    folder.mkdir()
    team.close()
    team.location.path.rename(folder / "crm.db")
    there = make_context(folder / "crm.db")
    place = of(doctor(there), "place")
    there.close()
    assert place.state == "warning"
    assert "Dropbox" in place.says


# --- at the prompt


def test_the_exit_status_is_for_monitoring(crm: Crm, db: Path) -> None:
    assert crm("doctor").status == 1
    crm("add-contact", "Ada")
    assert crm("doctor").status == 0
    assert crm("doctor", "--strict").status == 1
    crm("backup", "create")
    assert crm("doctor", "--strict").status == 0
    assert crm("doctor", "--quiet").out == ""


def test_the_checkup_is_data_in_every_format(crm: Crm) -> None:
    crm("add-contact", "Ada")
    found = json.loads(crm("doctor", "--json").out)
    assert found["state"] == "warning"
    assert {"name", "state", "says", "mend", "mended"} == set(found["checks"][0])
    assert crm("doctor", "--format", "tsv").out.startswith("name\tstate\tsays\tmend\n")
    assert "| State |" in crm("doctor", "--format", "md").out.replace("  ", " ")
    assert crm("doctor", "--format", "ids").status == 2


@pytest.mark.parametrize("text", ["page = 'many'", "pagge = 3", "page ="])
def test_wrong_settings_are_an_error_of_the_checkup(crm: Crm, db: Path, text: str) -> None:
    crm("add-contact", "Ada")
    (db.parent / "config.toml").write_text(text)
    ran = crm("doctor", "--quiet")
    assert ran.status == 1
    assert "crm config edit" in ran.out
    assert crm("contacts").status != 0
