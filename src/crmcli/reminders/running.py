"""One run of `crm remind`: work out, plan, send, record.

However many runs there are, on however many machines: what is planned is planned in one write that
sees all others, and a message is sent by the run that claimed it.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from crmcli.actions import series
from crmcli.actions.context import Context
from crmcli.errors import CrmError, Delayed, Refused
from crmcli.queries.people import TERMINAL, Person, people
from crmcli.reminders import channels, outbox, planning
from crmcli.reminders.channels import Channel, Recipient
from crmcli.reminders.details import Detail, detailed
from crmcli.reminders.outbox import Message
from crmcli.reminders.owed import mine, owed
from crmcli.reminders.rules import rules
from crmcli.store.logs import logging
from crmcli.values import Env
from crmcli.values.calendar import moment_text


class Ran(NamedTuple):
    """What came of a run. due: items owed to anybody; delayed: messages to be tried again."""

    run: int
    due: int
    planned: int
    sent: int
    failed: int
    delayed: int
    problems: tuple[str, ...] = ()


class Owed(NamedTuple):
    """What is owed to whom: the team, and the details by the id of each person."""

    people: list[Person]
    by_person: dict[int, list[Detail]]
    number: int


def work_out(ctx: Context, only: int | None = None) -> Owed:
    """What each active user is owed by now; only: of one of them."""
    reader = ctx.reader
    team = people(reader, ctx.env)
    items = owed(reader, ctx.env, team, rules(reader))
    details = {d.item.key: d for d in detailed(reader, ctx.env, items)}
    by_person = {
        person.id: [details[item.key] for item in mine(items, person, team)]
        for person in team
        if only in (None, person.id)
    }
    return Owed(team, by_person, len(items))


def wanted(ctx: Context) -> bool:
    """Whether anybody is to be reached by something else than the terminal, or is still owed a
    message."""
    return any(set(person.channels) - {TERMINAL} for person in people(ctx.reader, ctx.env)) or bool(
        ctx.reader.scalar(
            "SELECT 1 FROM reminder_message WHERE state IN ('pending', 'sending') LIMIT 1"
        )
    )


def run(ctx: Context, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Ran:
    """Plan what is new and send what is waiting.

    clock: tells the time while the run goes on. Failures are recorded and told in the result.
    """
    series.keep_up(ctx)
    found = work_out(ctx)
    ctx.close()
    with logging(ctx.location) as log:
        number = log.insert_log(
            "reminder_run",
            {
                "at": ctx.now, "host": socket.gethostname(), "pid": os.getpid(),
                "due": found.number, "sent": 0, "failed": 0,
            },
        )  # fmt: skip
        planned = planning.plan(log, ctx.env, found.people, found.by_person, number)
    sending = _Sending(ctx, clock)
    try:
        sending.all()
    finally:
        sending.close()
        _ended(ctx, number, sending, clock())
    counts = sending.counts
    return Ran(
        number, found.number, planned, counts["sent"], counts["failed"], counts["delayed"],
        tuple(sending.problems),
    )  # fmt: skip


def _ended(ctx: Context, number: int, sending: _Sending, now: datetime) -> None:
    note = "; ".join(sending.problems)[:500] or None
    with logging(ctx.location) as log:
        log.execute(
            "UPDATE reminder_run SET ended_at = ?, sent = ?, failed = ?, note = ? WHERE id = ?",
            (moment_text(now), sending.counts["sent"], sending.counts["failed"], note, number),
        )


class _Sending:
    """The messages of one run on their way. A channel that is down is not tried again."""

    def __init__(self, ctx: Context, clock: Callable[[], datetime]) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: dict[str, None] = {}
        self._ctx = ctx
        self._clock = clock
        self._who = outbox.claimant()
        self._open: dict[str, Channel] = {}
        self._down: dict[str, Delayed] = {}
        self._people: dict[int, Recipient] = {}

    @property
    def env(self) -> Env:
        """The surroundings, at the present moment."""
        return self._ctx.env._replace(now=self._clock().replace(microsecond=0))

    def all(self) -> None:
        """Send what is waiting, until nothing is left to be sent now."""
        self._people = self._recipients()
        while messages := outbox.claim(self._ctx.location, self.env, self._who):
            for place, message in enumerate(messages):
                try:
                    self._one(message)
                except BaseException:
                    # what was not begun need not wait for anybody to find it
                    outbox.release(self._ctx.location, self._who, messages[place + 1 :])
                    raise

    def close(self) -> None:
        """Let go of the channels."""
        for channel in self._open.values():
            channel.close()

    def _recipients(self) -> dict[int, Recipient]:
        rows = self._ctx.reader.rows("SELECT id, name, full_name, email FROM app_user")
        self._ctx.close()
        return {row[0]: Recipient(*row[1:]) for row in rows}

    def _one(self, message: Message) -> None:
        location, who = self._ctx.location, self._who
        try:
            self._send(message)
        except Refused as error:
            outbox.refused(location, self.env, who, message, error.message)
            self._count("failed", error)
        except Delayed as error:
            if error.down:
                self._down[message.channel] = error
            failed = outbox.delayed(location, self.env, who, message, error.message)
            self._count("failed" if failed else "delayed", error)
        else:
            outbox.sent(location, self.env, who, message)
            self.counts["sent"] += 1

    def _count(self, what: str, error: CrmError) -> None:
        self.counts[what] += 1
        self.problems[error.message] = None

    def _send(self, message: Message) -> None:
        if message.channel in self._down:
            raise self._down[message.channel]
        if message.channel not in self._open:
            self._open[message.channel] = channels.make(message.channel, self._ctx.settings)
        self._open[message.channel].send(message, self._people[message.user_id])
