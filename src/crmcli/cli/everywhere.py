"""The options that work before and after every command, declared once.

A value given before the command holds until the command's own line gives another. What is given
lands in the context's `meta` under `KEY`; `session` reads it from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from crmcli.cli.table import CHANGE, DECIDE, LIST, PAGED, READ, WRITE
from crmcli.cli.toolkit import Context, Parameter, TyperOption
from crmcli.config import COLORS, FORMATS

KEY = "crmcli.given"


class Everywhere(NamedTuple):
    """An option: `stored` is its name in what was given, `value` what a flag stores.

    takes: the kinds of command that have it; READ stands for every command.
    """

    stored: str
    spellings: tuple[str, ...]
    help: str
    metavar: str = ""
    value: Any = None
    choices: tuple[str, ...] = ()
    takes: tuple[str, ...] = (READ,)
    number: bool = False


OPTIONS: tuple[Everywhere, ...] = (
    Everywhere("columns", ("--columns",), "Columns to show; +NAME adds one.", "A,B", takes=(LIST,)),
    Everywhere(
        "sort", ("--sort",), "Order by fields; -NAME for descending.", "A,-B", takes=(LIST,)
    ),
    Everywhere(
        "limit",
        ("--limit",),
        "Rows at most; 0 for all.",
        "N",
        takes=(PAGED, LIST, DECIDE),
        number=True,
    ),
    Everywhere(
        "yes",
        ("--yes", "-y"),
        "Answer questions with yes.",
        value=True,
        takes=(WRITE, CHANGE, DECIDE),
    ),
    Everywhere(
        "dry_run",
        ("--dry-run", "-n"),
        "Show what would change; change nothing.",
        value=True,
        takes=(WRITE, CHANGE, DECIDE),
    ),
    Everywhere(
        "reason", ("--reason",), "Why, for the history.", "TEXT", takes=(WRITE, CHANGE, DECIDE)
    ),
    Everywhere(
        "if_version",
        ("--if-version",),
        "Stop if these fields were changed since this version.",
        "N",
        takes=(CHANGE,),
        number=True,
    ),
    Everywhere("db", ("--db",), "Database file, or demo. [CRM_DB]", "PATH"),
    Everywhere(
        "format", ("--format",), f"{', '.join(FORMATS)}. [CRM_FORMAT]", "NAME", choices=FORMATS
    ),
    Everywhere("format", ("--json",), "Short for --format json.", value="json"),
    Everywhere("user", ("--as",), "Work as this user. [CRM_USER]", "USER"),
    Everywhere("quiet", ("--quiet", "-q"), "Print data and errors only.", value=True),
    Everywhere("color", ("--color",), "auto, always or never. [NO_COLOR]", "WHEN", choices=COLORS),
)


def options_for(takes: Iterable[str], taken: frozenset[str] = frozenset()) -> list[Parameter]:
    """The options of a command, or of the commands of a group, that take `takes`.

    taken: spellings that the command declares itself and keeps.
    """
    kinds = {READ, *takes}
    params: list[Parameter] = [
        _option(spec)
        for spec in OPTIONS
        if kinds.intersection(spec.takes)
        if not taken.intersection(spec.spellings)
    ]
    return [*params, _version_option()]


def wish(values: Mapping[str, Any], name: str, variable: str) -> str | None:
    """An option that was given, or else the environment variable that stands for it."""
    value: str | None = values.get(name)
    return value if value is not None else os.environ.get(variable) or None


def names_for(takes: str) -> frozenset[str]:
    """The names under which a command that takes `takes` may be given something."""
    return frozenset(spec.stored for spec in OPTIONS if {READ, takes}.intersection(spec.takes))


def spelling(stored: str) -> str:
    """How the option `stored` is typed."""
    return next(spec.spellings[0] for spec in OPTIONS if spec.stored == stored)


def given(ctx: Context) -> dict[str, Any]:
    """What was given so far, before and after the command."""
    values: dict[str, Any] = ctx.meta.setdefault(KEY, {})
    return values


def without_options(args: Iterable[str]) -> list[str]:
    """The words of a command line, without options and the values of those that work everywhere."""
    valued = {word for spec in OPTIONS if spec.value is None for word in spec.spellings}
    words, previous = [], ""
    for arg in args:
        if not arg.startswith("-") and previous not in valued:
            words.append(arg)
        previous = arg
    return words


def _option(spec: Everywhere) -> TyperOption:
    from crmcli.cli.words import Number, Words

    def store(ctx: Context, param: Parameter, value: Any) -> Any:
        if value is not None and value is not False:
            given(ctx)[spec.stored] = spec.value if spec.value is not None else value
        return value

    flag = spec.value is not None
    kind = Number() if spec.number else Words(spec.stored, spec.choices)
    return TyperOption(
        param_decls=[
            f"everywhere_{spec.spellings[0].strip('-').replace('-', '_')}",
            *spec.spellings,
        ],
        type=None if flag else kind,
        is_flag=flag or None,
        default=False if flag else None,
        metavar=spec.metavar or None,
        help=spec.help,
        show_default=False,
        expose_value=False,
        is_eager=spec.stored == "color",  # which the help page, eager as well, depends on
        callback=store,
    )


def _version_option() -> TyperOption:
    def show(ctx: Context, param: Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            from typer import echo

            from crmcli import __version__

            echo(f"crm {__version__}")
            ctx.exit()

    return TyperOption(
        param_decls=["everywhere_version", "--version"],
        is_flag=True,
        default=False,
        help="Print the version.",
        show_default=False,
        expose_value=False,
        is_eager=True,
        callback=show,
    )
