"""The clock, the environment, the settings and the terminal, as plain data."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.cli.everywhere import wish
from crmcli.cli.guess import unknown
from crmcli.config import COLORS, FORMATS
from crmcli.output.how import How
from crmcli.values.base import Env

if TYPE_CHECKING:
    from crmcli.actions.context import Context


def make_how(
    given: Mapping[str, Any], env: Env, settings: Mapping[str, Any], *, lists: bool
) -> How:
    """In which form to show results; the setting `format` is about lists.

    Raises UnknownName for a format or a choice of colour that does not exist.
    """
    name = wish(given, "format", "CRM_FORMAT") or (settings["format"] if lists else None)
    if name is not None and name not in FORMATS:
        raise unknown("format", name, FORMATS)
    tty = sys.stdout.isatty()
    return How(
        env=env,
        format=name,
        width=shutil.get_terminal_size((80, 24)).columns,
        color=_colour(given.get("color") or settings["color"], tty),
        tty=tty,
        quiet=bool(given.get("quiet")),
        ascii=not _draws(getattr(sys.stdout, "encoding", None)),
    )


def how_of_errors(args: Sequence[str]) -> How:
    """The form of errors, from words that may not even be a command line."""
    words = list(args)
    name = os.environ.get("CRM_FORMAT")
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--json":
            name = "json"
        elif word == "--format":
            name = following
        elif word.startswith("--format="):
            name = word.partition("=")[2]
    now = datetime.now(UTC)
    return How(
        env=Env(now, UTC),
        format=name if name in FORMATS else None,
        color=sys.stderr.isatty() and not os.environ.get("NO_COLOR") and "never" not in words,
    )


def _colour(wanted: str, tty: bool) -> bool:
    if wanted not in COLORS:
        raise unknown("colour choice", wanted, COLORS)
    if wanted == "auto":
        return tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return bool(wanted == "always")


def _draws(encoding: str | None) -> bool:
    """Whether an encoding has the blocks and rules that screens are drawn with."""
    try:
        "█▏─●★…".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def make_context(given: Mapping[str, Any], *, defaults: bool = False) -> Context:
    """All that an action may depend on: options before environment before settings.

    defaults: leave the settings file alone, which may be wrong. Raises what `config.load` raises.
    """
    from crmcli import config
    from crmcli.actions.context import Context
    from crmcli.store.location import locate

    path = Path(os.devnull) if defaults else config.config_path(os.environ)
    settings = config.load(path)
    return Context(
        location=locate(wish(given, "db", "CRM_DB") or settings["db"]),
        env=config.make_env(settings, os.environ, datetime.now(UTC)),
        settings=settings,
        user=wish(given, "user", "CRM_USER") or settings["user"] or _login(),
        command=command_line(),
        reason=given.get("reason"),
        dry_run=bool(given.get("dry_run")),
        accept_partial=bool(given.get("yes")),
        if_version=given.get("if_version"),
    )


def _login() -> str:
    """The login name; "me" where the system knows none."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "me"


def command_line() -> str:
    """The command as it is kept in the history."""
    from crmcli.store.location import without_password

    return without_password(shlex.join(["crm", *sys.argv[1:]]))
