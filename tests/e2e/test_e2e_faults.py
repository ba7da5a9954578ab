"""What can go wrong with the file ends in a clear message, exit 7, and no harm."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.e2e.e2e_tools import (
    PROGRAM,
    ask,
    crm,
    linux_only,
    permissions_hold,
    quiet_failure,
    run_sql,
    start_python,
    surroundings,
)
from tests.surroundings import Crm, context_at

from crmcli.actions import records
from crmcli.actions.assign import Assign
from crmcli.store import connect, read

pytestmark = pytest.mark.sqlite_only

READS = (("contacts",), ("show", "c1"), ("search", "ada"), ("pipeline",), ("today",), ("history",))
WRITES = (("add-contact", "Grace"), ("edit", "c1", "title=x"), ("delete", "c1"), ("undo",))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Path:
    """A database with one contact."""
    path = tmp_path_factory.mktemp("example") / "crm.db"
    records.add(
        context_at(path), "contact", [Assign("email", "=", None, "a@x.org")], title="Ada Lovelace"
    )
    return path


@pytest.fixture
def full(db: Path, example: Path) -> Path:
    """A copy of it."""
    shutil.copy(example, db)
    return db


# --- files that are none of ours


def not_sqlite(db: Path) -> None:
    db.write_text("name,email\nAda,a@x.org\n" * 100)


def of_another_program(db: Path) -> None:
    run_sql(db, "CREATE TABLE moz_places (id)")


def newer(db: Path) -> None:
    run_sql(db, f"PRAGMA application_id = {read.APPLICATION_ID}", "PRAGMA user_version = 99")


def folder(db: Path) -> None:
    db.mkdir()


def cut(db: Path) -> None:
    context = context_at(db)
    records.add(context, "contact", [], title="Ada Lovelace")
    db.write_bytes(db.read_bytes()[:5000])


DAMAGES: list[tuple[Callable[[Path], None], str]] = [
    (not_sqlite, "not an SQLite file"),
    (of_another_program, "another program"),
    (newer, "newer version"),
    (folder, "is a folder"),
    (cut, "damaged"),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGES, ids=[d[0].__name__ for d in DAMAGES])
@pytest.mark.parametrize("words", [*READS[:3], *WRITES[:2]], ids=" ".join)
def test_a_file_that_cannot_be_used_is_named_and_left_alone(
    db: Path, crm: Crm, damage: Callable[[Path], None], said: str, words: tuple[str, ...]
) -> None:
    damage(db)
    before = db.read_bytes() if db.is_file() else None
    ran = crm(*words)
    assert (ran.status, ran.out) == (7, "")
    assert said in ran.err
    assert "crm.db" in ran.err
    assert (db.read_bytes() if db.is_file() else None) == before


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_reading_where_there_is_no_database_says_how_to_make_one(
    db: Path, crm: Crm, words: tuple[str, ...]
) -> None:
    ran = crm(*words)
    assert ran.status == 7
    assert "no database" in ran.err
    assert "crm init" in ran.err
    assert not db.exists()


@pytest.mark.parametrize("words", [READS[0], WRITES[0]], ids=" ".join)
def test_a_missing_folder_is_named(
    db: Path, crm: Crm, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_DB", str(db.parent / "nowhere" / "crm.db"))
    ran = crm(*words)
    assert ran.status == 7
    assert "nowhere" in ran.err
    assert not (db.parent / "nowhere").exists()


def test_an_empty_file_becomes_a_database_at_the_first_write(db: Path, crm: Crm) -> None:
    db.touch()
    assert crm("contacts").status == 7
    assert crm("add-contact", "Ada").status == 0
    assert crm("contacts").status == 0


# --- permissions


@pytest.fixture
def reachable(example: Path) -> Iterator[Path]:
    """A copy in a folder of its own, whose permissions can be taken away."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crm.db"
        shutil.copy(example, path)
        yield path


@linux_only
@pytest.mark.parametrize("words", [*READS[:2], *WRITES[:2]], ids=" ".join)
def test_a_read_only_file_can_be_read_and_is_not_written(
    reachable: Path, words: tuple[str, ...]
) -> None:
    os.chmod(reachable, 0o444)
    os.chmod(reachable.parent, 0o555)
    before = reachable.read_bytes()
    done = crm(reachable, *words, before=permissions_hold)
    if words in READS:
        assert (done.returncode, done.stderr) == (0, "")
        assert "Ada Lovelace" in done.stdout
    else:
        assert "cannot be written" in quiet_failure(done, 7)
    assert reachable.read_bytes() == before


@linux_only
@pytest.mark.parametrize("words", [READS[0], WRITES[0]], ids=" ".join)
def test_a_file_that_may_not_be_read_says_so(reachable: Path, words: tuple[str, ...]) -> None:
    os.chmod(reachable, 0)
    quiet_failure(crm(reachable, *words, before=permissions_hold), 7)


@linux_only
@pytest.mark.parametrize("words", [READS[0], WRITES[0]], ids=" ".join)
def test_a_folder_that_may_not_be_entered_says_so(reachable: Path, words: tuple[str, ...]) -> None:
    closed = reachable.parent / "closed"
    closed.mkdir()
    shutil.copy(reachable, closed / "crm.db")
    os.chmod(closed, 0)
    quiet_failure(
        crm(reachable, *words, "--db", str(closed / "crm.db"), before=permissions_hold), 7
    )


