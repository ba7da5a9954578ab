"""Handles, one on a line, for xargs and for `-`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli.errors import UsageError
from crmcli.output.text import harmless
from crmcli.results import (
    Cards,
    Checkup,
    Done,
    Dupes,
    ImportSummary,
    Listing,
    PipelineView,
    Report,
    Screen,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmcli.results import Result

_NONE, _INSTEAD = "these rows have no handles", "use another --format, such as json"


def lines(result: Result) -> Iterator[str]:
    """The handles of a result. Raises UsageError when its rows have none."""
    if isinstance(result, Done):
        return iter(result.records)
    if isinstance(result, PipelineView):
        return (deal.handle for stage in result.stages for deal in stage.deals)
    if isinstance(result, Cards):
        return (card.handle for card in result.cards)
    if isinstance(result, Screen) and result.handle:
        return iter([result.handle])
    if isinstance(result, Screen):
        parts = [section.listing for section in result.sections if section.listing.rows]
        return (handle for part in parts for handle in _handles(part))
    if isinstance(result, Dupes):
        from crmcli.output import dupes

        return dupes.handles(result)
    if isinstance(result, (Checkup, ImportSummary)):
        raise UsageError(_NONE, hint=_INSTEAD)
    return _handles(result.listing if isinstance(result, Report) else result)


def _handles(listing: Listing) -> Iterator[str]:
    for index, column in enumerate(listing.columns):
        if column.name == "handle":
            return (harmless(str(row[index])) for row in listing.rows)
    raise UsageError(_NONE, hint=_INSTEAD)
