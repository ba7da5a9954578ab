"""A full disk, a folder that becomes read-only and a clock that goes back: a clear message, and
nothing is lost. What else can be wrong with the file is in tests/e2e/test_e2e_faults.py."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from tests.e2e.e2e_tools import crm, linux_only, permissions_hold, quiet_failure
from tests.stress.stress_tools import check_journal, check_sound
from tests.surroundings import Crm, content_of, context_at

from crmcli.actions import day, doctor, journal, records
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.store import backup
from crmcli.store.location import Location
from crmcli.store.sealing import Keys

sqlite_only = pytest.mark.sqlite_only


@pytest.fixture
def full(db: Path) -> Path:
    """A database with somebody in it, and a backup of it."""
    context = context_at(db)
    records.add(context, "contact", [read_assign("email=a@x.org")], title="Ada Lovelace")
    backup.create(context.location, context.env.now, folder=db.parent / "data/crmcli/backups")
    context.close()
    return db


# --- the disk

ROOMS = (0, 4096, 40_000, 200_000)  # bytes by which no file can exceed, beyond the database


def room_for(limit: int) -> Callable[[], None]:
    """Let no file of a process grow beyond a limit: what a full disk does."""

    def restrict() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return restrict


def heavy_sheet(folder: Path) -> Path:
    """People with much to say."""
    file = folder / "people.csv"
    notes = "what a long story " * 100
    file.write_text("Name,Notes\n" + "".join(f"P{row},{notes}{row}\n" for row in range(400)))
    return file


@sqlite_only
@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("what", ["edit", "import", "restore", "backup"])
def test_a_disk_that_fills_up_on_the_way_loses_nothing(full: Path, what: str, room: int) -> None:
    size = full.stat().st_size
    (saved,) = backup.list_backups(Location(full))
    words = {
        "edit": ("edit", "c1", "notes=" + "x" * 100_000),
        "import": ("import", str(heavy_sheet(full.parent)), "--yes"),
        "restore": ("backup", "restore", str(saved.path), "--yes"),
        "backup": ("backup", "create"),
    }[what]
    limit = size + room if what in ("edit", "import") else size * room // ROOMS[-1] // 2
    before = content_of(full)
    done = crm(full, *words, before=room_for(limit))
    said = quiet_failure(done, 7)
    assert any(word in said for word in ("full", "disk", "too large")), said
    check_sound(full)
    assert content_of(full) == before
    for each in backup.list_backups(Location(full)):
        backup.verify(each, Keys())
    assert crm(full, "add-contact", "Grace Hopper").returncode == 0
    check_sound(full)


# --- permissions


@pytest.fixture
def lent(full: Path) -> Iterator[Path]:
    """A copy in a folder of its own, whose permissions can be taken away."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crm.db"
        shutil.copy(full, path)
        yield path


@sqlite_only
@linux_only
@pytest.mark.parametrize(
    ("folder", "file"), [(0o555, 0o600), (0o755, 0o444), (0o555, 0o444)],
    ids=["the folder", "the file", "both"],
)  # fmt: skip
def test_permission_that_is_revoked_between_two_writes_loses_nothing(
    lent: Path, folder: int, file: int
) -> None:
    assert crm(lent, "edit", "c1", "title=CTO", before=permissions_hold).returncode == 0
    before = lent.read_bytes()
    os.chmod(lent, file)
    os.chmod(lent.parent, folder)
    quiet_failure(crm(lent, "edit", "c1", "title=CEO", before=permissions_hold), 7)
    assert "CTO" in crm(lent, "show", "c1", before=permissions_hold).stdout
    assert lent.read_bytes() == before
    os.chmod(lent.parent, 0o755)
    os.chmod(lent, 0o600)
    assert crm(lent, "edit", "c1", "title=CEO", before=permissions_hold).returncode == 0
    check_sound(lent)


# --- the clock


@pytest.fixture
def late(ctx: Context) -> Context:
    """A writer whose clock is three days behind the last change."""
    records.add(ctx, "contact", [], title="Ada Lovelace")
    records.edit(ctx, ["c1"], [read_assign("title=CTO")])
    return replace(ctx, env=ctx.env._replace(now=ctx.env.now - timedelta(days=3)))


def test_a_clock_that_goes_back_loses_nothing(late: Context) -> None:
    done = records.edit(late, ["c1"], [read_assign("title=CEO"), read_assign("notes+=late")])
    records.add(late, "contact", [], title="Grace Hopper")
    assert done.change_set == "h3"
    listed = journal.history(late)
    assert [row[0] for row in listed.rows] == ["h4", "h3", "h2", "h1"]
    late.close()
    check_sound(late.location.path)
    check_journal(late.location.path)


def test_a_deal_that_is_moved_after_the_clock_went_back_keeps_its_stages(late: Context) -> None:
    ahead = replace(late, env=late.env._replace(now=late.env.now + timedelta(days=3)))
    records.add(ahead, "deal", [], title="Renewal")
    for stage, context in (("proposal", ahead), ("qualified", late), ("proposal", late)):
        day.move(context, ["d1"], stage)
    day.win(late, ["d1"])
    records.reopen(late, ["d1"])
    steps = late.reader.rows("SELECT from_id, stage_id FROM stage_change ORDER BY id")
    late.close()
    assert len(steps) == 6
    assert all(step[0] == before[1] for before, step in pairwise(steps))
    assert steps[-1][1] == steps[1][1]


def test_undo_after_the_clock_went_back_takes_the_last_change_not_the_latest(
    late: Context,
) -> None:
    records.edit(late, ["c1"], [read_assign("title=CEO")])
    assert journal.undo(late).lines == ("Undid h3 (crm test): 1 contact changed back",)
    assert late.reader.scalar("SELECT title FROM contact") == "CTO"
    late.close()


def test_a_version_counts_on_though_the_clock_went_back(late: Context) -> None:
    records.edit(late, ["c1"], [read_assign("title=CEO")])
    assert late.reader.scalar("SELECT version FROM contact") == 3
    late.close()


def test_the_doctor_says_that_the_clock_went_back(late: Context) -> None:
    found = {check.name: check for check in doctor.doctor(late).checks}
    late.close()
    assert found["clock"].state == "warning"


@sqlite_only
def test_a_backup_made_after_the_clock_went_back_replaces_none(crm: Crm, late: Context) -> None:
    for context in (late, late, replace(late, env=late.env._replace(now=late.env.now))):
        backup.create(context.location, context.env.now)
    made = backup.list_backups(late.location)
    assert len({each.path for each in made}) == 3
