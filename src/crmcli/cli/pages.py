"""Help pages: plain text in our own look, made without rich, because `--help` must be light."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from crmcli.cli.everywhere import given
from crmcli.cli.toolkit import Command, Context, HelpFormatter, Parameter

WIDTH = 100
Rows = Sequence[tuple[str, str]]


def coloured(ctx: Context) -> bool:
    """Whether help may use colour: by --color, NO_COLOR and the terminal."""
    wish = given(ctx).get("color", "auto")
    if wish in ("always", "never"):
        return bool(wish == "always")
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


class Page(HelpFormatter):
    """A help page: bold headings, cyan terms."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__(max_width=WIDTH)
        self.colour = colour

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def write_heading(self, heading: str) -> None:
        """A heading without a colon."""
        self.write(f"{self._paint(heading, '1')}\n")

    def write_dl(self, rows: Rows, col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms with their sentences."""
        painted = [(self._paint(term, "36"), text) for term, text in rows]
        super().write_dl(painted, col_max, col_spacing)

    def write_section(self, heading: str, rows: Rows) -> None:
        """A heading over terms; nothing when there are none."""
        if rows:
            with self.section(heading):
                self.write_dl(rows)

    def write_lines(self, heading: str, lines: Sequence[str]) -> None:
        """A heading over lines that are kept as they are."""
        if lines:
            with self.section(heading):
                for line in lines:
                    self.write(f"{'':{self.current_indent}}{line}\n")


def help_page(command: Command, ctx: Context) -> str:
    """The help page of a command or group."""
    page = Page(colour=coloured(ctx))
    command.format_help(ctx, page)
    return page.getvalue().rstrip("\n")


def write_params(command: Command, ctx: Context, page: Page) -> None:
    """The arguments, the command's own options, and the ones that work everywhere."""
    arguments: list[tuple[str, str]] = []
    own: list[tuple[str, str]] = []
    shared: list[tuple[str, str]] = []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            _section_of(param, arguments, own, shared).append(record)
    page.write_section("Arguments", arguments)
    page.write_section("Options", own)
    page.write_section("Options everywhere", shared)


def _section_of(
    param: Parameter,
    arguments: list[tuple[str, str]],
    own: list[tuple[str, str]],
    shared: list[tuple[str, str]],
) -> list[tuple[str, str]]:
    if param.param_type_name == "argument":
        return arguments
    name = param.name or ""
    return shared if name.startswith("everywhere_") or name == "help" else own
