"""The screen of the working day: what is due, planned and waiting.

A task with a day is overdue when the day has passed, one with a time when the moment has. A deal
needs attention when it is rotting, late or has no next step (`crmcli.queries.attention`). A contact
is to be kept in touch with when the last real talk (of those logged, notes aside), or else the
making of the record, is as many days ago as its interval says.

It is about the user, unless the team has only one or the user owns nothing.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.catalog import BY_NAME
from crmcli.errors import InvalidValue
from crmcli.queries.attention import marked_deals, placeholders, read_stages
from crmcli.queries.conditions import Sql
from crmcli.queries.scope import owned_by
from crmcli.results import Column, Listing, Screen, Section
from crmcli.values.calendar import WEEKDAY_NAMES, midnight, moment_of, moment_text
from crmcli.values.days import show_date
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.store.read import Rows
    from crmcli.values import Env

TASKS_SHOWN = 25
OTHERS_SHOWN = 10
COMING_SHOWN = 5
COMING_DAYS = 7
_MOST_DAYS = 3660

_HANDLE = Column("handle", "handle", "Handle")
_OWNER = Column("owner", "text", "Owner", 3)
_SAID_ALREADY = 9  # the priority of the owner's column where all rows have the same one
_TASK_COLUMNS = (
    _HANDLE,
    Column("due", "when", "Due"),
    Column("title", "text", "Task"),
    Column("contact", "text", "Contact", 2),
    Column("company", "text", "Company", 4),
    Column("deal", "text", "Deal", 3),
    Column("priority", "choice", "Priority", 5),
    _OWNER._replace(priority=1),
)
_MEETING_COLUMNS = (
    _HANDLE,
    Column("at", "moment", "At"),
    Column("type", "choice", "Type", 3),
    Column("subject", "text", "Subject"),
    Column("contact", "text", "Contact", 2),
    Column("company", "text", "Company", 4),
    _OWNER._replace(priority=1),
)
_DEAL_COLUMNS = (
    _HANDLE,
    Column("title", "text", "Deal"),
    Column("company", "text", "Company", 2),
    Column("value", "money", "Value", 1),
    Column("stage", "text", "Stage", 1),
    Column("age", "interval", "In stage", 4),
    Column("expected_close", "day", "Close", 1),
    _OWNER,
)
_TOUCH_COLUMNS = (
    _HANDLE,
    Column("name", "name", "Name"),
    Column("company", "text", "Company", 1),
    Column("last_contact", "moment", "Last contact", 1),
    Column("keep_in_touch", "interval", "Every", 1),
    Column("days_over", "interval", "Over by", 2),
    _OWNER,
)

_OWNER_SQL = "(SELECT u.name FROM app_user u WHERE u.id = t.owner_id)"
_COMPANY_SQL = "(SELECT o.name FROM company o WHERE o.id = t.company_id)"
_TASK_SQL = (
    "SELECT 't' || t.id, t.due, t.title,"
    " (SELECT c.name FROM contact c WHERE c.id = t.contact_id),"
    f" {_COMPANY_SQL}, (SELECT d.title FROM deal d WHERE d.id = t.deal_id), t.priority,"
    f" {_OWNER_SQL} FROM task t WHERE t.deleted_at IS NULL AND t.status = 'open'"
)
_MEETING_SQL = (
    "SELECT 'a' || t.id, t.at, t.type, t.subject,"
    " (SELECT c.name FROM activity_participant p JOIN contact c ON c.id = p.contact_id"
    " WHERE p.activity_id = t.id AND p.deleted_at IS NULL ORDER BY p.id LIMIT 1),"
    f" {_COMPANY_SQL}, {_OWNER_SQL} FROM activity t WHERE t.deleted_at IS NULL AND t.planned = 1"
)


class _Part(NamedTuple):
    """A section to be filled: its name, title, noun and columns."""

    name: str
    title: str
    noun: str
    columns: tuple[Column, ...]
    shown: int


_OVERDUE = _Part("overdue", "Overdue", "tasks", _TASK_COLUMNS, TASKS_SHOWN)
_DUE = _Part("due", "Due today", "tasks", _TASK_COLUMNS, TASKS_SHOWN)
_COMING = _Part("coming_up", "Coming up", "tasks", _TASK_COLUMNS, COMING_SHOWN)
_MEETINGS = _Part("meetings", "Planned for today", "activities", _MEETING_COLUMNS, TASKS_SHOWN)
_OPEN_ENDS = _Part(
    "unsettled", "Planned earlier, not settled", "activities", _MEETING_COLUMNS, OTHERS_SHOWN
)
_DEALS = _Part("deals", "Deals that need attention", "deals", _DEAL_COLUMNS, OTHERS_SHOWN)
_TOUCH = _Part("keep_in_touch", "Keep in touch", "contacts", _TOUCH_COLUMNS, OTHERS_SHOWN)


class _Day:
    """Whose day it is, how far it reaches, and where to look."""

    def __init__(
        self,
        reader: Rows,
        env: Env,
        *,
        owner: str | None,
        me: str,
        days: int,
        limit: int | None,
    ) -> None:
        self.reader = reader
        self.env = env
        self.owner = owner
        self.me = me
        self.limit = limit
        self.days = days
        self.now = moment_text(env.now)
        self.today = env.today.isoformat()
        end = env.today + timedelta(days=days + 1)
        self.end = end.isoformat()
        self.end_moment = midnight(end, env.zone)

    def owned(self, noun: str) -> Sql:
        """The condition that a row of `noun` belongs to the owner."""
        return owned_by(self.reader, self.env, noun, self.owner, self.me)

    def section(self, part: _Part, select: str, order: str, *conditions: Sql) -> Section:
        """A section with the first rows of `select`, which is over `t`, and their number."""
        where = "".join(f" AND {condition.text}" for condition in conditions)
        params = [value for condition in conditions for value in condition.params]
        cut = self.cut(part)
        rows = self.reader.rows(
            f"{select}{where} ORDER BY {order}{' LIMIT ?' if cut else ''}",
            [*params, cut] if cut else params,
        )
        total = len(rows)
        if cut and total == cut:
            counted = f"SELECT count(*) FROM{select.rsplit(' FROM', 1)[1]}{where}"
            total = int(self.reader.scalar(counted, params))
        return self.filled(part, rows, total)

    def filled(
        self,
        part: _Part,
        rows: Sequence[tuple[Any, ...]],
        total: int,
        marks: tuple[tuple[str, ...], ...] = (),
    ) -> Section:
        """A section with its rows, and how many there are in all."""
        columns = part.columns
        if self.owner is not None and self.owner.lower() != "all":
            columns = (*columns[:-1], columns[-1]._replace(priority=_SAID_ALREADY))
        listing = Listing(part.noun, columns, tuple(rows), total, marks=marks)
        return Section(part.name, part.title, listing)

    def cut(self, part: _Part) -> int:
        """How many rows of a section are shown; 0 for all."""
        return part.shown if self.limit is None else self.limit


def today(
    reader: Rows,
    env: Env,
    *,
    owner: str | None = None,
    days: int | str | None = None,
    me: str = "",
    limit: int | None = None,
) -> Screen:
    """Tasks, meetings, deals and contacts that want something today.

    owner: a user, `all`, or `none` for what nobody owns; None for `me`, or for all when the team
    is one person or `me` owns nothing. days: how many more days of tasks and meetings to show;
    without it, the first tasks of the coming week stand apart.
    limit: rows of each section, 0 for all. Raises InvalidValue for a user or number that is none.
    """
    whose, note = _whose(reader, owner, me)
    day = _Day(reader, env, owner=whose, me=me, days=days_ahead(days, env), limit=limit)
    sections = (
        _overdue(day),
        _due(day),
        *(() if day.days else (_coming(day),)),
        _meetings(day),
        _unsettled(day),
        _deals(day),
        _keep_in_touch(day),
    )
    return Screen(
        name="today",
        title=f"{WEEKDAY_NAMES[env.today.weekday()]}, {show_date(env.today)}",
        subtitle=note,
        sections=sections,
        empty="nothing is waiting; `crm tasks` shows what comes later",
    )


def _whose(reader: Rows, owner: str | None, me: str) -> tuple[str | None, str]:
    """Whose day is shown, and a line that says so."""
    if owner is not None:
        return owner, "" if owner.lower() == "all" else f"of {me if owner == 'me' else owner}"
    users = int(
        reader.scalar("SELECT count(*) FROM app_user WHERE deleted_at IS NULL AND active = 1")
    )
    if users < 2:
        return None, ""
    if _owns_anything(reader, me):
        return "me", f"of {me}; --owner all shows everybody's"
    return None, f"of everybody: {me} owns nothing yet" if me else "of everybody"


def _owns_anything(reader: Rows, me: str) -> bool:
    user = reader.scalar(
        "SELECT id FROM app_user WHERE name_key = ? AND deleted_at IS NULL", (sort_key(me),)
    )
    return user is not None and any(
        reader.row(
            f"SELECT 1 FROM {table} WHERE owner_id = ? AND deleted_at IS NULL LIMIT 1", (user,)
        )
        for table in ("task", "deal", "contact", "activity", "company")
    )


def days_ahead(typed: int | str | None, env: Env) -> int:
    """A number of days that was typed, if any; otherwise InvalidValue."""
    number = values.parse("integer", typed, env) if isinstance(typed, str) else typed or 0
    if not isinstance(number, int) or not 0 <= number <= _MOST_DAYS:
        raise InvalidValue(
            f"--days {typed}: a number of days from 0 to {_MOST_DAYS} is needed",
            hint="for example --days 7",
        )
    return number


# --- tasks: `due` is a day or a moment, and both kinds stand in one column; the first condition
# --- is for the index, the rest tells them apart


def _overdue(day: _Day) -> Section:
    past = Sql(
        "t.due < ? AND t.due < CASE length(t.due) WHEN 10 THEN ? ELSE ? END",
        [max(day.now, day.today), day.today, day.now],
    )
    section = day.section(_OVERDUE, _TASK_SQL, "t.due, t.id", past, day.owned("task"))
    marks = (("overdue",),) * len(section.listing.rows)
    return section._replace(listing=section.listing._replace(marks=marks))


def _due(day: _Day) -> Section:
    """Tasks that become due today or in the days looked at."""
    coming = _between((day.today, day.now), (day.end, day.end_moment))
    part = _DUE._replace(title=f"Due within {_span(day.days)}") if day.days else _DUE
    return day.section(part, _TASK_SQL, "t.due, t.id", coming, day.owned("task"))


def _coming(day: _Day) -> Section:
    """The first tasks of the days after today."""
    last = day.env.today + timedelta(days=COMING_DAYS + 1)
    between = _between((day.end, day.end_moment), (last.isoformat(), midnight(last, day.env.zone)))
    return day.section(_COMING, _TASK_SQL, "t.due, t.id", between, day.owned("task"))


def _between(begin: tuple[str, str], end: tuple[str, str]) -> Sql:
    """Due from `begin` on and before `end`, each a day and the moment that goes with it."""
    return Sql(
        "t.due >= ? AND t.due < ?"
        " AND t.due >= CASE length(t.due) WHEN 10 THEN ? ELSE ? END"
        " AND t.due < CASE length(t.due) WHEN 10 THEN ? ELSE ? END",
        [min(begin), max(end), *begin, *end],
    )


def _span(days: int) -> str:
    return "a day" if days == 1 else f"{days} days"


# --- meetings


def _meetings(day: _Day) -> Section:
    begins = midnight(day.env.today, day.env.zone)
    between = Sql("t.at >= ? AND t.at < ?", [begins, day.end_moment])
    part = _MEETINGS._replace(title=f"Planned within {_span(day.days)}") if day.days else _MEETINGS
    return day.section(part, _MEETING_SQL, "t.at, t.id", between, day.owned("activity"))


def _unsettled(day: _Day) -> Section:
    before = Sql("t.at < ?", [midnight(day.env.today, day.env.zone)])
    return day.section(_OPEN_ENDS, _MEETING_SQL, "t.at, t.id", before, day.owned("activity"))


# --- deals


def _deals(day: _Day) -> Section:
    stages = [s for s in read_stages(day.reader) if s.type in ("open", "on hold")]
    found, total = marked_deals(
        day.reader, day.env, stages, day.owned("deal"), limit=day.cut(_DEALS), only_marked=True
    )
    rows = [
        (
            line.handle,
            line.title,
            line.company,
            line.value,
            stage,
            line.age,
            line.expected_close,
            line.owner,
        )
        for line, stage in found
    ]
    return day.filled(_DEALS, rows, total, tuple(deal.line.marks for deal in found))


# --- contacts


class _Lapsed(NamedTuple):
    """A contact that nobody talked to for longer than planned."""

    over: int
    id: int
    last: str | None


def _keep_in_touch(day: _Day) -> Section:
    last = BY_NAME["contact"].field("last_contact")
    owned = day.owned("contact")
    # The plus keeps SQLite to the few who have an interval, rather than all whom one user owns.
    whose = owned.text.replace("t.owner_id", "+t.owner_id")
    rows = day.reader.rows(
        f"SELECT t.id, t.keep_in_touch, {last.part if last else 'NULL'}, t.created_at"
        " FROM contact t WHERE t.deleted_at IS NULL AND t.keep_in_touch IS NOT NULL"
        f" AND t.do_not_contact = 0 AND {whose}",
        owned.params,
    )
    lapsed = sorted(
        _Lapsed(-over, contact, talked)
        for contact, every, talked, created in rows
        if (over := _days_over(day.env, talked or created, every)) >= 0
    )
    cut = day.cut(_TOUCH)
    shown = lapsed[:cut] if cut else lapsed
    return day.filled(_TOUCH, _contacts(day, shown), len(lapsed))


def _days_over(env: Env, last: str, every: int) -> int:
    talked: date = moment_of(last).astimezone(env.zone).date()
    return (env.today - talked).days - every


def _contacts(day: _Day, lapsed: Sequence[_Lapsed]) -> list[tuple[Any, ...]]:
    found = {}
    for start in range(0, len(lapsed), 500):
        some = [contact.id for contact in lapsed[start : start + 500]]
        sql = (
            f"SELECT t.id, t.name, {_COMPANY_SQL}, t.keep_in_touch, {_OWNER_SQL}"
            f" FROM contact t WHERE t.id IN ({placeholders(some)})"
        )
        found.update({row[0]: row[1:] for row in day.reader.rows(sql, some)})
    rows = []
    for over, contact, last in lapsed:
        name, company, every, owner = found[contact]
        rows.append((f"c{contact}", name, company, last, every, -over, owner))
    return rows
