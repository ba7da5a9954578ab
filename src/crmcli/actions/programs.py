"""Programs of the user's own, which get text on their standard input. No shell has a part in it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from crmcli.errors import UsageError


class Ended(NamedTuple):
    """What came of a run: its status, and what it wrote."""

    status: int
    out: bytes
    err: bytes


def words(command: str, name: str) -> list[str]:
    """A command line as the program and its arguments.

    name: the option or setting that holds it, for the UsageError about quotes that do not match.
    """
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None


def run(
    words: Sequence[str], text: str, seconds: float, variables: Mapping[str, str] | None = None
) -> Ended:
    """Run a program with `text` on its standard input, and whatever it starts, for so long.

    variables: added to its environment. Raises OSError where it cannot be started, TimeoutError
    where it took too long and was ended.
    """
    with subprocess.Popen(
        words, env={**os.environ, **(variables or {})}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            out, err = process.communicate(text.encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"it took longer than {seconds:g} s") from None
        finally:
            _end(process)
    return Ended(process.returncode, out, err)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that still runs, with all that it started, which may hold its output open."""
    if process.returncode is not None:
        return
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
