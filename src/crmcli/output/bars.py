"""Bars in eighths of a cell, and sparklines; with plain characters where blocks are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_LEVELS = "▁▂▃▄▅▆▇█"
_ASCII_LEVELS = "_.-:=+*#"


def bar(part: float, cells: int, ascii: bool = False) -> str:
    """A bar of `part` (0 to 1) of `cells`; anything above nothing leaves a trace."""
    part = min(max(part, 0.0), 1.0)
    eighths = round(part * cells * 8)
    if part > 0:
        eighths = max(eighths, 1)
    if ascii:
        return "#" * ((eighths + 7) // 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]


def two_tone(inner: float, outer: float, cells: int, ascii: bool = False) -> tuple[str, str]:
    """A bar of `inner` and what `outer` (both 0 to 1 of `cells`) reaches beyond it, in a shade."""
    solid = bar(inner, cells, ascii)
    rest = len(bar(outer, cells, ascii)) - len(solid)
    return solid, ("." if ascii else "░") * rest


def sparkline(numbers: Sequence[float], ascii: bool = False) -> str:
    """One character for each number, as high as the number is great."""
    levels = _ASCII_LEVELS if ascii else _LEVELS
    top = max(numbers, default=0)
    if top <= 0:
        return levels[0] * len(numbers)
    return "".join(levels[round(max(number, 0) / top * 7)] for number in numbers)
