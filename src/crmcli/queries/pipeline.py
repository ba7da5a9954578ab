"""The pipeline screen: for each stage how many deals, what they are worth, what is stuck.

Stages of type open and on hold show what is in them now. Won and lost stages show what was closed
in the last 90 days: sums of all times only grow and say nothing about today. The total is over the
open stages. Weighted means each value times the deal's own probability, else that of its stage.

One pass over an index that holds everything it needs (`ix_deal_board`), whatever the number of
deals; deals without an open task are counted by taking those with one from all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from crmcli.queries.attention import Marked, Stage, marked_deals, read_stages
from crmcli.queries.scope import choose_pipeline, described, filtered
from crmcli.results import PipelineView, StageLine
from crmcli.values.base import Money
from crmcli.values.calendar import midnight
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crmcli.queries.conditions import Sql
    from crmcli.store.read import Rows
    from crmcli.values import Env

CLOSED_DAYS = 90
"""How many days back the won and lost stages look."""

# `deal` is scanned by stage; every column here is in ix_deal_board.
STAGE_SQL = """
SELECT t.currency, count(*), sum(t.value),
  sum(t.value) FILTER (WHERE t.probability IS NULL), sum(t.value * t.probability),
  count(*) FILTER (WHERE t.stage_since <= ?), count(*) FILTER (WHERE t.expected_close < ?)
