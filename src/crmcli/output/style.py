"""Colour by meaning, in the sixteen colours that the user's terminal theme defines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli.output.text import cut, harmless, width

if TYPE_CHECKING:
    from crmcli.output.how import How

STYLES = {
    "title": "1",
    "head": "2",
    "dim": "2",
    "handle": "36",
    "bar": "34",
    "good": "32",
    "warn": "33",
    "bad": "31",
    "bad title": "1;31",
}
"""Meaning -> parameters of the SGR escape."""

MARKS = {
    "overdue": ("!", "!", "bad"),
    "late": ("!", "!", "bad"),
    "rotting": ("◆", "*", "warn"),
    "no next step": ("○", "o", "dim"),
}
"""A row's mark -> its symbol, the symbol in ASCII, and its style."""

_MARKED_COLUMNS = {"overdue": ("due", "next_due", "due_at"), "late": ("close", "expected_close")}


def paint(text: str, style: str, color: bool) -> str:
    """`text` between the escapes of a style; bare without colour, style or text."""
    if not (color and style and text.strip()):
        return text
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def headline(title: str, aside: str, how: How, style: str = "title", beside: str = "") -> str:
    """A title and what stands beside it, cut to the width."""
    title = cut(harmless(title), how.width, ascii=how.ascii)
    aside = cut(harmless(aside), max(how.width - width(title) - 2, 0), ascii=how.ascii)
    painted = paint(title, style, how.color)
    return f"{painted}  {paint(aside, beside, how.color)}" if aside else painted


def marked_column(mark: str, names: list[str]) -> int | None:
    """The index of the column that shows a mark by its colour; None when the mark needs words."""
    for name in _MARKED_COLUMNS.get(mark, ()):
        if name in names:
            return names.index(name)
    return None


def mark_style(mark: str) -> str:
    """The style of a mark's word."""
    return MARKS[mark][2] if mark in MARKS else "warn"


def symbol(mark: str, ascii: bool) -> str:
    """The symbol of a mark, of one cell."""
    return MARKS[mark][1 if ascii else 0]
