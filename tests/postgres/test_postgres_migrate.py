"""A database on a server comes forward whole, when it is told to, or stays as it was."""

from __future__ import annotations

import shutil
import textwrap
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crmcli.errors import DatabaseError, DatabaseMissing, DatabaseNewer
from crmcli.store import backup, connect, migrate, postgres, read, schema
from crmcli.store.location import Location
from crmcli.store.read import VERSION, open_reader
from crmcli.store.sealing import Keys
from crmcli.store.write import Author, writing

NOW = "2026-03-05T09:00:00Z"
REVISION = """
    import sqlalchemy as sa
    from alembic import op

    revision = "{number:04}"
    down_revision = "{before:04}"

    def upgrade():
        with op.batch_alter_table("contact") as table:
            table.add_column(sa.Column("greeting", sa.String))
            table.add_column(sa.Column("visits", sa.Integer))
        op.execute("UPDATE contact SET greeting = 'Dear ' || name, visits = 3")
"""
FAILING = (
    REVISION
    + """
        op.execute("UPDATE contact SET company_id = 4711")
"""
)


@pytest.fixture
def team(elsewhere: Location, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Location:
    """A database with a contact, whose backups go to a folder of the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with writing(elsewhere, Author("ada", NOW, "crm test")) as writer:
        writer.create("contact", {"name": "Ada Lovelace"})
    return elsewhere


def folder_with(tmp_path: Path, source: str) -> Path:
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder)
    text = textwrap.dedent(source).format(number=VERSION + 1, before=VERSION)
    (folder / "versions" / "next.py").write_text(text)
    return folder


def run(location: Location, sql: str) -> list[tuple[Any, ...]]:
    with closing(connect.connect(location)) as connection:
        cursor = connection.execute(sql)
        found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
    return found


def test_it_comes_forward_after_a_backup_with_the_types_of_the_rest(
    team: Location, tmp_path: Path
) -> None:
    saved = migrate.migrate(team, VERSION, folder_with(tmp_path, REVISION))
    assert run(team, "SELECT greeting, visits FROM contact") == [("Dear Ada Lovelace", 3)]
    types = "SELECT data_type, collation_name FROM information_schema.columns WHERE column_name IN"
    assert run(team, f"{types} ('greeting', 'visits') ORDER BY ordinal_position") == [
        ("text", "C"), ("bigint", None),
    ]  # fmt: skip
    assert run(team, "SELECT name FROM contacts") == [("Ada Lovelace",)]
    backup.verify(saved, Keys())
    assert saved.counts["contact"] == 1


def test_one_that_fails_midway_changes_nothing(team: Location, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="could not be upgraded"):
        migrate.migrate(team, VERSION, folder_with(tmp_path, FAILING))
    columns = "SELECT 1 FROM information_schema.columns WHERE column_name = 'greeting'"
    assert run(team, columns) == []
    assert run(team, "SELECT name FROM contacts") == [("Ada Lovelace",)]


def test_an_older_database_is_left_alone_until_it_is_told(
    team: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (read, schema):
        monkeypatch.setattr(place, "VERSION", VERSION + 1)
    with pytest.raises(DatabaseError, match="older version") as caught:
        open_reader(team)
    assert "crm db migrate" in (caught.value.hint or "")
    with pytest.raises(DatabaseError, match="older version"):
        schema.ensure(team, NOW)


def test_an_older_program_refuses_a_newer_database(team: Location) -> None:
    run(team, f"UPDATE meta SET value = '{VERSION + 1}' WHERE name = 'schema'")
    for use in (open_reader, schema.upgrade, lambda place: schema.ensure(place, NOW)):
        with pytest.raises(DatabaseNewer, match="newer version"):
            use(team)


def test_one_that_is_current_is_left_as_it_is(team: Location) -> None:
    assert schema.upgrade(team) is None


def test_one_without_tables_is_missing(elsewhere: Location) -> None:
    with pytest.raises(DatabaseMissing):
        schema.upgrade(elsewhere)
    with pytest.raises(DatabaseMissing, match="no database"):
        open_reader(elsewhere)


def test_only_plain_types_and_bytewise_texts_are_stored(team: Location) -> None:
    with closing(connect.connect(team)) as connection:
        postgres.unify_types(connection)
        kinds = connection.execute(
            "SELECT DISTINCT c.data_type, c.collation_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1"
        ).fetchall()
    assert set(kinds) <= {
        ("text", "C"), ("bigint", None), ("double precision", None), ("tsvector", None),
    }  # fmt: skip
