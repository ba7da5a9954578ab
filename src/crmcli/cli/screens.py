"""The screens: pipeline, today, report, remind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli.arguments import flag, option, words
from crmcli.cli.guess import instead
from crmcli.cli.session import Act, Session
from crmcli.cli.words import Number
from crmcli.results import Column, Listing

if TYPE_CHECKING:
    from crmcli.results import PipelineView, Report, Screen

_DEALS = 10  # of a stage on the screen

Owner = Annotated[
    str | None,
    option("Only what this user owns; `me` is you.", "--owner", metavar="USER", source="users"),
]
Query = Annotated[
    list[str] | None,
    words("Only deals that match, such as value:10k..", "[QUERY]...", "query:deal"),
]
Pipeline = Annotated[
    str | None,
    option(
        "Another pipeline than the default one.",
        "--pipeline",
        metavar="NAME",
        source="value:pipeline.name",
    ),
]
Where = Annotated[str | None, option("A whole query in one word.", "--where", metavar="QUERY")]
Days = Annotated[str | None, option("How many days ahead to look.", "--days", metavar="N")]


def pipeline(
    *,
    query: Query = None,
    deals: Annotated[bool, flag("List the deals of each stage.", "--deals", "-d")] = False,
    pipeline: Pipeline = None,
    owner: Owner = None,
    where: Where = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", click_type=Number(), metavar="N", help="Deals of a stage; 0 for all."
        ),
    ] = None,
) -> Act:
    """Show the deals by stage: count, sum and what is stuck.

    The weighted sum counts each deal by its own probability, else that of its stage. Won and lost
    deals are those closed in the last 90 days. Marks say which deals are rotting, past their close
    date or without a next task.
    """

    def act(session: Session) -> PipelineView:
        people = session.how.format in (None, "table", "md")
        few = _DEALS if people else 0
        view = show_pipeline(
            session, pipeline=pipeline, owner=owner, words=query or (), where=where,
            deals=deals or limit is not None, limit=few if limit is None else limit,
        )  # fmt: skip
        guess = instead(["pipeline", *query]) if query and not view.total.number else None
        return view._replace(hint=f"did you mean `crm {guess}`?") if guess else view

    return act


def show_pipeline(session: Session, **choice: Any) -> PipelineView:
    """The pipeline screen; `choice` is what `crmcli.queries.pipeline` takes."""
    from crmcli.queries.pipeline import pipeline as look

    return look(session.ctx.reader, session.ctx.env, me=session.ctx.user, **choice)


def today(owner: Owner = None, days: Days = None) -> Act:
    """Show what is due, planned and waiting for you.

    Overdue and due tasks, meetings, deals that need attention, and contacts not spoken to for
    longer than planned.
    """
    return lambda session: show_today(session, owner=owner, days=days)


def show_today(session: Session, **choice: Any) -> Screen:
    """The day's screen; `choice` is what `crmcli.queries.today` takes."""
    from crmcli.queries.today import today as look

    return look(session.ctx.reader, session.ctx.env, me=session.ctx.user, **choice)


def report(
    *,
    name: Annotated[
        str | None,
        words("Which one of those above; without it, they are listed.", "[NAME]", "reports"),
    ] = None,
    query: Query = None,
    period: Annotated[
        str | None, option("2026, q2, last month, 90d …", "--period", metavar="PERIOD")
    ] = None,
    by: Annotated[
        str | None, option("Break down by this field.", "--by", metavar="FIELD", source="groups")
    ] = None,
    owner: Owner = None,
    pipeline: Pipeline = None,
    where: Where = None,
) -> Act:
    """Show a report: won, lost, conversion, forecast …"""
    choice = {"period": period, "by": by, "owner": owner, "pipeline": pipeline, "where": where}
    if name is None:
        return lambda session: _reports()
    return lambda session: _report(session, name, query or (), **choice)


def _reports() -> Listing:
    """What reports there are."""
    from crmcli.queries.reports import REPORTS

    columns = (
        Column("name", "text", "Report"),
        Column("definition", "text", "What it counts"),
        Column("period", "text", "Period", 1),
    )
    rows = tuple((spec.name, spec.definition, spec.period) for spec in REPORTS.values())
    note = "`crm report --help` says all of it"
    return Listing("reports", columns, rows, len(rows), note=note)


def _report(session: Session, name: str, terms: Sequence[str], **choice: Any) -> Report:
    from crmcli.queries.reports import ROWS_SHOWN
    from crmcli.queries.reports import report as look

    limit = ROWS_SHOWN if session.how.format in (None, "table", "md") else 0
    ctx = session.ctx
    return look(ctx.reader, ctx.env, name, terms, me=ctx.user, limit=limit, **choice)


def report_details() -> list[tuple[str, str]]:
    """The reports with their definitions, for the help page."""
    from crmcli.queries.reports import REPORTS

    return [(spec.name, f"{spec.definition} By {', '.join(spec.by)}.") for spec in REPORTS.values()]
