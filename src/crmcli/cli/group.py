"""Groups of commands that list, help and guess from the table, and load only what is called."""

from __future__ import annotations

from typing import Any, cast

from crmcli.cli.everywhere import options_for
from crmcli.cli.guess import instead, nearest
from crmcli.cli.pages import Page, coloured, help_page, write_params
from crmcli.cli.table import PANELS, Entry
from crmcli.cli.toolkit import (
    Command,
    CompletionItem,
    Context,
    HelpFormatter,
    Parameter,
    TyperGroup,
)
from crmcli.errors import UnknownName


class LazyGroup(TyperGroup):
    """A group over entries of the table."""

    def __init__(
        self, name: str, entries: tuple[Entry, ...], help: str, own: list[Parameter] | None = None
    ) -> None:
        super().__init__(
            name=name,
            help=help,
            params=[*(own or []), *options_for(entry.takes for entry in entries)],
            rich_markup_mode=None,
            invoke_without_command=True,
            context_settings={"help_option_names": ["-h", "--help"]},
            callback=None,
        )
        self.entries = {entry.name: entry for entry in entries}

    def list_commands(self, ctx: Context) -> list[str]:
        """All names, in the order of the table."""
        return list(self.entries)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The command called `cmd_name`, loaded now; None when there is none."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        if entry.children:
            return LazyGroup(entry.name, entry.children, entry.help)
        from crmcli.cli.command import load

        return load(entry)

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """The command that `args` begin with, and the rest; UnknownName when there is none."""
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            raise self._unknown(ctx, args)
        return (args[0] if command else None), command, args[1:]

    def invoke(self, ctx: Context) -> Any:
        """Run the command that was named; without one, show the help."""
        if ctx._protected_args:
            return super().invoke(ctx)
        from typer import echo

        echo(self.get_help(ctx), color=ctx.color)
        return 0

    def shell_complete(self, ctx: Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands, or options once a dash was typed."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(entry.name, help=entry.help)
            for entry in self.entries.values()
            if entry.name.startswith(incomplete)
        ]

    def get_help(self, ctx: Context) -> str:
        """The help page."""
        ctx.color = coloured(ctx)
        return help_page(self, ctx)

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The commands by panel, then the options."""
        page = cast("Page", formatter)
        for panel in PANELS if any(entry.panel for entry in self.entries.values()) else ("",):
            entries = [entry for entry in self.entries.values() if entry.panel == panel]
            rows = [(entry.name, entry.help) for entry in entries if not entry.aside]
            page.write_section(panel or "Commands", rows + _summary(entries))
        write_params(self, ctx, page)

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Where to go from here."""
        path = ctx.command_path
        formatter.write_paragraph()
        formatter.write_text(f"`{path} COMMAND --help` explains a command and gives examples.")

    def _unknown(self, ctx: Context, args: list[str]) -> UnknownName:
        word, path = args[0], ctx.command_path
        program, *group = path.split()
        guess = instead([*group, *args])
        if guess is None and (near := nearest(word, self.entries)):
            guess = " ".join([*group, near])
        hint = f"did you mean `{program} {guess}`?" if guess else f"`{path} --help` lists them all"
        return UnknownName(
            f'there is no command "{" ".join([*group, word])}"',
            hint=hint,
            details={"name": word, "did_you_mean": guess},
        )


def _summary(entries: list[Entry]) -> list[tuple[str, str]]:
    """One row for the entries that have no row of their own."""
    lists = [entry.name for entry in entries if entry.aside and not entry.name.startswith("add-")]
    adders = [entry.name for entry in entries if entry.aside and entry.name.startswith("add-")]
    rows = []
    if lists:
        rows.append(
            (
                "also",
                f"{', '.join(lists)} list what their names say; {', '.join(adders)} add to them.",
            )
        )
    return rows
