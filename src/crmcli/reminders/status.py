"""What happened and what is coming: runs, messages on their way, deliveries of a record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crmcli.actions.context import Context
from crmcli.actions.refs import seen
from crmcli.catalog import BY_NAME
from crmcli.reminders import outbox
from crmcli.reminders.running import work_out
from crmcli.results import Column, Done, Fact, Listing, Screen, Section
from crmcli.store.logs import logging
from crmcli.values.calendar import moment_text

_RUNS = 10
_MESSAGES = 20
_COMING_DAYS = 7

_RUN_COLUMNS = (
    Column("at", "moment", "When"),
    Column("host", "text", "Where", 2),
    Column("due", "integer", "Due"),
    Column("sent", "integer", "Sent"),
    Column("failed", "integer", "Failed"),
    Column("note", "text", "Why", 1),
)
_MESSAGE_COLUMNS = (
    Column("person", "text", "Person"),
    Column("channel", "text", "Channel"),
    Column("state", "choice", "State"),
    Column("reminders", "integer", "Reminders", 2),
    Column("attempts", "integer", "Tries", 1),
    Column("next_at", "moment", "Next try", 1),
    Column("error", "text", "Why"),
)
_DELIVERY_COLUMNS = (
    Column("title", "text", "Reminder"),
    Column("person", "text", "Person"),
    Column("channel", "text", "Channel"),
    Column("state", "choice", "State"),
    Column("planned_at", "moment", "Planned", 2),
    Column("sent_at", "moment", "Sent"),
    Column("attempts", "integer", "Tries", 3),
    Column("message_id", "text", "Message-ID", 4),
    Column("error", "text", "Why", 1),
)
_COMING_COLUMNS = (
    Column("handle", "handle", "Handle"),
    Column("due", "when", "Due"),
    Column("title", "text", "What"),
    Column("owner", "text", "Owner", 1),
)
_UNDER_WAY = (
    "SELECT u.name, m.channel, m.state,"
    " (SELECT count(*) FROM delivery d WHERE d.message_id = m.id), m.attempts,"
    " CASE WHEN m.state = 'pending' THEN m.next_at END, m.error"
    " FROM reminder_message m JOIN app_user u ON u.id = m.user_id WHERE m.state <> 'sent'"
    " ORDER BY m.id DESC LIMIT ?"
)
_COMING = (
    "SELECT 't' || t.id, t.due, t.title,"
    " (SELECT u.name FROM app_user u WHERE u.id = t.owner_id) FROM task t"
    " WHERE t.deleted_at IS NULL AND t.status = 'open' AND t.due > ? AND t.due < ?"
    " ORDER BY t.due, t.id LIMIT ?"
)


def status(ctx: Context) -> Screen:
    """The last runs, what waits or has failed, who is owed how much, and what is coming."""
    reader = ctx.reader
    found = work_out(ctx)
    runs = reader.rows(
        "SELECT at, host, due, sent, failed,"
        " coalesce(note, CASE WHEN ended_at IS NULL THEN 'did not come to its end' END)"
        " FROM reminder_run ORDER BY id DESC LIMIT ?",
        (_RUNS,),
    )
    until = moment_text(ctx.env.now + timedelta(days=_COMING_DAYS))
    sections = (
        _section("runs", "Last runs", "runs", _RUN_COLUMNS, runs),
        _section(
            "under_way", "Not sent yet", "messages", _MESSAGE_COLUMNS,
            reader.rows(_UNDER_WAY, (_MESSAGES,)),
        ),
        _section("coming", "Coming up", "tasks", _COMING_COLUMNS,
                 reader.rows(_COMING, (ctx.now, until, _MESSAGES))),
    )  # fmt: skip
    states = {
        state: int(number)
        for state, number in reader.rows(
            "SELECT state, count(*) FROM reminder_message GROUP BY state"
        )
    }
    facts = (
        Fact("due", "integer", "Due now", found.number),
        Fact("sent", "integer", "Messages sent", states.get("sent", 0)),
        Fact("waiting", "integer", "Waiting", states.get("pending", 0) + states.get("sending", 0)),
        Fact("failed", "integer", "Failed", states.get("failed", 0)),
        Fact("last_run", "moment", "Last run", runs[0][0] if runs else None, absent="never"),
    )
    never = "" if runs else "no run was recorded yet; `crm remind --install` has the system do it"
    return Screen("card", "Reminders", never, facts=facts, sections=sections)


def _section(
    name: str, title: str, noun: str, columns: tuple[Column, ...], rows: list[tuple[Any, ...]]
) -> Section:
    return Section(name, title, Listing(noun, columns, tuple(rows), len(rows)))


def deliveries(ctx: Context, ref: str) -> Listing:
    """Every delivery about a record, the newest first."""
    found = seen(ctx, ctx.reader, ref)
    rows = ctx.reader.rows(
        "SELECT d.title, u.name, d.channel, m.state, m.created_at, m.sent_at, m.attempts,"
        " m.message_id, m.error FROM delivery d JOIN reminder_message m ON m.id = d.message_id"
        " JOIN app_user u ON u.id = d.user_id WHERE d.record = ? AND d.record_id = ?"
        " ORDER BY d.id DESC",
        (found.noun, found.id),
    )
    handle = BY_NAME[found.noun].handle(found.id)
    hint = f"nothing was delivered about {handle} yet; `crm remind --status` shows the runs"
    return Listing("deliveries", _DELIVERY_COLUMNS, tuple(rows), len(rows), hint=hint)


def retry(ctx: Context) -> Done:
    """Have what failed be tried again by the next run."""
    ctx.close()
    with logging(ctx.location) as log:
        number = outbox.failed(log)
        if not ctx.dry_run:
            outbox.retry(log, ctx.now)
    plural = "" if number == 1 else "s"
    line = f"{number} message{plural} that failed will be tried again"
    said = line if number else "Nothing has failed"
    return Done((said,), data={"messages": number}, dry_run=ctx.dry_run and number > 0)
