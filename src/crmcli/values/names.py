"""Names of people: into their parts, and together again.

The full name is stored as it was typed; the parts serve greeting, sorting and matching.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from crmcli.values.base import Kind, words
from crmcli.values.text import check_text, match_key, parse_text

_WORD = r"[A-Za-zÀ-ɏͰ-ϿЀ-ӿḀ-ỿ]{2,}(?:['’-][A-Za-zÀ-ɏͰ-ϿЀ-ӿḀ-ỿ]+)*"
_TWO_WORDS = rf"({_WORD}) ({_WORD})"
# Words that make "two words" something else than a first and a last name.
_NOT_PLAIN = words("""
    dr mr mrs ms mx miss sir dame lord lady prof professor rev fr hon herr frau monsieur madame
    mme mlle señor señora don doña dona sig signor signora capt captain col colonel gen general lt
    maj major sgt sergeant judge president senator king queen prince princess sheikh imam rabbi
    brother sister father mother uncle aunt count baron doctor jr sr ii iii iv vi vii phd md esq dds
    mba cpa jd ma ba bsc msc van von de der den del della di da du la le el al bin ibn ben abu abdul
    st san santa dos das do ter ten af av zu zum zur y and und et
    """)
_LONGEST = 200


class Name(NamedTuple):
    """The parts of a person's name, each "" when there is none."""

    prefix: str = ""
    first: str = ""
    middle: str = ""
    last: str = ""
    suffix: str = ""
    nickname: str = ""


def split(text: str) -> Name:
    """The parts of a full name; "Last, First", titles and particles are understood.

    A single word is a first name. What is too long for a name is kept whole as the first name.
    """
    full = " ".join(text.split())
    match = re.fullmatch(_TWO_WORDS, full)
    if match and not any(word.lower() in _NOT_PLAIN for word in match.groups()):
        return Name(first=match[1], last=match[2])
    if " " not in full or len(full) > _LONGEST:
        return Name(first=full)
    return _split_rest(full)


def _split_rest(full: str) -> Name:
    from nameparser import parse

    parts = parse(full)
    name = Name(parts.title, parts.given, parts.middle, parts.family, parts.suffix, parts.nickname)
    return name if name.first or name.last else Name(first=full)


def join(name: Name) -> str:
    """The parts in the order in which a name is said, without the nickname."""
    return " ".join(part for part in name[:5] if part)


KINDS = {"name": Kind(parse_text, check_text, match_key)}
