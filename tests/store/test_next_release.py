"""A release to come, made of this one: its schema has a field more. Databases of today come forward
to what a new one of that release is, with every row, or stay as they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests import engines
from tests.surroundings import context_at

from crmcli.actions import demo
from crmcli.actions.context import Context
from crmcli.config import defaults
from crmcli.store import backup, copying, migrate
from crmcli.store.location import Location
from crmcli.store.read import VERSION
from crmcli.store.sealing import Keys

SOURCE = Path(migrate.__file__).parents[1]
NEXT = VERSION + 1
FIELD = '    greeting: Text | None = fact("How letters begin.", search=True)\n'
REVISION = f'''
    """Contacts have a greeting; in a file the table of companies is made anew."""

    import sqlalchemy as sa
    from alembic import op

    revision = "{NEXT:04}"
    down_revision = "{VERSION:04}"

    def upgrade():
        with op.batch_alter_table("contact") as table:
            table.add_column(sa.Column("greeting", sa.String))
        op.execute("UPDATE contact SET greeting = 'Dear ' || name WHERE id < 100")
        if op.get_bind().dialect.name == "sqlite":
            counts_on = {{"sqlite_autoincrement": True}}
            with op.batch_alter_table("company", recreate="always", table_kwargs=counts_on):
                pass
'''
BROKEN = """
    op.execute("UPDATE contact SET company_id = NULL")
    op.execute("INSERT INTO contact (id) VALUES (1)")
"""


class Release(NamedTuple):
    """A program to come, run as one."""

    folder: Path

    def run(self, location: Location, *words: str) -> subprocess.CompletedProcess[str]:
        """Run its `crm` on a database."""
        return subprocess.run(
            [sys.executable, "-m", "crmcli", *words],
            env={**os.environ, "PYTHONPATH": str(self.folder), "CRM_DB": address(location)},
            capture_output=True,
            text=True,
            check=False,
        )


def address(location: Location) -> str:
    return location.url or str(location.path)


def make_release(folder: Path, more: str = "") -> Release:
    """This program with another field, its catalogue, its version and its revision."""
    package = folder / "crmcli"
    shutil.copytree(SOURCE, package, ignore=shutil.ignore_patterns("__pycache__"))
    add(package / "models/contact.py", r"\Z", "\n" + FIELD)
    add(package / "store/read.py", rf"(?m)^VERSION = {VERSION}\b", f"VERSION = {NEXT}")
    revision = package / "store/migrations/versions/next.py"
    revision.write_text(textwrap.dedent(REVISION) + more)
    subprocess.run(
        [sys.executable, "-m", "crmcli.models.generate"],
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=True,
        capture_output=True,
    )
    return Release(folder)


def add(path: Path, where: str, text: str) -> None:
    changed, count = re.subn(where, text, path.read_text(), count=1)
    assert count == 1
    path.write_text(changed)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return make_release(tmp_path_factory.mktemp("next"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release whose revision fails after it has done most of its work."""
    return make_release(tmp_path_factory.mktemp("broken"), BROKEN)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """The demo team, made by the program of today."""
    location = Location(tmp_path_factory.mktemp("team") / "demo.db", given=True)
    env = context_at(location.path).env
    demo.make(Context(location, env, defaults(), "ada", "crm demo"))
    return location


@pytest.fixture
def old(db: Path, team: Location) -> Location:
    """A copy of it on the engine in use."""
    location = engines.location_of(db)
    copying.copy(team, location, engines.MADE, replace=True)
    return location


def upgrade(release: Release, location: Location) -> subprocess.CompletedProcess[str]:
    """What brings it forward: on a server `crm db migrate`, for a file its first use."""
    return release.run(location, *(("db", "migrate") if location.url else ("contacts",)))


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    found, names = engines.ask_with_names(path, f"SELECT * FROM {table} ORDER BY 1")
    return [dict(zip(names, row, strict=True)) for row in found]