FROM deal t WHERE t.deleted_at IS NULL AND t.stage_id = ? AND {where}
GROUP BY t.currency"""

# Grouped by expressions, because in the order of ix_deal_board it would read all closed deals.
CLOSED_SQL = """
SELECT t.stage_id + 0, coalesce(t.currency, ''), count(*), sum(t.value)
FROM deal t WHERE t.deleted_at IS NULL AND t.closed_at >= ? AND {where}
GROUP BY 1, 2"""

BUSY_SQL = """
SELECT t.stage_id, count(*) FROM (
  SELECT DISTINCT k.deal_id FROM task k
  WHERE k.status = 'open' AND k.deal_id > 0 AND k.deleted_at IS NULL
) b CROSS JOIN deal t
WHERE t.id = b.deal_id AND t.deleted_at IS NULL AND {where}
GROUP BY 1"""


class _Sums(NamedTuple):
    """What one stage holds in one currency; amounts in minor units, weighted times 100."""

    currency: str | None
    deals: int
    value: int | None
    weighted: int = 0
    rotting: int = 0
    late: int = 0


def pipeline(
    reader: Rows,
    env: Env,
    words: Sequence[str] = (),
    *,
    pipeline: str | None = None,
    owner: str | None = None,
    where: str | None = None,
    deals: bool = False,
    me: str = "",
    limit: int = 10,
) -> PipelineView:
    """The pipeline called `pipeline`, or the default one.

    words, where, owner: which deals to count. deals: also list up to `limit` of each stage that
    is not closed (0 for all), those that need attention first. Raises what reading the query and
    finding the pipeline raise.
    """
    shown, others = choose_pipeline(reader, env, pipeline)
    stages = read_stages(reader, shown.id)
    condition = filtered(reader, env, "deal", owner=owner, words=words, where=where, me=me)
    lines = _stage_lines(reader, env, stages, condition)
    if deals:
        lines = [
            line
            if stage.type in ("won", "lost")
            else _with_deals(line, *marked_deals(reader, env, [stage], condition, limit=limit))
            for stage, line in zip(stages, lines, strict=True)
        ]
    typed = sort_key(" ".join(words))
    meant = next((each.name for each in others if sort_key(each.name) == typed), "")
    is_filtered = bool(described(owner, words, where))
    return PipelineView(
        name=shown.name,
        stages=tuple(lines),
        total=_total(line for line in lines if line.type == "open"),
        with_deals=deals,
        filtered=described(owner, words, where),
        others=tuple(other.name for other in others),
        hint=_hint(lines, filtered=is_filtered, meant=meant),
    )


def _hint(lines: Sequence[StageLine], *, filtered: bool, meant: str) -> str:
    """What to do next. meant: another pipeline, whose name was typed as a query."""
    if meant and not any(line.number for line in lines if line.type not in ("won", "lost")):
        from shlex import quote

        return f"`crm pipeline --pipeline {quote(meant)}` shows the pipeline of that name"
    if any(line.number for line in lines):
        return f"won and lost: closed in the last {CLOSED_DAYS} days"
    if filtered:
        return "no deals match; leave out the filter to see all"
    return 'no deals yet; `crm add-deal "TITLE" --value 12k --company NAME` adds one'


def _stage_lines(reader: Rows, env: Env, stages: Sequence[Stage], where: Sql) -> list[StageLine]:
    closed = _closed_sums(reader, env, stages, where)
    busy = dict(reader.rows(BUSY_SQL.format(where=where.text), where.params))
    return [
        _line(stage, closed[stage.id], 0)
        if stage.id in closed
        else _line(stage, _open_sums(reader, env, stage, where), busy.get(stage.id, 0))
        for stage in stages
    ]


def _open_sums(reader: Rows, env: Env, stage: Stage, where: Sql) -> list[_Sums]:
    today = env.today.isoformat() if stage.type == "open" else ""
    params = [stage.rotten(env), today, stage.id, *where.params]
    return [
        _Sums(currency, count, total, (bare or 0) * stage.probability + (own or 0), *stuck)
        for currency, count, total, bare, own, *stuck in reader.rows(
            STAGE_SQL.format(where=where.text), params
        )
    ]


def _closed_sums(
    reader: Rows, env: Env, stages: Sequence[Stage], where: Sql
) -> dict[int, list[_Sums]]:
    """What the won and lost stages received lately, by stage."""
    found: dict[int, list[_Sums]] = {
        stage.id: [] for stage in stages if stage.type in ("won", "lost")
    }
    since = midnight(env.today - timedelta(days=CLOSED_DAYS), env.zone)
    for stage, currency, count, total in reader.rows(
        CLOSED_SQL.format(where=where.text), [since, *where.params]
    ):
        if stage in found:
            found[stage].append(_Sums(currency, count, total))
    return found


def _line(stage: Stage, parts: Sequence[_Sums], busy: int) -> StageLine:
    count = sum(part.deals for part in parts)
    sums = _amounts((part.currency, part.value) for part in parts)
    return StageLine(
        name=stage.name,
        type=stage.type,
        probability=stage.probability,
        number=count,
        sums=sums,
        weighted=()
        if stage.type in ("won", "lost")
        else _beside(
            sums,
            (
                (part.currency, None if part.value is None else percent(part.weighted))
                for part in parts
            ),
        ),
        rotting=sum(part.rotting for part in parts),
        late=sum(part.late for part in parts),
        idle=count - busy if stage.type == "open" else 0,
    )


def percent(hundredfold: int) -> int:
    """A hundredth, rounded half up."""
    return (hundredfold + 50) // 100


def _amounts(pairs: Iterable[tuple[str | None, int | None]]) -> tuple[Money, ...]:
    """One amount per currency, the largest first."""
    found: dict[str, int] = {}
    for currency, minor in pairs:
        if minor is not None and currency:
            found[currency] = found.get(currency, 0) + minor
    return tuple(
        Money(found[currency], currency)
        for currency in sorted(found, key=lambda code: (-found[code], code))
    )


def _beside(
    sums: Sequence[Money], pairs: Iterable[tuple[str | None, int | None]]
) -> tuple[Money, ...]:
    """One amount per currency, in the order of the sums that they are shown beside."""
    order = {money.currency: place for place, money in enumerate(sums)}
    return tuple(sorted(_amounts(pairs), key=lambda money: order[money.currency]))


def _total(lines: Iterable[StageLine]) -> StageLine:
    parts = list(lines)
    sums = _amounts((money.currency, money.minor) for part in parts for money in part.sums)
    return StageLine(
        name="Open",
        type="open",
        probability=0,
        number=sum(part.number for part in parts),
        sums=sums,
        weighted=_beside(
            sums, ((money.currency, money.minor) for part in parts for money in part.weighted)
        ),
        rotting=sum(part.rotting for part in parts),
        late=sum(part.late for part in parts),
        idle=sum(part.idle for part in parts),
    )


def _with_deals(line: StageLine, found: Sequence[Marked], total: int) -> StageLine:
    return line._replace(deals=tuple(deal.line for deal in found), more=total - len(found))
