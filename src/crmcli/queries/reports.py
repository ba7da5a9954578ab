"""The reports: what each counts, by what it can be grouped, and over which time.

Definitions are the usual ones of sales reporting; `REPORTS` states each in a sentence, which is
shown with the report and in its help. Common to all: stages count by their type, never by their
name; amounts are never added across currencies; deleted records do not count; a period covers
whole days in the user's time zone.

    win rate    won / (won + lost), by close date
    weighted    value times the deal's own probability, else that of its stage
    cycle       days from making a deal to winning it
    velocity    open deals times win rate times average won value, divided by the cycle
    conversion  of the deals that entered a stage, those that later reached a further one
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from crmcli.errors import UnknownName
from crmcli.queries import report_funnel, report_sales
from crmcli.queries.conditions import EVERYTHING, Sql, joined
from crmcli.queries.grouping import Ask, Sheet, finish
from crmcli.queries.scope import choose_pipeline, filtered, owned_by, read_pipelines
from crmcli.results import Listing, Report
from crmcli.values.base import quote
from crmcli.values.calendar import DAY
from crmcli.values.periods import EVER
from crmcli.values.periods import period as read_period
from crmcli.values.text import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.store.read import Rows
    from crmcli.values import Env
    from crmcli.values.calendar import Days

ROWS_SHOWN = 50


class Spec(NamedTuple):
    """A report. by: what it can be grouped by, the default first. period: the default one.

    noun: what its query filters. empty: what to say when there is nothing.
    """

    name: str
    title: str
    definition: str
    compute: Callable[[Ask], Sheet]
    by: tuple[str, ...]
    period: str = "all"
    noun: str = "deal"
    future: bool = False
    empty: str = "nothing in this period; --period all looks at all times"


_SPECS = (
    Spec(
        "pipeline",
        "Pipeline",
        "Open deals now: number, sum, average and weighted sum (value times the deal's probability,"
        " else its stage's); a period keeps those expected to close in it.",
        report_funnel.pipeline,
        ("stage", "owner", "source", "company", "pipeline"),
        future=True,
        empty="no open deals; `crm add-deal` makes one",
    ),
    Spec(
        "won",
        "Won deals",
        "Deals won, by close date: number, sum and average; win rate is won / (won + lost) of the"
        " deals closed in the same group.",
        report_sales.won,
        ("month", "owner", "source", "company", "pipeline"),
        "365d",
    ),
    Spec(
        "lost",
        "Lost deals",
        "Deals lost, by close date: number, sum, and the share of all deals lost in the period;"
        " by stage means the stage they were lost from.",
        report_sales.lost,
        ("reason", "month", "owner", "source", "company", "stage", "pipeline"),
        "365d",
    ),
    Spec(
        "activity",
        "Activity",
        "Calls, e-mails, meetings, notes, chats and visits that took place (not those planned):"
        " number, share and time spent.",
        report_funnel.activity,
        ("type", "owner", "month", "company", "outcome", "direction"),
        "30d",
        noun="activity",
    ),
    Spec(
        "conversion",
        "Conversion",
        "By stage: of the deals that entered it in the period, the share that later reached a"
        " further stage or was won; by anything else: of the deals created in the period, the share"
        " won so far.",
        report_funnel.conversion,
        ("stage", "owner", "source", "month", "company", "pipeline"),
        "365d",
    ),
    Spec(
        "velocity",
        "Sales velocity",
        "Open deals now times win rate times average won value, divided by the average days from"
        " creation to winning: what the pipeline earns in a day; rate, average and cycle are of the"
        " deals closed in the period.",
        report_sales.velocity,
        ("pipeline", "owner", "source", "company"),
        "365d",
    ),
    Spec(
        "forecast",
        "Forecast",
        "Open deals by the month they are expected to close in: number, sum and weighted sum (value"
        " times probability); deals past their date and without one stand apart.",
        report_funnel.forecast,
        ("month", "owner", "stage", "source", "company", "pipeline"),
        future=True,
        empty='no open deals expected; `crm edit d1 close="end of month"` sets a date',
    ),
    Spec(
        "stale",
        "Stale deals",
        "Open deals without an activity or a move in the period, those untouched for the most days"
        " first.",
        report_funnel.stale,
        ("deal", "owner", "stage", "source", "company", "pipeline"),
        "30d",
        empty="no open deal was left alone for so long",
    ),
    Spec(
        "leaderboard",
        "Leaderboard",
        "Per owner: deals won and lost by close date, sum won, win rate won / (won + lost), and"
        " activities logged in the period.",
        report_sales.leaderboard,
        ("owner",),
        "90d",
    ),
)

REPORTS: dict[str, Spec] = {spec.name: spec for spec in _SPECS}
"""The reports by name, in the order in which they are listed."""


def report(
    reader: Rows,
    env: Env,
    name: str,
    words: Sequence[str] = (),
    *,
    period: str | None = None,
    by: str | None = None,
    pipeline: str | None = None,
    owner: str | None = None,
    where: str | None = None,
    me: str = "",
    limit: int = ROWS_SHOWN,
) -> Report:
    """The report called `name`.

    words, where: a query for the records counted. period: as `crmcli.values.periods` reads it.
    by: one of the report's groups. limit: how many rows, 0 for all. Raises UnknownName for a
    report or group that there is not, and what reading the query and the period raise.
    """
    spec = find_report(name)
    group = _group_of(spec, by)
    days = _days(env, spec, period)
    condition = filtered(reader, env, spec.noun, owner=owner, words=words, where=where, me=me)
    pipelines = 1 if pipeline else len(read_pipelines(reader))
    ask = Ask(
        reader,
        env,
        joined("AND", [condition, _in_pipeline(reader, env, spec, pipeline)]),
        days,
        group,
        limit,
        pipelines,
        owned_by(reader, env, "activity", owner, me),
    )
    head = Report(
        spec.name,
        f"{spec.title} by {group.replace('_', ' ')}" if group != "deal" else spec.title,
        spec.definition,
        shown_period(days),
        Listing("rows", (), (), 0, hint=spec.empty),
    )
    return finish(spec.compute(ask), head, limit)


def find_report(name: str) -> Spec:
    """The report called `name`; raises UnknownName."""
    spec = REPORTS.get(name.strip().lower())
    if spec is None:
        raise UnknownName(
            f"there is no report {quote(name)}",
            hint=did_you_mean(name, list(REPORTS)),
            details={"word": name, "reports": list(REPORTS)},
        )
    return spec


def _group_of(spec: Spec, by: str | None) -> str:
    """The group that was asked for, or the report's own; raises UnknownName."""
    if by is None:
        return spec.by[0]
    wanted = by.strip().lower()
    if wanted not in spec.by:
        raise UnknownName(
            f"the report {spec.name} cannot be grouped by {quote(by)}",
            hint=did_you_mean(by, spec.by),
            details={"word": by, "choices": list(spec.by)},
        )
    return wanted


def _days(env: Env, spec: Spec, period: str | None) -> Days | None:
    days = read_period(period or spec.period, env, future=spec.future)
    return None if days == EVER else days


def shown_period(days: Days | None) -> str:
    """A period as it can be typed again: its first and its last day."""
    if days is None:
        return ""
    return f"{days[0].isoformat()}..{(days[1] - DAY).isoformat()}"


def _in_pipeline(reader: Rows, env: Env, spec: Spec, pipeline: str | None) -> Sql:
    """The condition that a deal, or the deal of an activity, is in the pipeline asked for."""
    if pipeline is None:
        return EVERYTHING
    chosen, _others = choose_pipeline(reader, env, pipeline)
    inside = "t.stage_id IN (SELECT s.id FROM stage s WHERE s.pipeline_id = ?)"
    if spec.noun == "activity":
        inside = f"t.deal_id IN (SELECT t.id FROM deal t WHERE {inside})"
    return Sql(inside, [chosen.id])
