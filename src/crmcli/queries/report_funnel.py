"""Reports on what is under way: pipeline, forecast, conversion, stale, and activity.

See `crmcli.queries.reports`.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from crmcli.queries.attention import money
from crmcli.queries.conditions import EVERYTHING, Sql
from crmcli.queries.grouping import (
    Ask,
    Bundle,
    Group,
    Sheet,
    amount,
    average,
    bundles,
    heading,
    month_group,
    name_group,
    ordered,
    share,
    stage_group,
    text_group,
    total_amount,
    with_empty_months,
)
from crmcli.results import Column
from crmcli.store.dialect import days_between
from crmcli.values.calendar import midnight, moment_of, moment_text

_DEALS = Column("deals", "integer", "Deals")
_VALUE = Column("value", "money", "Value")
_WEIGHTED = Column("weighted", "money", "Weighted")
_NOW = "deal t JOIN stage s ON s.id = t.stage_id WHERE t.deleted_at IS NULL AND s.type = 'open'"
_FIGURES = (
    "count(*), sum(t.value), sum(t.value * coalesce(t.probability, s.probability)), count(t.value)"
)


# --- pipeline and forecast


def _open_deals(ask: Ask, condition: Sql = EVERYTHING) -> Sql:
    parts = [ask.where, condition]
    return Sql(
        " AND ".join([_NOW, *(part.text for part in parts)]),
        [value for part in parts for value in part.params],
    )


def _expected(ask: Ask) -> Sql:
    return EVERYTHING if ask.days is None else ask.within("t.expected_close", moments=False)


def pipeline(ask: Ask) -> Sheet:
    """Open deals per group: number, amount, average, weighted amount."""
    group = stage_group(ask) if ask.by == "stage" else name_group(ask.by)
    found = ordered(bundles(ask, group, _FIGURES, _open_deals(ask, _expected(ask))), _weight, group)
    rows = [
        (
            bundle.label,
            count,
            amount(value, bundle.currency),
            average(value, valued, bundle.currency),
            _weighted(bundle),
        )
        for bundle in found
        for count, value, _weighted_sum, valued in [bundle.figures]
    ]
    columns = (heading(ask.by), _DEALS, _VALUE, Column("average", "money", "Average", 2), _WEIGHTED)
    value = total_amount(row[2] for row in rows)
    valued = sum(bundle.figures[3] for bundle in found)
    mean = average(value.minor, valued, value.currency) if value else None
    count = sum(row[1] for row in rows)
    return Sheet(
        columns, rows, "weighted", ("Total", count, value, mean, total_amount(r[4] for r in rows))
    )


def _weight(bundle: Bundle) -> float:
    return float(bundle.figures[2] or 0)


def _weighted(bundle: Bundle) -> Any:
    total = bundle.figures[2]
    return None if total is None else amount((total + 50) // 100, bundle.currency)


def forecast(ask: Ask) -> Sheet:
    """Open deals by when they should be decided: number, amount, weighted amount."""
    group = _forecast_group(ask)
    found = ordered(bundles(ask, group, _FIGURES, _open_deals(ask, _expected(ask))), _weight, group)
    rows = [
        (bundle.label, bundle.figures[0], amount(bundle.figures[1], bundle.currency),
         _weighted(bundle))
        for bundle in found
    ]  # fmt: skip
    totals = (
        "Total",
        sum(row[1] for row in rows),
        total_amount(row[2] for row in rows),
        total_amount(row[3] for row in rows),
    )
    return Sheet((heading(ask.by), _DEALS, _VALUE, _WEIGHTED), rows, "weighted", totals)


def _forecast_group(ask: Ask) -> Group:
    if ask.by == "stage":
        return stage_group(ask)
    if ask.by != "month":
        return name_group(ask.by)
    key = Sql(
        "CASE WHEN t.expected_close < ? THEN '' ELSE substr(t.expected_close, 1, 7) END",
        [ask.env.today.isoformat()],
    )
    label = "CASE q.k WHEN '' THEN 'past close' ELSE q.k END"
    return Group(key, label, "no date", ranks=_month_ranks(ask))


def _month_ranks(ask: Ask) -> dict[Any, int]:
    """The order of the months that open deals are expected in; what is past comes first."""
    rows = ask.reader.rows(
        "SELECT DISTINCT substr(t.expected_close, 1, 7) FROM deal t"
        " WHERE t.deleted_at IS NULL AND t.expected_close IS NOT NULL ORDER BY 1"
    )
    return {name: place for place, name in enumerate(["", *(row[0] for row in rows)])}


# --- conversion


class _Step(NamedTuple):
    """What became of the deals that entered a stage."""

    stage: str
    probability: int
    entered: int
    moved: int
    lost: int
    days: float | None


# Every entry into a stage of a deal asked for, with the furthest place that the deal reached
# later (a won stage is furthest), whether it was lost later, and when it left.
_STEPS = """
SELECT c.deal_id, c.stage_id, c.at,
  max(CASE s.type WHEN 'won' THEN 1000000 WHEN 'lost' THEN -1 ELSE s.position END) OVER later
    AS furthest,
  max(CASE s.type WHEN 'lost' THEN 1 ELSE 0 END) OVER later AS lost,
  min(c.at) OVER later AS left_at
