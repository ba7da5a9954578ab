"""What is owed: one item for each record and rule whose time has come, as long as it is open.

An item is about an occurrence: the same task put off to another day, or the same person not spoken
to once more, is another one. Of several reminders of one occurrence that have come, only the last
is owed, so that a missed week is caught up without a flood. An occurrence that was put off or
dropped (`reminder_hold`) is left out with all its reminders, and comes back under a key of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from operator import itemgetter
from typing import Any, NamedTuple

from crmcli.catalog import BY_NAME
from crmcli.errors import InvalidValue
from crmcli.fields import Field
from crmcli.queries.attention import IDLE, ROTTING, marked_deals, placeholders, read_stages
from crmcli.queries.conditions import EVERYTHING, Sql
from crmcli.queries.custom import with_custom
from crmcli.queries.people import Person, moment_due
from crmcli.queries.scope import filtered
from crmcli.reminders.rules import Rule
from crmcli.store import dialect
from crmcli.store.read import Rows
from crmcli.values import Env
from crmcli.values.calendar import DAY, days_in_month, is_day, midnight, moment_of, moment_text
from crmcli.values.recurrence import reminder_moments

_AHEAD = timedelta(hours=26)  # a day that has begun somewhere
_SINCE = 60  # days for which a date that has passed is still owed
_YEARLY_SINCE = 7
_DUE = "due"
_DAY = len("2026-03-05")


class Item(NamedTuple):
    """Something owed. when: the stored day or moment it is about; timed: it has its own hour,
    rather than waiting for the digest. user_id: the owner, None where nobody is. label: which of
    several reminders of the occurrence; put_off: the day until which it was."""

    occurrence: str
    rule: str
    kind: str
    noun: str
    id: int
    title: str
    when: str | None
    user_id: int | None
    timed: bool = False
    label: str = ""
    put_off: str = ""

    @property
    def key(self) -> str:
        """What is delivered once."""
        label = f":{self.label}" if self.label else ""
        return f"{self.occurrence}{label}{'@' if self.put_off else ''}{self.put_off}"

    @property
    def handle(self) -> str:
        """The handle of the record."""
        return BY_NAME[self.noun].handle(self.id)


class Look(NamedTuple):
    """Where and when to look, and for whom."""

    rows: Rows
    env: Env
    zones: dict[int, tzinfo]

    def zone(self, user: int | None) -> tzinfo:
        """The time zone of an owner."""
        return self.zones.get(user or 0, self.env.zone)

    def today(self, user: int | None) -> date:
        """The day that it is for an owner."""
        return self.env.now.astimezone(self.zone(user)).date()

    def scope(self, noun: str, rule: Rule) -> Sql:
        """The condition over `t` that a rule adds; InvalidValue names the rule that is wrong."""
        return filtered(self.rows, self.env, noun, where=rule.query)


def owed(rows: Rows, env: Env, people: Sequence[Person], rules: Sequence[Rule]) -> list[Item]:
    """Everything that is owed to anybody by now."""
    look = Look(rows, env, {person.id: person.zone for person in people})
    found = [item for rule in rules if rule.active for item in _FINDERS[rule.kind](look, rule)]
    return _without_held(look, found)


def end_of_today(env: Env, days: int = 0) -> Env:
    """The surroundings at the end of today, or so many days later, for what is owed by then."""
    end = env.today + timedelta(days=days + 1)
    return env._replace(now=moment_of(midnight(end, env.zone)) - timedelta(seconds=1))


def mine(items: Sequence[Item], person: Person, people: Sequence[Person]) -> list[Item]:
    """The items of one person: their own, and those of nobody who is there."""
    active = {each.id for each in people}
    return [item for item in items if item.user_id == person.id or item.user_id not in active]


def _without_held(look: Look, items: list[Item]) -> list[Item]:
    rows = look.rows.rows("SELECT key, until FROM reminder_hold WHERE deleted_at IS NULL")
    held = dict(rows)
    return [
        item._replace(put_off=held.get(item.occurrence, ""))
        for item in items
        if held.get(item.occurrence, "") is not None
        and held.get(item.occurrence, "") <= look.today(item.user_id).isoformat()
    ]


def _item(
    rule: Rule,
    occurrence: str,
    noun: str,
    id: int,
    title: str,
    when: str | None,
    owner: int | None,
    *,
    timed: bool = False,
    label: str = "",
) -> Item:
    """An item by a rule, for the person whom the rule names, else for the owner."""
    person = rule.person_id or owner
    return Item(occurrence, rule.name, rule.kind, noun, id, title, when, person, timed, label)


# --- tasks and meetings


_TASKS = (
    "SELECT t.id, t.title, t.due, t.remind, t.owner_id FROM task t"
    " WHERE t.deleted_at IS NULL AND t.status = 'open' AND (t.due < ? OR t.remind IS NOT NULL)"
    " AND (t.after_id IS NULL OR NOT EXISTS (SELECT 1 FROM task b WHERE b.id = t.after_id"
    " AND b.status = 'open' AND b.deleted_at IS NULL))"
)


def _tasks(look: Look, rule: Rule) -> Iterator[Item]:
    scope = look.scope("task", rule)
    latest = (look.env.now + _AHEAD).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = look.rows.rows(
        f"{_TASKS} AND {scope.text} ORDER BY t.due, t.id", [latest, *scope.params]
    )
    for id, title, due, remind, owner in rows:
        label = _reached(look, due, remind, look.zone(owner))
        if label:
            timed = label != _DUE or not is_day(due)
            about = f"task:{id}:{due or ''}"
            yield _item(rule, about, "task", id, title, due, owner, timed=timed, label=label)


def _reached(look: Look, due: str | None, leads: str | None, zone: tzinfo) -> str:
    """Which of the reminders of something due has come last: a lead, or `due`; "" for none."""
    stages: list[tuple[datetime, str]] = []
    at = moment_due(due, zone) if due else None
    for word in leads.split(",") if leads else ():
        stages += [(moment, word) for moment in reminder_moments(word, at)]
    if due is not None and at is not None:
        begins = moment_of(midnight(date.fromisoformat(due), zone)) if is_day(due) else at
        stages.append((begins, _DUE))
    reached = [stage for stage in stages if stage[0] <= look.env.now]
    return max(reached)[1] if reached else ""


def _meetings(look: Look, rule: Rule) -> Iterator[Item]:
    scope = look.scope("activity", rule)
    rows = look.rows.rows(
        "SELECT t.id, t.subject, t.at, t.owner_id FROM activity t WHERE t.deleted_at IS NULL"
        f" AND t.planned = 1 AND {scope.text} ORDER BY t.at, t.id",
        scope.params,
    )
    for id, subject, at, owner in rows:
        label = _reached(look, at, rule.lead, look.zone(owner))
        over = moment_of(at).astimezone(look.zone(owner)).date() < look.today(owner)
        if label:
            about, label = f"activity:{id}:{at}", "unsettled" if over else label
            yield _item(
                rule, about, "activity", id, subject, at, owner, timed=not over, label=label
            )


def _escalation(look: Look, rule: Rule) -> Iterator[Item]:
    if rule.person_id is None or rule.days is None:
        return
    scope = look.scope("task", rule)
    since = look.env.now - timedelta(days=rule.days)
    day = since.astimezone(look.zone(rule.person_id)).date().isoformat()
    rows = look.rows.rows(
        "SELECT t.id, t.title, t.due FROM task t WHERE t.deleted_at IS NULL AND t.status = 'open'"
        f" AND t.due < ? AND t.updated_at < ? AND {scope.text} ORDER BY t.due, t.id",
        [day, moment_text(since), *scope.params],
    )
    for id, title, due in rows:
        yield _item(rule, f"escalated:{id}:{due}", "task", id, title, due, rule.person_id)


# --- people


def _touch(look: Look, rule: Rule) -> Iterator[Item]:
    """Contacts with an interval of their own; with a query and days, those that have none."""
    last = BY_NAME["contact"].field("last_contact")
    scope = look.scope("contact", rule)
    own = rule.query is None
    condition = "t.keep_in_touch IS NOT NULL" if own else "t.keep_in_touch IS NULL"
    if not own and rule.days is None:
        return
    rows = look.rows.rows(
        f"SELECT t.id, t.name, t.keep_in_touch, {last.part if last else 'NULL'}, t.created_at,"
        f" t.owner_id FROM contact t WHERE t.deleted_at IS NULL AND t.do_not_contact = 0"
        f" AND {condition} AND {scope.text}",
        scope.params,
    )
    found = []
    for id, name, every, talked, created, owner in rows:
        since = moment_of(talked or created).astimezone(look.zone(owner)).date()
        due = (since + timedelta(days=every if own else rule.days or 0)).isoformat()
        if due <= look.today(owner).isoformat():
            found.append((due, id, name, owner))
    for due, id, name, owner in sorted(found, key=itemgetter(0, 1)):
        yield _item(rule, f"touch:{id}:{due}", "contact", id, name, due, owner)


def _leads(look: Look, rule: Rule) -> Iterator[Item]:
    scope = look.scope("contact", rule)
    since = moment_text(look.env.now - timedelta(days=rule.days or 0))
    rows = look.rows.rows(
        "SELECT t.id, t.name, t.created_at, t.owner_id FROM contact t WHERE t.deleted_at IS NULL"
        " AND t.status = 'lead' AND t.do_not_contact = 0 AND t.created_at <= ?"
        " AND NOT EXISTS (SELECT 1 FROM activity_participant p JOIN activity a"
        " ON a.id = p.activity_id WHERE p.contact_id = t.id AND p.deleted_at IS NULL"
        " AND a.deleted_at IS NULL AND a.type <> 'note')"
        " AND NOT EXISTS (SELECT 1 FROM task k WHERE k.contact_id = t.id AND k.status = 'open'"
        f" AND k.deleted_at IS NULL) AND {scope.text} ORDER BY t.created_at, t.id",
        [since, *scope.params],
    )
    for id, name, created, owner in rows:
        yield _item(rule, f"lead:{id}", "contact", id, name, created, owner)


# --- dates of any record


class _Dated(NamedTuple):
    """A rule's date: the record type, the field, and the SQL of its value over `t`."""

    noun: str
    field: Field
    sql: str


