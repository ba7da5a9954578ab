"""Reading ahead in a second process: the same values, and no process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crmcli.catalog import BY_NAME
from crmcli.exchange import ahead, headers
from crmcli.exchange.ahead import Ahead, Spec
from crmcli.exchange.layout import layout
from crmcli.exchange.readers import Row
from crmcli.exchange.reading import Chunk
from crmcli.values.base import Env

HEADER = ("Name", "Email", "Phone", "City", "Birthday")
CONTACT = BY_NAME["contact"]
SPEC = Spec(
    layout(CONTACT, headers.columns(CONTACT, HEADER, {}, [])),
    Env(datetime(2026, 3, 4, tzinfo=UTC), ZoneInfo("UTC"), region="DE"),
    escaped=True,
)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few rows, and cores to spare."""
    monkeypatch.setattr(ahead, "STEP", 10)
    monkeypatch.setattr(ahead, "SPARE", True)


def _rows(count: int) -> Iterator[Row]:
    for number in range(count):
        phone = "no number" if number % 7 == 0 else f"030 {100000 + number}"
        yield number + 2, [f"N{number} Ö", f"n{number}@example.com", phone, "Köln", "yesterday?"]
    yield count + 2, ["", "", "", "Nowhere", ""]


def _chunks(reading: Ahead, *, start: bool = True, kill: bool = False) -> list[Chunk]:
    found = []
    while chunk := reading.take():
        found.append(chunk)
        if start:
            reading.start()
        if kill and reading._other:
            reading._other._process.kill()
    return found


def _plain(chunks: list[Chunk]) -> list[object]:
    return [(*chunk[:-1], vars(chunk.problems)) for chunk in chunks]


@pytest.mark.parametrize("count", [0, 9, 10, 35])
def test_a_second_process_reads_the_same_as_the_first(count: int) -> None:
    with closing(Ahead(_rows(count), SPEC)) as alone, closing(Ahead(_rows(count), SPEC)) as both:
        assert _plain(_chunks(both)) == _plain(_chunks(alone, start=False))


def test_a_second_process_that_is_killed_loses_no_row() -> None:
    with closing(Ahead(_rows(35), SPEC)) as alone, closing(Ahead(_rows(35), SPEC)) as both:
        assert _plain(_chunks(both, kill=True)) == _plain(_chunks(alone, start=False))


def test_the_second_process_ends_when_it_is_no_longer_wanted() -> None:
    with closing(Ahead(_rows(35), SPEC)) as reading:
        reading.start()
        assert reading._other is not None
        process = reading._other._process
        assert process.poll() is None
    assert process.poll() is not None


_PARENT = """
import time
from tests.exchange import test_exchange_ahead as t
t.ahead.SPARE = True
reading = t.Ahead(t._rows(100), t.SPEC)
reading.start()
print(reading._other._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes are watched through signals")
def test_the_second_process_ends_when_the_first_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        other = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    for _ in range(200):
        if _is_gone(other):
            return
        time.sleep(0.05)
    pytest.fail("it is still there after ten seconds")


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")  # ended, but nobody has asked how
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"
