"""Beginnings: init, demo."""

from __future__ import annotations

from typing import Any

from crmcli.cli.session import Act, Session
from crmcli.results import Done


def init() -> Act:
    """Make an empty database.

    The first record that is added makes it as well.
    """
    from crmcli.actions import household

    return lambda s: household.init(s.ctx)


def demo() -> Act:
    """Fill a separate database with an example team.

    It is made anew each time, in a place of its own; your own database is not touched.
    """
    return _demo


_NEXT = (
    "Look around with `--db demo` after any command, or set CRM_DB=demo:",
    "  crm --db demo pipeline --deals     the deals of each stage",
    "  crm --db demo contacts tag:vip     a list; any field filters",
    "  crm --db demo show c1              all about one customer",
    "  crm --db demo report won --by owner",
    'Then your own: crm add-contact "Ada Lovelace" --email ada@acme.com --company Acme',
)


def _demo(session: Session) -> list[Any]:
    from crmcli.actions import demo
    from crmcli.cli.screens import show_pipeline, show_today
    from crmcli.store.location import locate

    ctx = session.ctx
    if not session.given.get("db"):  # CRM_DB and the setting name the user's own database
        ctx.location = locate("demo")
    made = demo.make(ctx)
    return [made, show_pipeline(session), show_today(session), Done(lines=("", *_NEXT))]
