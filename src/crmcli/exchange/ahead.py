"""The rows of a file in chunks; of a long file, each is read while the one before is written.

Reading the values takes about as long as writing them, and Python runs one thread at a time, so a
second process does it where there are cores to spare. (On two, which often are one in truth, it
took longer than it saved.) Rows go to it and chunks come back, pickled, over its two pipes. It ends
with the pipes, also when this process is killed. Should it fail, this one reads the rows itself,
and comes to the same values or to the same error.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, cast

from crmcli.exchange.layout import Layout
from crmcli.exchange.readers import Row
from crmcli.exchange.reading import Chunk, RowReader
from crmcli.values.base import Env

STEP = 5_000
"""Rows in a chunk: so many are in memory at a time, and as many again of the next one."""

SPARE = (os.cpu_count() or 1) >= 4
"""Whether there are cores to spare."""

_PROGRAM = "import sys; sys.path[:] = {}; from crmcli.exchange.ahead import serve; serve()"


class Spec(NamedTuple):
    """What a `RowReader` is made from."""

    layout: Layout
    env: Env
    escaped: bool

    def reader(self) -> RowReader:
        """A reader of such rows."""
        return RowReader(self.layout, self.env, escaped=self.escaped)


class Ahead:
    """The chunks of a file, one after another."""

    def __init__(self, rows: Iterator[Row], spec: Spec) -> None:
        self._rows, self._spec = rows, spec
        self._reader = spec.reader()
        self._under_way: list[Row] = []
        self._other: _Other | None = None

    def start(self) -> None:
        """Begin to read the next chunk beside whatever is done now, if that pays."""
        if not SPARE:
            return
        self._under_way = list(islice(self._rows, STEP))
        if self._under_way:
            self._other = self._other or _Other(self._spec)
            self._other.ask(self._under_way)

    def take(self) -> Chunk | None:
        """The next chunk, None after the last."""
        rows = self._under_way or list(islice(self._rows, STEP))
        chunk = self._other.answer() if self._other and self._under_way else None
        self._under_way = []
        if chunk is None and rows:
            chunk = self._reader.read(rows)
        return chunk

    def close(self) -> None:
        """End the other process."""
        if self._other:
            self._other.close()


class _Other:
    """The other process."""

    def __init__(self, spec: Spec) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM.format(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._to = cast(BinaryIO, self._process.stdin)
        self._from = cast(BinaryIO, self._process.stdout)
        self._send(spec)

    def ask(self, rows: list[Row]) -> None:
        """Have a chunk read. It must be answered before the next is asked for."""
        self._send(rows)

    def answer(self) -> Chunk | None:
        """The chunk that was asked for; None when the process has failed."""
        try:
            chunk: Chunk = _receive(self._from)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        return chunk

    def close(self) -> None:
        """Close its pipes, which ends it."""
        self._process.kill()
        self._from.close()
        with suppress(BrokenPipeError):  # it has not read everything, and need not
            self._to.close()
        self._process.wait()

    def _send(self, what: Spec | list[Row]) -> None:
        with suppress(BrokenPipeError):  # it is gone: `answer` finds out
            _send(what, self._to)


def _send(what: object, pipe: BinaryIO) -> None:
    pickle.dump(what, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _receive(pipe: BinaryIO) -> Any:
    return pickle.load(pipe)  # noqa: S301  what our own other process wrote


def serve() -> None:
    """Be the other process: read chunks until there is nobody to read for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that asks ends this one
    _serve(sys.stdin.buffer, sys.stdout.buffer)


def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    import gc

    gc.disable()  # as in the process that writes: there are no cycles to find
    reader = _receive(questions).reader()
    while True:
        try:
            rows = _receive(questions)
        except EOFError:
            return
        _send(reader.read(rows), answers)
