"""The rules as people see and change them: list, switch, give to somebody, and keep in touch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmcli import values
from crmcli.actions.assign import Assign
from crmcli.actions.context import Context
from crmcli.actions.records import change
from crmcli.actions.records import done as written
from crmcli.actions.refs import target, user_id
from crmcli.errors import NotFound
from crmcli.queries.people import people
from crmcli.queries.resolve import Found
from crmcli.queries.scope import filtered
from crmcli.reminders.owed import owed
from crmcli.reminders.rules import Rule, rules
from crmcli.results import Column, Done, Listing
from crmcli.values.text import did_you_mean, sort_key

if TYPE_CHECKING:
    from crmcli.store.write import Writer

_COLUMNS = (
    Column("name", "text", "Reminder"),
    Column("active", "yesno", "On"),
    Column("due", "integer", "Due now", 1),
    Column("says", "text", "What", 2),
    Column("when", "text", "When", 3),
    Column("person", "text", "For", 1),
)


def listing(ctx: Context) -> Listing:
    """All rules: whether they are on, what is due by each now, and for whom."""
    reader = ctx.reader
    found = rules(reader)
    names = {person.id: person.name for person in people(reader, ctx.env)}
    due: dict[str, int] = {}
    for item in owed(reader, ctx.env, people(reader, ctx.env), found):
        due[item.rule] = due.get(item.rule, 0) + 1
    rows = tuple(
        (
            rule.name, int(rule.active), due.get(rule.name, 0), _says(rule), _when(ctx, rule),
            names.get(rule.person_id or 0, "its owner" if rule.person_id is None else ""),
        )
        for rule in found
    )  # fmt: skip
    note = "crm reminders on|off|give NAME …; crm add-alert makes another"
    return Listing("reminders", _COLUMNS, rows, len(rows), note=note)


def _says(rule: Rule) -> str:
    where = f" ({rule.query})" if rule.query else ""
    return (rule.says or f"{rule.kind} {rule.date or ''}".strip()) + where


def _when(ctx: Context, rule: Rule) -> str:
    parts = [f"after {values.show('interval', rule.days, ctx.env)}"] if rule.days else []
    parts += [values.show("leads", rule.lead, ctx.env)] if rule.lead else []
    return ", ".join(parts)


def switch(ctx: Context, name: str, *, on: bool) -> Done:
    """Switch a rule on or off. Raises NotFound for one that there is not."""
    return _changed(ctx, name, {"active": int(on)}, "on" if on else "off")


def give(ctx: Context, name: str, user: str) -> Done:
    """Have a rule remind one person instead of the owners; `owner` gives it back to them."""
    with ctx.writing() as writer:
        person = None if user.lower() in ("owner", "owners") else user_id(ctx, writer, user)
        active = {} if person is None else {"active": 1}
        line = _change(writer, _named(writer, name), {"person_id": person, **active})
    whom = "the owner of each record" if person is None else user
    return written(writer, ctx, [f"{line} reminds {whom}"])


def _changed(ctx: Context, name: str, columns: Mapping[str, Any], what: str) -> Done:
    with ctx.writing() as writer:
        line = _change(writer, _named(writer, name), columns)
    return written(writer, ctx, [f"{line} is {what}"])


def _named(writer: Writer, name: str) -> Rule:
    found = rules(writer)
    wanted = sort_key(name)
    exact = [rule for rule in found if sort_key(rule.name) == wanted or f"rl{rule.id}" == wanted]
    begun = [rule for rule in found if sort_key(rule.name).startswith(wanted)]
    if exact or len(begun) == 1:
        return (exact or begun)[0]
    names = [rule.name for rule in found]
    raise NotFound(f'there is no reminder "{name}"', hint=did_you_mean(name, names))


def _change(writer: Writer, rule: Rule, columns: Mapping[str, Any]) -> str:
    """Change a rule; a built-in one gets a row of its own for what is different."""
    if rule.id is not None:
        writer.update("rule", rule.id, columns)
        return rule.name
    row = {
        "name": rule.name, "kind": rule.kind, "query": rule.query, "about_date": rule.date,
        "days": rule.days, "lead": rule.lead, "active": int(rule.active),
    }  # fmt: skip
    writer.create("rule", {**row, **columns})
    return rule.name


# --- keeping in touch


def cadence(ctx: Context, who: str, every: str) -> Done:
    """How long may pass between two talks with a contact, or with those of a company or segment.

    every: an interval as typed; "off" for none.
    """
    off = every.lower() in ("off", "never", "none")
    days = None if off else values.parse("interval", every, ctx.env)
    shown = "no interval" if off else f"every {values.show('interval', days, ctx.env)}"
    with ctx.writing() as writer:
        if who.startswith("segment:"):
            filtered(writer, ctx.env, "contact", where=who)
            lines = [_cadence_of(writer, who, f"keep in touch: {who}", who, days, shown)]
            handles: list[str] = []
        else:
            found = target(ctx, writer, who, ("contact", "company"))
            lines = [_cadence(ctx, writer, found, every if not off else "", days, shown)]
            handles = [found.handle]
    return written(writer, ctx, lines, handles)


def _cadence(ctx: Context, writer: Writer, found: Found, every: str, days: Any, shown: str) -> str:
    if found.noun == "contact":
        change(ctx, writer, found, [Assign("keep_in_touch", "=", None, every)])
        return f"{found.handle} {found.title}: {shown}"
    name, query = f"keep in touch: {found.handle}", f"company:{found.handle}"
    return _cadence_of(writer, f"{found.handle} {found.title}", name, query, days, shown)


def _cadence_of(writer: Writer, what: str, name: str, query: str, days: Any, shown: str) -> str:
    """Make, change or take away the rule for the contacts that a query selects."""
    id = writer.scalar(
        "SELECT id FROM rule WHERE name_key = ? AND deleted_at IS NULL", (sort_key(name),)
    )
    if days is None:
        if id is not None:
            writer.delete("rule", id)
    elif id is not None:
        writer.update("rule", id, {"days": days, "active": 1})
    else:
        row = {"name": name, "kind": "keep in touch", "query": query, "days": days, "active": 1}
        writer.create("rule", row)
    return f"Contacts of {what}: {shown}"
