"""Sixteen processes write, four read, and the program itself is run a hundred times: every
acknowledged write is there, once, and the history tells the same as the records."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests import engines
from tests.stress.stress_tools import (
    check_journal,
    check_no_duplicates,
    check_sound,
    lines,
)
from tests.stress.worker import BATCH

from crmcli.actions import records
from crmcli.actions.context import Context

WORKER = Path(__file__).with_name("worker.py")
WRITERS, WRITES, READERS, RUNS = 16, 200, 4, 100

Ack = dict[str, Any]


@pytest.fixture
def shared(ctx: Context) -> Path:
    """A database with a contact and a deal that all write to."""
    records.add(ctx, "contact", [], title="Shared Person")
    records.add(ctx, "deal", [], title="Shared deal")
    return ctx.location.path


@pytest.mark.slow
def test_no_acknowledged_write_is_lost(
    shared: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    begun = time.monotonic()
    acks, reads = race(tmp_path, WRITERS, WRITES, READERS, RUNS)
    took = time.monotonic() - begun
    check_every_ack(shared, acks, RUNS)
    check_sound(shared)
    check_no_duplicates(shared)
    changes = check_journal(shared)
    count = len(acks) + RUNS
    record_property(
        "numbers",
        f"{engines.in_use()}: {count:,} writes acknowledged by {WRITERS} processes and {RUNS} runs"
        f" of the program in {took:.0f} s, {count:,} found; {changes:,} changes of the history"
        f" played; {reads:,} reads meanwhile",
    )


def test_a_few_writers_lose_nothing(shared: Path, tmp_path: Path) -> None:
    acks, _reads = race(tmp_path, 2, 20, 1, 2)
    check_every_ack(shared, acks, 2)
    check_sound(shared)
    check_no_duplicates(shared)
    check_journal(shared)


def race(folder: Path, writers: int, writes: int, readers: int, runs: int) -> tuple[list[Ack], int]:
    """Let them all work at once; what was acknowledged to the workers, and the number of reads."""
    busy = [start("write", f"user{me}", str(writes), str(folder)) for me in range(writers)]
    looking = [start("read", f"reader{me}", str(folder)) for me in range(readers)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(run_program, range(runs)))
    finished(busy)
    (folder / "stop").touch()
    seen = finished(looking)
    for ran in done:
        assert ran.returncode == 0, ran.stderr
        assert "locked" not in ran.stderr
    acks = [ack for me in range(writers) for ack in lines(folder / f"user{me}.jsonl")]
    assert len(acks) == writers * writes
    return acks, sum(int(text) for text in seen)


def start(*words: str) -> subprocess.Popen[str]:
    root = str(WORKER.parent.parent.parent)
    return subprocess.Popen(
        [sys.executable, str(WORKER), *words],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """What each process printed; all must end well."""
    found = [process.communicate(timeout=1800) for process in processes]
    for process, (_out, err) in zip(processes, found, strict=True):
        assert process.returncode == 0, err
    return [out for out, _err in found]


def run_program(number: int) -> subprocess.CompletedProcess[str]:
    """Run `crm` itself: in turn it adds, adds a line, and logs."""
    words = (
        ["add-contact", f"Program {number}", "--email", f"program{number}@example.org"],
        ["edit", "c1", f"notes+=program {number}"],
        ["log", "call", "c1", f"program {number}"],
    )[number % 3]
    return subprocess.run(
        [sys.executable, "-m", "crmcli", *words],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def check_every_ack(db: Path, acks: Sequence[Ack], runs: int) -> None:
    """What was acknowledged is there, in each kind of write, and nothing besides."""
    sets = [ack["set"] for ack in acks if ack["set"]]
    assert len(sets) == len(set(sets)), "a change set was acknowledged twice"
    known = {f"h{id}" for (id,) in engines.ask(db, "SELECT id FROM change_set")}
    assert set(sets) <= known
    assert len(known) == len(sets) + 2 + runs
    check_people(db, acks, runs)
    check_imports(db, acks)
    check_lines(db, acks, runs)
    check_moves(db)


def check_people(db: Path, acks: Sequence[Ack], runs: int) -> None:
    """Everybody who was added, with e-mail, company and the last title."""
    titles = {ack["handle"]: ack["title"] for ack in acks if ack["what"] == "edit"}
    wanted = {
        (f"Person {ack['key']}", f"p.{ack['key'].replace(' ', '.')}@example.org",
         titles.get(ack["handle"]))
        for ack in acks if ack["what"] == "add"
    }  # fmt: skip
    rows = engines.ask(
        db,
        "SELECT name, email, title FROM contacts"
        " WHERE name LIKE 'Person %' AND company IS NOT NULL AND deleted_at IS NULL",
    )
    assert Counter(rows) == Counter(wanted)
    assert engines.ask(db, "SELECT count(*) FROM contact WHERE name LIKE 'Program %'") == [
        (len(range(0, runs, 3)),)
    ]


def check_imports(db: Path, acks: Sequence[Ack]) -> None:
    """Imports are there as a whole, or as a whole not, where they were taken back."""
    undone = {ack["of"] for ack in acks if ack["what"] == "undo"}
    loads = [ack for ack in acks if ack["what"] == "load"]
    wanted = {ack["title"]: BATCH for ack in loads if ack["set"] not in undone}
    rows = engines.ask(
        db,
        "SELECT title, count(*) FROM contact"
        " WHERE title LIKE 'batch %' AND deleted_at IS NULL GROUP BY title",
    )
    assert dict(rows) == wanted
    assert engines.ask(db, "SELECT count(*) FROM import_batch") == [(len(loads),)]


def check_lines(db: Path, acks: Sequence[Ack], runs: int) -> None:
    """Every line of notes and every call, once."""
    programs = [f"program {number}" for number in range(runs)]
    notes = [ack["line"] for ack in acks if ack["what"] == "note"] + programs[1::3]
    held = engines.ask(db, "SELECT notes FROM contact WHERE id = 1")[0][0] or ""
    assert Counter(held.splitlines()) == Counter(notes)
    calls = [ack["subject"] for ack in acks if ack["what"] == "log"] + programs[2::3]
    rows = engines.ask(db, "SELECT subject FROM activity WHERE deleted_at IS NULL")
    assert Counter(subject for (subject,) in rows) == Counter(calls)


def check_moves(db: Path) -> None:
    """The stages that the deal went through follow each other, and lead to where it is."""
    rows = engines.ask(
        db, "SELECT from_id, stage_id FROM stage_change WHERE deleted_at IS NULL ORDER BY id"
    )
    for (_, left), (came_from, _) in pairwise(rows):
        assert came_from == left
    assert engines.ask(db, "SELECT stage_id FROM deal WHERE id = 1") == [(rows[-1][1],)]
