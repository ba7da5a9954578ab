"""The rules of what people are reminded of: those built in, and the team's own."""

from __future__ import annotations

from typing import Any, NamedTuple

from crmcli.store.read import Rows
from crmcli.values.text import sort_key


class Rule(NamedTuple):
    """One rule; see `crmcli.models.reminder.Rule` for what each part means."""

    name: str
    kind: str
    says: str
    query: str | None = None
    date: str | None = None
    days: int | None = None
    lead: str | None = None
    person_id: int | None = None
    active: bool = True
    id: int | None = None


BUILT_IN: tuple[Rule, ...] = (
    Rule("tasks", "tasks", "Tasks that are due, or whose reminder has come."),
    Rule("meetings", "meetings", "Planned meetings, and those nobody settled.", lead="1h"),
    Rule("keep in touch", "keep in touch", "Contacts not spoken to for their own interval."),
    Rule("birthdays", "yearly", "Birthdays of contacts.", date="contact.birthday"),
    Rule("anniversaries", "yearly", "The custom field anniversary.", date="contact.anniversary"),
    Rule("renewals", "date", "The custom field renewal of deals.", date="deal.renewal", lead="30d"),
    Rule(
        "expected closes",
        "date",
        "Open deals about to close, or late.",
        date="deal.expected_close",
        lead="3d",
    ),
    Rule("next steps", "no next step", "Open deals without a task."),
    Rule("rotting deals", "rotting", "Deals too long in their stage."),
    Rule("unanswered leads", "leads", "Leads nobody has talked with.", days=2),
    Rule(
        "escalation",
        "escalation",
        "Tasks left untouched, to another person.",
        days=3,
        active=False,
    ),
)


def rules(rows: Rows) -> list[Rule]:
    """Every rule, active or not: the built-in ones, changed by those of their name, then others."""
    found = rows.rows(
        "SELECT name, kind, query, about_date, days, lead, person_id, active, id, name_key"
        " FROM rule WHERE deleted_at IS NULL ORDER BY name_key"
    )
    own = {row[9]: row for row in found}
    merged = [_changed(rule, own.pop(sort_key(rule.name), None)) for rule in BUILT_IN]
    return merged + [_own(row) for row in own.values()]


def _own(row: tuple[Any, ...]) -> Rule:
    name, kind, query, date, days, lead, person, active, id, _key = row
    return Rule(name, kind, "", query, date, days, lead, person, bool(active), id)


def _changed(rule: Rule, row: tuple[Any, ...] | None) -> Rule:
    """A built-in rule with what a rule of its name says otherwise."""
    if row is None:
        return rule
    own = _own(row)
    return rule._replace(
        query=own.query,
        days=own.days or rule.days,
        lead=own.lead or rule.lead,
        person_id=own.person_id,
        active=own.active,
        id=own.id,
    )
