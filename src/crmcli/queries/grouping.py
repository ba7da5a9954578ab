"""What a report counts and by what it groups.

Amounts are never added across currencies: what has an amount is grouped by currency as well, so a
group has a row for each. Months are those of the user's time zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.queries.attention import read_stages
from crmcli.queries.conditions import EVERYTHING, Sql
from crmcli.results import Column, Listing, Report
from crmcli.values.base import Money
from crmcli.values.calendar import DAY, add_months, midnight, moment_of, start_of

if TYPE_CHECKING:
    from crmcli.store.read import Rows
    from crmcli.values import Env
    from crmcli.values.calendar import Days

_FILLED_MONTHS = 60  # a longer period shows only the months in which something happened


class Ask(NamedTuple):
    """What a report was asked.

    where: a condition over `t`, the records counted. days: the period, None for all times.
    by: what to group by. limit: how many rows, 0 for all. pipelines: how many there are.
    owned: the condition over an activity `t` that it is of the owner asked for.
    """

    reader: Rows
    env: Env
    where: Sql
    days: Days | None
    by: str
    limit: int
    pipelines: int = 1
    owned: Sql = EVERYTHING

    def within(self, column: str, *, moments: bool = True) -> Sql:
        """The condition that `column`, of moments or of days, lies in the period."""
        if self.days is None:
            return Sql(f"{column} IS NOT NULL")
        low, high = self.days
        if moments:
            ends = [midnight(low, self.env.zone), midnight(high, self.env.zone)]
        else:
            ends = [low.isoformat(), high.isoformat()]
        return Sql(f"{column} >= ? AND {column} < ?", ends)


class Group(NamedTuple):
    """How rows are grouped: the SQL of the key over `t`, and of the label over the key `q.k`.

    none: the label of what has no key. timed: groups are in the order of their keys, not of their
    amounts. ranks: the order of the keys, where they have another.
    """

    key: Sql
    label: str
    none: str
    timed: bool = False
    ranks: dict[Any, int] | None = None


class Bundle(NamedTuple):
    """One row of a grouped query: the group, the currency, and the figures asked for."""

    key: Any
    label: str
    currency: str | None
    figures: tuple[Any, ...]


_NAMES = {
    "owner": ("t.owner_id", "app_user"),
    "source": ("t.source_id", "source"),
    "company": ("t.company_id", "company"),
    "pipeline": ("(SELECT s.pipeline_id FROM stage s WHERE s.id = t.stage_id)", "pipeline"),
}


def name_group(by: str) -> Group:
    """Groups by a record that `t` refers to: owner, source, company, pipeline."""
    key, table = _NAMES[by]
    return Group(Sql(key), f"(SELECT r.name FROM {table} r WHERE r.id = q.k)", f"no {by}")


def text_group(column: str, none: str) -> Group:
    """Groups by the text in a column of `t`."""
    return Group(Sql(f"t.{column}"), "q.k", none)


def stage_group(ask: Ask, key: str = "t.stage_id", none: str = "no stage") -> Group:
    """Groups by a stage; with several pipelines its name says of which it is."""
    name = "s.name" if ask.pipelines == 1 else "p.name || ': ' || s.name"
    label = f"(SELECT {name} FROM stage s JOIN pipeline p ON p.id = s.pipeline_id WHERE s.id = q.k)"
    ranks = {stage.id: place for place, stage in enumerate(read_stages(ask.reader))}
    return Group(Sql(key), label, none, ranks=ranks)


def month_group(ask: Ask, table: str, column: str) -> Group:
    """Groups by the month of a moment in `column`, as the user's clocks show it."""
    starts = _months(ask, table, column)
    if not starts:
        return Group(Sql(f"substr(t.{column}, 1, 7)"), "q.k", "no date", timed=True)
    cases = " ".join([f"WHEN t.{column} < ? THEN ?"] * (len(starts) - 1))
    params: list[Any] = []
    for first, after in pairwise(starts):
        params += [midnight(after, ask.env.zone), month_name(first)]
    sql = f"CASE {cases} ELSE ? END" if cases else "?"
    return Group(Sql(sql, [*params, month_name(starts[-1])]), "q.k", "no date", timed=True)


def month_name(day: date) -> str:
    """2026-03, a period as it can be typed."""
    return day.isoformat()[:7]


def _months(ask: Ask, table: str, column: str) -> list[date]:
    """The first days of the months of the period in which anything can have happened."""
    within = ask.within(f"t.{column}")
    row = ask.reader.row(
        f"SELECT min(t.{column}), max(t.{column}) FROM {table} t"
        f" WHERE t.deleted_at IS NULL AND {within.text}",
        within.params,
    )
    if row is None or row[0] is None:
        return []
    first, last = (moment_of(text).astimezone(ask.env.zone).date() for text in row)
    return month_starts(first, last + DAY)


