"""Screens made of facts and sections: the card of a record, `today`, `remind`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmcli.output.cells import shown, shown_lines
from crmcli.output.style import headline, paint
from crmcli.output.table import body
from crmcli.output.text import cut, harmless, pad, width, wrap
from crmcli.results import Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.output.how import How
    from crmcli.results import Fact, Screen, Section

_TWO_COLUMNS = 110
_BETWEEN = 4
_LABEL = 2  # cells between a label and its value


class _Line(NamedTuple):
    """A line of a fact: the label (or nothing), the value, what is said beside it."""

    label: str
    value: str
    aside: str = ""


def render(screen: Screen, how: How) -> list[str]:
    """The lines of a screen; without facts and rows, what to do about it."""
    lines = _title(screen, how)
    told = [fact.for_people for fact in screen.facts if not fact.quiet]
    facts = [fact for fact in told if fact.value not in (None, "", ())]
    sections = [section for section in screen.sections if section.listing.rows]
    short = [fact for fact in facts if fact.kind != "longtext"]
    if short:
        lines += ["", *_facts(short, how)]
    for fact in facts:
        if fact.kind == "longtext":
            lines += ["", *_long(fact, how)]
    for section in sections:
        lines += ["", *_section(section, screen, how)]
    if not sections and not facts:
        lines += ["", *wrap(screen.empty or "nothing here", how.width)]
    return lines


def _title(screen: Screen, how: How) -> list[str]:
    handle = paint(harmless(screen.handle), "handle", how.color)
    room = how.width - width(screen.handle) - _LABEL
    first, *rest = wrap(screen.title, room if screen.handle else how.width)
    titles = [paint(text, "title", how.color) for text in (first, *rest)]
    lines = [f"{handle}  {titles[0]}" if handle else titles[0], *titles[1:]]
    if screen.subtitle:
        lines += [paint(text, "dim", how.color) for text in wrap(screen.subtitle, how.width)]
    return lines


def _facts(facts: Sequence[Fact], how: How) -> list[str]:
    """The facts in one column, or in two of about the same height when there is room."""
    if how.width < _TWO_COLUMNS or len(facts) < 4:
        return _column(facts, how, how.width)
    side = (how.width - _BETWEEN) // 2
    heights = [len(_fact(fact, how, side)) for fact in facts]
    half = next(n for n in range(len(facts)) if 2 * sum(heights[: n + 1]) >= sum(heights)) + 1
    left = _column(facts[:half], how, side, filled=True)
    right = _column(facts[half:], how, side)
    blank = " " * side
    left += [blank] * (len(right) - len(left))
    right += [""] * (len(left) - len(right))
    return [(a + " " * _BETWEEN + b).rstrip() for a, b in zip(left, right, strict=True)]


def _column(facts: Sequence[Fact], how: How, cells: int, *, filled: bool = False) -> list[str]:
    """Labels and values below each other within `cells`; `filled` pads each line."""
    labels = max((width(harmless(fact.label)) for fact in facts), default=0)
    return [
        _drawn(line, labels, how, cells if filled else 0)
        for fact in facts
        for line in _fact(fact, how, cells - labels - _LABEL)
    ]


def _drawn(line: _Line, labels: int, how: How, cells: int) -> str:
    label = paint(pad(line.label, labels), "dim", how.color) + " " * _LABEL
    aside = f"  {paint(line.aside, 'dim', how.color)}" if line.aside else ""
    used = labels + _LABEL + width(line.value) + (2 + width(line.aside) if line.aside else 0)
    return label + line.value + aside + " " * (cells - used)


def _fact(fact: Fact, how: How, cells: int) -> list[_Line]:
    """The lines of a fact: one for each of many values, wrapped to `cells`."""
    label = harmless(fact.label)
    if isinstance(fact.value, tuple) and fact.kind not in ("money", "tags", "trend"):
        lines = [line for point in fact.value for line in _point(point, fact, how, cells)]
    else:
        lines = [_Line("", text) for text in wrap(shown(fact.kind, fact.value, how), cells)]
    return [lines[0]._replace(label=label), *lines[1:]]


def _point(point: Point, fact: Fact, how: How, cells: int) -> list[_Line]:
    """One of many values: its label, whether it is the primary one, whether it is impossible."""
    star = "*" if how.ascii else "★"
    aside = " ".join(
        word
        for word, said in (
            (cut(harmless(point.label or ""), cells // 2, ascii=how.ascii), point.label),
            (star, point.primary and len(fact.value) > 1),
            ("(not valid)", not point.valid),
        )
        if said
    )
    texts = wrap(shown(fact.kind, point.value, how), max(cells - width(aside) - 2, 1))
    return [_Line("", texts[0], aside), *(_Line("", text) for text in texts[1:])]


def _long(fact: Fact, how: How) -> list[str]:
    """A text of several lines under its label."""
    texts = wrap(shown_lines(fact.kind, fact.value, how), how.width - 2)
    label = paint(harmless(fact.label), "dim", how.color)
    return [label, *(f"  {text}".rstrip() for text in texts)]


def _section(section: Section, screen: Screen, how: How) -> list[str]:
    """A heading with the count and the rows; a header line where the values do not say it."""
    listing = section.listing
    shown_rows, total = len(listing.rows), max(listing.total, len(listing.rows))
    count = f"{total:,}" if shown_rows == total else f"{shown_rows:,} of {total:,}"
    urgent = any("overdue" in marks for marks in listing.marks)
    heading = headline(section.title, count, how, "bad title" if urgent else "title", "dim")
    header = screen.name in ("card", "quality") or section.name == "keep_in_touch"
    return [heading, *body(listing, how, header=header, indent=2)]
