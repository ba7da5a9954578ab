"""What was changed, and taking it back: history, undo, redo."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import option, refs, words
from crmcli.cli.selection import select
from crmcli.cli.session import Act


def history(
    refs: Annotated[list[str] | None, refs(metavar="[REF]...")] = None,
    field: Annotated[
        str | None, option("Only this field, and where its values come from.", "--field")
    ] = None,
) -> Act:
    """Show who changed what and when.

    Without a REF, all changes are listed. Each has a handle such as h412, which `crm undo` takes.
    """
    from crmcli.actions import journal

    return lambda s: journal.history(s.ctx, select(s, refs or []), s.limit, field=field)


Handle = Annotated[
    str | None, words("A change (h412) or an import (i3); else your own last.", "HANDLE")
]


def undo(handle: Handle = None) -> Act:
    """Take back your last change, or a given one.

    A field that was changed again since keeps its value and is named; a record that has been used
    since is kept. `crm redo` does again what was taken back.
    """
    from crmcli.actions import journal

    return lambda s: journal.undo(s.ctx, handle)


def redo(handle: Handle = None) -> Act:
    """Do again what was taken back."""
    from crmcli.actions import journal

    return lambda s: journal.redo(s.ctx, handle)
