"""The members of the team as reminders need them: zone, address, and when they may be disturbed."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from crmcli.errors import NotFound
from crmcli.values.calendar import WEEKDAY_CODES, at_local, is_day
from crmcli.values.schedule import clock_of
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.store.read import Rows
    from crmcli.values import Env

TERMINAL = "terminal"
DAY_BEGINS = time(9)
"""When something that is due on a day, at no time, counts as due for reminders before it."""

_SQL = (
    "SELECT id, name, full_name, email, time_zone, channels, digest_at, quiet_hours, working_days,"
    " one_each, max_per_day FROM app_user WHERE deleted_at IS NULL AND active = 1"
)


class Person(NamedTuple):
    """A user: where reminders go, and when. `holidays` are stored days."""

    id: int
    name: str
    full_name: str | None
    email: str | None
    zone: tzinfo
    channels: tuple[str, ...]
    digest_at: time | None
    quiet: tuple[time, time] | None
    working: frozenset[int]
    one_each: bool
    max_per_day: int
    holidays: frozenset[str] = frozenset()

    def today(self, now: datetime) -> date:
        """The day that it is for them."""
        return now.astimezone(self.zone).date()

    def may_be_disturbed(self, now: datetime) -> bool:
        """Whether something may be sent now: no quiet hour, no day off."""
        local = now.astimezone(self.zone)
        return self._works(local.date()) and not self._is_quiet(local.time())

    def digest_due(self, now: datetime) -> bool:
        """Whether today's digest may go out by now; always, for who has no hour for it."""
        return self.digest_at is None or now.astimezone(self.zone).time() >= self.digest_at

    def _works(self, day: date) -> bool:
        return day.weekday() in self.working and day.isoformat() not in self.holidays

    def _is_quiet(self, clock: time) -> bool:
        if self.quiet is None:
            return False
        begin, end = self.quiet
        return begin <= clock < end if begin < end else clock >= begin or clock < end


def people(rows: Rows, env: Env) -> list[Person]:
    """The active users, by id."""
    off = frozenset(row[0] for row in rows.rows("SELECT day FROM holiday WHERE deleted_at IS NULL"))
    found = rows.rows(f"{_SQL} ORDER BY id")
    return [_person(row, env, off) for row in found]


def _person(row: tuple[object, ...], env: Env, off: frozenset[str]) -> Person:
    id, name, full, email, zone, channels, digest, quiet, days, each, most = row
    hours = str(quiet).partition("-") if quiet else None
    codes = str(days).split(",") if days else WEEKDAY_CODES
    return Person(
        id=int(str(id)),
        name=str(name),
        full_name=str(full) if full else None,
        email=str(email) if email else None,
        zone=zone_named(str(zone)) if zone else env.zone,
        channels=tuple(str(channels).split(",")) if channels else (TERMINAL,),
        digest_at=clock_of(str(digest)) if digest else None,
        quiet=(clock_of(hours[0]), clock_of(hours[2])) if hours else None,
        working=frozenset(WEEKDAY_CODES.index(code) for code in codes),
        one_each=bool(each),
        max_per_day=int(str(most)) if most else 0,
        holidays=off,
    )


def user_named(rows: Rows, env: Env, text: str, me: str) -> int:
    """The id of the user that `text` names; 0 for `me`, who asks, before their first write.

    Raises NotFound or Ambiguous.
    """
    from crmcli.queries.resolve import resolve

    name = me if text == "me" else text
    try:
        return resolve(rows, env, name, ("user",)).id
    except NotFound:
        if sort_key(name) == sort_key(me):
            return 0
        raise


@cache
def zone_named(name: str) -> tzinfo:
    """The time zone called `name`, which was checked when it was stored."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def zone_of(rows: Rows, user: int | None, env: Env) -> tzinfo:
    """The time zone of a user, else that of whoever asks."""
    found = rows.scalar("SELECT time_zone FROM app_user WHERE id = ?", (user,)) if user else None
    return zone_named(found) if found else env.zone


def moment_due(due: str, zone: tzinfo) -> datetime:
    """The moment in UTC of a stored `when`; for a day, when it begins at work."""
    if is_day(due):
        return at_local(date.fromisoformat(due), DAY_BEGINS, zone)
    return datetime.fromisoformat(due)
