"""Text on a terminal: made harmless, measured in cells, cut, padded and wrapped.

A cell is the width of one Latin letter: `日` takes two, a combining accent none. What comes out of
the database is data: no escape sequence, line break or change of direction in it reaches the
terminal.
"""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_BREAKS = re.compile("\r\n?|[\u2028\u2029]")
_BLANKS = re.compile("[ \t\n]+")
_RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# All of these take one cell, so that the tables of rich load only for text beyond them.
_SINGLE = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482‐-‧€─-◿★]*").fullmatch

_LEFT_TO_RIGHT = "\u200e"
_MARKS_PER_CELL = 8


def harmless(text: str) -> str:
    """`text` on one line, with nothing that a terminal would obey.

    Controls become �, line breaks and tabs a space, changes of direction go. After right-to-left
    text a mark keeps a terminal that knows both directions from reordering what follows it.
    """
    if text.isascii() and text.isprintable():
        return text
    line = _BLANKS.sub(" ", harmless_lines(text)).strip()
    return line.rstrip(_LEFT_TO_RIGHT) + _LEFT_TO_RIGHT if _RTL.search(line) else line


def harmless_lines(text: str) -> str:
    """Like `harmless`, but line breaks and tabs stay."""
    return without_controls(_BIDI.sub("", _BREAKS.sub("\n", text)))


def without_controls(text: str) -> str:
    """`text` with � for all that starts an escape sequence; line breaks and tabs stay.

    For programs: unlike `harmless_lines` it keeps marks of direction, which are part of the text.
    """
    return _CONTROLS.sub("�", text)


def width(text: str) -> int:
    """The number of cells that `text` takes."""
    if _SINGLE(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, cells: int, *, ascii: bool = False) -> str:
    """`text` if it fits into `cells`, else its beginning and an ellipsis."""
    if _SINGLE(text):
        return text if len(text) <= cells else _with_ellipsis(text, cells, ascii)
    # A name may be a thousand accents on one letter, which takes one cell, and all screens.
    short = text[: (cells + 1) * _MARKS_PER_CELL]
    if short == text and width(text) <= cells:
        return text
    return _with_ellipsis(short, cells, ascii)


def _with_ellipsis(text: str, cells: int, ascii: bool) -> str:
    ellipsis = "…" if not ascii else "..." if cells > 5 else ""
    kept = _head(text, max(cells - len(ellipsis), 0)).rstrip()
    tail = _LEFT_TO_RIGHT if _RTL.search(kept) else ""
    return (kept + ellipsis)[:cells] + tail if _SINGLE(kept) else kept + ellipsis + tail


def _head(text: str, cells: int) -> str:
    if _SINGLE(text):
        return text[:cells]
    from rich.cells import set_cell_size

    return set_cell_size(text, cells)


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """`text` filled with spaces to `cells`; `right` puts them before it."""
    blank = " " * (cells - width(text))
    return blank + text if right else text + blank


def wrap(text: str, cells: int) -> list[str]:
    """The lines of `text`, made harmless and broken between words to at most `cells` each."""
    lines: list[str] = []
    for paragraph in harmless_lines(text).split("\n"):
        lines.extend(_wrap_line(harmless(paragraph), max(cells, 2)))
    return lines


def _wrap_line(text: str, cells: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= cells:
            lines[-1] = joined
        else:
            lines.extend(_chop(word, cells))
    return [line for line in lines if line] or [""]


def _chop(word: str, cells: int) -> list[str]:
    """A word in pieces of at most `cells`."""
    if width(word) <= cells:
        return [word]
    from rich.cells import chop_cells

    return chop_cells(word, cells)
