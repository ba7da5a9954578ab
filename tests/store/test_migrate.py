"""Older databases come forward whole, or stay as they were."""

from __future__ import annotations

import re
import shutil
import sqlite3
import textwrap
from pathlib import Path

import pytest

from crmcli.errors import DatabaseError
from crmcli.store import backup, migrate, schema
from crmcli.store.location import Location
from crmcli.store.read import APPLICATION_ID, VERSION
from crmcli.store.sealing import Keys

NOW = "2026-03-05T09:00:00Z"

# A revision that rebuilds a table which others refer to, adds a column and fills it.
REBUILD = """
    from alembic import op
    from sqlalchemy import Column, String

    revision = "{number}"
    down_revision = "{previous}"

    def upgrade():
        counts_on = {{"sqlite_autoincrement": True}}
        with op.batch_alter_table("contact", recreate="always", table_kwargs=counts_on) as table:
            table.add_column(Column("greeting", String))
        op.execute("UPDATE contact SET greeting = 'Dear ' || name")
"""
FAILING = (
    REBUILD
    + """
        op.execute("INSERT INTO contact (id) SELECT id FROM contact")
"""
)
BREAKING = (
    REBUILD
    + """
        op.execute("DELETE FROM company")
"""
)


@pytest.fixture
def location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Location:
    """A database with a contact of a company, whose backups go to a folder of the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = Location(tmp_path / "team.db", given=True)
    schema.ensure(place, NOW)
    run(
        place,
        f"INSERT INTO company (id, created_at, updated_at, version, name, name_key)"
        f" VALUES (3, '{NOW}', '{NOW}', 1, 'Acme', 'acme')",
        f"INSERT INTO contact (id, created_at, updated_at, version, name, name_key, status,"
        f" do_not_contact, company_id)"
        f" VALUES (7, '{NOW}', '{NOW}', 1, 'Ada', 'ada', 'lead', 0, 3),"
        f" (9, '{NOW}', '{NOW}', 1, 'Bob', 'bob', 'lead', 0, 3)",
        "INSERT INTO contact_point (contact_id, kind, value, key, is_primary, valid)"
        " VALUES (7, 'email', 'ada@acme.com', 'ada@acme.com', 1, 1)",
        "DELETE FROM contact WHERE id = 9",
    )
    return place


def run(location: Location, *statements: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(location.path)
    rows: list[tuple[object, ...]] = []
    for statement in statements:
        rows = connection.execute(statement).fetchall()
    connection.commit()
    connection.close()
    return rows


def folder_with(tmp_path: Path, *sources: str) -> Path:
    """A folder of migrations: the packaged ones and then `sources`."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder)
    for place, source in enumerate(sources):
        text = source.format(number=f"{VERSION + 1 + place:04}", previous=f"{VERSION + place:04}")
        (folder / "versions" / f"extra{place}.py").write_text(textwrap.dedent(text))
    return folder


def shape(statements: list[str]) -> list[str]:
    return sorted(re.sub(r"\s+", "", sql) for sql in statements)


def test_the_revisions_make_the_schema_of_the_models(tmp_path: Path) -> None:
    place = Location(tmp_path / "first.db", given=True)
    connection = sqlite3.connect(place.path, isolation_level=None)
    connection.execute("CREATE TABLE seed (id INTEGER PRIMARY KEY AUTOINCREMENT)")
    connection.execute("DROP TABLE seed")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.close()
    migrate._in_one_transaction(place, migrate.FOLDER)
    made = [
        str(row[0])
        for row in run(
            place,
            "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
            " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_%'"
            " OR name = 'search_vocab'",
        )
    ]
    assert shape(made) == shape(schema.statements())


def test_the_newest_revision_is_the_version_the_program_knows() -> None:
    numbers = [int(script.revision) for script in migrate.revisions()]
    assert numbers == list(range(1, VERSION + 1))


def test_an_older_database_comes_forward_with_its_rows(location: Location, tmp_path: Path) -> None:
    saved = migrate.migrate(location, VERSION, folder_with(tmp_path, REBUILD))
    assert run(location, "SELECT id, greeting, company_id FROM contact") == [(7, "Dear Ada", 3)]
    assert run(location, "SELECT contact_id, value FROM contact_point") == [(7, "ada@acme.com")]
    assert run(location, "PRAGMA user_version") == [(VERSION + 1,)]
    assert run(location, "SELECT email FROM contacts") == [("ada@acme.com",)]
    assert run(location, "PRAGMA integrity_check") == [("ok",)]
    assert saved.counts["contact"] == 1
    assert "upgrade" in saved.note


def test_numbers_go_on_after_a_table_was_rebuilt(location: Location, tmp_path: Path) -> None:
    migrate.migrate(location, VERSION, folder_with(tmp_path, REBUILD))
    run(
        location,
        f"INSERT INTO contact (created_at, updated_at, version, name, name_key, status,"
        f" do_not_contact) VALUES ('{NOW}', '{NOW}', 1, 'Cy', 'cy', 'lead', 0)",
    )
    assert run(location, "SELECT max(id) FROM contact") == [(10,)]


@pytest.mark.parametrize(
    ("source", "said"),
    [(FAILING, "could not be upgraded"), (BREAKING, "refer to rows that are not there")],
    ids=["a statement fails", "a reference breaks"],
)
def test_a_failing_revision_leaves_the_file_as_it_was(
    location: Location, tmp_path: Path, source: str, said: str
) -> None:
    before = location.path.read_bytes()
    with pytest.raises(DatabaseError, match=said):
        migrate.migrate(location, VERSION, folder_with(tmp_path, source))
    assert location.path.read_bytes() == before
    assert run(location, "SELECT email FROM contacts") == [("ada@acme.com",)]


def test_all_missing_revisions_run_or_none(location: Location, tmp_path: Path) -> None:
    before = location.path.read_bytes()
    with pytest.raises(DatabaseError):
        migrate.migrate(location, VERSION, folder_with(tmp_path, REBUILD, FAILING))
    assert location.path.read_bytes() == before


def test_a_second_process_finds_nothing_left_to_do(location: Location, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, REBUILD)
    migrate._in_one_transaction(location, folder)
    schema_before = run(location, "SELECT sql FROM sqlite_master ORDER BY rowid")
    run(location, f"PRAGMA user_version = {VERSION}")
    migrate._in_one_transaction(location, migrate.FOLDER)
    assert run(location, "SELECT sql FROM sqlite_master ORDER BY rowid") == schema_before


def test_the_backup_made_before_holds_the_older_schema(location: Location, tmp_path: Path) -> None:
    migrate.migrate(location, VERSION, folder_with(tmp_path, REBUILD))
    (saved,) = backup.list_backups(location)
    assert saved.version == VERSION
    copy = tmp_path / "copy.db"
    backup.extract(saved, copy, Keys())
    assert "greeting" not in str(run(Location(copy), "SELECT sql FROM sqlite_master"))
