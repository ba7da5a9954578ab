"""The picture of the README: the pipeline of the demo, as it looks on a Wednesday in March.

`python -m tests.picture` writes it to docs/pipeline.svg.
"""

from __future__ import annotations

import html
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).parent.parent / "docs" / "pipeline.svg"
_WIDTH = 104
_DAY = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


def drawn(folder: Path) -> str:
    """The picture; the demo's database is made in `folder`."""
    from crmcli.actions import demo
    from crmcli.actions.context import Context
    from crmcli.config import defaults
    from crmcli.output.how import How
    from crmcli.output.svg import svg
    from crmcli.queries.pipeline import pipeline
    from crmcli.store.location import Location
    from crmcli.values.base import Env

    env = Env(_DAY, UTC, "US", "USD", "MDY")
    ctx = Context(Location(folder / "demo.db", given=True), env, defaults(), "ada", "crm demo")
    demo.make(ctx)
    view = pipeline(ctx.reader, env, deals=True, limit=2, me="ada")
    ctx.close()
    return svg(view, How(env, tty=True), _WIDTH, "crm pipeline --deals")


def words(picture: str) -> list[str]:
    """What can be read in a picture, which does not depend on who drew it."""
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    return " ".join(html.unescape(text).replace("\xa0", " ") for text in texts).split()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        FILE.write_text(drawn(Path(name)), "utf-8")
