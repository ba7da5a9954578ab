"""What is owed, on the screen of `crm remind`, beside the tasks and meetings of the day."""

from __future__ import annotations

from crmcli.actions.context import Context
from crmcli.errors import InvalidValue
from crmcli.queries.people import TERMINAL, people
from crmcli.reminders.details import Detail, detailed
from crmcli.reminders.owed import Item, owed
from crmcli.reminders.planning import planned_for
from crmcli.reminders.rules import rules
from crmcli.reminders.running import work_out
from crmcli.results import Column, Done, Listing, Screen, Section
from crmcli.values.text import sort_key

_SHOWN = 10
_COLUMNS = (
    Column("handle", "handle", "Handle"),
    Column("when", "when", "When"),
    Column("title", "text", "What"),
    Column("contact", "text", "Contact", 2),
    Column("phone", "phone", "Phone", 3),
    Column("owner", "text", "Owner", 1),
)
_THERE_ALREADY = ("tasks", "meetings")


def others(ctx: Context, owner: str | None) -> list[Section]:
    """A section for each rule beside tasks and meetings by which something is owed."""
    team = people(ctx.reader, ctx.env)
    wanted = [rule for rule in rules(ctx.reader) if rule.kind not in _THERE_ALREADY]
    items = owed(ctx.reader, ctx.env, team, wanted)
    whose = _owner_id(ctx, owner)
    names = {person.id: person.name for person in team}
    by_rule: dict[str, list[Item]] = {}
    for item in items:
        if whose in (None, item.user_id):
            by_rule.setdefault(item.rule, []).append(item)
    return [_section(ctx, rule, found, names) for rule, found in by_rule.items()]


def _section(ctx: Context, rule: str, items: list[Item], names: dict[int, str]) -> Section:
    shown = detailed(ctx.reader, ctx.env, items[:_SHOWN])
    rows = tuple(
        (
            d.item.handle, _day(d.item.when), d.item.title,
            None if d.item.noun == "contact" else d.contact, d.phone,
            names.get(d.item.user_id or 0),
        )
        for d in shown
    )  # fmt: skip
    marks = tuple(("overdue",) if d.overdue else () for d in shown)
    listing = Listing(items[0].noun, _COLUMNS, rows, len(items), marks=marks)
    return Section(sort_key(rule).replace(" ", "_"), rule[:1].upper() + rule[1:], listing)


def _day(when: str | None) -> str | None:
    """A stored day or moment; a birthday without a year has none."""
    return None if when is None or when.startswith("--") else when


def _owner_id(ctx: Context, owner: str | None) -> int | None:
    if owner is None or owner.lower() == "all":
        return None
    name = ctx.user if owner == "me" else owner
    found = ctx.reader.scalar(
        "SELECT id FROM app_user WHERE (name_key = ? OR 'u' || id = ?) AND deleted_at IS NULL",
        (sort_key(name), name),
    )
    return -1 if found is None else int(found)


def owed_to(ctx: Context, owner: str | None) -> list[Detail]:
    """Everything that is owed to a person, `me` by default; `all` for everybody.

    Raises InvalidValue for a user that there is not.
    """
    found = work_out(ctx)
    whose = _owner_id(ctx, owner or "me")
    if whose == -1 and owner not in (None, "me"):
        raise InvalidValue(f"there is no user {owner}", hint="`crm users` lists them")
    if whose is None or whose == -1:
        every = {d.item.key: d for details in found.by_person.values() for d in details}
        return list(every.values())
    return found.by_person.get(whose, [])


def for_terminal(ctx: Context, screen: Screen) -> Screen:
    """The screen without the rows of people whom other channels reach."""
    elsewhere = {
        person.name for person in people(ctx.reader, ctx.env) if TERMINAL not in person.channels
    }
    if not elsewhere:
        return screen
    sections = [_without(section, elsewhere) for section in screen.sections]
    return screen._replace(sections=tuple(s for s in sections if s.listing.rows))


def _without(section: Section, names: set[str]) -> Section:
    listing = section.listing
    place = next(n for n, column in enumerate(listing.columns) if column.name == "owner")
    kept = [n for n, row in enumerate(listing.rows) if row[place] not in names]
    marks = tuple(listing.marks[n] for n in kept) if listing.marks else ()
    gone = len(listing.rows) - len(kept)
    rows = tuple(listing.rows[n] for n in kept)
    return section._replace(
        listing=listing._replace(rows=rows, marks=marks, total=listing.total - gone)
    )


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