def _dated(look: Look, rule: Rule) -> _Dated | None:
    """The date that a rule is about; None for a custom field that nobody made yet.

    Raises InvalidValue for a record type that there is not.
    """
    noun, _dot, name = (rule.date or "").partition(".")
    if noun not in BY_NAME:
        raise InvalidValue(
            f'rule {rule.name}: "{rule.date or ""}" names no date',
            hint="for example date=deal.expected_close, or contact.birthday",
        )
    field = with_custom(look.rows, BY_NAME[noun]).field(name)
    if field is None or field.kind not in ("day", "birthday", "moment", "when"):
        return None
    custom = field.store == "custom"
    sql = dialect.json_value("t.custom", field.name) if custom else f"t.{field.column}"
    return _Dated(noun, field, sql)


_IS_OPEN = (
    " AND EXISTS (SELECT 1 FROM stage s WHERE s.id = t.stage_id AND s.type IN ('open', 'on hold'))"
)


def _records(look: Look, rule: Rule, about: _Dated, condition: str, params: list[Any]) -> Any:
    record = BY_NAME[about.noun]
    scope = look.scope(about.noun, rule)
    title = record.field(record.title)
    owner = "t.owner_id" if record.owned else "NULL"
    expected = about.field.name == "expected_close"
    return look.rows.rows(
        f"SELECT t.id, t.{title.column if title else 'id'}, {about.sql}, {owner}"
        f" FROM {record.table} t WHERE t.deleted_at IS NULL AND {about.sql} IS NOT NULL"
        f" AND {condition} AND {scope.text}{_IS_OPEN if expected else ''} ORDER BY 3, t.id",
        [*params, *scope.params],
    )


