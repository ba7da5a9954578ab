"""What is owed, on the screen of `crm remind`: a section for each rule, as far as a day ahead."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from crmcli.actions.context import Context
from crmcli.queries.people import people, user_named
from crmcli.queries.today import days_ahead
from crmcli.reminders.details import Detail, detailed
from crmcli.reminders.owed import Item, end_of_today, owed
from crmcli.reminders.planning import planned_for
from crmcli.reminders.rules import rules
from crmcli.reminders.running import work_out
from crmcli.results import Column, Done, Listing, Screen, Section
from crmcli.values.days import show_date
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.store.read import Rows
    from crmcli.values import Env

_SHOWN = 25
_COLUMNS = (
    Column("handle", "handle", "Handle"),
    Column("when", "when", "When"),
    Column("title", "text", "What"),
    Column("contact", "text", "Contact", 1),
    Column("phone", "phone", "Phone", 3),
    Column("deal", "text", "Deal", 5),
    Column("priority", "choice", "Priority", 6),
    Column("last_talk", "text", "Last talk", 7),
    Column("command", "shell", "To do", 4),
    Column("owner", "text", "Owner", 2),
)


def due(
    rows: Rows,
    env: Env,
    *,
    owner: str | None = None,
    days: int | str | None = None,
    me: str = "",
    but: Collection[int] = (),
) -> Screen:
    """What is owed by the end of today, or of so many days more.

    owner: a user, `me`, `none` for what nobody owns; None or `all` for everybody. but: the ids of
    users to leave out. A screen without sections when nothing is owed. Raises InvalidValue for a
    number that is none, NotFound for a user that there is not.
    """
    then = end_of_today(env, days_ahead(days, env))
    team = people(rows, env)
    is_wanted = _whose(rows, env, owner, me)
    by_rule: dict[str, list[Item]] = {}
    for item in owed(rows, then, team, rules(rows)):
        if is_wanted(item.user_id) and item.user_id not in but:
            by_rule.setdefault(item.rule, []).append(item)
    names = {person.id: person.name for person in team}
    sections = tuple(_section(rows, env, each, names) for each in by_rule.values())
    return Screen("remind", f"Due on {show_date(env.today)}", sections=sections)


def _whose(rows: Rows, env: Env, owner: str | None, me: str) -> Callable[[int | None], bool]:
    """Whether what a user owns is asked for."""
    if owner is None or owner.lower() == "all":
        return lambda user: True
    wanted = None if owner.lower() == "none" else user_named(rows, env, owner, me)
    return lambda user: user == wanted


def _section(rows: Rows, env: Env, items: list[Item], names: dict[int, str]) -> Section:
    rule = items[0].rule
    shown = detailed(rows, env, items[:_SHOWN])
    cells = tuple(
        (
            d.item.handle, _day(d.item.when), d.item.title,
            None if d.item.noun == "contact" else d.contact, d.phone,
            None if d.item.noun == "deal" else d.deal, d.priority, d.last_talk, d.command,
            names.get(d.item.user_id or 0),
        )
        for d in shown
    )  # fmt: skip
    marks = tuple(("overdue",) if d.overdue else () for d in shown)
    listing = Listing(items[0].noun, _COLUMNS, cells, len(items), marks=marks)
    return Section(sort_key(rule).replace(" ", "_"), rule[:1].upper() + rule[1:], listing)


def _day(when: str | None) -> str | None:
    """A stored day or moment; a birthday without a year has none."""
    return None if when is None or when.startswith("--") else when


def owed_to(ctx: Context, owner: str | None) -> list[Detail]:
    """Everything that is owed by now to a person, `me` by default; `all` for everybody.

    Raises NotFound for a user that there is not.
    """
    found = work_out(ctx)
    if owner is not None and owner.lower() == "all":
        every = {d.item.key: d for details in found.by_person.values() for d in details}
        return list(every.values())
    whose = user_named(ctx.reader, ctx.env, owner or "me", ctx.user)
    return found.by_person.get(whose, [])


def planned(ctx: Context) -> Done:
    """What a run would send now, told and not done."""
    found = work_out(ctx)
    lines = []
    for person in found.people:
        for each in planned_for(ctx.reader, ctx.env.now, person, found.by_person[person.id]):
            titles = ", ".join(f"{d.item.handle} {d.item.title}" for d in each.details[:5])
            more = len(each.details) - 5
            extra = f" and {more} more" if more > 0 else ""
            lines.append(f"send {person.name} by {each.channel}: {titles}{extra}")
    return Done(tuple(lines or ["Nothing would be sent"]), dry_run=bool(lines))
