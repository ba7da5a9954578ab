"""How alike two values are, as a level: 0 nothing to compare, 1 the same, higher is less alike.

The highest level of a comparison is "different". Distances are those of rapidfuzz: OSA (edits and
transpositions) for what is typed, Jaro-Winkler for names.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from crmcli.values.nicknames import same_name
from crmcli.values.sounds import sound

MISSING, SAME = 0, 1
Compare = Callable[[str, str], int]

# A name: same, a typo apart, a form of it, alike, an initial of it, different
TYPO, FORM, ALIKE, INITIAL, OTHER = 2, 3, 4, 5, 6
NAME_LEVELS = ("same", "typo", "form", "alike", "initial", "different")
CLOSE, PART = 2, 3


def name_comparison() -> Compare:
    """Compares given names, family names, or one with the other."""
    from rapidfuzz.distance import OSA, JaroWinkler

    edits, alike = OSA.distance, JaroWinkler.similarity

    def compare(one: str, other: str) -> int:
        if len(one) == 1 or len(other) == 1:
            return INITIAL if one[0] == other[0] else OTHER
        likeness = alike(one, other, score_cutoff=0.75)
        if not likeness:
            return FORM if same_name(one, other) or _contained(one, other) else OTHER
        if likeness >= 0.92 or (min(len(one), len(other)) > 3 and edits(one, other) <= 1):
            return TYPO
        if same_name(one, other) or _contained(one, other):
            return FORM
        return ALIKE if likeness >= 0.82 or sound(one) == sound(other) else OTHER

    return compare


def _contained(one: str, other: str) -> bool:
    """Whether a name is words of the other: `anna` and `anna maria`."""
    if " " not in one and " " not in other:
        return False
    mine, yours = set(one.split()), set(other.split())
    return mine <= yours or yours <= mine or "".join(one.split()) == "".join(other.split())


BIRTHDAY_LEVELS = ("same", "close", "part", "different")


def birthday_comparison() -> Compare:
    """Compares stored birthdays, with or without a year: a slip of the fingers, or day and month
    the other way round, is close; two of the three numbers alike are a part."""
    from rapidfuzz.distance import OSA

    edits = OSA.distance

    def compare(one: str, other: str) -> int:
        if one[0] == "-" or other[0] == "-":
            return CLOSE if one[-5:] == other[-5:] else 4
        if edits(one, other, score_cutoff=1) <= 1:
            return CLOSE
        mine, yours = one.split("-"), other.split("-")
        if mine[0] == yours[0] and mine[1:] == yours[:0:-1]:
            return CLOSE
        same = sum(a == b for a, b in zip(mine, yours, strict=False))
        return PART if same >= 2 or edits(one, other, score_cutoff=2) <= 2 else 4

    return compare


EMAIL_LEVELS = ("same", "close", "same name part", "different")


def email_comparison() -> Compare:
    """Compares e-mail keys: nearly the same, or the same part before the @."""
    from rapidfuzz.distance import OSA

    edits, likeness = OSA.distance, OSA.normalized_similarity

    def compare(one: str, other: str) -> int:
        near = likeness(one, other, score_cutoff=0.65)
        my_name, _, mine = one.partition("@")
        your_name, _, yours = other.partition("@")
        if my_name == your_name and len(my_name) > 4:
            return CLOSE if likeness(mine, yours) >= 0.6 else PART
        if not near:
            return 4
        if min(len(my_name), len(your_name)) > 3 and edits(one, other, score_cutoff=2) <= 2:
            return CLOSE
        together = likeness(my_name, your_name) >= 0.85 and likeness(mine, yours) >= 0.6
        return CLOSE if together else 4

    return compare


PHONE_LEVELS = ("same", "close", "different")


def phone_comparison() -> Compare:
    """Compares phone keys: one digit or two transposed make them close, except at the very end,
    where colleagues have numbers of their own."""
    from rapidfuzz.distance import OSA

    edits = OSA.distance

    def compare(one: str, other: str) -> int:
        if one[-7:] == other[-7:]:
            return CLOSE
        near = one[-2:] == other[-2:] or sorted(one) == sorted(other)
        return CLOSE if near and edits(one, other, score_cutoff=1) <= 1 < len(one) - 5 else 3

    return compare


TEXT_LEVELS = ("same", "close", "alike", "different")


def text_comparison(close: float = 90, alike: float = 75) -> Compare:
    """Compares short texts whose words are in order (`sorted_words`); limits are per cent.

    Texts with different numbers in them are different: Store 12 is not Store 13.
    """
    from rapidfuzz.fuzz import ratio

    def compare(one: str, other: str) -> int:
        percent = ratio(one, other, score_cutoff=alike)
        if not percent or other_digits(one, other):
            return 4
        if percent >= close or one.replace(" ", "") == other.replace(" ", ""):
            return CLOSE
        return PART

    return compare


def other_digits(one: str, other: str) -> bool:
    """Whether the digits in two texts differ."""
    return _DIGIT.findall(one) != _DIGIT.findall(other)


def sorted_words(text: str) -> str:
    """The words of a text in alphabetical order."""
    return " ".join(sorted(text.split()))


CODE_LEVELS = ("same", "close", "different")


def code_comparison() -> Compare:
    """Compares postcodes, house numbers and the like: one edit, or one the start of the other."""
    from rapidfuzz.distance import OSA

    edits = OSA.distance

    def compare(one: str, other: str) -> int:
        if len(one) < 3 or len(other) < 3:
            return 3
        near = edits(one, other, score_cutoff=1) <= 1
        return CLOSE if near or one.startswith(other) or other.startswith(one) else 3

    return compare


_DIGIT = re.compile(r"\d")
_NUMBERS = re.compile(r"\d+[a-z]?\b")


def numbers_of(text: str) -> str:
    """The numbers in an address line: house, unit, box."""
    return " ".join(_NUMBERS.findall(text))


def words_of(text: str) -> str:
    """The words of an address line without its numbers, in alphabetical order."""
    return sorted_words(_NUMBERS.sub(" ", text))
