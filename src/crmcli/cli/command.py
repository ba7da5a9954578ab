"""A command: its own parameters, the options that work everywhere, and how it is run.

A command's function declares its parameters and returns an *act*: what is to be done with a
`Session` once options, settings and surroundings are known. Running, asking, showing and exit
statuses are the session's business, so that no command repeats them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

import typer

from crmcli.cli.everywhere import given, names_for, options_for, spelling
from crmcli.cli.pages import Page, coloured, help_page, write_params
from crmcli.cli.table import Entry
from crmcli.cli.toolkit import (
    ClickUsageError,
    Command,
    Context,
    HelpFormatter,
    Parameter,
    TyperCommand,
)
from crmcli.errors import UsageError


class CrmCommand(TyperCommand):
    """A command of the table."""

    entry: Entry
    details: Callable[[], list[tuple[str, str]]] | None = None

    def join(self, entry: Entry) -> CrmCommand:
        """Become the command of `entry`: take its options, know its name."""
        self.entry = entry
        taken = frozenset(word for param in self.params for word in param.opts)
        self.params.extend(options_for((entry.takes,), taken))
        self.context_settings = {"help_option_names": ["-h", "--help"]}
        return self

    def get_help(self, ctx: Context) -> str:
        """The help page."""
        ctx.color = coloured(ctx)
        return help_page(self, ctx)

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """The parts of the usage line; what must be given stands bare."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Arguments and options, and what else the command's module has to explain."""
        page = cast("Page", formatter)
        if self.details is not None:
            page.write_section("What there is", self.details())
        write_params(self, ctx, page)

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Examples."""
        from crmcli.cli.examples import examples_of

        name = ctx.command_path.partition(" ")[2]
        cast("Page", formatter).write_lines("Examples", examples_of(name))

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse, and refuse options given before a command that has no use for them."""
        try:
            rest = super().parse_args(ctx, args)
        except ClickUsageError as problem:
            problem.ctx = problem.ctx or ctx  # the parser does not always say whose words they are
            raise
        for name in given(ctx):
            if name not in names_for(self.entry.takes) and not ctx.resilient_parsing:
                raise UsageError(
                    f"{ctx.command_path} does not take {spelling(name)}",
                    hint=f"`{ctx.command_path} --help` lists its options",
                )
        return rest

    def invoke(self, ctx: Context) -> Any:
        """Run the command's act in a session; the exit status."""
        act = super().invoke(ctx)
        from crmcli.cli.session import Session

        return Session(given(ctx), ctx.command_path, self.entry).run(act)


def load(entry: Entry) -> CrmCommand:
    """The command of `entry`; imports its module.

    A module may explain more on the help page of a command by a function NAME_details.
    """
    module = import_module(f"crmcli.cli.{entry.module}")
    if entry.noun:
        built: CrmCommand = module.build(entry)
        return built
    command = declared(entry, getattr(module, entry.function))
    command.details = getattr(module, f"{entry.function}_details", None)
    return command


def declared(entry: Entry, function: Callable[..., Any]) -> CrmCommand:
    """The command whose parameters are those of `function`, as typer reads them."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(entry.name, cls=CrmCommand)(function)
    return cast("CrmCommand", typer.main.get_command(app)).join(entry)


def generated(
    entry: Entry, params: list[Parameter], callback: Callable[..., Any], help: str
) -> CrmCommand:
    """The command with parameters made by a program."""
    command = CrmCommand(
        entry.name, params=params, callback=callback, help=help, rich_markup_mode=None
    )
    return command.join(entry)


__all__ = ["Command", "CrmCommand", "declared", "generated", "load"]
