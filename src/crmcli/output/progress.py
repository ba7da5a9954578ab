"""A progress bar on stderr for work that takes a while."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from crmcli.output.how import How


class Progress:
    """A bar with a count, a rate and the time left; nothing unless stderr is a terminal.

    description: what is being done. total: how many steps; None when that is not known.

        with Progress("importing", 100_000, how) as progress:
            progress.advance(500)
    """

    def __init__(self, description: str, total: int | None, how: How) -> None:
        self._description = description
        self._total = total
        self._how = how
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not self._how.quiet and not self._how.json:
            self._bar = _bar(self._how)
            self._task = self._bar.add_task(self._description, total=self._total, rate="")
            self._bar.start()
        return self

    def advance(self, n: int = 1) -> None:
        """`n` more steps are done."""
        if self._bar is None or self._task is None:
            return
        self._bar.advance(self._task, n)
        speed = self._bar.tasks[0].finished_speed or self._bar.tasks[0].speed
        self._bar.update(self._task, rate=f"{speed:,.0f}/s" if speed else "")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar(how: How) -> RichProgress:
    """Rich's bar; it costs 150 ms to load, so only work that lasts comes here."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True, no_color=not how.color),
        transient=True,
    )
