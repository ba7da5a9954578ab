"""What people type to set a field.

title=Countess          set; `title=` clears
email+=ada@home.org     add one of many; adds a line to notes
email-=ada@home.org     take one of many away
email.work=ada@acme.com set the one with this label
"""

from __future__ import annotations

import re
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.values.base import quote

_SHAPE = re.compile(r"([^\W\d](?:[\w-]*\w)?)(?:\.([^=+]+?))?(\+=|-=|=)(.*)", re.DOTALL)


class Assign(NamedTuple):
    """One assignment: the field's name, `=`, `+=` or `-=`, a label, and the text."""

    field: str
    op: str
    label: str | None
    text: str

    @property
    def shown(self) -> str:
        """The assignment as it would be typed."""
        label = f".{self.label}" if self.label else ""
        return f"{self.field}{label}{self.op}{self.text}"


def is_assign(word: str) -> bool:
    """Whether a word of the command line is an assignment."""
    return _SHAPE.fullmatch(word) is not None


def read_assign(word: str) -> Assign:
    """Read an assignment; raises UsageError when it is none."""
    match = _SHAPE.fullmatch(word)
    if match is None:
        raise UsageError(
            f"cannot read {quote(word)} as an assignment",
            hint="write field=value, for example title=CTO",
        )
    name, label, op, text = match.groups()
    return Assign(name.replace("-", "_").lower(), op, label, text)


def setting(field: str, text: str, label: str | None = None) -> Assign:
    """The assignment `field=text`."""
    return Assign(field, "=", label, text)
