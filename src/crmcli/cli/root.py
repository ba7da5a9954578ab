"""The whole program as one group of commands."""

from __future__ import annotations

from crmcli.cli.group import LazyGroup
from crmcli.cli.table import COMMANDS
from crmcli.cli.toolkit import Context, Parameter, TyperOption
from crmcli.cli.words import Words

HELP = "A CRM in one file: people, companies, deals and what to do next."
SHELLS = ("bash", "zsh", "fish")


def root() -> LazyGroup:
    """The group of all commands."""
    own: list[Parameter] = [
        _completion_option("install", "Install completion for your shell."),
        _completion_option("show", "Print the completion script of your shell."),
        TyperOption(
            param_decls=["everywhere_shell", "--shell"],
            type=Words("shell", SHELLS),
            metavar="|".join(SHELLS),
            help="The shell of the two above, if it is not the one you use.",
            is_eager=True,
            expose_value=False,
            callback=_remember_shell,
        ),
    ]
    return LazyGroup("crm", COMMANDS, HELP, own)


def _remember_shell(ctx: Context, param: Parameter, value: str | None) -> None:
    ctx.meta["crmcli.shell"] = value


def _completion_option(verb: str, help: str) -> TyperOption:
    def run(ctx: Context, param: Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            from typer import echo

            from crmcli.cli import completion

            shell = ctx.meta.get("crmcli.shell") or completion.detect_shell()
            work = completion.install_for if verb == "install" else completion.script_for
            echo(work(shell))
            ctx.exit()

    return TyperOption(
        param_decls=[f"everywhere_{verb}_completion", f"--{verb}-completion"],
        is_flag=True,
        default=False,
        help=help,
        show_default=False,
        expose_value=False,
        callback=run,
    )
