"""A cell of a result as text for people, as text for programs, and as a value for JSON.

Beside the kinds of `crmcli.values` there are kinds that only results have: `handle`, `address`
and the like are text; `trend` is a tuple of numbers, drawn as a sparkline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmcli import values
from crmcli.output import bars
from crmcli.output.text import harmless, harmless_lines
from crmcli.results import Column, Point
from crmcli.values.base import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crmcli.output.how import How

RIGHT_KINDS = frozenset(("money", "integer", "number", "percent", "duration", "interval"))
"""The kinds whose values are numbers, aligned at the right."""

SHORT_KINDS = RIGHT_KINDS | frozenset(
    ("handle", "day", "birthday", "moment", "when", "year", "yesno", "trend", "currency", "phone")
)
"""The kinds whose values are short, and useless when cut."""

SEPARATOR = " ::: "
"""Between the values of one field in CSV and TSV: unlike a comma, part of no value."""


class Exact(str):
    """A number for JSON, as it is to be written: floating point would lose digits of money."""

    __slots__ = ()


def shown(kind: str, value: Any, how: How) -> str:
    """A cell for people, on one line and harmless; "" for None."""
    return harmless(_shown(kind, value, how))


def shown_lines(kind: str, value: Any, how: How) -> str:
    """A cell for people, harmless, with the line breaks it has."""
    return harmless_lines(_shown(kind, value, how))


def _shown(kind: str, value: Any, how: How) -> str:
    if value is None:
        return ""
    if isinstance(value, Money):
        return values.show("money", value, how.env)
    if kind == "trend":
        return bars.sparkline(value, how.ascii)
    if isinstance(value, tuple):
        return _shown_many(kind, value, how)
    return values.show(kind, value, how.env) if kind in values.KINDS else str(value)


def _shown_many(kind: str, points: Sequence[Point], how: How) -> str:
    """All tags; of other values the primary one and how many more there are."""
    if kind == "tags":
        return ", ".join(point.value for point in points)
    if not points:
        return ""
    first = next((point for point in points if point.primary), points[0])
    more = f" +{len(points) - 1}" if len(points) > 1 else ""
    return _shown(kind, first.value, how) + more


def machine_columns(columns: Sequence[Column]) -> list[Column]:
    """The columns for programs: after each amount a column with its currency.

    It is called `currency` beside `value`, else `NAME_currency`; one that is there already stays.
    """
    taken = {column.name for column in columns}
    found: list[Column] = []
    for column in columns:
        found.append(column)
        name = currency_name(column.name)
        if column.kind == "money" and name not in taken:
            found.append(Column(name, "currency", f"{column.label} currency"))
    return found


def currency_name(name: str) -> str:
    """The name of the column with the currency of the amount in column `name`."""
    return "currency" if name == "value" else f"{name}_currency"


def machine_rows(
    columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """The rows under `machine_columns(columns)`: amounts keep the money, their currency follows."""
    taken = {column.name for column in columns}
    split = [
        column.kind == "money" and currency_name(column.name) not in taken for column in columns
    ]
    if not any(split):
        yield from rows
        return
    for row in rows:
        cells: list[Any] = []
        for two, cell in zip(split, row, strict=True):
            cells.append(cell)
            if two:
                cells.append(cell.currency if isinstance(cell, Money) else None)
        yield tuple(cells)


def plain(kind: str, value: Any) -> str:
    """A cell for programs: ISO dates, amounts without currency, all of many values; "" for None."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return values.plain("money", value)
    if kind == "trend":
        return " ".join(str(number) for number in value)
    if isinstance(value, tuple):
        separator = ", " if kind == "tags" else SEPARATOR
        return separator.join(point.value for point in value)
    return values.plain(kind, value) if kind in values.KINDS else str(value)


def json_value(kind: str, value: Any) -> Any:
    """A cell for JSON; an amount is an exact decimal, many values are objects, tags are texts."""
    if isinstance(value, Money):
        return Exact(values.plain("money", value))
    if isinstance(value, tuple):
        return [json_point(kind, point) for point in value]
    if kind in values.KINDS and kind != "money":
        return values.json_value(kind, value)
    return value


def json_point(kind: str, point: Any) -> Any:
    """One of many values for JSON."""
    if not isinstance(point, Point):
        return point
    if kind == "tags":
        return point.value
    return {"value": point.value, "label": point.label, "primary": point.primary}
