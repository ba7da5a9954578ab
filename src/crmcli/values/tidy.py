"""Names and places typed in capitals, or in none, as people write them.

Text in mixed case was written with care and stays: McDonald, deVries, eBay.
"""

from __future__ import annotations

import re

from crmcli.values.base import words

# Small words inside a name, after its first word.
_PARTICLES = words("""
    af al am an auf aus av bei bin da das de degli dei del della den der des di do dos du e el
    ibn im in la las le les los of on sur am der the under und van vom von y zu zum zur
    """)
_CAPITALS = words("ii iii iv vi vii viii ix md mba dds llm usa uk ag kg nv bv sa")
_SPELT = {"phd": "PhD", "gmbh": "GmbH"}
_WORD = re.compile(r"[^\s\-/]+")


def tidy(text: str, *, inside: bool = False) -> str:
    """`text` with single spaces, and in title case where it was all capitals or all small.

    ADA LOVELACE and ada lovelace are Ada Lovelace, LUDWIG VAN BEETHOVEN is Ludwig van Beethoven,
    O'NEILL is O'Neill, MCDONALD is McDonald. Initials and single letters stay capitals.
    inside: the text is not the beginning of a name, so that its first word may be a particle.
    """
    spaced = " ".join(text.split())
    letters = [char for char in spaced if char.isalpha()]
    if len(letters) < 3 or not (spaced == spaced.upper() or spaced == spaced.lower()):
        return spaced
    if len(letters) <= 3 and spaced.isupper():
        return spaced  # more likely an abbreviation: IBM, JFK
    return _WORD.sub(
        lambda match: _titled(match[0], first=match.start() == 0 and not inside), spaced.lower()
    )


def tidy_name(text: str) -> str:
    """A person's name as it is said and written: Ada Lovelace for LOVELACE, ADA."""
    from crmcli.values.names import join, split

    parts = split(text)
    turned = parts.first and text.startswith(f"{parts.last},")
    return tidy(join(parts) if turned else text)


def tidy_part(text: str, name: str, *, last: bool) -> str:
    """A part of a name as the tidied name has it; tidied itself where it is not in there."""
    found = re.search(rf"(?<!\w){re.escape(text)}(?!\w)", name, re.IGNORECASE)
    return found[0] if found else tidy(text, inside=last)


def is_particle(word: str) -> bool:
    """Whether a word is written small inside a name: van, of, della."""
    return word in _PARTICLES


def _titled(word: str, *, first: bool) -> str:
    bare = word.strip(".,'()")
    if bare in _PARTICLES and not first:
        return word
    if bare in _SPELT:
        return word.replace(bare, _SPELT[bare])
    if bare in _CAPITALS:
        return word.upper()
    if re.fullmatch(r"(?:[a-z]\.)+", word):
        return word.upper()
    head, mark, tail = word.partition("'")
    if mark and len(head) == 1 and len(tail) > 1:  # O'Neill, D'Angelo
        return f"{head.upper()}'{tail.capitalize()}"
    if word.startswith("mc") and len(word) > 4:
        return f"Mc{word[2:].capitalize()}"
    return word[:1].upper() + word[1:]
