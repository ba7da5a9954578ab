"""Reports on what was decided: won, lost, velocity, leaderboard. See `crmcli.queries.reports`."""

from __future__ import annotations

from typing import Any, NamedTuple

from crmcli.queries.conditions import Sql
from crmcli.queries.grouping import (
    Ask,
    Bundle,
    Group,
    Sheet,
    amount,
    average,
    bundles,
    heading,
    month_group,
    name_group,
    ordered,
    share,
    stage_group,
    text_group,
    total_amount,
    with_empty_months,
)
from crmcli.results import Column
from crmcli.store.dialect import days_between
from crmcli.values.base import Money

_DEALS = Column("deals", "integer", "Deals")
_VALUE = Column("value", "money", "Value")
_AVERAGE = Column("average", "money", "Average", 2)
_WIN_RATE = Column("win_rate", "percent", "Win rate", 1)

_CYCLE = days_between("t.created_at", "t.closed_at")
_FIGURES = (
    "count(*) FILTER (WHERE s.type = 'won'), sum(t.value) FILTER (WHERE s.type = 'won'),"
    " count(t.value) FILTER (WHERE s.type = 'won'),"
    " count(*) FILTER (WHERE s.type = 'lost'), sum(t.value) FILTER (WHERE s.type = 'lost'),"
    f" sum({_CYCLE}) FILTER (WHERE s.type = 'won')"
)
_LOST_FROM = (
    "(SELECT c.from_id FROM stage_change c WHERE c.deal_id = t.id AND c.stage_id = t.stage_id"
    " AND c.deleted_at IS NULL ORDER BY c.at DESC, c.id DESC LIMIT 1)"
)


class Closed(NamedTuple):
    """Deals of one group and currency that were closed; amounts in minor units.

    valued: won deals that have a value. cycle: days from making to winning, of all won together.
    """

    won: int
    won_value: int | None
    valued: int
    lost: int
    lost_value: int | None
    cycle: float | None

    @property
    def win_rate(self) -> int | None:
        """Won of all closed, in per cent."""
        return share(self.won, self.won + self.lost)


_NOTHING = Closed(0, 0, 0, 0, 0, None)


def _group(ask: Ask) -> Group:
    match ask.by:
        case "month":
            return month_group(ask, "deal", "closed_at")
        case "reason":
            return text_group("lost_reason", "no reason")
        case "stage":
            return stage_group(ask, _LOST_FROM)
        case _:
            return name_group(ask.by)


def _closed(ask: Ask, group: Group) -> list[Bundle]:
    """The closed deals of the period; the figures of a bundle are a `Closed`."""
    within = ask.within("t.closed_at")
    source = Sql(
        "deal t JOIN stage s ON s.id = t.stage_id WHERE t.deleted_at IS NULL"
        f" AND s.type IN ('won', 'lost') AND {within.text} AND {ask.where.text}",
        [*within.params, *ask.where.params],
    )
    found = bundles(ask, group, _FIGURES, source)
    return [bundle._replace(figures=Closed(*bundle.figures)) for bundle in found]


def _sum(found: list[Bundle]) -> Closed:
    """The counts of several bundles together; amounts are left out."""
    closed = [Closed(*bundle.figures) for bundle in found]
    cycle = sum(part.cycle or 0 for part in closed)
    won, lost = sum(part.won for part in closed), sum(part.lost for part in closed)
    return Closed(won, None, sum(part.valued for part in closed), lost, None, cycle)


def won(ask: Ask) -> Sheet:
    """Deals won per group: number, amount, average, win rate."""
    group = _group(ask)
    every = _closed(ask, group)
    found = [bundle for bundle in every if ask.by == "month" or bundle.figures[0]]
    if ask.by == "month":
        found = with_empty_months(ask, found, _NOTHING)
    rows = [
        (
            bundle.label,
            done.won,
            _won_value(done, bundle),
            average(done.won_value, done.valued, bundle.currency),
            done.win_rate,
        )
        for bundle in ordered(found, lambda bundle: bundle.figures[1] or 0, group)
        for done in [Closed(*bundle.figures)]
    ]
    total = _sum(every)
    value = total_amount(row[2] for row in rows)
    mean = average(value.minor, total.valued, value.currency) if value else None
    columns = (heading(ask.by), _DEALS, _VALUE, _AVERAGE, _WIN_RATE)
    return Sheet(columns, rows, "value", ("Total", total.won, value, mean, total.win_rate))


