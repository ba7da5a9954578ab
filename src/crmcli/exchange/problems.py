"""What an import noticed: values that could not be read or were kept as typed, and translations."""

from __future__ import annotations

from collections import Counter

SHOWN = 20
"""How many warnings are kept word for word; all are counted."""


class Problems:
    """Warnings with their lines, and words that were translated to choices."""

    def __init__(self) -> None:
        self.count = 0
        self.shown: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.translated: Counter[tuple[str, str, str]] = Counter()

    def warn(self, line: int, column: str, message: str, kind: str) -> None:
        """A value of a row was not taken as it is; `kind` counts those of one sort."""
        self.count += 1
        self.kinds[kind] += 1
        if len(self.shown) < SHOWN:
            self.shown.append(f"line {line}, {column}: {message}")
