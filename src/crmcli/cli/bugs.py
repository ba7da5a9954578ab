"""What happens when the program itself is wrong: the details go to a file, not to the user."""

from __future__ import annotations

import platform
import shlex
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from crmcli import __version__
from crmcli.errors import Bug
from crmcli.store.location import without_password


def report_bug(bug: Exception, args: Sequence[str]) -> Bug:
    """The error to show for `bug`; its traceback is appended to the log."""
    summary = without_password(str(bug).partition("\n")[0])[:200]
    message = f"this is a bug: {type(bug).__name__}: {summary}"
    try:
        path = write_log(bug, args)
    except OSError as problem:
        return Bug(f"{message}; its details could not be written: {problem.strerror}")
    return Bug(f"{message}; the details are in {path}", hint="please report it with that file")


def log_path() -> Path:
    """The file that keeps the details of bugs."""
    import platformdirs

    return Path(platformdirs.user_log_dir("crmcli", appauthor=False)) / "crm.log"


def write_log(bug: Exception, args: Sequence[str]) -> Path:
    """Append the details of `bug` to the log; its path. Raises OSError."""
    path = log_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    python = platform.python_version()
    head = f"crm {__version__}, Python {python}, {sys.platform}: crm {shlex.join(args)}\n"
    with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(without_password(head + "".join(traceback.format_exception(bug))) + "\n")
    path.chmod(0o600)
    return path
