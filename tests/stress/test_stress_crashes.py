"""SIGKILL at random moments of the real program, on both engines: the database stays whole, what
was acknowledged is there, and what was not is there as a whole or not at all."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from tests import engines
from tests.stress.stress_tools import check_journal, check_sound
from tests.surroundings import context_at

from crmcli.actions import records
from crmcli.actions.assign import Assign
from crmcli.exchange.importing import CHUNK, import_file
from crmcli.store import backup, migrate
from crmcli.store.read import VERSION
from crmcli.store.sealing import Keys

pytestmark = pytest.mark.slow

PEOPLE, ROWS, KILLS, COPIES, LARGE = 300, 120, 10, 8, 2
PROGRAM = (sys.executable, "-m", "crmcli")

Note = Callable[[str, object], None]
Counts = tuple[int, ...]
Traces = Callable[[Path], set[str]]


class Killed(NamedTuple):
    """How it ended: whether the work was acknowledged, and whether it was cut off."""

    acknowledged: bool
    cut: bool


class Killer:
    """Starts a command again and again, and kills it at a moment of its run.

    says: what it prints when its work is done. traces: what is there only while it works.
    """

    def __init__(self, db: Path, says: str, traces: Traces = engines.writing) -> None:
        self.db, self.says, self.traces = db, says, traces
        self.chance = random.Random(says)
        self.took = 0.0
        self.ends: list[Killed] = []

    def measure(self, command: Sequence[str]) -> None:
        """Let it run to its end once, to know how long that is."""
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert self.says in done.stdout
        self.took = time.monotonic() - begun

    def kill(self, command: Sequence[str]) -> Killed:
        """Start it and kill it: any time, or soon after its work began."""
        there = self.traces(self.db)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if len(self.ends) % 3:
            self._wait_for_work(process, there)
            time.sleep(self.chance.uniform(0, 0.04))
        else:
            time.sleep(self.chance.uniform(0.3, 1.1) * self.took)
        process.kill()
        cut = bool(self.traces(self.db) - there)
        out, err = process.communicate()
        assert b"Traceback" not in err, err.decode()
        engines.settle(self.db)
        self.ends.append(Killed(self.says.encode() in out, cut))
        return self.ends[-1]

    def _wait_for_work(self, process: subprocess.Popen[bytes], there: set[str]) -> None:
        deadline = time.monotonic() + 3 * self.took
        while process.poll() is None and time.monotonic() < deadline:
            if self.traces(self.db) - there:
                return
            time.sleep(0.0005)

    def numbers(self, what: str) -> str:
        """What came of it, in a sentence."""
        done = sum(end.acknowledged for end in self.ends)
        cut = sum(end.cut for end in self.ends)
        return (
            f"{engines.in_use()}, {what}: {len(self.ends)} kills survived, {cut} in the middle of"
            f" the work, {done} after the work was acknowledged; {done} found"
        )


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Path:
    """A database of a few hundred people with a tag."""
    path = tmp_path_factory.mktemp("people") / "crm.db"
    file = sheet(path.with_name("people.csv"), "Person", PEOPLE)
    context = context_at(path)
    import_file(context, file, tags=["team"])
    context.close()
    return path


@pytest.fixture
def full(db: Path, people: Path) -> Path:
    """A copy of it."""
    engines.copy(people, db)
    return db


def sheet(path: Path, name: str, rows: int) -> Path:
    """A file of people to import."""
    key = name.replace(" ", "")
    lines = (f"{name} {row},{key}.{row}@example.org" for row in range(rows))
    path.write_text("Name,Email\n" + "\n".join(lines) + "\n")
    return path


def counts(db: Path, *statements: str) -> Counts:
    """The numbers that statements give."""
    return tuple(int(engines.ask(db, sql)[0][0]) for sql in statements)


# --- commands that write


class Work(NamedTuple):
    """A command to be killed: its words, what it prints at the end, statements that count what it
    did, and what they give when it is done. {n} is a number, {m} and {k} are ids of people, {file}
    is a file to import.

    before: what makes ready for it.
    """

    name: str
    words: tuple[str, ...]
    says: str
    state: tuple[str, ...]
    whole: Counts
    before: Callable[[Path, int], None] = lambda db, n: None


def change_all(db: Path, number: int) -> None:
    """Change everybody, so that it can be undone."""
    context = context_at(db)
    handles = [f"c{id}" for id in range(1, 31)]
    records.edit(context, handles, [Assign("department", "=", None, f"Undo{number}")])
    context.close()


LIVE = "deleted_at IS NULL"
WORKS = (
    Work(
        "add",
        ("add-contact", "Kill {n}", "--email", "kill{n}@example.org", "--company", "Firm {n}",
         "--tag", "mark{n}"),
        "Added",
        ("SELECT count(*) FROM contact WHERE name = 'Kill {n}'",
         "SELECT count(*) FROM contact_point WHERE key = 'kill{n}@example.org'",
         "SELECT count(*) FROM company WHERE name = 'Firm {n}'",
         "SELECT count(*) FROM tagging x JOIN tag g ON g.id = x.tag_id WHERE g.name = 'mark{n}'"),
        (1, 1, 1, 1),
    ),
    Work(
        "edit",
        ("edit", "c1", "title=Title {n}", "notes+=(note {n})", "email+=more{n}@example.org"),
        "Changed",
        ("SELECT count(*) FROM contact WHERE id = 1 AND instr(notes, '(note {n})') > 0",
         "SELECT count(*) FROM contact_point WHERE key = 'more{n}@example.org'"),
        (1, 1),
    ),
    Work(
        "bulk edit",
        ("edit", "contacts", "--where", "tag:team", "department=Dept{n}", "--yes"),
        "Changed",
        (f"SELECT count(*) FROM contact WHERE department = 'Dept{{n}}' AND {LIVE}",),
        (PEOPLE,),
    ),
    Work(
        "rename of a tag",
        ("edit", "tg1", "name=team{n}x"),
        "Changed",
        ("SELECT count(*) FROM tag WHERE name = 'team{n}x'",
         "SELECT count(*) FROM search WHERE instr(body, 'team{n}x') > 0"),
        (1, PEOPLE),
    ),
    Work(
        "delete",
        ("delete", "c{m}"),
        "Deleted",
        ("SELECT count(*) FROM contact WHERE id = {m} AND deleted_at IS NOT NULL",
         "SELECT 1 - count(*) FROM search WHERE rowid = {m} * 16"),
        (1, 1),
    ),
    Work(
        "merge",
        ("merge", "c{m}", "c{k}", "--yes"),
        "Merged",
        ("SELECT count(*) FROM contact WHERE id = {k} AND deleted_at IS NOT NULL",
         "SELECT count(*) - 1 FROM contact_point WHERE contact_id = {m} AND kind = 'email'"
         f" AND {LIVE}",
         "SELECT 1 - count(*) FROM search WHERE rowid = {k} * 16"),
        (1, 1, 1),
    ),
    Work(
        "undo",
        ("undo",),
        "Undid",
        ("SELECT 30 - count(*) FROM contact WHERE department = 'Undo{n}'",),
        (30,),
        change_all,
    ),
    Work(
        "import",
        ("import", "{file}", "--yes"),
        "Imported",
        (f"SELECT count(*) FROM contact WHERE name LIKE 'New {{n}}x %' AND {LIVE}",
         "SELECT count(*) FROM contact_point WHERE key LIKE 'new{n}x.%'",
         "SELECT count(*) FROM import_batch WHERE file = 'new{n}.csv'"),
        (ROWS, ROWS, 1),
    ),
)  # fmt: skip


@pytest.mark.parametrize("work", WORKS, ids=[work.name for work in WORKS])
def test_a_killed_write_is_there_as_a_whole_or_not_at_all(
    full: Path, tmp_path: Path, work: Work, record_property: Note
) -> None:
    killer = Killer(full, work.says)
    for number in range(KILLS + 1):
        file = sheet(tmp_path / f"new{number}.csv", f"New {number}x", ROWS)

        def filled(text: str, number: int = number, file: Path = file) -> str:
            return text.format(n=number, m=number + 2, k=number + 102, file=file)

        work.before(full, number)
        command = [*PROGRAM, *map(filled, work.words)]
        end = killer.kill(command) if number else None
        if end is None:
            killer.measure(command)
        check_sound(full)
        state = counts(full, *map(filled, work.state))
        nothing = (0,) * len(state)
        assert state == work.whole or (state == nothing and end and not end.acknowledged), end
    check_journal(full)
    record_property("numbers", killer.numbers(work.name))


def test_a_killed_import_of_many_rows_is_there_by_chunks_and_can_go_on_or_back(
    full: Path, tmp_path: Path, record_property: Note
) -> None:
    rows = CHUNK + 1_500
    file = sheet(tmp_path / "many.csv", "Many", rows)
    killer = Killer(full, "Imported")
    killer.took = 8.0
    command = [*PROGRAM, "import", str(file), "--yes"]
    count = f"SELECT count(*) FROM contact WHERE name LIKE 'Many %' AND {LIVE}"
    seen = []
    for _ in range(LARGE):
        killer.kill(command)
        check_sound(full)
        seen += counts(full, count)
        assert seen[-1] in (0, CHUNK, rows)
    # It may have come to its end before it was killed: then nothing is left to do.
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert counts(full, count) == (rows,)
    check_sound(full)
    check_journal(full)
    record_property("numbers", killer.numbers("import of many rows"))


# --- backups


def backing_up(db: Path) -> set[str]:
    """The folders of backups that are being made, or were cut off."""
    return set(map(str, db.parent.glob("data/crmcli/backups/.work-*")))


def test_a_killed_backup_leaves_no_half_one_and_the_database_alone(
    full: Path, record_property: Note
) -> None:
    before = engines.snapshot(full)
    killer = Killer(full, "Backed up", backing_up)
    killer.measure([*PROGRAM, "backup", "create"])
    for _ in range(COPIES):
        killer.kill([*PROGRAM, "backup", "create"])
    made = backup.list_backups(engines.location_of(full))
    assert len(made) >= 1 + sum(end.acknowledged for end in killer.ends)
    for each in made:
        assert each.readable
        backup.verify(each, Keys())
    assert engines.snapshot(full) == before
    record_property("numbers", killer.numbers("backup"))


def test_a_killed_restore_leaves_the_old_content_or_the_new(
    full: Path, tmp_path: Path, record_property: Note
) -> None:
    context = context_at(full)
    saved = backup.create(context.location, context.env.now, folder=tmp_path / "kept")
    records.add(context, "contact", [], title="Too Many")
    context.close()
    later = tmp_path / "later.db"
    engines.copy(full, later)
    command = [*PROGRAM, "backup", "restore", str(saved.path), "--yes"]
    killer = Killer(full, "Restored")
    killer.measure(command)
    for _ in range(COPIES):
        engines.copy(later, full)
        end = killer.kill(command)
        check_sound(full)
        (there,) = counts(full, "SELECT count(*) FROM contact")
        assert there == PEOPLE or (there == PEOPLE + 1 and not end.acknowledged), end
        if there == PEOPLE:  # what it replaced was kept first
            made = backup.list_backups(context.location)
            newest = max(made, key=lambda each: each.path.stat().st_mtime)
            assert newest.counts["contact"] == PEOPLE + 1
            backup.verify(newest, Keys())
    record_property("numbers", killer.numbers("restore"))


# --- a migration

REVISION = f'''
    """A revision that fills a new column; a file's table, to which others refer, is rebuilt."""

    from alembic import op
    from sqlalchemy import Column, String

    revision = "{VERSION + 1:04}"
    down_revision = "{VERSION:04}"

    def upgrade():
        how = "always" if op.get_bind().dialect.name == "sqlite" else "auto"
        counts_on = {{"sqlite_autoincrement": True}}
        with op.batch_alter_table("contact", recreate=how, table_kwargs=counts_on) as table:
            table.add_column(Column("greeting", String))
        op.execute("UPDATE contact SET greeting = 'Dear ' || name")
