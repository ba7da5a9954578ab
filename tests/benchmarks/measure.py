"""Timing of whole processes: alternating runs, medians, peak memory; the page of figures."""

from __future__ import annotations

import compileall
import os
import platform
import re
import sqlite3
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import NamedTuple

SOURCE = Path(__file__).parents[2] / "src"
PROGRAM = (sys.executable, "-c", "import sys; from crmcli.cli.main import main; sys.exit(main())")
"""What the installed script `crm` does."""


_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"


class Case(NamedTuple):
    """A process to time. `{run}` in a word stands for the number of the run.

    prepare: what is done before each run, outside the clock. limit: seconds after which it has
    failed.
    """

    name: str
    command: tuple[str, ...]
    env: dict[str, str] = {}
    prepare: Callable[[], None] | None = None
    limit: float = 60


class Timing(NamedTuple):
    """Median seconds of the runs, and the largest peak memory in MiB."""

    seconds: float
    peak: float


def floor(name: str, code: str) -> Case:
    """A Python process that only runs `code`."""
    return Case(name, (sys.executable, "-c", code))


def crm(name: str, *words: str, db: Path | str | None = None, **env: str) -> Case:
    """A run of the program on a database, which a path or a URL names."""
    named = {"CRM_DB": str(db)} if db else {}
    return Case(name, (*PROGRAM, *words), {**named, **env})


def measure(cases: Sequence[Case], runs: int) -> dict[str, Timing]:
    """Time all cases in turn, `runs` times over; one round before does not count.

    Raises RuntimeError when a process fails, with what it said.
    """
    found: dict[str, list[Timing]] = {case.name: [] for case in cases}
    warm_ups = 1 if runs > 3 else 0
    for run in range(1, runs + warm_ups + 1):
        for case in cases:
            timing = _time(case, run)
            if run > warm_ups:
                found[case.name].append(timing)
    return {
        name: Timing(
            statistics.median(timing.seconds for timing in timings),
            max(timing.peak for timing in timings),
        )
        for name, timings in found.items()
    }


def environment() -> dict[str, str]:
    """The environment of a timed process: ours, without what would change its work."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    fixed = {"CRM_USER": "ada", "CRM_CONFIG": os.devnull, "COLUMNS": "120", "TZ": "UTC"}
    return {**kept, **fixed, "PYTHONPATH": str(SOURCE)}


def _time(case: Case, run: int) -> Timing:
    if case.prepare:
        case.prepare()
    command = [word.replace("{run}", str(run)) for word in case.command]
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**environment(), **case.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    alarm = Timer(case.limit, process.kill)
    alarm.start()
    said = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    alarm.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stderr:
        process.stderr.close()
    if process.returncode:
        raise RuntimeError(
            f"{case.name}: exit {process.returncode} after {seconds:.1f} s: {said.decode()[-500:]}"
        )
    return Timing(seconds, usage.ru_maxrss / 1024)


# --- before and after


def kept(folder: str | None) -> Path:
    """The folder where databases are kept for the next time; made where it is missing."""
    path = Path(folder or Path(tempfile.gettempdir()) / "crm-benchmarks")
    path.mkdir(parents=True, exist_ok=True)
    return path


def compile_all() -> None:
    """Bytecode of everything that the processes import, so that no run pays for compiling."""
    for folder in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(SOURCE)):
        compileall.compile_dir(folder, quiet=2, workers=0)


def put(page: Path, table: str, *more: str) -> None:
    """Put the table between the marks of a page, with what it was measured on, and `more`."""
    day = datetime.now(UTC).date().isoformat()
    versions = (
        f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", *more,
        f"{platform.system()} on {platform.machine()}",
    )  # fmt: skip
    block = f"{_BEGIN}\nMeasured on {day} with {', '.join(versions)}.\n\n{table}\n{_END}"
    marked = re.compile(re.escape(_BEGIN) + ".*?" + re.escape(_END), re.DOTALL)
    page.write_text(marked.sub(lambda _: block, page.read_text("utf-8")), "utf-8")
