"""Reports for people: what was counted and over which time, the rows with a bar, the totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmcli.output.bars import bar
from crmcli.output.cells import shown
from crmcli.output.grid import GAP, Cell, Placed, Track, arrange, line, taken
from crmcli.output.style import headline, paint
from crmcli.output.table import footer, track_of
from crmcli.output.text import wrap
from crmcli.values.base import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.output.how import How
    from crmcli.results import Report

_BAR_LEAST, _BAR_MOST = 8, 40
_LEAST_OF_GROUPS = 20  # "Partners: Contacted"


def render(report: Report, how: How) -> list[str]:
    """The lines of a report."""
    lines = [headline(report.title, report.period, how)]
    lines += [paint(text, "dim", how.color) for text in wrap(report.definition, how.width)]
    lines.append("")
    if not report.listing.rows:
        return [*lines, *wrap(report.listing.hint or "nothing in this period", how.width)]
    return [*lines, *_table(report, how), *footer(report.listing, how)]


def _table(report: Report, how: How) -> list[str]:
    group, *others = [track_of(column) for column in report.listing.columns]
    tracks = [group._replace(least=_LEAST_OF_GROUPS), *others]
    rows = [_cells(report, row, how, "") for row in report.listing.rows]
    totals = [_cells(report, report.totals, how, "title")] if report.totals else []
    measures = _measures(report)
    room = how.narrower(_BAR_LEAST + GAP) if measures else how
    placed, bare = (arrange(tracks, [*rows, *totals], width) for width in (room, how))
    lost = {each.track for each in bare} - {each.track for each in placed}
    if not all(tracks[place].priority for place in lost):  # numbers say more than a bar
        placed, measures = bare, []
    rule = ("-" if how.ascii else "─") * taken(placed)
    if measures:
        bars = min(max(how.width - len(rule) - GAP, _BAR_LEAST), _BAR_MOST)
        tracks.append(Track())
        placed.append(Placed(len(tracks) - 1, bars))
        for row, part in zip(rows, measures, strict=True):
            row.append(Cell(bar(part, bars, how.ascii), "bar"))
    lines = [line([Cell(track.label, "head") for track in tracks], tracks, placed, how)]
    lines += [line(row, tracks, placed, how) for row in rows]
    if totals:
        lines.append(paint(rule, "dim", how.color))
        lines += [line([*total, Cell("")], tracks, placed, how) for total in totals]
    return lines


def _cells(report: Report, row: Sequence[Any], how: How, style: str) -> list[Cell]:
    return [
        Cell(shown(column.kind, value, how), style)
        for column, value in zip(report.listing.columns, row, strict=True)
    ]


def _measures(report: Report) -> list[float]:
    """For each row the part of a whole bar; empty when the report has no bar or nothing in it.

    Amounts are compared with the greatest of their own currency only.
    """
    names = [column.name for column in report.listing.columns]
    if report.bar not in names:
        return []
    cells = [row[names.index(report.bar)] for row in report.listing.rows]
    tops: dict[str, float] = {}
    for cell in cells:
        unit, number = _measure(cell)
        tops[unit] = max(tops.get(unit, 0), number)
    if not any(tops.values()):
        return []
    return [number / (tops[unit] or 1) for unit, number in map(_measure, cells)]


def _measure(cell: Any) -> tuple[str, float]:
    if isinstance(cell, Money):
        return cell.currency, max(cell.minor, 0)
    return "", max(cell or 0, 0)