@linux_only
def test_a_folder_that_may_not_be_written_says_so(reachable: Path) -> None:
    os.chmod(reachable.parent, 0o555)
    place = str(reachable.parent / "new.db")
    quiet_failure(crm(reachable, "add-contact", "Ada", "--db", place, before=permissions_hold), 7)
    assert not os.path.exists(place)


# --- the disk


def small_files() -> None:
    """Let no file of this process grow: what a full disk does."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_a_full_disk_changes_nothing(full: Path) -> None:
    before = full.read_bytes()
    done = crm(full, "edit", "c1", "notes=" + "x" * 9000, before=small_files)
    quiet_failure(done, 7)
    assert crm(full, "contacts", "--format", "ids").stdout == "c1\n"
    assert full.read_bytes() == before


def test_a_disk_too_full_for_a_new_database_leaves_none_that_misleads(db: Path) -> None:
    quiet_failure(crm(db, "add-contact", "Ada", before=small_files), 7)
    assert crm(db, "add-contact", "Ada").returncode == 0


# --- other processes


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for other processes a twentieth of a second rather than half a minute."""
    monkeypatch.setattr(connect, "PATIENCE", 0.05)
    monkeypatch.setattr(read, "PATIENCE", 0.05)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("words", [*READS[:2], *WRITES[:2]], ids=" ".join)
def test_a_file_locked_by_another_process_is_busy(
    full: Path, crm: Crm, words: tuple[str, ...]
) -> None:
    other = sqlite3.connect(full, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    ran = crm(*words)
    other.close()
    assert ran.status == 7
    assert "another process" in ran.err
    assert "try again" in ran.err


@pytest.mark.usefixtures("impatient")
def test_readers_go_on_while_somebody_writes(full: Path, crm: Crm) -> None:
    other = sqlite3.connect(full, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE contact SET title = 'unfinished'")
    ran = crm("show", "c1")
    other.close()
    assert ran.status == 0
    assert "unfinished" not in ran.out


def test_a_short_lock_is_waited_for(full: Path, crm: Crm) -> None:
    other = sqlite3.connect(full, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(0.3, other.close)
    release.start()
    assert crm("edit", "c1", "title=Countess").status == 0
    release.join()


IN_MID_WRITE = """
import sys
from tests.surroundings import context_at
from pathlib import Path
ctx = context_at(Path(sys.argv[1]))
with ctx.writing() as writer:
    writer.execute("PRAGMA cache_size = 1")
    for number in range(2000):
        writer.execute("UPDATE contact SET notes = ?", (str(number) * 20000,))
        writer.execute("INSERT INTO source (name, name_key, created_at, updated_at, version)"
                       " VALUES (?, ?, '', '', 1)", ("s" * 5000, str(number)))
        if number == 20:
            print("writing", flush=True)
            import time
            time.sleep(60)
"""


@pytest.fixture
def in_mid_write(full: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has written half of a transaction to the file."""
    script = tmp_path / "half.py"
    root = Path(__file__).parent.parent.parent
    head = f"import sys\nsys.path.insert(0, {str(root)!r})\n"
    script.write_text(head + IN_MID_WRITE)
    process = start_python(full, str(script), str(full))
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("words", [("show", "c1"), ("edit", "c1", "title=x")], ids=" ".join)
def test_what_a_killed_process_left_half_written_is_rolled_back(
    full: Path, crm: Crm, in_mid_write: subprocess.Popen[bytes], words: tuple[str, ...]
) -> None:
    in_mid_write.kill()
    in_mid_write.wait()
    assert full.with_name("crm.db-journal").stat().st_size > 0
    ran = crm(*words)
    assert (ran.status, ran.err) == (0, "")
    assert ask(full, "SELECT count(*), max(notes IS NULL) FROM contact") == [(1, 1)]
    assert ask(full, "SELECT count(*) FROM source") == [(0,)]
    assert crm("db", "check").status == 0


def test_ctrl_c_in_mid_write_leaves_nothing(
    full: Path, crm: Crm, in_mid_write: subprocess.Popen[bytes]
) -> None:
    in_mid_write.send_signal(signal.SIGINT)
    in_mid_write.wait(30)
    assert not full.with_name("crm.db-journal").exists()
    assert ask(full, "SELECT count(*) FROM source") == [(0,)]
    assert crm("db", "check").status == 0


def test_ctrl_c_while_waiting_for_a_lock_is_quiet(full: Path) -> None:
    other = sqlite3.connect(full, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    process = subprocess.Popen(
        [*PROGRAM, "edit", "c1", "title=x"], env=surroundings(full), stderr=subprocess.PIPE
    )
    wait_until_running(process)
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=30)
    other.close()
    assert process.returncode == 130
    assert b"Traceback" not in err


def wait_until_running(process: subprocess.Popen[bytes]) -> None:
    """Until the program itself runs, past the interpreter's start."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        if "sqlite3" in maps:
            time.sleep(1)
            return
        time.sleep(0.05)
    if sys.platform == "linux":
        pytest.fail("the program did not come to its work")


# --- pipes


def test_a_reader_that_leaves_early_is_no_error(full: Path) -> None:
    for number in range(3):
        run_sql(
            full,
            "INSERT INTO contact (name, name_key, status, do_not_contact, version, created_at,"
            f" updated_at) SELECT 'N' || value, 'n{number}', 'lead', 0, 1, '', ''"
            " FROM json_each('[" + ",".join(map(str, range(2000))) + "]')",
        )
    process = subprocess.Popen(
        [*PROGRAM, "contacts"],
        env=surroundings(full),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    assert process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(30), err) == (0, b"")