def month_starts(low: date, high: date) -> list[date]:
    """The first day of each month that has days from `low` up to but without `high`."""
    found = []
    month = start_of(low, "month")
    while month < high:
        found.append(month)
        month = add_months(month, 1)
    return found


def bundles(
    ask: Ask, group: Group, figures: str, source: Sql, *, currency: str = "t.currency"
) -> list[Bundle]:
    """The grouped figures of `source` (what follows FROM), per group and currency.

    figures: SQL aggregates over `t`, a comma between them.
    """
    rows = ask.reader.rows(
        f"SELECT {group.label}, q.* FROM ("
        f"SELECT {group.key.text} AS k, {currency} AS c, {figures} FROM {source.text}"
        " GROUP BY 1, 2) q",
        [*group.key.params, *source.params],
    )
    return [
        Bundle(key, group.none if label is None else str(label), code, tuple(rest))
        for label, key, code, *rest in rows
    ]


def ordered(
    found: Sequence[Bundle], amount: Callable[[Bundle], float], group: Group
) -> list[Bundle]:
    """Groups by time, or those with the most in the main currency first; rows of one together."""
    main = main_currency(found)
    sizes: dict[Any, float] = {}
    for bundle in found:
        if bundle.currency == main:
            sizes[bundle.key] = sizes.get(bundle.key, 0) + amount(bundle)

    def place(bundle: Bundle) -> tuple[Any, ...]:
        if group.ranks is not None:
            rank: Any = group.ranks.get(bundle.key, len(group.ranks))
        else:
            rank = str(bundle.key or "~") if group.timed else -sizes.get(bundle.key, 0)
        code = bundle.currency or "~"
        return rank, bundle.key is None, bundle.label, str(bundle.key), code != main, code

    return sorted(found, key=place)


def main_currency(found: Sequence[Bundle]) -> str | None:
    """The currency of most rows that have one; of several, that of most that was counted."""
    codes = [bundle.currency for bundle in found if bundle.currency]
    counted: Counter[str] = Counter()
    for bundle in found:
        counted[bundle.currency or ""] += bundle.figures[0] or 0
    each = sorted(set(codes))
    return max(each, key=lambda code: (codes.count(code), counted[code]), default=None)


def with_empty_months(ask: Ask, found: list[Bundle], figures: tuple[Any, ...]) -> list[Bundle]:
    """With a row for each month without one, from the first that has one to the last of the period.

    So the bars keep their distances. Nothing is added to a period of many years.
    """
    seen = {bundle.label for bundle in found if bundle.key is not None}
    if not seen:
        return found
    end = ask.env.today + DAY
    if ask.days is not None:
        end = min(ask.days[1], end)
    months = [month_name(day) for day in month_starts(date.fromisoformat(f"{min(seen)}-01"), end)]
    if len(months) > _FILLED_MONTHS:
        return found
    main = main_currency(found)
    return [*found, *(Bundle(name, name, main, figures) for name in months if name not in seen)]


# --- cells


def amount(minor: float | None, currency: str | None) -> Money | None:
    """Minor units, rounded, with their currency; None when there is no amount."""
    return None if minor is None or currency is None else Money(round(minor), currency)


def average(total: float | None, count: int, currency: str | None) -> Money | None:
    """The mean amount; None of nothing."""
    return None if total is None or not count else amount(total / count, currency)


def share(part: int, whole: int) -> int | None:
    """`part` of `whole` in per cent, rounded half up; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None


def total_amount(cells: Iterable[Any]) -> Money | None:
    """The sum of amounts when all are of one currency; otherwise None."""
    amounts = [cell for cell in cells if isinstance(cell, Money)]
    codes = {cell.currency for cell in amounts}
    return Money(sum(cell.minor for cell in amounts), codes.pop()) if len(codes) == 1 else None


class Sheet(NamedTuple):
    """The body of a report: its columns, rows, bar and totals, before it is cut to a limit."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    bar: str = ""
    totals: tuple[Any, ...] = ()
    noun: str = "rows"


def heading(by: str) -> Column:
    """The column of the groups."""
    return Column(by, "text", by.replace("_", " ").capitalize())


def finish(sheet: Sheet, head: Report, limit: int) -> Report:
    """The report with as many rows as wanted; totals are over all."""
    shown = sheet.rows[:limit] if limit else sheet.rows
    codes = {cell.currency for row in sheet.rows for cell in row if isinstance(cell, Money)}
    note = "amounts in different currencies are not added up" if len(codes) > 1 else ""
    listing = Listing(
        sheet.noun, sheet.columns, tuple(shown), len(sheet.rows), head.listing.hint, note
    )
    return Report(
        head.name,
        head.title,
        head.definition,
        head.period,
        listing,
        bar=sheet.bar,
        totals=sheet.totals if len(sheet.rows) > 1 else (),
    )
