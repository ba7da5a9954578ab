"""Backups and the doctor on a server: as on a file, and across both."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from postgres_tools import ENV
from tests import engines
from tests.surroundings import Crm

from crmcli.actions.context import Context
from crmcli.actions.doctor import doctor
from crmcli.config import load
from crmcli.store import connect, copying
from crmcli.store.location import Location
from crmcli.store.read import open_reader

pytestmark = pytest.mark.sqlite_only  # the surroundings of `crm`; the server is named by --db


def held(location: Location) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, the journal included."""
    with closing(open_reader(location)) as reader:
        return {table.name: reader.rows(table.select) for table in copying.tables()}


@pytest.fixture
def team(elsewhere: Location, in_file: Location) -> Location:
    """The demo team in a database of its own on the server."""
    copying.copy(in_file, elsewhere, engines.MADE)
    return elsewhere


def ids(crm: Crm, db: str) -> list[str]:
    return crm("backup", "list", "--db", db, "--format", "ids").out.split()


# --- backups


def test_a_backup_is_made_listed_verified_restored_and_cleared_away(
    crm: Crm, team: Location
) -> None:
    before = held(team)
    ran = crm("backup", "create", "--db", team.url, "--note", "weekly", "--json")
    assert ran.status == 0, ran
    made = json.loads(ran.out)
    assert made["counts"]["contact"] == 599
    (name,) = ids(crm, team.url)
    ran = crm("backup", "verify", name, "--db", team.url)
    assert "is sound: checksums, integrity" in ran.out
    assert crm("add-contact", "Too Many", "--db", team.url).status == 0
    assert crm("backup", "restore", name, "--db", team.url).status == 2  # nobody said yes
    ran = crm("backup", "restore", name, "--db", team.url, "--yes")
    assert ran.status == 0, ran
    assert "What was there before is in" in ran.out
    assert held(team) == before
    assert len(ids(crm, team.url)) == 2
    assert crm("db", "check", "--db", team.url).status == 0
    assert crm("backup", "prune", "--keep", "1d", "--yes", "--db", team.url).status == 0
    assert len(ids(crm, team.url)) == 1


def test_the_copy_made_before_a_restore_takes_it_back(crm: Crm, team: Location) -> None:
    assert crm("backup", "create", "--db", team.url).status == 0
    assert crm("add-contact", "Grace Hopper", "--db", team.url).status == 0
    later = held(team)
    (name,) = ids(crm, team.url)
    assert crm("backup", "restore", name, "--db", team.url, "--yes").status == 0
    before = next(each for each in ids(crm, team.url) if each != name)
    assert crm("backup", "restore", before, "--db", team.url, "--yes").status == 0
    assert held(team) == later


def test_a_backup_of_either_restores_on_the_other(
    crm: Crm, team: Location, server: engines.Server, tmp_path: Path, db: Path
) -> None:
    wanted = held(team)
    archive = str(tmp_path / "of-the-server.crmbackup")
    assert crm("backup", "create", "--to", archive, "--db", team.url).status == 0
    assert crm("backup", "restore", archive, "--yes", "--db", str(db)).status == 0
    assert held(Location(db, given=True)) == wanted
    back = str(tmp_path / "of-the-file.crmbackup")
    assert crm("backup", "create", "--to", back, "--db", str(db)).status == 0
    name = server.empty()
    other = Location(Path(name), given=True, url=server.url(name))
    ran = crm("backup", "restore", back, "--yes", "--db", other.url)
    assert ran.status == 0, ran
    assert "What was there before" not in ran.out
    assert held(other) == wanted
    assert crm("add-contact", "Grace Hopper", "--db", other.url).out.startswith("Added c6")
    server.drop(name)


def test_an_encrypted_backup_of_a_server_opens_with_its_passphrase_alone(
    crm: Crm, team: Location, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = str(tmp_path / "sealed.crmbackup")
    monkeypatch.setenv("CRM_BACKUP_PASSPHRASE", "open sesame")
    assert crm("backup", "create", "--encrypt", "--to", archive, "--db", team.url).status == 0
    assert crm("backup", "verify", archive, "--db", team.url).status == 0
    monkeypatch.setenv("CRM_BACKUP_PASSPHRASE", "open barley")
    before = held(team)
    assert crm("backup", "restore", archive, "--yes", "--db", team.url).status != 0
    assert held(team) == before


def test_a_spoilt_backup_changes_nothing_on_the_server(
    crm: Crm, team: Location, tmp_path: Path
) -> None:
    archive = tmp_path / "spoilt.crmbackup"
    assert crm("backup", "create", "--to", str(archive), "--db", team.url).status == 0
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    before = held(team)
    ran = crm("backup", "restore", str(archive), "--yes", "--db", team.url)
    assert ran.status == 7
    assert "damaged" in ran.err
    assert held(team) == before


# --- the doctor


def seen(location: Location, folder: Path, *, fix: bool = False) -> dict[str, tuple[str, str]]:
    """How each check is, and what mends it."""
    context = Context(location, ENV, load(folder / "config.toml"), "ada", "crm doctor")
    checks = doctor(context, fix=fix).checks
    context.close()
    return {check.name: (check.state, check.mend) for check in checks}


def test_the_doctor_looks_at_a_server_as_at_a_file(
    crm: Crm, team: Location, db: Path, tmp_path: Path
) -> None:
    ran = crm("doctor", "--db", team.url, "--json")
    assert ran.status == 0, ran
    found = {check["name"]: check["state"] for check in json.loads(ran.out)["checks"]}
    assert {"database", "links", "views", "search", "imports", "clock"} <= set(found)
    assert found.pop("backups") == "warning"
    assert set(found.values()) == {"ok"}
    assert crm("doctor", "--strict", "--db", team.url).status == 1
    assert crm("backup", "create", "--db", team.url).status == 0
    assert crm("doctor", "--db", team.url, "--quiet").out == ""


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        ("DROP VIEW deals", "views"),
        ("DROP VIEW deals; CREATE VIEW deals AS SELECT * FROM deal", "views"),
        ("DELETE FROM search WHERE rowid % 7 = 0", "search"),
        ("UPDATE search SET body = 'nonsense' WHERE rowid = 16", "search"),
        ("UPDATE contact SET name = 'Sneaky' WHERE id = 5", "search"),
        ("DROP TABLE search", "search"),
    ],
)
def test_what_is_safe_to_mend_is_mended_on_a_server(
    team: Location, tmp_path: Path, spoil: str, name: str
) -> None:
    assert seen(team, tmp_path)[name] == ("ok", "")
    with closing(connect.connect(team)) as connection:
        for statement in spoil.split("; "):
            connection.execute(statement)
    assert seen(team, tmp_path)[name] == ("error", "crm doctor --fix")
    assert seen(team, tmp_path, fix=True)[name][0] == "ok"
    assert seen(team, tmp_path)[name] == ("ok", "")


def test_a_server_that_is_gone_is_an_error_in_words(crm: Crm, team: Location) -> None:
    for words in (("doctor",), ("contacts",), ("backup", "create"), ("db", "info")):
        ran = crm(*words, "--db", "postgresql://ada@127.0.0.1:9/crm")
        assert ran.status in (1, 7)
        assert "Traceback" not in ran.out + ran.err
        assert "does not answer" in ran.out + ran.err
