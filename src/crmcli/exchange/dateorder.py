"""In which order a column writes day, month and year: decided from all of its values.

One value such as 25/03/2026 decides it for the column. Where every value could be either, the order
is asked for: from `--dates`, from the settings, else from whoever runs the import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from crmcli.errors import InvalidValue, UsageError
from crmcli.exchange.combining import add_made
from crmcli.exchange.layout import Layout
from crmcli.exchange.tables import Row
from crmcli.values.base import Env, quote

ORDERS = {"dmy": "DMY", "mdy": "MDY", "ymd": "YMD"}

_KINDS = ("day", "moment", "when", "birthday")
_NUMERIC = re.compile(r"\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})\b.*")
_STEP = 5_000


class Undecided(NamedTuple):
    """A column whose dates may be read in two ways, and one of them."""

    place: int
    header: str
    example: str


def given_order(text: str | None) -> str:
    """The order that `--dates` names; "" for none. Raises UsageError for anything else."""
    if not text:
        return ""
    if text.lower() not in ORDERS:
        raise UsageError(f"--dates takes dmy, mdy or ymd, not {quote(text)}")
    return ORDERS[text.lower()]


def date_columns(layout: Layout) -> list[int]:
    """The places of columns whose values are dates."""
    fields = (*layout.plain, *layout.custom)
    return [place for field, place in fields if field.kind in _KINDS]


def orders(layout: Layout, rows: Iterable[Row], env: Env) -> tuple[dict[int, str], list[Undecided]]:
    """The order of each column of dates that has one, and the columns that stay open.

    Rows are read until every column is decided; a column that has no such dates needs no order.
    """
    open_places: dict[int, str] = dict.fromkeys(date_columns(layout), "")
    found: dict[int, str] = {}
    rest = iter(rows)
    while open_places and (part := [row[1] for row in islice(rest, _STEP)]):
        cells = _columns(layout, part, env)
        for place in list(open_places):
            order, doubtful = _order(cells[place])
            if order:
                found[place] = order
                del open_places[place]
            else:
                open_places[place] = open_places[place] or doubtful
        if len(part) == _STEP and not any(open_places.values()):
            break  # a column without one such date among thousands is written otherwise
    undecided = [Undecided(at, layout.header[at], text) for at, text in open_places.items() if text]
    return found, undecided


def _columns(layout: Layout, rows: Sequence[Sequence[str]], env: Env) -> list[Sequence[str]]:
    width = layout.width
    columns: list[Sequence[str]] = [
        [row[place] if place < len(row) else "" for row in rows] for place in range(width)
    ]
    add_made(layout.made, columns, len(rows), env)
    return columns


def _order(cells: Iterable[str]) -> tuple[str, str]:
    """The order that the values of a column have, else one value that may be read in two ways."""
    days_first = months_first = 0
    doubtful = ""
    for cell in set(cells):
        match = _NUMERIC.match(cell)
        if match is None or match[2] == ".":
            continue
        first, second = int(match[1]), int(match[3])
        days_first += first > 12 >= second
        months_first += second > 12 >= first
        if first != second and not doubtful:
            doubtful = cell.strip()
    if days_first != months_first and not (days_first and months_first):
        return ("DMY" if days_first else "MDY"), ""
    if days_first and months_first:
        return ("DMY" if days_first > months_first else "MDY"), ""
    return "", doubtful


def refuse(undecided: Sequence[Undecided]) -> InvalidValue:
    """The error for columns whose dates may be read in two ways."""
    first = undecided[0]
    names = ", ".join(each.header for each in undecided)
    return InvalidValue(
        f"the dates in {names} may be read in two ways: {quote(first.example)}",
        hint="say which with --dates dmy (day first) or --dates mdy (month first)",
    )


def all_in(order: str, layout: Layout) -> Mapping[int, str]:
    """Every column of dates in one order."""
    return dict.fromkeys(date_columns(layout), order)