def everything(path: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, without what the new release adds."""
    found = {table.name: rows(path, table.name) for table in copying.tables()}
    for row in found["contact"]:
        row.pop("greeting", None)
    found["meta"] = [row for row in found["meta"] if row["name"] != "schema"]
    return found


# --- the shape of a database

Shape = dict[str, Any]
_IN_FILE = """SELECT m.name, {columns} FROM sqlite_master m, {source}(m.name) x
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'search%'
    ORDER BY 1, 2, 3"""
_FILE = {
    "columns": _IN_FILE.format(columns="x.name, x.type, x.\"notnull\", dflt_value, pk",
                               source="pragma_table_info"),
    "references": _IN_FILE.format(columns='x."from", x."table", x."to"',
                                  source="pragma_foreign_key_list"),
    "tables": "SELECT name, sql LIKE '%AUTOINCREMENT%' FROM sqlite_master WHERE type = 'table'"
    " ORDER BY name",
    "indexes": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql > '' ORDER BY 1",
    "views": "SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY 1",
}  # fmt: skip
_SERVER = {
    "columns": "SELECT table_name, column_name, data_type, collation_name, is_nullable,"
    " column_default FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
    "constraints": "SELECT c.conrelid::regclass::text, contype::text, pg_get_constraintdef(c.oid)"
    " FROM pg_constraint c WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2, 3",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " ORDER BY 1, 2",
}


def shape(path: Path) -> Shape:
    """The columns, rules, indexes and views of a database, however it came to them."""
    asked = _SERVER if engines.on_server() else _FILE
    found: Shape = {what: [plain(row) for row in engines.ask(path, sql)]
                    for what, sql in asked.items()}  # fmt: skip
    if not engines.on_server():
        tables = engines.ask(path, "SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        found["checks"] = {name: checks(sql) for name, sql in tables}
    return found


def plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(re.sub(r'["\s]+', "", v) if isinstance(v, str) else v for v in row)


def checks(sql: str) -> list[str]:
    """The rules in the definition of a table, each from its CHECK to the bracket that ends it."""
    bare = re.sub(r'["\s]+', "", sql)
    return sorted(_enclosed(bare[match.end() :]) for match in re.finditer(r"CHECK\(", bare))


def _enclosed(text: str) -> str:
    depth = 1
    for at, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if not depth:
            return text[:at]
    return text


# --- coming forward


@pytest.fixture
def fresh(tmp_path: Path, release: Release, db: Path) -> Path:
    """A database that the next release has made."""
    path = tmp_path / "fresh.db"
    location = Location(path, given=True)
    if engines.on_server():
        location = engines.place(path, engines.server().empty())
    done = release.run(location, "init")
    assert done.returncode == 0, done.stderr
    return path


def test_it_comes_forward_to_what_a_new_one_is_and_keeps_every_row(
    old: Location, db: Path, fresh: Path, release: Release
) -> None:
    before = everything(db)
    assert len(before["contact"]) > 100
    done = upgrade(release, old)
    assert done.returncode == 0, done.stderr
    assert shape(db) == shape(fresh)
    assert everything(db) == before
    greeted = {row["id"]: row["greeting"] for row in rows(db, "contact")}
    assert all(bool(greeting) == (id < 100) for id, greeting in greeted.items())
    for words in (("db", "check"), ("contacts", "greeting:dear"), ("undo",), ("pipeline",)):
        ran = release.run(old, *words)
        assert ran.returncode == 0, (words, ran.stderr)


def test_handles_go_on_and_a_backup_of_the_older_one_was_made(
    old: Location, db: Path, release: Release, tmp_path: Path
) -> None:
    highest = max(row["id"] for row in rows(db, "contact"))
    assert upgrade(release, old).returncode == 0
    done = release.run(old, "add-contact", "Zoe Zander", "--greeting", "Hi Zoe")
    assert done.stdout.startswith(f"Added c{highest + 1} "), done
    (saved,) = backup.list_backups(old)
    assert (saved.version, saved.note) == (VERSION, f"before the upgrade from {VERSION}")
    backup.extract(saved, tmp_path / "before.db", Keys())
    backup.verify(saved, Keys())
    ran = release.run(Location(tmp_path / "before.db", given=True), "show", "c1", "--json")
    assert '"greeting": "Dear ' in ran.stdout, ran


def test_the_program_of_today_leaves_the_database_of_tomorrow_alone(
    old: Location, db: Path, release: Release, crm: Callable[..., Any]
) -> None:
    assert upgrade(release, old).returncode == 0
    before = engines.snapshot(db)
    for words in (("contacts",), ("add-contact", "Ada"), ("undo",)):
        ran = crm(*words)
        assert ran.status == 7
        assert "newer version" in ran.err
    assert engines.snapshot(db) == before


def test_one_that_fails_midway_leaves_it_as_it_was(
    old: Location, db: Path, broken: Release, crm: Callable[..., Any]
) -> None:
    before = engines.snapshot(db)
    done = upgrade(broken, old)
    assert done.returncode == 7
    assert "could not be upgraded" in done.stderr
    assert "nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
    assert engines.snapshot(db) == before
    assert crm("db", "check").status == 0
    assert crm("add-contact", "Zoe Zander").status == 0
