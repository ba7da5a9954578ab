"""Screens as one table, for the formats that know nothing else (CSV, TSV, Markdown)."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from crmcli.errors import UsageError
from crmcli.results import (
    Cards,
    Checkup,
    Column,
    Dupes,
    Fact,
    ImportSummary,
    Listing,
    PipelineView,
    Report,
    Screen,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from crmcli.results import DealLine, Result, StageLine

_STAGE_COLUMNS = (
    Column("stage", "text", "Stage"),
    Column("type", "text", "Type"),
    Column("probability", "percent", "Probability"),
    Column("count", "integer", "Deals"),
    Column("sum", "money", "Sum"),
    Column("weighted", "money", "Weighted"),
    Column("rotting", "integer", "Rotting"),
    Column("late", "integer", "Late"),
    Column("idle", "integer", "No next step"),
)
_DEAL_COLUMNS = (
    Column("handle", "handle", "Deal"),
    Column("title", "text", "Title"),
    Column("stage", "text", "Stage"),
    Column("company", "text", "Company"),
    Column("value", "money", "Value"),
    Column("owner", "text", "Owner"),
    Column("age", "integer", "Days in stage"),
    Column("expected_close", "day", "Expected close"),
    Column("next_step", "text", "Next step"),
    Column("next_due", "when", "Due"),
    Column("marks", "text", "Marks"),
)


def table(result: Result) -> Listing | None:
    """The rows of a result; None when it has none. Raises UsageError when they differ in shape."""
    if isinstance(result, Listing):
        return result
    if isinstance(result, Report):
        return result.listing
    if isinstance(result, PipelineView):
        rows = tuple(_deal_rows(result) if result.with_deals else _stage_rows(result))
        columns = _DEAL_COLUMNS if result.with_deals else _STAGE_COLUMNS
        return Listing("deals" if result.with_deals else "stages", columns, rows, len(rows))
    if isinstance(result, Checkup):
        from crmcli.output import checkup

        return checkup.table(result)
    if isinstance(result, ImportSummary):
        from crmcli.output import imports

        return imports.table(result)
    if isinstance(result, Dupes):
        from crmcli.output import dupes

        return dupes.table(result)
    if isinstance(result, Cards):
        return _cards(result.cards)
    return _cards([result]) if isinstance(result, Screen) else None


def _cards(cards: Sequence[Screen]) -> Listing:
    """Each record as one row, under the fields that any of them has."""
    rows = [{fact.name: fact for fact in _facts(card)} for card in cards]
    columns = {
        fact.name: Column(fact.name, fact.kind, fact.label) for row in rows for fact in row.values()
    }
    values = [[row[name].value if name in row else None for name in columns] for row in rows]
    return Listing("card", tuple(columns.values()), tuple(map(tuple, values)), len(rows))


def _facts(screen: Screen) -> tuple[Fact, ...]:
    if screen.name != "card":
        raise UsageError(
            f"{screen.name} has parts of different shapes, which this format cannot hold",
            hint="use --format json, md, ids or table",
        )
    handle = (Fact("handle", "handle", "Handle", screen.handle),) if screen.handle else ()
    return (*handle, *screen.facts)


def _stage_rows(view: PipelineView) -> Iterator[tuple[Any, ...]]:
    """A row for each stage and currency; a stage without amounts has one."""
    for stage in view.stages:
        pairs = list(zip_longest(stage.sums, stage.weighted)) or [(None, None)]
        for amount, weighted in pairs:
            yield _stage_row(stage, amount, weighted)


def _stage_row(stage: StageLine, amount: Any, weighted: Any) -> tuple[Any, ...]:
    marks = (stage.rotting, stage.late, stage.idle)
    return (stage.name, stage.type, stage.probability, stage.number, amount, weighted, *marks)


def _deal_rows(view: PipelineView) -> Iterator[tuple[Any, ...]]:
    for stage in view.stages:
        for deal in stage.deals:
            yield _deal_row(deal, stage.name)


def _deal_row(deal: DealLine, stage: str) -> tuple[Any, ...]:
    return (
        deal.handle,
        deal.title,
        stage,
        deal.company,
        deal.value,
        deal.owner,
        deal.age,
        deal.expected_close,
        deal.next_step,
        deal.next_due,
        ", ".join(deal.marks),
    )
