"""How a word sounds, roughly: words that are heard alike get the same code.

A Soundex (Russell and Odell, 1918) with more letters of code, with the spellings of one sound at
the beginning of a word made one (`Knight`, `Night`; `Phillips`, `Filips`), and for several words.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SPELLINGS = (
    (r"\bkn|\bgn|\bpn", "n"), (r"\bwr", "r"), (r"\bps", "s"), (r"\bmac", "mc"), (r"ph", "f"),
    (r"ght", "t"), (r"sch", "s"), (r"tsch|tch", "ch"), (r"ck", "k"), (r"\bx", "s"), (r"dt\b", "t"),
    (r"\bc(?=[eiy])", "s"), (r"\bc(?!h)", "k"), (r"\bq", "k"), (r"\bz", "s"), (r"\bv", "f"),
    (r"\by", "i"), (r"\b[aeiou]+", "a"), (r"\bh(?=[aeiou])", ""),
)  # fmt: skip
_RULES = [(re.compile(pattern), by) for pattern, by in _SPELLINGS]
_GROUPS = {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r", "0": "aeiouy"}
_DIGITS = str.maketrans(
    {**{letter: digit for digit, group in _GROUPS.items() for letter in group}, "h": "", "w": ""}
)
_LENGTH = 5


@lru_cache(maxsize=200_000)
def sound(text: str) -> str:
    """The code of a `match_key`; "" for an empty one. Words other than Latin ones stay."""
    for pattern, by in _RULES:
        text = pattern.sub(by, text)
    bare = text.replace(" ", "")
    if not bare:
        return ""
    digits = bare.translate(_DIGITS)
    kept = [d for d, before in zip(digits, " " + digits, strict=False) if d not in ("0", before)]
    rest = kept[1:] if kept and digits[0] == kept[0] else kept
    return bare[0] + "".join(rest)[: _LENGTH - 1]