'''
MIGRATE = f"""
    import sys
    from pathlib import Path
    from crmcli.store import migrate
    from crmcli.store.location import locate
    migrate.migrate(locate(sys.argv[1]), {VERSION}, Path(sys.argv[2]))
    print("migrated", flush=True)
"""


def test_a_killed_migration_leaves_the_old_schema_or_the_new(
    full: Path, tmp_path: Path, record_property: Note
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder)
    (folder / "versions" / "later.py").write_text(textwrap.dedent(REVISION))
    script = tmp_path / "migrating.py"
    script.write_text(textwrap.dedent(MIGRATE))
    older = tmp_path / "older.db"
    engines.copy(full, older)
    place = engines.location_of(full)
    command = [sys.executable, str(script), place.url or str(full), str(folder)]
    killer = Killer(full, "migrated")
    killer.measure(command)
    for _ in range(COPIES):
        engines.copy(older, full)
        end = killer.kill(command)
        version = check_migrated(full)
        assert version == VERSION + 1 or not end.acknowledged
    for each in backup.list_backups(place):
        backup.verify(each, Keys())
    record_property("numbers", killer.numbers("migration"))


_IN_FILE = "PRAGMA user_version"


def check_migrated(db: Path) -> int:
    """It is sound, in the old schema or the new, with all its rows; which of the two."""
    sql = "SELECT value FROM meta WHERE name = 'schema'" if engines.on_server() else _IN_FILE
    version = int(engines.ask(db, sql)[0][0])
    _rows, names = engines.ask_with_names(db, "SELECT * FROM contact LIMIT 1")
    assert ("greeting" in names) == (version == VERSION + 1)
    assert engines.ask(db, "SELECT count(*), count(email) FROM contacts") == [(PEOPLE, PEOPLE)]
    if version == VERSION:
        check_sound(db)
    elif not engines.on_server():
        assert engines.ask(db, "PRAGMA integrity_check") == [("ok",)]
        assert engines.ask(db, "PRAGMA foreign_key_check") == []
    return version
