"""The verbs of the working day: log, follow-up, done, snooze, move, win, lose, reopen."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import RefList, flag, option, refs, words
from crmcli.cli.selection import select
from crmcli.cli.session import Act

TYPES = ("call", "email", "meeting", "note", "chat", "visit")

Deals = Annotated[str, refs("deal")]
DealList = Annotated[list[str], refs("deal", metavar="REF...")]

Note = Annotated[str | None, option("The details.", "--note", metavar="TEXT")]
Owner = Annotated[
    str | None, option("Whose it is; yours by default.", "--owner", metavar="USER", source="users")
]


def log(
    *,
    type: Annotated[str, words(f"One of {', '.join(TYPES)}.", "TYPE", choices=TYPES)],
    who: Annotated[str, refs("contact,company")],
    text: Annotated[list[str], words("What it was about.", "TEXT")],
    deal: Annotated[
        str | None, option("The deal it concerns.", "--deal", metavar="REF", source="refs:deal")
    ] = None,
    company: Annotated[
        str | None,
        option("The company it concerns.", "--company", metavar="REF", source="refs:company"),
    ] = None,
    at: Annotated[
        str | None,
        option("When; now by default. In the future: planned until done.", "--at", metavar="WHEN"),
    ] = None,
    duration: Annotated[
        str | None, option("How long, such as 45m.", "--duration", metavar="TIME")
    ] = None,
    outcome: Annotated[str | None, option("What came of it.", "--outcome", metavar="TEXT")] = None,
    direction: Annotated[
        str | None,
        option("Who began it: in or out.", "--direction", metavar="in|out", choices=("in", "out")),
    ] = None,
    note: Note = None,
    owner: Owner = None,
) -> Act:
    """Log a call, e-mail, meeting, note, chat or visit."""
    from crmcli.actions import day

    options = {
        "deal": deal, "company": company, "at": at, "duration": duration, "outcome": outcome,
        "direction": direction, "notes": note, "owner": owner,
    }  # fmt: skip
    return lambda s: day.log(s.ctx, type, select(s, [who]), " ".join(text), options)


def follow_up(
    *,
    who: Annotated[str, refs("contact,company,deal", metavar="WHO")],
    when: Annotated[str, words('When, such as fri or "next tuesday 10:00".', "WHEN")],
    text: Annotated[list[str] | None, words("What to do.", "[TEXT]")] = None,
    note: Note = None,
    owner: Owner = None,
    priority: Annotated[
        str | None,
        option("low, normal or high.", "--priority", metavar="LEVEL", source="value:task.priority"),
    ] = None,
    remind: Annotated[
        str | None,
        option("When to be reminded, such as 1d,1h before.", "--remind", metavar="WHEN"),
    ] = None,
    every: Annotated[
        str | None, option("How it repeats, such as monthly.", "--every", metavar="RULE")
    ] = None,
    after: Annotated[
        str | None,
        option("The task to be settled first.", "--after", metavar="REF", source="refs:task"),
    ] = None,
) -> Act:
    """Set a task to come back to somebody.

    Of several people, companies or deals, each gets a task.
    """
    from crmcli.actions import day

    options = {"notes": note, "owner": owner, "priority": priority, "remind": remind,
               "recurrence": every, "after": after}  # fmt: skip
    return lambda s: day.follow_up(s.ctx, select(s, [who]), when, " ".join(text or ()), options)


def done(
    refs: Annotated[list[str], refs("task,activity", metavar="REF...")],
    drop: Annotated[bool, flag("Drop the task instead: it will not be done.", "--drop")] = False,
) -> Act:
    """Settle tasks and planned activities."""
    from crmcli.actions import day

    return lambda s: day.done(s.ctx, select(s, refs), drop=drop)


def snooze(
    refs: Annotated[str, refs("task,deal,contact,company,activity")],
    when: Annotated[list[str], words("Until when, such as +3d or monday.", "WHEN")],
) -> Act:
    """Put off tasks, or the reminders about other records.

    A task is due later then; any other record stays as it is.
    """
    from crmcli.reminders import holding

    return lambda s: holding.snooze(s.ctx, select(s, [refs]), " ".join(when))


def move(
    refs: Deals, stage: Annotated[list[str], words("The new stage.", "STAGE", "stages")]
) -> Act:
    """Move deals to another stage."""
    from crmcli.actions import day

    return lambda s: day.move(s.ctx, select(s, [refs]), " ".join(stage))


def win(refs: DealList) -> Act:
    """Mark deals as won."""
    from crmcli.actions import day

    return lambda s: day.win(s.ctx, select(s, refs))


def lose(
    refs: DealList,
    reason: Annotated[
        str | None,
        option("Why it was lost.", "--reason", metavar="TEXT", source="value:deal.lost_reason"),
    ] = None,
) -> Act:
    """Mark deals as lost, with the reason."""
    from crmcli.actions import day

    return lambda s: day.lose(s.ctx, select(s, refs), reason)


def reopen(refs: RefList) -> Act:
    """Reopen deals and tasks that were closed.

    A deal goes back to the stage it was in before it was won or lost.
    """
    from crmcli.actions import records

    return lambda s: records.reopen(s.ctx, select(s, refs))
