"""The screens: pipeline, today, report, remind."""

from __future__ import annotations

from typing import Annotated, Any

from crmcli.cli.arguments import flag, option, words
from crmcli.cli.session import Act, Session

Owner = Annotated[
    str | None, option("Only what this user owns; `me` is you.", "--owner", metavar="USER",
                       source="users")
]
Query = Annotated[
    list[str] | None, words("Only deals that match, such as value:10k..", "[QUERY]...",
                            "query:deal")
]
Days = Annotated[
    str | None, option("How many days ahead to look.", "--days", metavar="N")
]


def pipeline(
    query: Query = None,
    deals: Annotated[bool, flag("List the deals of each stage.", "--deals", "-d")] = False,
    name: Annotated[
        str | None,
        option("Another pipeline than the default one.", "--pipeline", metavar="NAME",
               source="value:pipeline.name"),
    ] = None,
    owner: Owner = None,
) -> Act:
    """Show the deals by stage: count, sum and what is stuck.

    The weighted sum counts each deal by the probability of its stage. Marks say which deals are
    rotting, past their close date or without a next task.
    """
    from crmcli.queries.pipeline import pipeline as look

    return lambda s: look(
        s.ctx.reader, s.ctx.env, query or [], pipeline=name, owner=owner, deals=deals,
        me=s.ctx.user,
    )  # fmt: skip


def today(owner: Owner = None, days: Days = None) -> Act:
    """Show what is due, planned and waiting for you.

    Overdue and due tasks, meetings, deals that need attention, and contacts not spoken to for
    longer than planned.
    """
    from crmcli.queries.today import today as look

    return lambda s: look(s.ctx.reader, s.ctx.env, owner=owner, days=days, me=s.ctx.user)


def report(
    name: Annotated[str, words("Which one; see below.", "NAME", "reports")],
    query: Query = None,
    period: Annotated[
        str | None, option("2026, q2, last month, 90d …", "--period", metavar="PERIOD")
    ] = None,
    by: Annotated[str | None, option("Break down by this field.", "--by", metavar="FIELD",
                                     source="groups")] = None,
) -> Act:
    """Show a report: won, lost, conversion, forecast …"""
    from crmcli.queries.reports import report as look

    return lambda s: look(s.ctx.reader, s.ctx.env, name, period=period, by=by, me=s.ctx.user)


def remind(owner: Owner = None, days: Days = None) -> Act:
    """Print what is due, for cron; quiet when nothing is."""
    from crmcli.queries.today import remind as look

    return lambda s: look(s.ctx.reader, s.ctx.env, owner=owner, days=days, me=s.ctx.user)
