"""What is needed to act on an item: who, their phone, the last talk, the deal, what to type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from crmcli import values
from crmcli.queries.attention import placeholders
from crmcli.reminders.owed import Item
from crmcli.store.read import Rows
from crmcli.values import Env
from crmcli.values.calendar import moment_of

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
            "command": self.command,
        }


def _when(item: Item, env: Env) -> str:
    if item.when is None:
        return ""
    kind = "birthday" if item.when.startswith("--") else "when"
    return values.show(kind, item.when, env)


_ABOUT = {
    "task": "SELECT t.id, t.contact_id, t.deal_id FROM task t",
    "deal": "SELECT t.id, t.contact_id, t.id FROM deal t",
    "contact": "SELECT t.id, t.id, NULL FROM contact t",
    "company": "SELECT t.id, NULL, NULL FROM company t",
    "activity": "SELECT t.id, (SELECT min(p.contact_id) FROM activity_participant p"
    " WHERE p.activity_id = t.id AND p.deleted_at IS NULL), t.deal_id FROM activity t",
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
_TALK = "SELECT a.id, a.type, a.at, a.subject FROM activity a"
_DEAL = "SELECT t.id, t.title FROM deal t"


def detailed(rows: Rows, env: Env, items: Sequence[Item]) -> list[Detail]:
    """The items with what belongs to them, in their order."""
    about: dict[tuple[str, int], tuple[int | None, int | None]] = {}
    for noun, sql in _ABOUT.items():
        wanted = [item.id for item in items if item.noun == noun]
        about.update({(noun, id): row for id, *row in _by_id(rows, sql, "t", wanted)})
    pairs = [about.get((item.noun, item.id), (None, None)) for item in items]
    people = {row[0]: row for row in _by_id(rows, _PERSON, "t", (pair[0] for pair in pairs))}
    deals = dict(_by_id(rows, _DEAL, "t", (pair[1] for pair in pairs)))
    talks = {row[0]: row for row in _by_id(rows, _TALK, "a", (row[5] for row in people.values()))}
    return [
        _detail(env, item, people.get(contact or 0), deal, deals, talks)
        for item, (contact, deal) in zip(items, pairs, strict=True)
    ]


def _by_id(rows: Rows, sql: str, alias: str, ids: Iterable[int | None]) -> list[Any]:
    wanted = sorted({id for id in ids if id is not None})
    found: list[Any] = []
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        found += rows.rows(f"{sql} WHERE {alias}.id IN ({placeholders(some)})", some)
    return found


def _detail(
    env: Env,
    item: Item,
    person: tuple[Any, ...] | None,
    deal: int | None,
    deals: dict[int, str],
    talks: dict[int, tuple[Any, ...]],
) -> Detail:
    _id, name, company, phone, email, last = person or (None,) * 6
    talk = talks.get(last)
    handle = f"c{_id}" if _id else None
    return Detail(
        item=item,
        contact=name,
        contact_handle=handle,
        phone=phone,
        email=email,
        company=company,
        deal=deals.get(deal or 0),
        deal_handle=f"d{deal}" if deal else None,
        last_talk=_talk(env, talk) if talk else None,
        command=_command(item, handle),
        overdue=_overdue(env, item),
    )


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
    if len(item.when) > len("2026-03-05"):
        return moment_of(item.when) < env.now
    return item.when < env.today.isoformat()
