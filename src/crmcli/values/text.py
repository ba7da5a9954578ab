"""Text as people type it: what is stored of it, and how two texts are compared.

Three ways to compare, each a casefolded key computed here so that both databases agree:

    fold        same words, accents and punctuation kept: "Résumé " is "RÉSUMÉ" but not "resume"
    sort_key    fold without accents, for ordering: Élan between Egon and Emil
    match_key   sort_key without punctuation, for finding a name: O'Brien is obrien
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from crmcli.values.base import Env, Kind, check_str

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LINE_ENDS = "\r\n?"
_CONTROLS = "[\x00-\x08\x0b-\x1f\x7f-\x9f]"
_SURROGATES = "[\ud800-\udfff]"
_ACCENTS = "[\u0300-\u036f]"
# Letters that Unicode does not take apart, but people leave out the stroke of.
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"}
)
_APOSTROPHES = "['’‘ʼ`´′]"
_PUNCTUATION = (
    r"[!-/:-@\[-^{-~_¡-©«-±¶-¸»¿\u2010-\u2027\u2030-\u205e、-〃〈-】・،؛؟。！（），．：；？]"
)


def clean(text: str, *, lines: bool = False) -> str:
    """`text` as it is stored: trimmed, without control characters and lone surrogates.

    lines: keep line breaks; otherwise each becomes a space. Tabs stay. Everything else, markup,
    formulas and emoji included, is the user's and stays.
    """
    if text.isprintable():  # has none of the characters that are handled below
        return text.strip()
    text = re.sub(_LINE_ENDS, "\n", text)
    text = re.sub(_SURROGATES, "\ufffd", re.sub(_CONTROLS, "", text))
    return (text if lines else text.replace("\n", " ")).strip()


def fold(text: str) -> str:
    """The key under which two spellings of the same words are equal: case, width and spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def sort_key(text: str) -> str:
    """The key to order by: fold without the accents of Latin, Greek and Cyrillic letters."""
    folded = fold(text)
    if folded.isascii():
        return folded
    bare = re.sub(_ACCENTS, "", unicodedata.normalize("NFD", folded)).translate(_STROKES)
    return " ".join(unicodedata.normalize("NFC", bare).split())


def match_key(text: str) -> str:
    """The key to find a name by: sort_key without punctuation, or sort_key if nothing is left."""
    sorted_by = sort_key(text)
    if sorted_by.isalnum():
        return sorted_by
    words = re.sub(_PUNCTUATION, " ", re.sub(_APOSTROPHES, "", sorted_by)).split()
    return " ".join(words) or sorted_by


def close_matches(word: str, choices: Iterable[str], n: int = 3) -> list[str]:
    """The up to `n` choices that `word` may have been meant to be, the likeliest first."""
    from rapidfuzz import fuzz, process

    found = process.extract(
        word, list(choices), scorer=fuzz.ratio, processor=sort_key, limit=n, score_cutoff=60
    )
    return [choice for choice, _score, _place in found]


def did_you_mean(word: str, choices: Sequence[str]) -> str:
    """A hint that names the choices close to `word`, or else all of them."""
    near = close_matches(word, choices)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"choose from {', '.join(choices)}"


def parse_text(text: str, env: Env, choices: Sequence[str]) -> str:
    """Any text is fine as it is."""
    return text


def check_text(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored one-line text: cleaned; ValueError when it is none or nothing is left."""
    return check_str(clean(check_str(value)))


def check_longtext(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored text of several lines: cleaned; ValueError when it is none or nothing is left."""
    return check_str(clean(check_str(value), lines=True))


KINDS = {
    "text": Kind(parse_text, check_text, fold),
    "longtext": Kind(parse_text, check_longtext, fold, lines=True),
    "ref": Kind(parse_text, check_text, match_key),
}
