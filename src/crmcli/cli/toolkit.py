"""The parts of typer's own click that this package builds on, named in one place.

typer has carried its own click since 0.26; the click of the package index is another one and is
never imported.
"""

from __future__ import annotations

from typer._click.core import Command, Context, Parameter
from typer._click.exceptions import ClickException, MissingParameter, NoSuchOption
from typer._click.exceptions import UsageError as ClickUsageError
from typer._click.formatting import HelpFormatter
from typer._click.shell_completion import CompletionItem
from typer._click.types import ParamType
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.exceptions import Abort, Exit

__all__ = [
    "Abort",
    "ClickException",
    "ClickUsageError",
    "Command",
    "CompletionItem",
    "Context",
    "Exit",
    "HelpFormatter",
    "MissingParameter",
    "NoSuchOption",
    "ParamType",
    "Parameter",
    "TyperArgument",
    "TyperCommand",
    "TyperGroup",
    "TyperOption",
]
