"""The order of the stages in a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli.actions.context import Context
from crmcli.actions.records import done as written
from crmcli.actions.refs import target
from crmcli.actions.rules import Stage, find_stage, stages
from crmcli.errors import NotFound, UsageError
from crmcli.results import Done

if TYPE_CHECKING:
    from crmcli.store.write import Writer


def order(ctx: Context, names: Sequence[str], *, pipeline: str | None = None) -> Done:
    """Put the named stages first, in this order; the others follow as they were.

    pipeline: a name or handle; None for the default one. Raises NotFound for a stage or pipeline
    that does not exist.
    """
    with ctx.writing() as writer:
        place = _pipeline_id(ctx, writer, pipeline)
        first = [find_stage(writer, name, place) for name in names]
        rest = [stage for stage in stages(writer, place) if stage not in first]
        lines = _arrange(writer, [*first, *rest])
    return written(writer, ctx, lines, [f"st{stage.id}" for stage in first])


def move(
    ctx: Context, name: str, other: str, *, after: bool = False, pipeline: str | None = None
) -> Done:
    """Move a stage before another one of its pipeline, or after it."""
    with ctx.writing() as writer:
        place = _pipeline_id(ctx, writer, pipeline)
        stage, anchor = find_stage(writer, name, place), find_stage(writer, other, place)
        if stage == anchor:
            raise UsageError("a stage cannot stand beside itself", hint="name two stages")
        rest = [each for each in stages(writer, place) if each != stage]
        rest.insert(rest.index(anchor) + int(after), stage)
        lines = _arrange(writer, rest)
    return written(writer, ctx, lines, [f"st{stage.id}"])


def _arrange(writer: Writer, ordered: Sequence[Stage]) -> list[str]:
    for position, stage in enumerate(ordered, 1):
        writer.update("stage", stage.id, {"position": position})
    return ["The stages are now " + ", ".join(stage.name for stage in ordered)]


def _pipeline_id(ctx: Context, writer: Writer, text: str | None) -> int:
    if text is not None:
        return target(ctx, writer, text, ("pipeline",)).id
    found = writer.scalar(
        "SELECT id FROM pipeline WHERE deleted_at IS NULL"
        " ORDER BY is_default DESC, position, id LIMIT 1"
    )
    if found is None:
        raise NotFound("there is no pipeline", hint="make one with: crm add-pipeline NAME")
    return int(found)
