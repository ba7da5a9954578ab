"""`open`: a record's mail, phone or web page in the system's program for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Annotated

from crmcli.cli.arguments import ref, words
from crmcli.cli.guess import unknown
from crmcli.cli.session import Act, Session
from crmcli.errors import CrmError, NotFound
from crmcli.results import Done

SCHEMES = {"email": "mailto:", "phone": "tel:", "url": "", "social": ""}
WHAT = ("mail", "phone", "web", "social")
_SAID = {"web": "web page", "social": "social profile"}
_FIELDS = dict(zip(WHAT, SCHEMES, strict=True))
_FIRST = {"contact": ("email", "phone", "url", "social"),
          "company": ("url", "email", "phone", "social")}  # fmt: skip


def open(
    ref: Annotated[str, ref(nouns="contact,company")],
    what: Annotated[
        str | None,
        words("mail, phone, web or social; else the first there is.", "WHAT", choices=WHAT),
    ] = None,
) -> Act:
    """Open a record's mail, phone or web page.

    Prints the address as well, so that it can be copied where no program opens it.
    """
    if what is not None and what not in WHAT:
        raise unknown("thing to open", what, WHAT)
    return lambda session: _open(session, ref, what)


def _open(session: Session, ref: str, what: str | None) -> Done:
    noun, handle, points = _points_of(session, ref)
    names = (_FIELDS[what],) if what else _FIRST[noun]
    name = next((name for name in names if points.get(name)), None)
    if name is None:
        wanted = _SAID.get(what, what) if what else "mail, phone or web page"
        raise NotFound(
            f"{handle} has no {wanted}", hint=f"`crm edit {handle} {names[0]}=…` adds one"
        )
    address = SCHEMES[name] + points[name]
    launch(address)
    return Done(lines=(f"opened {address}",), records=(handle,), data={"address": address})


def _points_of(session: Session, ref: str) -> tuple[str, str, dict[str, str]]:
    """The noun and handle of what `ref` names, and by field the best value that works."""
    from crmcli.actions.refs import seen

    ctx = session.ctx
    found = seen(ctx, ctx.reader, ref, tuple(_FIRST))
    rows = ctx.reader.rows(
        f"SELECT kind, value FROM contact_point WHERE {found.noun}_id = ? AND valid = 1"
        " AND deleted_at IS NULL ORDER BY is_primary, id DESC",
        (found.id,),
    )
    return found.noun, found.handle, dict(rows)


def launch(address: str) -> None:
    """Hand an address to the system's program for it. CrmError when there is none."""
    if sys.platform == "win32":
        os.startfile(address)  # noqa: S606
        return
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        raise CrmError(f"there is no program here that opens {address}", hint="install xdg-utils")
    # `--` is not understood by either; no address starts with a dash, as each has a scheme
    done = subprocess.run(
        [opener, address], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        raise CrmError(f"{opener} could not open {address}")
