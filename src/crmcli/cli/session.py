"""One run of a command: options, environment and settings made into a `Context` and a `How`.

Here are all the things that actions must not do: looking at the clock, the environment and the
terminal, asking questions, choosing the form of the output.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from crmcli.cli.table import DECIDE, LIST, PAGED, Entry
from crmcli.errors import Ambiguous, Declined, InvalidValue, UsageError

if TYPE_CHECKING:
    from crmcli.actions.context import Context
    from crmcli.output import How


_LISTING = (PAGED, LIST, DECIDE)


class Session:
    """What a command runs in.

    given: the options that work everywhere, as far as they were typed. path: the words of the
    command, such as `crm add-contact`. entry: its entry in the table.
    """

    def __init__(self, given: Mapping[str, Any], path: str, entry: Entry) -> None:
        self.given = given
        self.path = path
        self.entry = entry
        self._agreed: set[str] = set()

    @cached_property
    def interactive(self) -> bool:
        """Whether somebody is there to answer a question."""
        return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()

    @cached_property
    def how(self) -> How:
        """In which form results are shown."""
        from crmcli.cli.surroundings import make_how

        return make_how(
            self.given, self.ctx.env, self.ctx.settings, lists=self.entry.takes in _LISTING
        )

    @cached_property
    def ctx(self) -> Context:
        """All that an action may depend on."""
        from crmcli.cli.surroundings import make_context

        repairing = self.entry.module == "settings" and self.entry.name in ("path", "edit")
        return make_context(self.given, defaults=repairing)

    @property
    def limit(self) -> int:
        """How many rows a list shows: as told, else a page on a terminal and all elsewhere."""
        limit = self.given.get("limit")
        if limit is None:
            page = int(self.ctx.settings["page"])
            return page if self.how.tty and self.how.format in (None, "table") else 0
        if limit < 0:
            raise InvalidValue(f"--limit {limit} is below zero", hint="--limit 0 shows all rows")
        return int(limit)

    @property
    def columns(self) -> list[str] | None:
        """The columns that were asked for, or None."""
        text = self.given.get("columns")
        return None if text is None else [word.strip() for word in text.split(",") if word.strip()]

    def keep_invalid(self) -> None:
        """Take phones and e-mails that cannot exist as they are typed."""
        self.ctx.env = self.ctx.env._replace(keep_invalid=True)

    def run(self, act: Act) -> int:
        """Do it, show what came of it; the exit status."""
        try:
            result = self._attempt(act)
            if result is None:
                return 0
            from crmcli.output import emit

            results = result if isinstance(result, list) else [result]
            for each in results:
                emit(each, self.how)
            return max(int(getattr(each, "exit_status", 0)) for each in results)
        finally:
            if "ctx" in self.__dict__:
                self.ctx.close()

    def confirm(self, question: str, *, agreed: bool = False) -> None:
        """Go on only if somebody agrees, now or with --yes; `agreed` says that they have.

        Raises Declined; UsageError when there is nobody to ask.
        """
        given = self.given
        if agreed or given.get("yes") or given.get("dry_run") or question in self._agreed:
            return
        if not self.interactive:
            raise UsageError(f"{question} Nobody is there to answer", hint="--yes answers yes")
        if ask(f"{question} [y/N] ").casefold() not in ("y", "yes"):
            raise Declined("nothing was changed")
        self._agreed.add(question)

    def _attempt(self, act: Act) -> Any:
        """The act's result; asks which record is meant as often as that is open."""
        while True:
            try:
                return act(self)
            except Ambiguous as problem:
                if not self.interactive or not problem.details.get("candidates"):
                    raise
                self.ctx.chosen[problem.details["text"]] = choose(problem, self.how)


Act: TypeAlias = Callable[[Session], Any]
"""What a command does: from a session to a result of `crmcli.results`, several, or None."""


def ask(question: str) -> str:
    """What somebody types to a question on the terminal; Declined at the end of input."""
    sys.stderr.write(question)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stderr.write("\n")
        raise Declined("nothing was changed")
    return line.strip()


def choose(problem: Ambiguous, how: How) -> str:
    """The handle of the candidate that somebody picks by its number."""
    candidates = problem.details["candidates"]
    sys.stderr.writelines(f"{line}\n" for line in _offered(problem, how))
    picks = {str(number): found["handle"] for number, found in enumerate(candidates, 1)}
    picks |= {handle: handle for handle in picks.values()}
    if len(candidates) == 1:
        picks |= dict.fromkeys(("", "y", "yes"), candidates[0]["handle"])
    question = "Is it this one? [Y/n] " if len(candidates) == 1 else "Which one? "
    answer = ask(question).casefold()
    while answer not in picks and answer not in ("", "n", "no", "q"):
        answer = ask(question).casefold()
    if answer not in picks:
        raise Declined("nothing was changed")
    return str(picks[answer])


def _offered(problem: Ambiguous, how: How) -> list[str]:
    """What somebody may choose from, each on a line with its number."""
    from crmcli.output.grid import Cell, Track, draw
    from crmcli.output.text import harmless, wrap

    candidates, more = problem.details["candidates"], problem.details.get("more", 0)
    told = problem.message.partition(f": {candidates[0]['handle']} ")[0]  # they follow as lines
    rows = [
        [Cell(str(number)), *(Cell(harmless(found.get(key) or "")) for key in _OFFERED)]
        for number, found in enumerate(candidates, 1)
    ]
    tracks = [Track(right=True, whole=True), Track(whole=True), Track(least=24), Track(priority=1)]
    lines = [*wrap(told, how.width), *draw(tracks, rows, how, header=False, indent=2)]
    return [*lines, f"  … {more:,} more"] if more else lines


_OFFERED = ("handle", "title", "extra")
