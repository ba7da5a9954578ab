"""How a program's export files are declared.

A `System` says by which column names its files are told from others, which record type a file
holds, and what each column becomes. A declaration is a text of lines `Header = target`. Targets:

    field, field.label, field 2     a value of the field, with a label, the second of its kind
    street house                    the number of the house in the street
    field label, currency           what stands beside a value: its label, its currency
    id, id.note                     the program's own id of the record; of a note, where notes are
                                    counted by themselves
    company id, contact id, …       the program's id of the record that the field refers to
    opt_out                         yes means: must not be contacted; no means nothing
    deleted                         yes: the row is left out
    -                               known, and not imported

Of two columns for one value the one that is declared first is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from crmcli.values.text import sort_key

_TOKENS = re.compile(r"[^\W\d_]+|\d+")
_LONGEST_NAME = 100

NOTE = "note"
"""A file of notes, which become activities, but whose columns mean other things."""

Header = frozenset[str]
Columns = Mapping[str, str]


class System(NamedTuple):
    """A program whose files are recognised.

    name: under which ids are kept; title: for people. noun: which record type a file with these
    column names holds, "" where it is not a file of this program. columns: by record type, what
    each column becomes, by its squashed name. several: what separates the values of one cell.
    """

    name: str
    title: str
    noun: Callable[[Header], str]
    columns: Mapping[str, Columns]
    several: str = ""

    def target(self, noun: str, header: str) -> str:
        """What the column becomes; "" where the program is not known to have it."""
        return self.columns.get(noun, {}).get(squash(header), "")

    def rank(self, noun: str, header: str) -> int:
        """The place of a column in its declaration; the last where it has none."""
        known = self.columns.get(noun, {})
        name = squash(header)
        return list(known).index(name) if name in known else len(known)


def squash(text: str) -> str:
    """A header without case, accents, spaces and punctuation: `E-Mail Address*` is emailaddress."""
    return "".join(tokens(text))


def tokens(text: str) -> list[str]:
    """The words and numbers of a header."""
    return _TOKENS.findall(sort_key(text[:_LONGEST_NAME]))


def declared(*texts: str) -> dict[str, str]:
    """Lines of `Header = target` as a mapping from squashed names."""
    found: dict[str, str] = {}
    for line in "\n".join(texts).splitlines():
        header, equals, target = line.rpartition("=")
        if equals:
            found.setdefault(squash(header), target.strip())
    return found


def names(header: Header) -> frozenset[str]:
    """The squashed names of a header."""
    return frozenset(map(squash, header))
