"""Listings for people: aligned columns that fit the width, and a line on what is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmcli.output.cells import RIGHT_KINDS, SHORT_KINDS, shown
from crmcli.output.grid import Cell, Track, draw
from crmcli.output.style import mark_style, marked_column, paint
from crmcli.output.text import harmless, wrap

if TYPE_CHECKING:
    from crmcli.output.how import How
    from crmcli.results import Column, Listing


_KEPT = -1
"""The priority of what goes last: the handle, and the words of marks."""

# A command is there to be typed: other columns go before it is cut.
_LEAST = {"name": 16, "email": 18, "shell": 60}
_TITLES = ("title", "subject")
"""What a row is about: shown with room enough to be understood, at the cost of columns that only
say more."""
_LEAST_OF_TITLES = 24
_LEAST_OF_MARKS = 21  # "rotting, no next step"


def render(listing: Listing, how: How) -> list[str]:
    """The lines of a listing: its table, or what to do when it is empty, and a footer."""
    if not listing.rows:
        lines = wrap(listing.hint or f"no {listing.noun}", how.width)
        return [*lines, *footer(listing, how)]
    return [*body(listing, how), *footer(listing, how)]


def body(listing: Listing, how: How, *, header: bool = True, indent: int = 0) -> list[str]:
    """The table alone."""
    tracks = [track_of(column) for column in listing.columns]
    rows = [
        [_cell(column, value, how) for column, value in zip(listing.columns, row, strict=True)]
        for row in listing.rows
    ]
    if any(listing.marks):
        tracks.append(Track(priority=_KEPT, least=_LEAST_OF_MARKS))
        _apply_marks(listing, rows)
    return draw(tracks, rows, how, header=header, indent=indent)


def track_of(column: Column) -> Track:
    """The grid's column for a listing's column."""
    return Track(
        harmless(column.label),
        right=column.kind in RIGHT_KINDS,
        whole=column.kind in SHORT_KINDS,
        priority=_KEPT if column.name == "handle" else column.priority,
        least=_LEAST_OF_TITLES if column.name in _TITLES else _LEAST.get(column.kind, 10),
    )


def _cell(column: Column, value: Any, how: How) -> Cell:
    handle = column.kind == "handle" or column.name == "handle"
    return Cell(shown(column.kind, value, how), "handle" if handle else "")


def _apply_marks(listing: Listing, rows: list[list[Cell]]) -> None:
    """Show each row's marks: in colour and with a ! where a column says what, else as words."""
    names = [column.name for column in listing.columns]
    for row, marks in zip(rows, listing.marks, strict=True):
        words: list[str] = []
        for mark in marks:
            index = marked_column(mark, names)
            if index is None or not row[index].text:
                words.append(mark)
            else:
                row[index] = Cell(f"{row[index].text} !", mark_style(mark))
        row.append(Cell(harmless(", ".join(words)), mark_style(words[0]) if words else ""))


def footer(listing: Listing, how: How) -> list[str]:
    """How many more there are, and the listing's note; nothing when quiet."""
    if how.quiet:
        return []
    remarks = [harmless(listing.note)] if listing.note else []
    if len(listing.rows) < listing.total:
        about = "more than " if listing.more else ""
        count = f"{len(listing.rows):,} of {about}{listing.total:,} {listing.noun}"
        remarks[:0] = [count, "--limit 0 shows all"]
    if not remarks:
        return []
    text = (" - " if how.ascii else " · ").join(remarks)
    return ["", *(paint(line, "dim", how.color) for line in wrap(text, how.width))]
