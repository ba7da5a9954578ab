"""What an import noticed: values that could not be read or were kept as typed, and translations."""

from __future__ import annotations

from collections import Counter

SHOWN = 20
"""How many warnings are kept word for word, and lines of each kind; all are counted."""


class Problems:
    """Warnings with their lines, words that were translated to choices, and words of the file that
    match nothing, each as (field, word, what was taken instead)."""

    def __init__(self) -> None:
        self.count = 0
        self.shown: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.lines: dict[str, list[int]] = {}
        self.translated: Counter[tuple[str, str, str]] = Counter()
        self.unmatched: Counter[tuple[str, str, str]] = Counter()

    def warn(self, line: int, column: str, message: str, kind: str) -> None:
        """A value of a row was not taken as it is; `kind` counts those of one sort."""
        self.count += 1
        self.kinds[kind] += 1
        lines = self.lines.setdefault(kind, [])
        if len(lines) < SHOWN:
            lines.append(line)
        if len(self.shown) < SHOWN:
            self.shown.append(f"line {line}, {column}: {message}")
