"""A screen as a picture, for the README and the docs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from crmcli.output import lines

if TYPE_CHECKING:
    from crmcli.output.how import How
    from crmcli.results import Result


def svg(result: Result, how: How, width: int, title: str) -> str:
    """The SVG of a terminal `width` cells wide that shows `result` in colour, titled `title`.

    The same result gives the same picture, byte by byte.
    """
    from rich.console import Console
    from rich.text import Text

    how = how._replace(format="table", width=width, color=True, tty=True, ascii=False)
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi("\n".join(lines(result, how))), soft_wrap=True)
    return console.export_svg(title=title, unique_id="crm")