def _date(look: Look, rule: Rule) -> Iterator[Item]:
    about = _dated(look, rule)
    if about is None:
        return
    late = about.field.name == "expected_close"
    begin = "0001-01-01" if late else (look.env.today - timedelta(days=_SINCE)).isoformat()
    end = (look.env.today + timedelta(days=_lead_days(rule) + 2)).isoformat()
    rows = _records(look, rule, about, f"{about.sql} >= ? AND {about.sql} < ?", [begin, end])
    for id, title, value, owner in rows:
        yield from _dated_item(look, rule, about, id, title, value, owner)


def _dated_item(
    look: Look, rule: Rule, about: _Dated, id: int, title: str, value: str, owner: int | None
) -> Iterator[Item]:
    """The reminder of a date, if one has come."""
    label = _reached(look, value[:_DAY], rule.lead, look.zone(owner))
    if label:
        occurrence = f"date:{about.noun}:{id}:{about.field.name}:{value}"
        yield _item(rule, occurrence, about.noun, id, title, value, owner, label=label)


def _lead_days(rule: Rule) -> int:
    moments = reminder_moments(rule.lead, _FAR)
    return max(((_FAR - moment).days + 1 for moment in moments), default=0)


_FAR = datetime.fromisoformat("2100-01-01T00:00:00+00:00")


