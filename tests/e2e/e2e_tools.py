"""Run the program as a process of its own, as people and cron do."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

PROGRAM = (sys.executable, "-m", "crmcli")

# From linux/prctl.h and linux/capability.h: what lets root read and write any file.
_DROP_CAPABILITY = 24
_ABOVE_PERMISSIONS = (1, 2)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="of root's rights on Linux")


def surroundings(db: Path, **more: str) -> dict[str, str]:
    """An environment with a database and folders of its own."""
    home = db.parent
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "CRM_DB": str(db),
        "CRM_CONFIG": str(home / "config.toml"),
        "CRM_USER": "ada",
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }


def crm(
    db: Path, *words: str, before: Callable[[], None] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `crm` with these words; `before` runs in the child first."""
    return subprocess.run(
        [*PROGRAM, *words],
        env=surroundings(db),
        capture_output=True,
        text=True,
        input=stdin,
        preexec_fn=before,
        timeout=120,
        check=False,
    )


def start(db: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start `crm` without waiting for it."""
    return start_python(db, "-m", "crmcli", *words)


def start_python(db: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a Python process in the surroundings of `db`."""
    return subprocess.Popen(
        [sys.executable, *words],
        env=surroundings(db),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )


def ask(db: Path, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What the database says, past the program."""
    connection = sqlite3.connect(db)
    try:
        return connection.execute(sql, params).fetchall()
    finally:
        connection.close()


def run_sql(db: Path, *statements: str) -> None:
    """Change the database past the program."""
    connection = sqlite3.connect(db, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def permissions_hold() -> None:
    """Have this process, and what it starts, keep to the permissions of files even as root.

    Root stays the owner of its files, and can run a Python that nobody else may enter.
    """
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in _ABOVE_PERMISSIONS:
            if libc.prctl(_DROP_CAPABILITY, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "the capability cannot be dropped")


def quiet_failure(done: subprocess.CompletedProcess[str], status: int) -> str:
    """The error of a run that failed with `status`, in words and without a traceback."""
    assert done.returncode == status, done
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stderr.startswith("crm: "), done.stderr
    return done.stderr