def _won_value(done: Closed, bundle: Bundle) -> Money | None:
    """The sum of what was won: nothing at all is an amount, deals without one are not."""
    return amount(done.won_value if done.won else 0, bundle.currency)


def lost(ask: Ask) -> Sheet:
    """Deals lost per group: number, amount, share of all that were lost."""
    group = _group(ask)
    found = [bundle for bundle in _closed(ask, group) if bundle.figures[3]]
    total = _sum(found).lost
    if ask.by == "month":
        found = with_empty_months(ask, found, _NOTHING)
    rows = [
        (
            bundle.label,
            gone.lost,
            amount(gone.lost_value, bundle.currency),
            share(gone.lost, total),
        )
        for bundle in ordered(found, lambda bundle: bundle.figures[3], group)
        for gone in [Closed(*bundle.figures)]
    ]
    columns = (heading(ask.by), _DEALS, _VALUE, Column("share", "percent", "Share", 1))
    totals = ("Total", total, total_amount(row[2] for row in rows), share(total, total))
    return Sheet(columns, rows, "deals", totals)


def velocity(ask: Ask) -> Sheet:
    """What the pipeline earns in a day, per group and currency."""
    group = name_group(ask.by)
    closed = {(b.key, b.currency): b for b in _closed(ask, group)}
    source = Sql(
        "deal t JOIN stage s ON s.id = t.stage_id"
        f" WHERE t.deleted_at IS NULL AND s.type = 'open' AND {ask.where.text}",
        ask.where.params,
    )
    running = {(b.key, b.currency): b for b in bundles(ask, group, "count(*)", source)}
    every = {**running, **closed}
    rows = [
        _velocity_row(
            bundle,
            running[place].figures[0] if (place := (bundle.key, bundle.currency)) in running else 0,
            Closed(*closed[place].figures) if place in closed else _NOTHING,
        )
        for bundle in ordered(list(every.values()), lambda bundle: bundle.figures[0], group)
        if bundle.currency is not None
    ]
    columns = (
        heading(ask.by),
        Column("open", "integer", "Open deals"),
        _WIN_RATE,
        Column("average", "money", "Average won"),
        Column("cycle", "number", "Cycle, days"),
        Column("velocity", "money", "Per day"),
    )
    return Sheet(columns, rows, "velocity")


def _velocity_row(bundle: Bundle, running: int, done: Closed) -> tuple[Any, ...]:
    mean = average(done.won_value, done.valued, bundle.currency)
    cycle = done.cycle / done.won if done.won and done.cycle is not None else None
    speed = None
    if mean is not None and cycle is not None:
        rate = done.won / (done.won + done.lost)
        # A deal that is won on the day it is made took a day, not no time.
        speed = amount(running * rate * mean.minor / max(cycle, 1), bundle.currency)
    days = None if cycle is None else round(cycle, 1)
    return bundle.label, running, done.win_rate, mean, days, speed


def leaderboard(ask: Ask) -> Sheet:
    """Who won how much, who lost, who was active."""
    group = name_group("owner")
    within = ask.within("t.at")
    active = dict(
        ask.reader.rows(
            "SELECT t.owner_id, count(*) FROM activity t WHERE t.deleted_at IS NULL"
            f" AND t.planned = 0 AND {within.text} AND {ask.owned.text} GROUP BY t.owner_id",
            [*within.params, *ask.owned.params],
        )
    )
    found = _closed(ask, group)
    seen = {bundle.key for bundle in found}
    names = dict(ask.reader.rows("SELECT id, name FROM app_user"))
    found += [
        Bundle(user, names.get(user, group.none), None, _NOTHING)
        for user in active
        if user not in seen
    ]
    rows = []
    counted: set[Any] = set()
    for bundle in ordered(found, lambda bundle: bundle.figures[1] or 0, group):
        done = Closed(*bundle.figures)
        # Activities have no currency: they stand in the first row of their owner only.
        acts = None if bundle.key in counted else active.get(bundle.key, 0)
        counted.add(bundle.key)
        value = _won_value(done, bundle)
        rows.append((bundle.label, done.won, value, done.lost, done.win_rate, acts))
    columns = (
        heading("owner"),
        Column("won", "integer", "Won"),
        _VALUE,
        Column("lost", "integer", "Lost", 2),
        _WIN_RATE,
        Column("activities", "integer", "Activities", 3),
    )
    total = _sum(found)
    value = total_amount(row[2] for row in rows)
    totals = ("Total", total.won, value, total.lost, total.win_rate, sum(active.values()))
    return Sheet(columns, rows, "value", totals)
