"""The pipeline screen: stages with a bar, sums and marks; below each, if wanted, its deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli.output.bars import two_tone
from crmcli.output.cells import shown
from crmcli.output.grid import Cell, Placed, Track, arrange, line, taken
from crmcli.output.style import MARKS, headline, mark_style, paint, symbol
from crmcli.output.text import harmless, wrap
from crmcli.values.money import minor_exponent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.output.how import How
    from crmcli.results import DealLine, PipelineView, StageLine
    from crmcli.values.base import Money

_CLOSED = {"won": "good", "lost": "bad"}
_WIDE = 110
_INDENT = 2
_BAR_LEAST, _BAR_MOST = 6, 40
_BAR = 2  # the index of the track with the bar
_TRACKS = (
    Track("Stage"),
    Track(right=True, whole=True, priority=6),
    Track(whole=True, priority=7),
    Track("Deals", right=True, whole=True, priority=1),
    Track("Sum", right=True, whole=True, priority=2),
    Track("Weighted", right=True, whole=True, priority=5),
)
_MARKS = ("rotting", "late", "no next step")
_DEAL_TRACKS = (
    Track(whole=True),
    Track(least=16),
    Track(priority=8, least=12),
    Track(right=True, whole=True, priority=1),
    Track(priority=6, least=6),
    Track(right=True, whole=True, priority=4),
    Track(whole=True, priority=2),
    Track(priority=7),
    Track(whole=True, priority=3),
)


def render(view: PipelineView, how: How) -> list[str]:
    """The lines of the pipeline screen."""
    lines = [_title(view, how), ""]
    if not any(stage.number for stage in view.stages):
        lines += wrap(view.hint or "no deals", how.width)
    else:
        lines += [" " * _INDENT + text if text else "" for text in _body(view, how)]
        lines += _legend(view, how)
    remarks = [view.hint] if view.hint and any(stage.number for stage in view.stages) else []
    if view.others:
        remarks.append(f"other pipelines: {', '.join(view.others)}")
    if remarks:
        lines.append("")
    lines += [
        paint(text, "dim", how.color) for remark in remarks for text in wrap(remark, how.width)
    ]
    return lines


def _title(view: PipelineView, how: How) -> str:
    name = harmless(view.name)
    title = name if "pipeline" in name.casefold() else f"{name} pipeline"
    return headline(title, view.filtered, how)


def _body(view: PipelineView, how: How) -> list[str]:
    """The stages that are open, the total under a rule, the closed stages."""
    how = how.narrower(_INDENT)
    tracks = [*_TRACKS, *_mark_tracks(view, how)]
    blocks = [_rows(stage, view, how) for stage in (*view.stages, view.total)]
    placed = _arranged(tracks, blocks, how)
    _draw_bars(view, blocks, placed, how)
    drawn = [[line(row, tracks, placed, how) for row in block] for block in blocks]
    for block, deals in zip(drawn, _deals(view, how), strict=False):
        block.extend([*deals, ""] if deals else [])
    done = [stage.type in _CLOSED for stage in view.stages]
    total = drawn.pop()
    return [
        line([Cell(track.label, "head") for track in tracks], tracks, placed, how),
        *(text for lines, over in zip(drawn, done, strict=True) if not over for text in lines),
        paint(("-" if how.ascii else "─") * taken(placed), "dim", how.color),
        *total,
        *(text for lines, over in zip(drawn, done, strict=True) if over for text in lines),
    ]


def _mark_tracks(view: PipelineView, how: How) -> list[Track]:
    """A column for each mark that some stage has: its symbol, and its word if there is room."""
    tracks = []
    for index, mark in enumerate(_MARKS):
        sign = symbol(mark, how.ascii)
        label = f"{sign} {mark}" if how.width >= _WIDE else sign
        any_has = any(_counts(stage)[index] for stage in view.stages)
        tracks.append(Track(label if any_has else "", right=True, whole=True, priority=3))
    return tracks


def _counts(stage: StageLine) -> tuple[int, int, int]:
    return (0, 0, 0) if stage.type in _CLOSED else (stage.rotting, stage.late, stage.idle)


def _rows(stage: StageLine, view: PipelineView, how: How) -> list[list[Cell]]:
    """A stage as rows, one for each currency; the first holds all the rest."""
    closed = stage.type in _CLOSED
    whole = stage is view.total
    style = "title" if whole else _CLOSED.get(stage.type, "" if stage.number else "dim")
    weighted = () if closed else stage.weighted
    sums = [Cell(shown("money", money, how), style) for money in stage.sums] or [Cell("")]
    weights = [Cell(shown("money", money, how), style) for money in weighted]
    weights += [Cell("")] * (len(sums) - len(weights))
    probability = "" if closed or whole else f"{stage.probability}%"
    marks = [
        Cell(str(count) if count else "", MARKS[mark][2])
        for mark, count in zip(_MARKS, _counts(stage), strict=True)
    ]
    first = [
        Cell(harmless(stage.name), style or ("title" if view.with_deals else "")),
        Cell(probability, "dim"),
        Cell(""),
        Cell(f"{stage.number:,}", style),
    ]
    rows = [[*first, sums[0], weights[0], *marks]]
    for money, weight in zip(sums[1:], weights[1:], strict=True):
        rows.append([*[Cell("")] * 4, money, weight, *[Cell("")] * 3])
    return rows


def _arranged(
    tracks: Sequence[Track], blocks: Sequence[Sequence[Sequence[Cell]]], how: How
) -> list[Placed]:
    """The columns in place; the bar takes what the others leave."""
    space = Cell("x" * _BAR_LEAST)
    rows = [[*row[:_BAR], space, *row[_BAR + 1 :]] for block in blocks for row in block]
    placed = arrange(tracks, rows, how)
    room = min(_BAR_LEAST + how.width - taken(placed), _BAR_MOST)
    return [Placed(i, room) if i == _BAR else Placed(i, cells) for i, cells in placed]


def _draw_bars(
    view: PipelineView, blocks: list[list[list[Cell]]], placed: Sequence[Placed], how: How
) -> None:
    """Put a bar into each open stage: its weighted sum, and in a shade what its sum adds."""
    cells = next((place.cells for place in placed if place.track == _BAR), 0)
    measures = _measures(view)
    top = max((outer for _inner, outer in measures), default=0)
    for rows, (inner, outer) in zip(blocks, measures, strict=False):
        if top and cells:
            solid, shade = two_tone(inner / top, outer / top, cells, how.ascii)
            rows[0][_BAR] = Cell(solid + shade, "bar")


def _measures(view: PipelineView) -> list[tuple[float, float]]:
    """For each stage its weighted sum and its sum in the main currency, else its deals."""
    main = _main_currency(view)
    found = []
    for stage in view.stages:
        if stage.type in _CLOSED:
            found.append((0.0, 0.0))
        elif main:
            found.append((_in(main, stage.weighted), _in(main, stage.sums)))
        else:
            found.append((stage.number * stage.probability / 100, float(stage.number)))
    return found


def _main_currency(view: PipelineView) -> str:
    """The currency with the greatest amount in all; "" when no open deal has a value."""
    sums = {money.currency: _in(money.currency, view.total.sums) for money in view.total.sums}
    return max(sums, key=lambda currency: sums[currency], default="")


def _in(currency: str, sums: Sequence[Money]) -> float:
    minor = sum(money.minor for money in sums if money.currency == currency and money.minor > 0)
    return minor / float(10 ** minor_exponent(currency))


def _deals(view: PipelineView, how: How) -> list[list[str]]:
    """For each stage the lines of its deals, aligned over all stages."""
    if not view.with_deals:
        return []
    rows = [[_deal(deal, how) for deal in stage.deals] for stage in view.stages]
    inner = how.narrower(_INDENT)
    placed = arrange(_DEAL_TRACKS, [row for block in rows for row in block], inner)
    blank = " " * _INDENT
    found = []
    for stage, block in zip(view.stages, rows, strict=True):
        lines = [blank + line(row, _DEAL_TRACKS, placed, inner) for row in block]
        if stage.more:
            text = f"{'...' if how.ascii else '…'} {stage.more:,} more"
            lines.append(blank + paint(text, "dim", how.color))
        found.append(lines)
    return found


def _deal(deal: DealLine, how: How) -> list[Cell]:
    when, what = shown("when", deal.next_due, how), shown("text", deal.next_step, how)
    step = f"{when} {what}".strip() if how.width >= _WIDE else when or what
    words = [mark if how.width >= _WIDE else _sign(mark, how) for mark in deal.marks]
    return [
        Cell(harmless(deal.handle), "handle"),
        Cell(harmless(deal.title)),
        Cell(shown("text", deal.company, how)),
        Cell(shown("money", deal.value, how)),
        Cell(shown("text", deal.owner, how)),
        Cell(f"{deal.age}d", "warn" if "rotting" in deal.marks else ""),
        Cell(shown("day", deal.expected_close, how), "bad" if "late" in deal.marks else ""),
        Cell(step),
        Cell((", " if how.width >= _WIDE else "").join(words), _worst(deal.marks)),
    ]


def _sign(mark: str, how: How) -> str:
    return symbol(mark, how.ascii) if mark in MARKS else harmless(mark)


def _worst(marks: Sequence[str]) -> str:
    """The style of the gravest of some marks."""
    styles = {mark_style(mark) for mark in marks}
    return next((style for style in ("bad", "warn", "dim") if style in styles), "")


def _legend(view: PipelineView, how: How) -> list[str]:
    """What the symbols mean, if there are any and the columns have no room to say it."""
    seen = [any(_counts(stage)[i] for stage in view.stages) for i in range(len(_MARKS))]
    if how.width - _INDENT >= _WIDE or not any(seen):
        return []
    words = {"late": "past its close date"}
    parts = [
        paint(symbol(mark, how.ascii), MARKS[mark][2], how.color)
        + paint(f" {words.get(mark, mark)}", "dim", how.color)
        for mark, is_seen in zip(_MARKS, seen, strict=True)
        if is_seen
    ]
    plain = sum(len(words.get(mark, mark)) + 5 for mark in _MARKS)
    rows = ["   ".join(parts)] if plain < how.width else parts
    return ["", *(" " * _INDENT + row for row in rows)]
