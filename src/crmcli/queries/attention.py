"""Deals that need attention, for the pipeline screen and `today`.

A deal is *rotting* when it has been in its stage for the stage's `rot_days` or longer, *late* when
its expected close has passed, and has *no next step* when no open task concerns it. Rotting is
looked at where a stage says after how many days, the other two in stages of type `open` only: a
deal on hold waits on purpose.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.results import DealLine
from crmcli.values.base import Money
from crmcli.values.calendar import moment_of, moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.queries.conditions import Sql
    from crmcli.store.read import Rows
    from crmcli.values import Env

ROTTING, LATE, IDLE = MARKS = ("rotting", "late", "no next step")
"""The words by which a deal is marked, the gravest last."""

_NEXT = (
    "FROM task k WHERE k.status = 'open' AND k.deal_id = t.id AND k.deleted_at IS NULL"
    " ORDER BY k.due IS NULL, k.due, k.id LIMIT 1"
)
_IDLE = (
    "NOT EXISTS (SELECT 1 FROM task k"
    " WHERE k.status = 'open' AND k.deal_id = t.id AND k.deleted_at IS NULL)"
)
_ORDER = "q.rotting + q.late + q.idle DESC, q.expected_close IS NULL, q.expected_close, q.id"


class Stage(NamedTuple):
    """A stage, in the order of its pipeline."""

    id: int
    name: str
    type: str
    probability: int
    rot_days: int | None
    pipeline_id: int
    position: int

    def rotten(self, env: Env) -> str:
        """The moment before which a deal must have entered to be rotting; "" when none does."""
        if self.rot_days is None or self.type not in ("open", "on hold"):
            return ""
        try:
            return moment_text(env.now - timedelta(days=self.rot_days))
        except OverflowError:  # rots after thousands of years
            return ""


class Marked(NamedTuple):
    """A deal with its marks, as the pipeline screen shows it, and the name of its stage."""

    line: DealLine
    stage: str


def read_stages(reader: Rows, pipeline_id: int | None = None) -> list[Stage]:
    """The stages of one pipeline, or of all, in their order."""
    rows = reader.rows(
        "SELECT s.id, s.name, s.type, s.probability, s.rot_days, s.pipeline_id, s.position"
        " FROM stage s JOIN pipeline p ON p.id = s.pipeline_id"
        " WHERE s.deleted_at IS NULL AND p.deleted_at IS NULL"
        f"{'' if pipeline_id is None else ' AND s.pipeline_id = ?'}"
        " ORDER BY p.position, p.id, s.position, s.id",
        () if pipeline_id is None else (pipeline_id,),
    )
    return [Stage(*row) for row in rows]


def marked_deals(
    reader: Rows,
    env: Env,
    stages: Sequence[Stage],
    where: Sql,
    *,
    limit: int,
    only_marked: bool = False,
) -> tuple[list[Marked], int]:
    """Deals in `stages`, those with the most marks and the nearest close first; and their number.

    where: a condition over `t`. limit: how many at most, 0 for all.
    """
    if not stages:
        return [], 0
    inner, params = _marks(env, stages, where)
    chosen = "WHERE m.rotting + m.late + m.idle > 0" if only_marked else ""
    found = (
        f"SELECT m.*, count(*) OVER () AS total FROM ({inner}) m {chosen}"
        f" ORDER BY {_ORDER.replace('q.', 'm.')}"
    )
    rows = reader.rows(
        "SELECT q.total, q.rotting, q.late, q.idle, t.id, t.title, t.value, t.currency,"
        " (SELECT c.name FROM company c WHERE c.id = t.company_id),"
        " (SELECT u.name FROM app_user u WHERE u.id = t.owner_id),"
        f" t.stage_since, t.expected_close, (SELECT k.title {_NEXT}), (SELECT k.due {_NEXT}),"
        " (SELECT s.name FROM stage s WHERE s.id = t.stage_id)"
        f" FROM ({found}{' LIMIT ?' if limit else ''}) q JOIN deal t ON t.id = q.id"
        f" ORDER BY {_ORDER}",
        [*params, limit] if limit else params,
    )
    return [_marked(row, env) for row in rows], rows[0][0] if rows else 0


def _marks(env: Env, stages: Sequence[Stage], where: Sql) -> tuple[str, list[Any]]:
    """A query of the deals in `stages` with a 1 or 0 for each mark."""
    rotten = [(stage.id, stage.rotten(env)) for stage in stages if stage.rotten(env)]
    rotting = " OR ".join(["t.stage_id = ? AND t.stage_since <= ?"] * len(rotten)) or "1 = 0"
    running = [stage.id for stage in stages if stage.type == "open"]
    is_open = f"t.stage_id IN ({placeholders(running)})" if running else "1 = 0"
    sql = (
        "SELECT t.id, t.expected_close,"
        f" CASE WHEN {rotting} THEN 1 ELSE 0 END AS rotting,"
        f" CASE WHEN {is_open} AND t.expected_close < ? THEN 1 ELSE 0 END AS late,"
        f" CASE WHEN {is_open} AND {_IDLE} THEN 1 ELSE 0 END AS idle"
        f" FROM deal t WHERE t.deleted_at IS NULL AND t.stage_id IN ({placeholders(stages)})"
        f" AND {where.text}"
    )
    params = [value for pair in rotten for value in pair]
    params += [*running, env.today.isoformat(), *running]
    return sql, [*params, *(stage.id for stage in stages), *where.params]


def placeholders(items: Sequence[Any]) -> str:
    """A placeholder for each of `items`."""
    return ", ".join("?" * len(items))


def _marked(row: Sequence[Any], env: Env) -> Marked:
    flags, (deal, title, minor, currency, company, owner, since, close, step, due, stage) = (
        row[1:4],
        row[4:],
    )
    line = DealLine(
        handle=f"d{deal}",
        title=title,
        company=company,
        value=money(minor, currency),
        owner=owner,
        age=max((env.today - moment_of(since).astimezone(env.zone).date()).days, 0),
        expected_close=close,
        next_step=step,
        next_due=due,
        marks=tuple(mark for mark, is_set in zip(MARKS, flags, strict=True) if is_set),
    )
    return Marked(line, stage)


def money(minor: int | None, currency: str | None) -> Money | None:
    """An amount out of its two columns; None when there is none."""
    return None if minor is None or currency is None else Money(minor, currency)
