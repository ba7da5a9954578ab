"""`crm stage`: the order of the stages."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import option, words
from crmcli.cli.session import Act
from crmcli.errors import UsageError

Stage = Annotated[str, words("The stage.", "STAGE", "stages")]
Pipeline = Annotated[
    str | None,
    option("Another pipeline than the default one.", "--pipeline", metavar="NAME",
           source="value:pipeline.name"),
]  # fmt: skip


def order(
    names: Annotated[list[str], words("The stages, first to last.", "STAGE...", "stages")],
    pipeline: Pipeline = None,
) -> Act:
    """Put the stages of a pipeline in order.

    Stages that are not named follow in the order they had.
    """
    from crmcli.actions import stages

    return lambda s: stages.order(s.ctx, names, pipeline=pipeline)


def move(
    name: Stage,
    before: Annotated[
        str | None,
        option("The stage that is to follow.", "--before", metavar="STAGE", source="stages"),
    ] = None,
    after: Annotated[
        str | None,
        option("The stage that is to go first.", "--after", metavar="STAGE", source="stages"),
    ] = None,
    pipeline: Pipeline = None,
) -> Act:
    """Move one stage before or after another."""
    from crmcli.actions import stages

    if before is not None and after is None:
        return lambda s: stages.move(s.ctx, name, before, pipeline=pipeline)
    if after is not None and before is None:
        return lambda s: stages.move(s.ctx, name, after, after=True, pipeline=pipeline)
    raise UsageError("where to?", hint=f"crm stage move {name} --before STAGE, or --after STAGE")
