"""The messages on their way: claimed by one run at a time, and settled by what became of them.

A message is `pending` until a run claims it, which is committed before anything is sent. A run
that was killed leaves it `sending`; the next one takes it over, at once where that process is gone
from the same machine, else when the claim is older than any sending can take. It keeps its
Message-ID, so that who gets it twice can tell.
"""

from __future__ import annotations

import json
import os
import socket
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.queries.attention import placeholders
from crmcli.queries.people import people
from crmcli.store.inside import Inside
from crmcli.store.location import Location
from crmcli.store.logs import logging
from crmcli.values import Env
from crmcli.values.calendar import moment_text

LEASE = timedelta(minutes=15)
"""How long a claim holds: longer than the messages of one claim can take, a minute each."""

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 30))
"""How long to wait after each attempt in vain; after the last one the message has failed."""

_AT_ONCE = 10


class Message(NamedTuple):
    """A claimed message. items, beside: what it says, as plain data."""

    id: int
    user_id: int
    channel: str
    kind: str
    message_id: str
    items: list[dict[str, Any]]
    beside: list[dict[str, Any]]
    attempts: int
    created_at: str


def claimant() -> str:
    """Who claims: machine, process, and a token of this run."""
    from secrets import token_hex

    return f"{_machine()} {os.getpid()} {token_hex(4)}"


def _machine() -> str:
    """What has these processes; its name is not enough, which others may have as well."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{socket.gethostname()}/{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:  # not Linux
        return f"{socket.gethostname()}/{uuid.getnode()}"


def claim(location: Location, env: Env, who: str) -> list[Message]:
    """Take the next messages that are to be sent; nobody else gets them meanwhile.

    Those to people who are not to be disturbed now stay where they are.
    """
    now = moment_text(env.now)
    with logging(location) as log:
        _take_over(log, env)
        # 0 is nobody: SQL has no empty list
        resting = [0, *(p.id for p in people(log, env) if not p.may_be_disturbed(env.now))]
        rows = log.rows(
            "SELECT id, user_id, channel, kind, message_id, payload, attempts, created_at"
            " FROM reminder_message WHERE state = 'pending' AND next_at <= ?"
            f" AND user_id NOT IN ({placeholders(resting)}) ORDER BY next_at, id LIMIT ?",
            (now, *resting, _AT_ONCE),
        )
        ids = [row[0] for row in rows]
        if ids:
            log.execute(
                "UPDATE reminder_message SET state = 'sending', claimed_at = ?, claimed_by = ?"
                f" WHERE id IN ({placeholders(ids)})",
                [now, who, *ids],
            )
    return [_message(row) for row in rows]


def _message(row: tuple[Any, ...]) -> Message:
    id, user, channel, kind, message_id, payload, attempts, created = row
    said = json.loads(payload)
    return Message(
        id, user, channel, kind, message_id, said["items"], said["beside"], attempts, created
    )


def _take_over(log: Inside, env: Env) -> None:
    """Give back what runs claimed that are gone."""
    rows = log.rows(
        "SELECT id, claimed_at, claimed_by FROM reminder_message WHERE state = 'sending'"
    )
    old = moment_text(env.now - LEASE)
    gone = [id for id, at, by in rows if at is None or at <= old or _is_gone(by or "")]
    if gone:
        log.execute(
            "UPDATE reminder_message SET state = 'pending', claimed_by = NULL"
            f" WHERE id IN ({placeholders(gone)})",
            gone,
        )


def _is_gone(who: str) -> bool:
    """Whether the claimant was a process of this machine that runs no more."""
    machine, _sign, rest = who.partition(" ")
    pid = rest.partition(" ")[0]
    if machine != _machine() or not pid.isdecimal() or os.name != "posix":
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def sent(location: Location, env: Env, who: str, message: Message) -> None:
    """Record that a message was accepted."""
    change = "state = 'sent', sent_at = ?, attempts = attempts + 1, error = NULL"
    _settle(location, who, message, change, [moment_text(env.now)])


def refused(location: Location, env: Env, who: str, message: Message, why: str) -> None:
    """Record that a message will never be accepted."""
    _settle(location, who, message, "state = 'failed', attempts = attempts + 1, error = ?", [why])


def delayed(location: Location, env: Env, who: str, message: Message, why: str) -> bool:
    """Record that a message could not be sent now; returns whether it has failed for good."""
    if message.attempts >= len(BACK_OFF):
        refused(location, env, who, message, why)
        return True
    later = moment_text(env.now + BACK_OFF[message.attempts])
    _settle(
        location,
        who,
        message,
        "state = 'pending', attempts = attempts + 1, next_at = ?, error = ?",
        [later, why],
    )
    return False


def release(location: Location, who: str, messages: list[Message]) -> None:
    """Give back what was claimed and not tried, when a run is stopped."""
    for message in messages:
        _settle(location, who, message, "state = 'pending'", [])


def _settle(location: Location, who: str, message: Message, change: str, params: list[Any]) -> None:
    """Change a message that is still ours."""
    with logging(location) as log:
        log.execute(
            f"UPDATE reminder_message SET {change}, claimed_by = NULL"
            " WHERE id = ? AND state = 'sending' AND claimed_by = ?",
            [*params, message.id, who],
        )


def failed(log: Inside) -> int:
    """How many messages have failed."""
    return int(log.scalar("SELECT count(*) FROM reminder_message WHERE state = 'failed'"))


def retry(log: Inside, now: str) -> None:
    """Have what failed be tried again from now on."""
    log.execute(
        "UPDATE reminder_message SET state = 'pending', attempts = 0, next_at = ?"
        " WHERE state = 'failed'",
        (now,),
    )