FROM stage_change c JOIN stage s ON s.id = c.stage_id JOIN deal t ON t.id = c.deal_id
WHERE c.deleted_at IS NULL AND t.deleted_at IS NULL AND {where}
WINDOW later AS (
  PARTITION BY c.deal_id ORDER BY c.at, c.id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
"""
_BY_STAGE = """
SELECT {label}, s.probability, count(DISTINCT e.deal_id),
  count(DISTINCT CASE WHEN e.furthest > s.position THEN e.deal_id END),
  count(DISTINCT CASE WHEN e.lost = 1 AND e.furthest <= s.position THEN e.deal_id END),
  avg(CASE WHEN e.left_at IS NOT NULL THEN {days} END)
FROM ({steps}) e JOIN stage s ON s.id = e.stage_id JOIN pipeline p ON p.id = s.pipeline_id
WHERE s.type NOT IN ('won', 'lost') AND s.deleted_at IS NULL AND {within}
GROUP BY s.id, s.name, p.name, s.probability, p.position, p.id, s.position
ORDER BY p.position, p.id, s.position, s.id"""


def conversion(ask: Ask) -> Sheet:
    """By stage: how many moved on. By anything else: what became of the deals made."""
    return _by_stage(ask) if ask.by == "stage" else _by_cohort(ask)


def _by_stage(ask: Ask) -> Sheet:
    within = ask.within("e.at")
    sql = _BY_STAGE.format(
        label="s.name" if ask.pipelines == 1 else "p.name || ': ' || s.name",
        days=days_between("e.at", "e.left_at"),
        steps=_STEPS.format(where=ask.where.text),
        within=within.text,
    )
    steps = [_Step(*row) for row in ask.reader.rows(sql, [*ask.where.params, *within.params])]
    rows = [
        (
            step.stage,
            step.entered,
            step.moved,
            share(step.moved, step.entered),
            step.lost,
            step.probability,
            None if step.days is None else round(step.days, 1),
        )
        for step in steps
    ]
    columns = (
        heading("stage"),
        Column("entered", "integer", "Entered"),
        Column("moved_on", "integer", "Moved on"),
        Column("conversion", "percent", "Conversion"),
        Column("lost", "integer", "Lost here", 2),
        Column("probability", "percent", "Planned", 3),
        Column("days", "number", "Days in stage", 1),
    )
    return Sheet(columns, rows, "conversion")


def _by_cohort(ask: Ask) -> Sheet:
    group = month_group(ask, "deal", "created_at") if ask.by == "month" else name_group(ask.by)
    within = ask.within("t.created_at")
    source = Sql(
        "deal t JOIN stage s ON s.id = t.stage_id WHERE t.deleted_at IS NULL"
        f" AND {within.text} AND {ask.where.text}",
        [*within.params, *ask.where.params],
    )
    figures = "count(*), " + ", ".join(
        f"count(*) FILTER (WHERE s.type = '{type}')" for type in ("won", "lost")
    )
    found = bundles(ask, group, figures, source, currency="NULL")
    if ask.by == "month":
        found = with_empty_months(ask, found, (0, 0, 0))
    size = {bundle.key: bundle.figures[0] for bundle in found}
    if not group.timed:
        found = sorted(found, key=lambda bundle: (-size[bundle.key], bundle.label))
    else:
        found = ordered(found, lambda bundle: bundle.figures[0], group)
    rows = [_cohort(bundle.label, *bundle.figures) for bundle in found]
    totals = _cohort("Total", *(sum(row[i] for row in rows) for i in (1, 2, 3)))
    columns = (
        heading(ask.by),
        Column("created", "integer", "Created"),
        Column("won", "integer", "Won"),
        Column("lost", "integer", "Lost"),
        Column("open", "integer", "Open"),
        Column("conversion", "percent", "Conversion"),
    )
    return Sheet(columns, rows, "conversion", totals)


def _cohort(label: str, created: int, won: int, lost: int) -> tuple[Any, ...]:
    return label, created, won, lost, created - won - lost, share(won, created)


# --- stale

_TOUCHED = (
    "SELECT t.id, t.title, t.company_id, t.stage_id, t.owner_id, t.value, t.currency,"
    " t.source_id, CASE WHEN a.at > t.stage_since THEN a.at ELSE t.stage_since END AS touched"
    " FROM deal t JOIN stage s ON s.id = t.stage_id LEFT JOIN ("
    " SELECT x.deal_id, max(x.at) AS at FROM activity x"
    " WHERE x.deal_id > 0 AND x.planned = 0 AND x.deleted_at IS NULL GROUP BY x.deal_id"
    ") a ON a.deal_id = t.id WHERE t.deleted_at IS NULL AND s.type = 'open'"
)


def stale(ask: Ask) -> Sheet:
    """Open deals untouched since before the period; each, or per group."""
    untouched = _untouched(ask)
    return _stale_deals(ask, untouched) if ask.by == "deal" else _stale_groups(ask, untouched)


def _untouched(ask: Ask) -> Sql:
    """A query of the open deals not touched in the period."""
    before = midnight(ask.days[0], ask.env.zone) if ask.days else moment_text(ask.env.now)
    return Sql(
        f"SELECT t.* FROM ({_TOUCHED} AND {ask.where.text}) t WHERE t.touched < ?",
        [*ask.where.params, before],
    )


def _stale_deals(ask: Ask, untouched: Sql) -> Sheet:
    found = ask.reader.rows(
        "SELECT 'd' || t.id, t.title, (SELECT c.name FROM company c WHERE c.id = t.company_id),"
        " (SELECT s.name FROM stage s WHERE s.id = t.stage_id),"
        " (SELECT u.name FROM app_user u WHERE u.id = t.owner_id),"
        f" t.value, t.currency, t.touched FROM ({untouched.text}) t ORDER BY t.touched, t.id",
        untouched.params,
    )
    rows = [
        (*texts, money(value, currency), touched, _days_since(ask, touched))
        for *texts, value, currency, touched in found
    ]
    columns = (
        Column("handle", "handle", "Handle"),
        Column("title", "text", "Deal"),
        Column("company", "text", "Company", 4),
        Column("stage", "text", "Stage", 3),
        Column("owner", "text", "Owner", 2),
        _VALUE,
        Column("touched", "moment", "Last touched", 5),
        Column("days", "integer", "Days"),
    )
    return Sheet(columns, rows, "days", noun="deals")


def _days_since(ask: Ask, moment: str) -> int:
    touched: date = moment_of(moment).astimezone(ask.env.zone).date()
    return (ask.env.today - touched).days


def _stale_groups(ask: Ask, untouched: Sql) -> Sheet:
    group = stage_group(ask) if ask.by == "stage" else name_group(ask.by)
    figures = "count(*), sum(t.value), min(t.touched)"
    found = bundles(ask, group, figures, Sql(f"({untouched.text}) t", untouched.params))
    rows = [
        (
            bundle.label,
            bundle.figures[0],
            amount(bundle.figures[1], bundle.currency),
            _days_since(ask, bundle.figures[2]),
        )
        for bundle in ordered(found, lambda bundle: bundle.figures[0], group)
    ]
    columns = (heading(ask.by), _DEALS, _VALUE, Column("days", "integer", "Longest, days"))
    totals = (
        "Total",
        sum(row[1] for row in rows),
        total_amount(row[2] for row in rows),
        max((row[3] for row in rows), default=None),
    )
    return Sheet(columns, rows, "deals", totals)


# --- activity


def activity(ask: Ask) -> Sheet:
    """What was logged per group: number, time spent."""
    group = _activity_group(ask)
    within = ask.within("t.at")
    source = Sql(
        "activity t WHERE t.deleted_at IS NULL AND t.planned = 0"
        f" AND {within.text} AND {ask.where.text}",
        [*within.params, *ask.where.params],
    )
    found = bundles(ask, group, "count(*), sum(t.duration)", source, currency="NULL")
    if ask.by == "month":
        found = with_empty_months(ask, found, (0, None))
    if group.timed:
        found = ordered(found, lambda bundle: bundle.figures[0], group)
    else:
        found = sorted(found, key=lambda bundle: (-bundle.figures[0], bundle.label))
    total = sum(bundle.figures[0] for bundle in found)
    rows = [
        (bundle.label, bundle.figures[0], share(bundle.figures[0], total), bundle.figures[1])
        for bundle in found
    ]
    columns = (
        heading(ask.by),
        Column("activities", "integer", "Activities"),
        Column("share", "percent", "Share", 2),
        Column("time", "duration", "Time", 1),
    )
    totals = ("Total", total, share(total, total), sum(row[3] or 0 for row in rows) or None)
    return Sheet(columns, rows, "activities", totals)


def _activity_group(ask: Ask) -> Group:
    if ask.by == "month":
        return month_group(ask, "activity", "at")
    if ask.by in ("type", "outcome", "direction"):
        return text_group(ask.by, f"no {ask.by}")
    return name_group(ask.by)
