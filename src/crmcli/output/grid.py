"""Rows of cells in aligned columns that fit a width.

Written here because a table of fifty rows takes rich 70 ms and this 2: rich measures and wraps
each cell, while a list on a terminal has one line per row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmcli.output.style import paint
from crmcli.output.text import cut, pad, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.output.how import How

GAP = 2
_LONGEST = 24  # of what is never cut: an impossible phone number may be of any length


class Cell(NamedTuple):
    """A text on one line, already harmless, and its style."""

    text: str
    style: str = ""


class Track(NamedTuple):
    """A column of a grid.

    right: aligned at the right. whole: dropped rather than cut. least: the width below which others
    are dropped rather than that it is cut. priority: the column with the highest number is the
    first to go; of equals the last.
    """

    label: str = ""
    right: bool = False
    whole: bool = False
    priority: int = 0
    least: int = 10


class Placed(NamedTuple):
    """A column that is shown: its place among the tracks, and its cells of width."""

    track: int
    cells: int


def natural(tracks: Sequence[Track], rows: Sequence[Sequence[Cell]], limit: int) -> list[int]:
    """The width that each column would take, at most `limit`."""
    return [
        min(max([width(track.label), *(width(row[i].text[:limit]) for row in rows)]), limit)
        for i, track in enumerate(tracks)
    ]


def place(tracks: Sequence[Track], widths: Sequence[int], total: int) -> list[Placed]:
    """The columns that fit into `total` cells, and how wide each is.

    Columns without content go; when the rest cannot be squeezed in, those of the highest priority
    number; then the widest columns are cut until all fit.
    """
    shown = [i for i in range(len(tracks)) if widths[i]]
    least = [
        min(size, _LONGEST if track.whole else track.least)
        for track, size in zip(tracks, widths, strict=True)
    ]
    while len(shown) > 1 and _taken(shown, least) > total:
        shown.remove(max(shown, key=lambda i: (tracks[i].priority, i)))
    room = total - GAP * (len(shown) - 1)
    return [
        Placed(i, cells)
        for i, cells in zip(shown, _squeeze(shown, widths, least, room), strict=True)
    ]


def _taken(shown: Sequence[int], widths: Sequence[int]) -> int:
    return sum(widths[i] for i in shown) + GAP * (len(shown) - 1)


def _squeeze(
    shown: Sequence[int], widths: Sequence[int], least: Sequence[int], room: int
) -> list[int]:
    """Widths that sum to at most `room`: all columns wider than a common measure are cut to it."""
    cap = max((widths[i] for i in shown), default=0)
    cells = [widths[i] for i in shown]
    while sum(cells) > room and cap > 1:
        cap -= 1
        cells = [min(widths[i], max(cap, least[i])) for i in shown]
    if sum(cells) > room:  # a single column that is not even to be cut
        return [max(room, 1)]
    for n, i in enumerate(shown):
        if cells[n] < widths[i] and sum(cells) < room:
            cells[n] += 1
    return cells


def arrange(tracks: Sequence[Track], rows: Sequence[Sequence[Cell]], how: How) -> list[Placed]:
    """`place` for these rows; columns in which no row has anything go before all others."""
    bare = [
        track if any(row[i].text for row in rows) else track._replace(priority=1000)
        for i, track in enumerate(tracks)
    ]
    return place(bare, natural(bare, rows, how.width), how.width)


def taken(placed: Sequence[Placed]) -> int:
    """The cells that these columns and the gaps between them take."""
    return sum(cells + GAP for _index, cells in placed) - GAP


def draw(
    tracks: Sequence[Track],
    rows: Sequence[Sequence[Cell]],
    how: How,
    *,
    header: bool = True,
    indent: int = 0,
) -> list[str]:
    """The lines of a grid within `how.width`: a header line if wanted, then one for each row."""
    placed = arrange(tracks, rows, how.narrower(indent))
    blank = " " * indent
    lines = [blank + line(row, tracks, placed, how) for row in rows]
    if header:
        heads = [Cell(track.label, "head") for track in tracks]
        lines.insert(0, blank + line(heads, tracks, placed, how))
    return lines


def line(row: Sequence[Cell], tracks: Sequence[Track], placed: Sequence[Placed], how: How) -> str:
    """One row as text, without blanks at its end."""
    parts: list[str] = []
    last = placed[-1].track if placed else 0
    for index, cells in placed:
        cell, right = row[index], tracks[index].right
        text = cut(cell.text, cells, ascii=how.ascii)
        filled = text if index == last and not right else pad(text, cells, right=right)
        parts.append(_painted(filled, text, cell.style, how.color))
    return (" " * GAP).join(parts).rstrip()


def _painted(filled: str, text: str, style: str, color: bool) -> str:
    """A padded cell with only its text painted, so that no escape stands around blanks."""
    if not style or not color or not text:
        return filled
    before, found, after = filled.partition(text)
    return before + paint(found, style, color) + after
