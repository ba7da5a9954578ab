"""Many processes write at once: every acknowledged write is there, and the index agrees."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.e2e.e2e_tools import ask, start, start_python
from tests.surroundings import Crm, context_at

from crmcli.actions import household, records
from crmcli.actions.assign import Assign
from crmcli.actions.context import Context

pytestmark = pytest.mark.sqlite_only

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.surroundings import context_at
from crmcli.actions import day, journal, records
from crmcli.actions.assign import Assign

me, count = sys.argv[3], int(sys.argv[4])
ctx = context_at(Path(sys.argv[2]), f"user{me}")
acts = (
    lambda n: records.add(ctx, "contact", [Assign("company", "=", None, f"Co {n % 3}")],
                          title=f"Person {me} {n}"),
    lambda n: records.edit(ctx, ["c1"], [Assign("notes", "+=", None, f"note {me} {n}")]),
    lambda n: records.tag(ctx, ["c1"], [f"tag-{me}-{n}"]),
    lambda n: day.log(ctx, "call", ["c1"], f"call {me} {n}", {}),
)
for number in range(count):
    done = acts[number % 4](number)
    assert done.change_set
    print(number, done.change_set, flush=True)
"""


@pytest.fixture
def shared(ctx: Context) -> Path:
    """A database with a contact that all write to."""
    records.add(ctx, "contact", [], title="Ada Lovelace")
    return ctx.location.path


def finished(processes: Sequence[subprocess.Popen[bytes]]) -> list[str]:
    """What each process printed; all must end well."""
    found = [process.communicate(timeout=120) for process in processes]
    for process, (_out, err) in zip(processes, found, strict=True):
        assert process.returncode == 0, err.decode()
    return [out.decode() for out, _err in found]


def check_all_there(db: Path, writers: int, count: int, printed: list[str]) -> None:
    """Every write that was acknowledged is in the database, once."""
    sets = [line.split()[1] for out in printed for line in out.splitlines()]
    assert len(sets) == len(set(sets)) == writers * count
    wanted = {(w, n) for w in range(writers) for n in range(count)}
    people = {f"Person {w} {n}" for w, n in wanted if n % 4 == 0}
    assert {name for (name,) in ask(db, "SELECT name FROM contact WHERE id > 1")} == people
    notes = str(ask(db, "SELECT notes FROM contact WHERE id = 1")[0][0]).splitlines()
    assert sorted(notes) == sorted(f"note {w} {n}" for w, n in wanted if n % 4 == 1)
    assert ask(db, "SELECT count(*) FROM tagging") == [(sum(n % 4 == 2 for _, n in wanted),)]
    assert ask(db, "SELECT count(*) FROM activity") == [(sum(n % 4 == 3 for _, n in wanted),)]
    assert ask(db, "SELECT count(*) FROM company") == [(min(3, 1 + count // 5),)]
    household.db_check(context_at(db))


def race(db: Path, script: Path, writers: int, count: int) -> None:
    """Let `writers` processes do `count` mixed writes each, at once."""
    script.write_text(WRITER)
    root = str(Path(__file__).parent.parent.parent)
    running = [
        start_python(db, str(script), root, str(db), str(me), str(count)) for me in range(writers)
    ]
    check_all_there(db, writers, count, finished(running))


def test_two_processes_writing_at_once_both_succeed(shared: Path, tmp_path: Path) -> None:
    race(shared, tmp_path / "writer.py", 2, 12)


def test_two_first_writes_make_one_database(db: Path) -> None:
    finished([start(db, "add-contact", name) for name in ("Ada", "Grace")])
    assert ask(db, "SELECT name FROM contact ORDER BY name") == [("Ada",), ("Grace",)]
    assert ask(db, "SELECT count(*) FROM pipeline") == [(1,)]


# --- planted damage is found

PLANTED = [
    ("DELETE FROM search WHERE rowid = 16", "search index"),
    ("UPDATE search SET name = 'Somebody' WHERE rowid = 16", "search index"),
    ("INSERT INTO search (rowid, name, body) VALUES (160, 'ghost', '')", "search index"),
    ("UPDATE contact SET company_id = 99", "refers to a company"),
    ("INSERT INTO tagging (tag_id, record, record_id) VALUES (1, 'contact', 77)",
     "belong to no contact"),
    ("INSERT INTO link (type, from_record, from_id, to_record, to_id)"
     " VALUES ('knows', 'contact', 1, 'deal', 77)", "belong to no deal"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "said"), PLANTED, ids=[p[0][:40] for p in PLANTED])
def test_db_check_finds_planted_damage(shared: Path, crm: Crm, statement: str, said: str) -> None:
    records.edit(context_at(shared), ["c1"], [Assign("tags", "=", None, "vip")])
    assert crm("db", "check").status == 0
    damage(shared, statement)
    ran = crm("db", "check")
    assert ran.status == 7
    assert said in ran.err


def damage(db: Path, statement: str) -> None:
    import sqlite3

    connection = sqlite3.connect(db, isolation_level=None)
    connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("page", [1, 5, 20])
def test_flipped_bytes_are_found_and_end_in_words(shared: Path, crm: Crm, page: int) -> None:
    content = bytearray(shared.read_bytes())
    start = page * 4096
    content[start : start + 200] = bytes(255 - byte for byte in content[start : start + 200])
    shared.write_bytes(content)
    ran = crm("db", "check")
    assert ran.status == 7
    assert "Traceback" not in ran.err
