"""What follows from other values of a row: a full name from its parts, a domain from a home page,
the subject of a note from its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from crmcli.exchange import columns
from crmcli.exchange.layout import NAME_PARTS
from crmcli.exchange.rows import Points
from crmcli.values.base import Env
from crmcli.values.names import Name, join, split

Values = dict[str, Sequence[Any]]

NOBODY = {
    "contact": "names nobody: no name, e-mail, phone or profile",
    "company": "names no company: no name, domain or web page",
    "deal": "has no title",
    "activity": "has neither a subject nor a text",
    "task": "has no title",
}
"""Why a row of a record type is rejected that lacks what names a record."""


def derive(noun: str, found: Values, points: Sequence[Points], count: int, env: Env) -> Values:
    """The values of `count` rows of a record type, with those that follow from them."""
    return _DERIVE[noun](found, points, count, env)


# --- contacts


def _contact(found: Values, points: Sequence[Points], count: int, env: Env) -> Values:
    """The full name from its parts; the parts from the name where the file has no such columns."""
    blank: Sequence[Any] = (None,) * count
    parts = [found.get(part, blank) for part in NAME_PARTS]
    given = found.get("name", blank)
    if any(part in found for part in NAME_PARTS):
        names = [name or _joined(each) for name, *each in zip(given, *parts, strict=True)]
    else:
        split_names = [split(name) if name else _NO_NAME for name in given]
        names = [
            join(parts) if name and "," in name and parts.first and parts.last else name
            for name, parts in zip(given, split_names, strict=True)
        ]
        parts = [[name[place] or None for name in split_names] for place in range(len(NAME_PARTS))]
    found["name"] = [name or _reached(each) for name, each in zip(names, points, strict=True)]
    found.update(zip(NAME_PARTS, parts, strict=True))
    return found


_NO_NAME = Name()
_REACHED = ("email", "phone", "social", "url")


def _joined(parts: Sequence[str | None]) -> str:
    return join(Name(*(part or "" for part in parts)))


def _reached(points: Points) -> str | None:
    """What a contact without a name is called: how they are reached."""
    best = min(points, key=lambda point: _REACHED.index(point.part), default=None)
    return best.value if best else None


# --- companies


def _company(found: Values, points: Sequence[Points], count: int, env: Env) -> Values:
    """The domain from the home page where the file has no such column; the name from the domain."""
    if "domain" not in found:
        found["domain"] = [_page_domain(each) for each in points]
    names = found.get("name", (None,) * count)
    found["name"] = [
        name or domain or _reached(each)
        for name, domain, each in zip(names, found["domain"], points, strict=True)
    ]
    return found


def _page_domain(points: Points) -> str | None:
    page = next((point.value for point in points if point.part == "url" and point.valid), None)
    return columns.page_domain(page) if page else None


# --- deals, activities, tasks


def _deal(found: Values, points: Sequence[Points], count: int, env: Env) -> Values:
    for name in ("title", "stage_since", "closed_at"):
        found.setdefault(name, (None,) * count)
    return found


_SHORT = 80
_MARKUP = re.compile(r"</?(p|br|div|b|i|a|ul|ol|li|span|h\d|strong|em)\b[^<>]*>", re.IGNORECASE)


def _activity(found: Values, points: Sequence[Points], count: int, env: Env) -> Values:
    """Notes as plain text, whose first line is the subject where there is none; the time from
    when it was written down; what is still to come is planned."""
    blank: Sequence[Any] = (None,) * count
    texts = [_plain(text) for text in found.get("notes", blank)]
    if "notes" in found:
        found["notes"] = texts
    subjects = found.get("subject", blank)
    found["subject"] = [
        subject or _beginning(text) for subject, text in zip(subjects, texts, strict=True)
    ]
    times = zip(found.get("at", blank), found.get("created_at", blank), strict=True)
    found["at"] = [at or made for at, made in times]
    soon = columns.stored_moment(env._replace(now=env.now + timedelta(days=1)))
    planned = zip(found.get("planned", blank), found["at"], strict=True)
    found["planned"] = [int((at or "") > soon) if one is None else one for one, at in planned]
    return found


def _plain(text: str | None) -> str | None:
    """A text without the marks of a web page."""
    if not text or not _MARKUP.search(text):
        return text
    import html

    lines = re.sub(r"(?i)<(br|/p|/div|/li)\b[^<>]*>", "\n", text)
    bare = html.unescape(re.sub(r"<[^<>]*>", "", lines)).replace("\xa0", " ")
    return re.sub(r"\n{3,}", "\n\n", bare).strip() or None


def _beginning(text: str | None) -> str | None:
    line = text.strip().split("\n", 1)[0] if text else ""
    return line if len(line) <= _SHORT else line[: _SHORT - 1].rsplit(" ", 1)[0] + "…"


def _task(found: Values, points: Sequence[Points], count: int, env: Env) -> Values:
    """A task that was done at some time is done; one that is done was so at some time."""
    blank: Sequence[Any] = (None,) * count
    done = found.get("done_at", blank)
    states = found.get("status", blank)
    found.setdefault("title", blank)
    found.setdefault("due", blank)
    found["status"] = [
        "done" if when else state or "open" for state, when in zip(states, done, strict=True)
    ]
    now = columns.stored_moment(env)
    found["done_at"] = [
        when or (now if state == "done" else None)
        for state, when in zip(found["status"], done, strict=True)
    ]
    return found


_DERIVE: dict[str, Callable[[Values, Sequence[Points], int, Env], Values]] = {
    "contact": _contact, "company": _company, "deal": _deal, "activity": _activity, "task": _task,
}  # fmt: skip
