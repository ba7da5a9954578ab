"""What is needed to act on an item: who, their phone, the last talk, the deal, what to type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from crmcli import values
from crmcli.queries.attention import placeholders
from crmcli.reminders.owed import Item
from crmcli.store.read import Rows
from crmcli.values import Env
from crmcli.values.calendar import is_day, moment_of

_CHUNK = 500


class Detail(NamedTuple):
    """An item with all that belongs to it, as texts for people and plain data."""

    item: Item
    contact: str | None = None
    contact_handle: str | None = None
    phone: str | None = None
    email: str | None = None
    company: str | None = None
    deal: str | None = None
    deal_handle: str | None = None
    last_talk: str | None = None
    priority: str | None = None
    command: str = ""
    overdue: bool = False

    def plain(self, env: Env) -> dict[str, Any]:
        """The form that messages, webhooks and templates get."""
        item = self.item
        return {
            "handle": item.handle,
            "rule": item.rule,
            "title": item.title,
            "when": item.when,
            "shown": _when(item, env),
            "overdue": self.overdue,
            "contact": self.contact,
            "contact_handle": self.contact_handle,
            "phone": self.phone,
            "email": self.email,
            "company": self.company,
            "deal": self.deal,
            "deal_handle": self.deal_handle,
            "last_talk": self.last_talk,
            "priority": self.priority,
            "command": self.command,
        }


def _when(item: Item, env: Env) -> str:
    if item.when is None:
        return ""
    kind = "birthday" if item.when.startswith("--") else "when"
    return values.show(kind, item.when, env)


_ABOUT = {
    "task": "SELECT t.id, t.contact_id, t.deal_id, t.priority FROM task t",
    "deal": "SELECT t.id, t.contact_id, t.id, NULL FROM deal t",
    "contact": "SELECT t.id, t.id, NULL, NULL FROM contact t",
    "company": "SELECT t.id, NULL, NULL, NULL FROM company t",
    "activity": "SELECT t.id, (SELECT min(p.contact_id) FROM activity_participant p"
    " WHERE p.activity_id = t.id AND p.deleted_at IS NULL), t.deal_id, NULL FROM activity t",
}
_PERSON = (
    "SELECT t.id, t.name, (SELECT o.name FROM company o WHERE o.id = t.company_id),"
    " (SELECT x.value FROM contact_point x WHERE x.contact_id = t.id AND x.kind = 'phone'"
    " AND x.deleted_at IS NULL ORDER BY x.is_primary DESC, x.id LIMIT 1),"
    " (SELECT x.value FROM contact_point x WHERE x.contact_id = t.id AND x.kind = 'email'"
    " AND x.deleted_at IS NULL ORDER BY x.is_primary DESC, x.id LIMIT 1),"
    " (SELECT max(a.id) FROM activity_participant p JOIN activity a ON a.id = p.activity_id"
    " WHERE p.contact_id = t.id AND p.deleted_at IS NULL AND a.deleted_at IS NULL"
    " AND a.planned = 0 AND a.type <> 'note') FROM contact t"
)
_NOTHING = (None, None, None)  # no contact, no deal, no priority
_TALK = "SELECT a.id, a.type, a.at, a.subject FROM activity a"
_DEAL = "SELECT t.id, t.title FROM deal t"


def detailed(rows: Rows, env: Env, items: Sequence[Item]) -> list[Detail]:
    """The items with what belongs to them, in their order."""
    about: dict[tuple[str, int], list[Any]] = {}
    for noun, sql in _ABOUT.items():
        wanted = [item.id for item in items if item.noun == noun]
        about.update({(noun, id): row for id, *row in _by_id(rows, sql, "t", wanted)})
    found = [about.get((item.noun, item.id), _NOTHING) for item in items]
    people = {row[0]: row for row in _by_id(rows, _PERSON, "t", (each[0] for each in found))}
    deals = dict(_by_id(rows, _DEAL, "t", (each[1] for each in found)))
    talks = {row[0]: row for row in _by_id(rows, _TALK, "a", (row[5] for row in people.values()))}
    details = []
    for item, (contact, deal, priority) in zip(items, found, strict=True):
        _id, name, company, phone, email, last = people.get(contact, (None,) * 6)
        handle = f"c{contact}" if contact else None
        details.append(
            Detail(
                item=item,
                contact=name,
                contact_handle=handle,
                phone=phone,
                email=email,
                company=company,
                deal=deals.get(deal),
                deal_handle=f"d{deal}" if deal else None,
                last_talk=_talk(env, talks[last]) if last else None,
                priority=priority,
                command=_command(item, handle),
                overdue=_overdue(env, item),
            )
        )
    return details


def _by_id(rows: Rows, sql: str, alias: str, ids: Iterable[int | None]) -> list[Any]:
    wanted = sorted({id for id in ids if id is not None})
    found: list[Any] = []
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        found += rows.rows(f"{sql} WHERE {alias}.id IN ({placeholders(some)})", some)
    return found


def _talk(env: Env, talk: tuple[Any, ...]) -> str:
    _id, type, at, subject = talk
    return f"{type} {values.show('moment', at, env)}: {subject}"


def _command(item: Item, contact: str | None) -> str:
    """The command that settles an item."""
    match item.kind:
        case "tasks" | "escalation" | "meetings":
            return f"crm done {item.handle}"
        case "no next step":
            return f'crm follow-up {item.handle} +1d "next step"'
        case "rotting" | "date" if item.noun == "deal":
            return f"crm edit {item.handle}"
        case _:
            return f'crm log call {contact or item.handle} "…"'


def _overdue(env: Env, item: Item) -> bool:
    if item.kind not in ("tasks", "escalation", "meetings", "date") or not item.when:
        return False
    if is_day(item.when):
        return item.when < env.today.isoformat()
    return moment_of(item.when) < env.now
