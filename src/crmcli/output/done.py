"""What a write did or would do, as sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmcli.output.style import paint
from crmcli.output.text import harmless

if TYPE_CHECKING:
    from crmcli.output.how import How
    from crmcli.results import Done

_WORD = re.compile(r"\b[a-z]{1,3}[0-9]+\b")


def render(done: Done, how: How) -> list[str]:
    """The sentences, with the handles they name in colour; none when quiet."""
    if how.quiet:
        return []
    handles = {*done.records, done.change_set}

    def painted(match: re.Match[str]) -> str:
        return paint(match[0], "handle" if match[0] in handles else "", how.color)

    said = [_tried(text) for text in done.lines] if done.dry_run else done.lines
    return [_WORD.sub(painted, harmless(text)) for text in said]


def _tried(text: str) -> str:
    return f"dry run: {text[:1].lower()}{text[1:]}"
