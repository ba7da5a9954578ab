"""Markdown (GitHub's, for its tables): to be pasted into an issue, a wiki or a mail.

Dates are absolute, because the text is read later; amounts carry their currency.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmcli import values
from crmcli.output.cells import RIGHT_KINDS, plain
from crmcli.output.text import harmless, harmless_lines
from crmcli.results import Column, Listing, PipelineView, Report, Screen
from crmcli.values.base import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmcli.output.how import How
    from crmcli.results import Result

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")


def lines(result: Result, listing: Listing | None, how: How) -> Iterator[str]:
    """The lines of a result; `listing` holds its rows where it is one table."""
    if isinstance(result, Screen):
        yield from _screen(result, how)
        return
    if isinstance(result, (PipelineView, Report)):
        yield f"# {escape(result.title if isinstance(result, Report) else result.name)}"
        yield ""
    if isinstance(result, Report):
        yield escape(" ".join(part for part in (result.definition, result.period) if part))
        yield ""
    if listing is not None:
        yield from table(listing, how)


def _screen(screen: Screen, how: How) -> Iterator[str]:
    yield f"# {escape(f'{screen.handle} {screen.title}'.strip())}"
    if screen.facts:
        told = [fact.for_people for fact in screen.facts]
        facts = tuple((fact.label, _value(fact.kind, fact.value, how)) for fact in told)
        columns = (Column("field", "text", "Field"), Column("value", "markdown", "Value"))
        yield ""
        yield from table(Listing("facts", columns, facts, len(facts)), how)
    for section in screen.sections:
        if section.listing.rows:
            yield ""
            yield f"## {escape(section.title)}"
            yield ""
            yield from table(section.listing, how)


def table(listing: Listing, how: How) -> Iterator[str]:
    """A table: labels, alignment, rows."""
    yield _row([escape(column.label) for column in listing.columns])
    yield _row(["---:" if column.kind in RIGHT_KINDS else "---" for column in listing.columns])
    for row in listing.rows:
        pairs = zip(listing.columns, row, strict=True)
        yield _row([_value(column.kind, value, how) for column, value in pairs])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _value(kind: str, value: Any, how: How) -> str:
    """A cell; the kind `markdown` is one already."""
    if kind == "markdown":
        return str(value)
    if isinstance(value, Money):
        return escape(values.show("money", value, how.env))
    return escape(plain(kind, value))


def escape(text: str) -> str:
    """`text` so that Markdown shows it as it is, on one line of a table."""
    rows = [_SPECIAL.sub(r"\\\1", harmless(row)) for row in harmless_lines(text).split("\n")]
    return "<br>".join(rows)
