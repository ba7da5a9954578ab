"""What an import did: the counts, the columns, what was kept as typed or set aside, how to undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmcli.catalog import BY_NAME
from crmcli.output.style import headline, paint
from crmcli.output.text import cut, harmless, pad, width, wrap
from crmcli.results import ENOUGH_NEAR, Column, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crmcli.output.how import How
    from crmcli.results import FieldChange, ImportSummary

_COUNTS = ("created", "updated", "unchanged", "skipped", "rejected")
_STYLES = {"created": "good", "updated": "good", "rejected": "bad"}
_SHOWN = 5
_WIDEST = 32
_MAPPING = (Column("column", "text", "Column"), Column("field", "text", "Becomes"))
_LEFT_OUT = "not imported"


def render(summary: ImportSummary, how: How) -> list[str]:
    """The lines for people; none when quiet."""
    if how.quiet:
        return []
    detected, *notes = summary.detected.split("; ")
    origin = f" from {summary.source}" if summary.source else ""
    lines = [headline(summary.file, f"{summary.plural}{origin}, {detected}", how)]
    lines += [line for note in notes for line in wrap(harmless(note), how.width)]
    lines += [""]
    lines += _counts(summary, how)
    columns = "Columns, as they were mapped before" if summary.remembered else "Columns"
    lines += _block(columns if summary.mapping else "", _mapping(summary, how), how)
    lines += _block("Translated" if summary.translated else "", _translated(summary, how), how)
    lines += _block("Not matched" if summary.unmatched else "", _unmatched(summary, how), how)
    if summary.dry_run:
        lines += _samples(summary, how)
        title = "The first changes" if summary.changes else ""
        lines += _block(title, _changes(summary.changes, how), how)
    lines += _block(_kept_title(summary), _changes(summary.kept, how), how)
    lines += _block(_near_title(summary), _near(summary, how), how)
    lines += _block(_warned(summary, how), _first(summary.problems, how), how)
    lines += _block(_rejected(summary), _first(summary.reasons, how), how)
    return [*lines, "", *wrap(_end(summary), how.width)]


def document(summary: ImportSummary) -> dict[str, Any]:
    """The summary as plain data for JSON."""
    found = summary._asdict()
    del found["exit_status"], found["samples"]
    found["mapping"] = dict(_rows(summary, None))
    found["guessed"] = [
        {"column": column, "field": field, "sure": sure, "by": how}
        for column, field, sure, how in summary.guessed
    ]
    found["unmatched"] = [
        {"field": field, "from": word, "taken_as": instead or None, "rows": rows}
        for field, word, instead, rows in summary.unmatched
    ]
    found["changes"] = [change._asdict() for change in summary.changes]
    found["kept"] = [change._asdict() for change in summary.kept]
    found["near"] = [near._asdict() for near in summary.near]
    for name in ("made", "warnings", "lines", "kept_counts"):
        found[name] = dict(found[name])
    found["translated"] = [
        {"field": field, "from": word, "to": ours, "rows": rows}
        for field, word, ours, rows in summary.translated
    ]
    if summary.samples:
        from crmcli.output.jsons import objects

        found["samples"] = list(objects(summary.samples))
    return found


def table(summary: ImportSummary) -> Listing:
    """The columns of the file and what they become."""
    rows = tuple(_rows(summary, None))
    return Listing("columns", _MAPPING, rows, len(rows))


def _rows(summary: ImportSummary, missing: str | None) -> list[tuple[str, str | None]]:
    return [(column, field or missing) for column, field in summary.mapping]


def _counts(summary: ImportSummary, how: How) -> list[str]:
    """Read, and what became of it; kinds of fate that did not occur are left out."""
    counts = [("read", summary.read)]
    counts += [(name, getattr(summary, name)) for name in _COUNTS if getattr(summary, name)]
    counts += [(f"{_many(noun, count)} made", count) for noun, count in summary.made]
    numbers = [f"{count:,}" for _name, count in counts]
    cells = max(len(number) for number in numbers)
    return [
        f"  {number:>{cells}}  {paint(name, _STYLES.get(name, ''), how.color)}"
        for number, (name, _count) in zip(numbers, counts, strict=True)
    ]


def _many(noun: str, count: int) -> str:
    return noun if count == 1 else BY_NAME[noun].plural


def _mapping(summary: ImportSummary, how: How) -> list[str]:
    """Columns that become something, side by side; then those that are left out, in one list."""
    used = [(harmless(column), field) for column, field in summary.mapping if field]
    cells = min(max((width(column) for column, _field in used), default=0), _WIDEST)
    arrow = "->" if how.ascii else "→"
    sure = {column: f"  ({sure}% sure, by its {why})" for column, _f, sure, why in summary.guessed}
    lines = [
        f"{pad(cut(harmless(column), cells, ascii=how.ascii), cells)} {arrow} {harmless(field)}"
        f"{sure.get(column, '')}"
        for column, field in summary.mapping
        if field
    ]
    left = [harmless(column) or "(no name)" for column, field in summary.mapping if not field]
    if left:
        room = max(how.width - 4, 20)
        lines += [
            paint(text, "warn", how.color) for text in wrap(f"{_LEFT_OUT}: {', '.join(left)}", room)
        ]
    return lines


def _translated(summary: ImportSummary, how: How) -> list[str]:
    arrow = "->" if how.ascii else "→"
    lines = [
        f"{field}: {harmless(word)} {arrow} {ours} ({rows:,})"
        for field, word, ours, rows in summary.translated
    ]
    return _fitting(lines, how)


def _unmatched(summary: ImportSummary, how: How) -> list[str]:
    """Words that match nothing here, and how to say what they stand for."""
    arrow = "->" if how.ascii else "→"
    if not summary.unmatched:
        return []
    lines = [
        f"{field}: {harmless(word) or '(blank)'} {arrow} {instead or 'left out'} ({rows:,})"
        for field, word, instead, rows in summary.unmatched
    ]
    field, word = summary.unmatched[0][:2]
    hint = f'say otherwise with --value "{field}:{harmless(word)}=..."'
    hints = wrap(hint, max(how.width - 2, 20))
    return [*_first(lines, how), *(paint(line, "dim", how.color) for line in hints)]


def _changes(changes: Iterable[FieldChange], how: How) -> list[str]:
    """Before and after, a line for each field."""
    arrow = "->" if how.ascii else "→"
    lines = [
        f"{each.handle} {harmless(each.title)}, {each.field}:"
        f" {harmless(each.before) or '(blank)'} {arrow} {harmless(each.after) or '(blank)'}"
        for each in changes
    ]
    return _fitting(lines, how)


def _kept_title(summary: ImportSummary) -> str:
    """How many values the file would change, which stayed."""
    counts = ", ".join(f"{field} {count:,}" for field, count in summary.kept_counts)
    return f"Kept, though the file says something else: {counts}" if counts else ""


def _near_title(summary: ImportSummary) -> str:
    count = summary.near_count
    if not count:
        return ""
    new = "1 new record" if count == 1 else f"{count:,} new records"
    new += " or more" if count >= ENOUGH_NEAR else ""
    return f"{new} may be one with another: `crm dupes` compares them"


def _near(summary: ImportSummary, how: How) -> list[str]:
    lines = [
        f"line {each.line}: {harmless(each.title)} may be {each.handle}"
        f"{f' of line {each.other_line}' if each.other_line else ''}, {each.why}"
        for each in summary.near
    ]
    return _fitting(lines, how)


def _samples(summary: ImportSummary, how: How) -> list[str]:
    if summary.samples is None:
        return []
    from crmcli.output.table import render as render_table

    return ["", paint("The first new records", "title", how.color),
            *render_table(summary.samples, how)]  # fmt: skip


def _warned(summary: ImportSummary, how: How) -> str:
    lines = dict(summary.lines)
    times = "x" if how.ascii else "×"
    kinds = [
        f"{count:,} {times} {kind}{_places(lines.get(kind, ()), how)}"
        for kind, count in summary.warnings
    ]
    return f"Warnings: {', '.join(kinds)}" if kinds else ""


def _places(lines: Sequence[int], how: How) -> str:
    """The first lines of a kind of warning, where the warnings themselves do not say them all."""
    shown = ", ".join(map(str, lines[:_SHOWN]))
    return f" (lines {shown}, {_more(how)})" if len(lines) > _SHOWN else ""


def _rejected(summary: ImportSummary) -> str:
    if not summary.rejected:
        return ""
    rows = "1 row" if summary.rejected == 1 else f"{summary.rejected:,} rows"
    return f"{rows} rejected, now in {summary.rejects}" if summary.rejects else f"{rows} rejected"


def _first(texts: Sequence[str], how: How) -> list[str]:
    """The first few, each on one line."""
    lines = _fitting(map(harmless, texts), how)
    return [*lines[:_SHOWN], _more(how)] if len(lines) > _SHOWN else lines


def _fitting(lines: Iterable[str], how: How) -> list[str]:
    """Lines of a block, cut to the width that its indent leaves."""
    return [cut(line, max(how.width - 2, 20), ascii=how.ascii) for line in lines]


def _more(how: How) -> str:
    return "..." if how.ascii else "…"


def _block(title: str, lines: Iterable[str], how: How) -> list[str]:
    """A titled part; nothing without a title."""
    if not title:
        return []
    titled = paint(cut(harmless(title), how.width, ascii=how.ascii), "title", how.color)
    return ["", titled, *(f"  {line}" for line in lines)]


def _end(summary: ImportSummary) -> str:
    if summary.dry_run:
        return "Dry run: nothing was changed."
    if summary.handle is None and summary.read and summary.skipped == summary.read:
        return "Nothing to do: every row was skipped."
    if summary.handle is None and summary.rejected:
        return "Nothing was imported."
    if summary.handle is None:
        return "Nothing to change: all of it is there already." if summary.read else "No rows."
    again = "Mend the rejected rows and import that file too. " if summary.rejects else ""
    return f"{again}Imported as {summary.handle}; `crm undo {summary.handle}` takes it back."
