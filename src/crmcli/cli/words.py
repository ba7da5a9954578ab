"""The type of every argument and option value: a text that knows how it is completed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmcli.cli.toolkit import CompletionItem, Context, Parameter, ParamType
from crmcli.errors import UsageError
from crmcli.values.base import quote


class Number(ParamType):
    """A whole number that an option of the program takes, such as --limit."""

    name = "number"

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> int:
        """The number; UsageError for a text that is none."""
        try:
            return int(value)
        except ValueError:
            option = max(param.opts, key=len) if param else "this"
            raise UsageError(
                f"{option} takes a whole number, not {quote(value)}",
                hint=f"for example {option} 20",
            ) from None


class Words(ParamType):
    """A text, kept as typed.

    choices: all values it may have, for completion only; who uses the value checks it.
    source: where else completions come from: `refs`, `refs:deal,task`, `query:contact`, `stages`,
    `tags`, `users`, `assigns`, `value:contact.status` … (see `crmcli.cli.completers`).
    """

    name = "text"

    def __init__(self, name: str = "text", choices: Sequence[str] = (), source: str = "") -> None:
        self.name = name
        self.choices = tuple(choices)
        self.source = source

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> Any:
        """The text itself."""
        return value

    def shell_complete(
        self, ctx: Context, param: Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """What the word may become."""
        if self.choices:
            return [CompletionItem(word) for word in self.choices if word.startswith(incomplete)]
        if not self.source:
            return []
        from crmcli.cli.completers import complete

        return [
            CompletionItem(value, help=note or None)
            for value, note in complete(self.source, ctx, incomplete)
        ]
