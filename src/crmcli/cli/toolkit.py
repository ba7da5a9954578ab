"""The parts of typer's own click that this package builds on, named in one place.

typer has carried its own click since 0.26; the click of the package index is another one and is
never imported.
"""

from __future__ import annotations

from typer._click.core import Command as Command
from typer._click.core import Context as Context
from typer._click.core import Parameter as Parameter
from typer._click.exceptions import ClickException as ClickException
from typer._click.exceptions import MissingParameter as MissingParameter
from typer._click.exceptions import NoSuchOption as NoSuchOption
from typer._click.exceptions import UsageError as ClickUsageError
from typer._click.formatting import HelpFormatter as HelpFormatter
from typer._click.shell_completion import CompletionItem as CompletionItem
from typer._click.types import ParamType as ParamType
from typer.core import TyperArgument as TyperArgument
from typer.core import TyperCommand as TyperCommand
from typer.core import TyperGroup as TyperGroup
from typer.core import TyperOption as TyperOption
from typer.exceptions import Abort as Abort
from typer.exceptions import Exit as Exit

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