def _yearly(look: Look, rule: Rule) -> Iterator[Item]:
    about = _dated(look, rule)
    if about is None:
        return
    first = look.env.today - timedelta(days=_YEARLY_SINCE)
    days = [first + DAY * away for away in range(_YEARLY_SINCE + _lead_days(rule) + 3)]
    by_name = {day.strftime("%m-%d"): day for day in days}
    if "02-28" in by_name and days_in_month(by_name["02-28"].year, 2) == 28:
        by_name["02-29"] = by_name["02-28"]
    ending = f"substr({about.sql}, length({about.sql}) - 4, 5)"
    condition = f"{ending} IN ({placeholders(list(by_name))})"
    for id, title, value, owner in _records(look, rule, about, condition, list(by_name)):
        day = by_name[value[-5:]].isoformat()
        yield from _dated_item(look, rule, about, id, title, day, owner)


# --- deals


def _marked(mark: str) -> Callable[[Look, Rule], Iterator[Item]]:
    def find(look: Look, rule: Rule) -> Iterator[Item]:
        stages = [s for s in read_stages(look.rows) if s.type in ("open", "on hold")]
        scope = look.scope("deal", rule) if rule.query else EVERYTHING
        found, _total = marked_deals(look.rows, look.env, stages, scope, limit=0, only_marked=True)
        ids = [int(deal.line.handle[1:]) for deal in found if mark in deal.line.marks]
        for start in range(0, len(ids), 500):
            yield from _deals(look, rule, mark, ids[start : start + 500])

    return find


def _deals(look: Look, rule: Rule, mark: str, ids: list[int]) -> Iterator[Item]:
    """Deals with a mark. A deal that got a task and lost it again is another occurrence."""
    rows = look.rows.rows(
        "SELECT t.id, t.title, t.stage_since, t.expected_close, t.owner_id,"
        " (SELECT max(k.id) FROM task k WHERE k.deal_id = t.id) FROM deal t"
        f" WHERE t.id IN ({placeholders(ids)}) ORDER BY t.id",
        ids,
    )
    for id, title, since, close, owner, last in rows:
        about = f"rotting:{id}:{since}" if mark == ROTTING else f"idle:{id}:{last or 0}"
        when = since if mark == ROTTING else close
        yield _item(rule, about, "deal", id, title, when, owner)


_FINDERS: dict[str, Callable[[Look, Rule], Iterator[Item]]] = {
    "tasks": _tasks,
    "meetings": _meetings,
    "keep in touch": _touch,
    "date": _date,
    "yearly": _yearly,
    "no next step": _marked(IDLE),
    "rotting": _marked(ROTTING),
    "leads": _leads,
    "escalation": _escalation,
}
