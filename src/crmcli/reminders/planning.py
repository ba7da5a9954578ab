"""Making messages of what is new, for those who may be disturbed now.

All of it happens in the caller's one write: what another run planned is seen, and what this one
plans is there for the next. `UNIQUE (key, user_id, channel)` on deliveries holds whatever happens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from crmcli.queries.attention import placeholders
from crmcli.queries.people import TERMINAL, Person
from crmcli.reminders.details import Detail
from crmcli.store.inside import Inside
from crmcli.store.read import Rows
from crmcli.values import Env
from crmcli.values.calendar import moment_text

DIGEST, SINGLE, TIMED = "digest", "single", "timed"

_FLOOD = 10  # single messages at once, above which one for all is sent instead
_CHUNK = 400


class Planned(NamedTuple):
    """A message to be: to whom, by which channel, of which kind, about what.

    beside: what was said before and is still open.
    """

    person: Person
    channel: str
    kind: str
    details: tuple[Detail, ...]
    beside: tuple[Detail, ...] = ()


def plan(
    log: Inside, env: Env, people: Sequence[Person], owed: dict[int, list[Detail]], run: int
) -> int:
    """Write the messages and deliveries that are new; returns how many messages.

    owed: the details of what each person is owed, by their id.
    """
    domain = identity(log)
    number = 0
    for person in people:
        for planned in planned_for(log, env.now, person, owed.get(person.id, [])):
            _write(log, env, planned, run, f"<crm.{run}.{number}.{_token()}@{domain}>")
            number += 1
    return number


def planned_for(
    rows: Rows, now: datetime, person: Person, details: Sequence[Detail]
) -> Iterator[Planned]:
    """The messages that a person gets now, by each of their channels."""
    if not person.may_be_disturbed(now):
        return
    for channel in person.channels:
        if channel == TERMINAL:
            continue
        fresh = _fresh(rows, person, channel, details)
        if fresh:
            yield from _grouped(rows, now, person, channel, fresh, details)


def _fresh(rows: Rows, person: Person, channel: str, details: Sequence[Detail]) -> list[Detail]:
    """Those of the details that were never planned for this person and channel."""
    known: set[str] = set()
    keys = [detail.item.key for detail in details]
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        found = rows.rows(
            "SELECT key FROM delivery WHERE user_id = ? AND channel = ?"
            f" AND key IN ({placeholders(some)})",
            [person.id, channel, *some],
        )
        known.update(row[0] for row in found)
    return [detail for detail in details if detail.item.key not in known]


def _grouped(
    rows: Rows,
    now: datetime,
    person: Person,
    channel: str,
    fresh: list[Detail],
    every: Sequence[Detail],
) -> Iterator[Planned]:
    """What is new as messages: what has an hour of its own at once, the rest with the digest."""
    today = person.today(now).isoformat()
    sent = {
        kind: int(count)
        for kind, count in rows.rows(
            "SELECT kind, count(*) FROM reminder_message WHERE user_id = ? AND channel = ?"
            " AND day = ? GROUP BY kind",
            (person.id, channel, today),
        )
    }
    waits = person.digest_at is not None and (DIGEST in sent or not person.digest_due(now))
    ready = [detail for detail in fresh if detail.item.timed or not waits]
    left = person.max_per_day - sum(sent.values()) if person.max_per_day else len(ready)
    if not ready or left <= 0:
        return
    timed = all(detail.item.timed for detail in ready)
    alone = (person.one_each and person.digest_at is None) or (timed and len(ready) == 1)
    if alone and len(ready) <= min(left, _FLOOD):
        kind = TIMED if timed else SINGLE
        yield from (Planned(person, channel, kind, (detail,)) for detail in ready)
        return
    new = {detail.item.key for detail in ready}
    beside = tuple(d for d in every if d.item.key not in new) if not timed else ()
    yield Planned(person, channel, TIMED if timed else DIGEST, tuple(ready), beside)


def _write(log: Inside, env: Env, planned: Planned, run: int, message_id: str) -> None:
    now = moment_text(env.now)
    there = env._replace(zone=planned.person.zone)
    payload = {
        "items": [detail.plain(there) for detail in planned.details],
        "beside": [detail.plain(there) for detail in planned.beside],
    }
    message = log.insert_log(
        "reminder_message",
        {
            "user_id": planned.person.id,
            "channel": planned.channel,
            "kind": planned.kind,
            "day": planned.person.today(env.now).isoformat(),
            "message_id": message_id,
            "payload": json.dumps(payload, ensure_ascii=False),
            "state": "pending",
            "attempts": 0,
            "next_at": now,
            "created_at": now,
            "run_id": run,
        },
    )
    log.executemany(
        "INSERT INTO delivery (key, record, record_id, user_id, channel, title, message_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (d.item.key, d.item.noun, d.item.id, planned.person.id, planned.channel, d.item.title,
             message)
            for d in planned.details
        ],
    )  # fmt: skip


def identity(log: Inside) -> str:
    """The name by which this database signs messages and calendar entries, made once."""
    found = log.scalar("SELECT value FROM meta WHERE name = 'identity'")
    if found is None:
        found = f"{_token()}.crm.invalid"
        log.execute("INSERT INTO meta (name, value) VALUES ('identity', ?)", (found,))
    return str(found)


def _token() -> str:
    from secrets import token_hex

    return token_hex(10)
