"""`crm repeat` and `crm check`: tasks that repeat, and checklists."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import flag, option, ref, words
from crmcli.cli.session import Act
from crmcli.errors import UsageError

Task = Annotated[str, ref("The task.", nouns="task")]


def repeat(
    ref: Task,
    rule: Annotated[
        list[str] | None,
        words('How, such as "every monday"; without it, the next dates.', "[RULE]"),
    ] = None,
    skip: Annotated[bool, flag("Leave this one out; the next takes its place.", "--skip")] = False,
    end: Annotated[bool, flag("Make this the last one.", "--end")] = False,
    once: Annotated[
        list[str] | None,
        option("Change this one only.", "--once", metavar="FIELD=VALUE", source="assigns"),
    ] = None,
) -> Act:
    """Have a task repeat; skip or end it.

    The rule is said as people say it: every monday, every 2 weeks, monthly on the last friday,
    yearly, every weekday, 30 days after done; or an RFC 5545 RRULE. What `crm edit` changes holds
    for all that follow, what --once changes for this one only.
    """
    from crmcli.actions import repeating
    from crmcli.actions.assign import read_assign

    if sum((bool(rule), skip, end, bool(once))) > 1:
        raise UsageError("one thing at a time: a rule, --skip, --end or --once")
    if skip:
        return lambda s: repeating.skip(s.ctx, ref)
    if end:
        return lambda s: repeating.stop(s.ctx, ref)
    if once:
        return lambda s: repeating.once(s.ctx, ref, [read_assign(word) for word in once])
    if rule:
        return lambda s: repeating.repeat(s.ctx, ref, " ".join(rule))
    return lambda s: repeating.coming(s.ctx, ref)


def check(
    ref: Task,
    points: Annotated[
        list[str] | None,
        words("Points to tick, by number or text; without any, the list.", "[POINT]..."),
    ] = None,
    add: Annotated[list[str] | None, option("A new point.", "--add", metavar="TEXT")] = None,
    remove: Annotated[
        list[str] | None, option("A point to take away.", "--remove", metavar="POINT")
    ] = None,
) -> Act:
    """Show a task's checklist; tick its points.

    Points are added and taken away by options. One that is ticked already is unticked.
    """
    from crmcli.actions import repeating

    if not points and not add and not remove:
        return lambda s: repeating.checklist(s.ctx, ref)
    return lambda s: repeating.check(s.ctx, ref, points or (), add=add or (), remove=remove or ())
