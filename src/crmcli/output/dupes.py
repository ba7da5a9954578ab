"""What finding duplicates found: a block for each cluster, with what speaks for it and against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmcli.output.style import paint
from crmcli.output.text import cut, harmless, pad, width, wrap
from crmcli.results import Column, Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmcli.output.how import How
    from crmcli.results import Alike, Double, Dupes

_COLUMNS = (
    Column("cluster", "integer", "Cluster"),
    Column("score", "number", "Score"),
    Column("a", "text", "A"),
    Column("a_title", "text", "Name"),
    Column("b", "text", "B"),
    Column("b_title", "text", "Name"),
    Column("reasons", "text", "For"),
    Column("against", "text", "Against"),
)
_SCORE = 6
_SURE = 0.95


def render(dupes: Dupes, how: How) -> list[str]:
    """The lines for people."""
    lines = [line for double in dupes.clusters for line in _block(double, dupes.explain, how)]
    if how.quiet:
        return lines
    return lines + _end(dupes, how)


def document(dupes: Dupes) -> list[dict[str, Any]]:
    """The clusters as plain data for JSON."""
    return [_object(double) for double in dupes.clusters]


def table(dupes: Dupes) -> Listing:
    """The pairs as rows."""
    rows = tuple(_rows(dupes))
    return Listing("duplicates", _COLUMNS, rows, len(rows))


def handles(dupes: Dupes) -> Iterator[str]:
    """The handles of each cluster on a line, as `xargs -L 1 crm merge` takes them."""
    for double in dupes.clusters:
        yield " ".join(handle for handle, _title, _detail in double.records)


def _object(double: Double) -> dict[str, Any]:
    records = [{"handle": h, "title": t, "detail": d or None} for h, t, d in double.records]
    pairs = [
        {
            "a": pair.a,
            "b": pair.b,
            "score": pair.score,
            "reasons": [{"says": says, "bits": bits} for says, bits in pair.pros],
            "against": [{"says": says, "bits": bits} for says, bits in pair.cons],
        }
        for pair in double.pairs
    ]
    return {"score": double.score, "records": records, "pairs": pairs}


def _rows(dupes: Dupes) -> Iterator[tuple[Any, ...]]:
    for number, double in enumerate(dupes.clusters, 1):
        titles = {handle: title for handle, title, _detail in double.records}
        for pair in double.pairs:
            yield (
                number,
                pair.score,
                pair.a,
                titles[pair.a],
                pair.b,
                titles[pair.b],
                _words(pair.pros),
                _words(pair.cons),
            )


def _words(said: tuple[tuple[str, float], ...]) -> str:
    return ", ".join(says for says, _bits in said)


def _block(double: Double, explain: bool, how: How) -> list[str]:
    """The records of a cluster under each other, the score beside the first; then the reasons."""
    score = paint(f"{double.score:.2f}", "good" if double.score >= _SURE else "warn", how.color)
    handles = max(width(handle) for handle, _title, _detail in double.records) + 1
    lines = []
    for place, (handle, title, detail) in enumerate(double.records):
        text = harmless(f"{title}, {detail}" if detail else title)
        room = max(how.width - _SCORE - handles, 20)
        head = score + " " * (_SCORE - 4) if place == 0 else " " * _SCORE
        name = paint(pad(handle, handles), "handle", how.color)
        lines.append(head + name + cut(text, room, ascii=how.ascii))
    pairs = double.pairs if explain else double.pairs[:1]
    return [*lines, *(line for pair in pairs for line in _why(pair, double, explain, how)), ""]


def _why(pair: Alike, double: Double, explain: bool, how: How) -> list[str]:
    lead = f"{pair.a} {pair.b} {pair.score:.2f}: " if len(double.records) > 2 else ""
    if explain:
        return [
            *([" " * _SCORE + lead.rstrip(": ")] if lead else []),
            *(_evidence(says, bits, how) for says, bits in (*pair.pros, *pair.cons)),
        ]
    said = _words(pair.pros) + (f"; but {_words(pair.cons)}" if pair.cons else "")
    room = max(how.width - _SCORE, 20)
    return [" " * _SCORE + paint(text, "dim", how.color) for text in wrap(lead + said, room)]


def _evidence(says: str, bits: float, how: How) -> str:
    """A reason with its weight: bits of evidence for or against."""
    weight = paint(f"{bits:+6.1f}", "good" if bits > 0 else "bad", how.color)
    return (
        f"{' ' * _SCORE}{weight}  {cut(harmless(says), max(how.width - 14, 20), ascii=how.ascii)}"
    )


def _end(dupes: Dupes, how: How) -> list[str]:
    shown = len(dupes.clusters)
    if not dupes.hint:  # one after the other, with a question below each
        return []
    if not shown:
        return wrap(dupes.hint, how.width)
    noun = "cluster" if dupes.total == 1 else "clusters"
    count = f"{shown:,} of {dupes.total:,}" if shown < dupes.total else f"{dupes.total:,}"
    return [*wrap(f"{count} {noun}; {dupes.hint}", how.width)]
