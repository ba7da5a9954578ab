"""JSON and JSON lines: typed values, exact amounts, ISO dates in UTC.

A listing is an array of objects, a screen one object. Nothing here loads anything for the
terminal.
"""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from crmcli.output.cells import (
    Exact,
    currency_name,
    json_point,
    json_value,
    machine_columns,
    machine_rows,
)
from crmcli.results import (
    Cards,
    Checkup,
    Dupes,
    ImportSummary,
    Listing,
    PipelineView,
    Point,
    Report,
    Screen,
)
from crmcli.values.base import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmcli.output.how import How
    from crmcli.results import DealLine, Done, Result, StageLine

# JSON allows these as they are, but a terminal obeys some of them and no encoding has the last.
_RISKY = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def lines(result: Result, how: How) -> Iterator[str]:
    """The lines of a result as JSON; with the format `jsonl` each row is one of them."""
    listing = result.listing if isinstance(result, Report) else result
    if how.format == "jsonl":
        rows = objects(listing) if isinstance(listing, Listing) else _documents(result)
        return (encode(row) for row in rows)
    if isinstance(result, Listing):
        return _array(result)
    return iter([encode(document(result), "\n")])


def _array(listing: Listing) -> Iterator[str]:
    """The lines of an array, row by row: a million rows must never be one text."""
    rows = (encode(row, "\n  ") for row in objects(listing))
    held = next(rows, None)
    if held is None:
        yield "[]"
        return
    yield "["
    for row in rows:
        yield f"  {held},"
        held = row
    yield f"  {held}"
    yield "]"


def objects(listing: Listing) -> Iterator[dict[str, Any]]:
    """The rows of a listing as objects keyed by column name, with their marks where it has any."""
    columns = machine_columns(listing.columns)
    for place, row in enumerate(machine_rows(listing.columns, listing.rows)):
        found = {
            column.name: json_value(column.kind, value)
            for column, value in zip(columns, row, strict=True)
        }
        yield {**found, "marks": list(listing.marks[place])} if listing.marks else found


def document(result: Result) -> Any:
    """A whole result as plain data for JSON."""
    if isinstance(result, Listing):
        return list(objects(result))
    if isinstance(result, Screen):
        return _screen(result)
    if isinstance(result, Cards):
        return [_screen(card) for card in result.cards]
    if isinstance(result, PipelineView):
        return _pipeline(result)
    if isinstance(result, Checkup):
        from crmcli.output import checkup

        return checkup.document(result)
    if isinstance(result, ImportSummary):
        from crmcli.output import imports

        return imports.document(result)
    if isinstance(result, Dupes):
        from crmcli.output import dupes

        return dupes.document(result)
    return _report(result) if isinstance(result, Report) else _done(result)


def _documents(result: Result) -> Iterator[Any]:
    """The documents of a result, of which only cards and duplicates have several."""
    return iter(document(result) if isinstance(result, (Cards, Dupes)) else [document(result)])


def _screen(screen: Screen) -> dict[str, Any]:
    found: dict[str, Any] = {"handle": screen.handle} if screen.handle else {}
    if not screen.handle:  # a record's title is among its facts
        found["heading"] = screen.title
    for fact in screen.facts:
        found[fact.name] = json_value(fact.kind, fact.value)
        if fact.kind == "money":
            currency = fact.value.currency if isinstance(fact.value, Money) else None
            found[currency_name(fact.name)] = currency
    for section in screen.sections:
        found[section.name] = list(objects(section.listing))
    return found


def _pipeline(view: PipelineView) -> dict[str, Any]:
    return {
        "pipeline": view.name,
        "filtered": view.filtered,
        "stages": [_stage(stage, view.with_deals) for stage in view.stages],
        "total": _stage(view.total, False),
    }


def _stage(stage: StageLine, with_deals: bool) -> dict[str, Any]:
    found = {
        "name": stage.name,
        "type": stage.type,
        "probability": stage.probability,
        "count": stage.number,
        "sums": list(stage.sums),
        "weighted": list(stage.weighted),
        "rotting": stage.rotting,
        "late": stage.late,
        "idle": stage.idle,
    }
    return {**found, "deals": [_deal(deal) for deal in stage.deals]} if with_deals else found


def _deal(deal: DealLine) -> dict[str, Any]:
    value = deal.value or Money(0, "")
    return {
        "handle": deal.handle,
        "title": deal.title,
        "company": deal.company,
        "value": json_value("money", deal.value),
        "currency": value.currency or None,
        "owner": deal.owner,
        "age": deal.age,
        "expected_close": deal.expected_close,
        "next_step": deal.next_step,
        "next_due": deal.next_due,
        "marks": list(deal.marks),
    }


def _report(report: Report) -> dict[str, Any]:
    rows = list(objects(report.listing))
    totals = Listing("totals", report.listing.columns, (report.totals,), 1)
    return {
        "name": report.name,
        "definition": report.definition,
        "period": report.period,
        "rows": rows,
        "totals": next(objects(totals)) if report.totals else None,
    }


def _done(done: Done) -> dict[str, Any]:
    return {
        "lines": list(done.lines),
        "records": list(done.records),
        "change_set": done.change_set,
        "warnings": list(done.warnings),
        "dry_run": done.dry_run,
        **({"preview": list(objects(done.preview))} if done.preview else {}),
        **done.data,
    }


def encode(value: Any, newline: str = "") -> str:
    """`value` as JSON: on one line, or with `newline` (and its indent) between the parts.

    Unlike `json.dumps` it writes amounts as exact decimals.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        inner = _deeper(newline)
        pairs = [f"{_text(str(key))}: {encode(item, inner)}" for key, item in value.items()]
        return _group("{}", pairs, newline)
    if isinstance(value, Money):
        amount = json_value("money", value)
        return encode({"value": amount, "currency": value.currency}, newline)
    if isinstance(value, (list, tuple)):
        return _group("[]", [encode(item, _deeper(newline)) for item in value], newline)
    if isinstance(value, Point):
        return encode(json_point("", value), newline)
    return json.dumps(value, allow_nan=False)


def _text(text: str) -> str:
    if isinstance(text, Exact):
        return str(text)
    encoded = encode_basestring(text)
    return encoded if encoded.isprintable() else _RISKY.sub(_escaped, encoded)


def _deeper(newline: str) -> str:
    return newline and newline + "  "


def _group(brackets: str, items: list[str], newline: str) -> str:
    opening, closing = brackets[0], brackets[1]
    if not items or not newline:
        return opening + ", ".join(items) + closing
    inner = _deeper(newline)
    return opening + inner + f",{inner}".join(items) + newline + closing


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
