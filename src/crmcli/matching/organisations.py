"""Companies: what is compared of them, and by what candidates are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from math import log

from crmcli.matching import levels
from crmcli.matching.blocking import Pass
from crmcli.matching.comparing import field_levels
from crmcli.matching.reached import (
    own_columns,
    own_passes,
    pairs_of,
    points,
    reached_columns,
    reached_comparisons,
)
from crmcli.matching.subjects import Field, Subject, own_fields
from crmcli.matching.tables import Column, Prepare, Table, column, one_or_more, values_of
from crmcli.matching.weights import Prior
from crmcli.values.organisations import acronym, core_name
from crmcli.values.sounds import sound
from crmcli.values.text import match_key

SAME_WORDS, TYPO, SHORTER, ACRONYM, ALIKE, OTHER = 1, 2, 3, 4, 5, 6
NAME_LEVELS = ("same", "typo", "shorter form", "acronym", "alike", "different")

FIELDS = (
    Field("name", "name", NAME_LEVELS,
          Prior((0.55, 0.13, 0.12, 0.03, 0.09, 0.08), (0.003, 0.001, 0.02, 0.002, 0.02, 0.954)),
          rare=True),
    Field("domain", "domain", levels.CODE_LEVELS,
          Prior((0.75, 0.07, 0.18), (0.002, 0.002, 0.996)), rare=True),
    Field("email", "e-mail", levels.EMAIL_LEVELS,
          Prior((0.55, 0.05, 0.05, 0.35), (0.0005, 0.0005, 0.02, 0.979)), rare=True),
    Field("phone", "phone", levels.PHONE_LEVELS,
          Prior((0.65, 0.08, 0.27), (0.001, 0.001, 0.998)), rare=True),
    Field("street", "street", levels.TEXT_LEVELS,
          Prior((0.55, 0.15, 0.10, 0.20), (0.003, 0.002, 0.015, 0.98)), rare=True),
    Field("number", "house number", levels.CODE_LEVELS,
          Prior((0.76, 0.06, 0.18), (0.02, 0.02, 0.96))),
    Field("city", "city", levels.TEXT_LEVELS,
          Prior((0.76, 0.07, 0.05, 0.12), (0.06, 0.005, 0.02, 0.915)), rare=True),
    Field("postcode", "postcode", levels.CODE_LEVELS,
          Prior((0.72, 0.08, 0.20), (0.01, 0.02, 0.97)), rare=True),
    Field("region", "region", levels.CODE_LEVELS, Prior((0.85, 0.03, 0.12), (0.2, 0.05, 0.75))),
    Field("country", "country", levels.CODE_LEVELS, Prior((0.95, 0.01, 0.04), (0.4, 0.01, 0.59))),
)  # fmt: skip


def organisations(table: Table, own: Sequence[str] = ()) -> Subject:
    """The subject of finding duplicates among companies.

    table: any of name, domain, email, phone, street, city, postcode, region, country; domains,
    e-mails and phones as tuples. What a table lacks is missing in every record.
    own: further columns of texts that take part in the comparison.
    """
    number = max((len(values) for values in table.values()), default=0)
    columns = {**_columns(table, number), **own_columns(table, own)}
    fields = (*FIELDS, *own_fields(own))
    compares, text = _comparisons(columns["name"]), levels.text_comparison()

    def compare(left: Sequence[int], right: Sequence[int]) -> list[list[int]]:
        return [
            field_levels(columns[field.name], compares.get(field.name, text), left, right)
            for field in fields
        ]

    def order(record: int) -> str:
        return f"{columns['name'].value(record)} {columns['postcode'].value(record)}"

    def passes() -> Iterator[Pass]:
        return chain(_passes(columns), own_passes(columns, own))

    return Subject(number, fields, columns, compare, passes, order)


def _columns(table: Table, number: int) -> dict[str, Column]:
    def made(name: str, prepare: Prepare) -> Column:
        return column(values_of(table, name, number), prepare)

    return {
        **reached_columns(table, number),
        "name": made("name", core_name),
        "domain": made("domain", one_or_more),
        "country": made("country", match_key),
    }


def _comparisons(names: Column) -> dict[str, levels.Compare]:
    return {
        **reached_comparisons(),
        "name": name_comparison(names.vocabulary.values),
        "domain": domain_comparison(),
        "country": levels.code_comparison(),
    }


def domain_comparison() -> levels.Compare:
    """Compares domains: a typo, or the same name under another ending, is close."""
    from rapidfuzz.distance import OSA

    edits = OSA.distance

    def compare(one: str, other: str) -> int:
        mine, yours = one.partition(".")[0], other.partition(".")[0]
        near = mine == yours or (
            not levels.other_digits(one, other)
            and (len(one) > 6 and edits(one, other, score_cutoff=1) <= 1)
        )
        return levels.CLOSE if near else 3

    return compare


def name_comparison(names: Sequence[str]) -> levels.Compare:
    """Compares core names, by their words: a rare word tells more than a common one.

    names: all names that occur, from which it is learnt which words are rare.
    """
    from rapidfuzz.distance import OSA
    from rapidfuzz.fuzz import ratio

    counts = Counter(word for name in names for word in set(name.split()))
    total = len(names) + 1
    worth = {word: log(total / count) for word, count in counts.items()}

    def compare(one: str, other: str) -> int:
        if levels.other_digits(one, other):
            return OTHER
        if one.replace(" ", "") == other.replace(" ", ""):
            return TYPO
        if min(len(one), len(other)) > 4 and OSA.distance(one, other, score_cutoff=2) <= 1:
            return TYPO
        mine, yours = one.split(), other.split()
        if (len(mine) == 1 or len(yours) == 1) and _acronym_of(one, other):
            return ACRONYM
        shared, all_words = _shared(mine, yours, worth, ratio)
        least = min(_worth(mine, worth), _worth(yours, worth))
        if shared >= 0.9 * all_words:
            return TYPO
        if least and shared >= 0.9 * least and shared > 1.0:
            return SHORTER
        return ALIKE if shared >= 0.5 * all_words else OTHER

    return compare


def _acronym_of(one: str, other: str) -> bool:
    return min(len(one), len(other)) > 1 and (acronym(one) == other or acronym(other) == one)


def _worth(words: Sequence[str], worth: dict[str, float]) -> float:
    return sum(worth.get(word, 0.0) for word in set(words))


def _shared(
    mine: list[str], yours: list[str], worth: dict[str, float], ratio: Callable[..., float]
) -> tuple[float, float]:
    """What the words that two names share are worth, and all of their words; words count as
    shared when they nearly are (soft TF-IDF: Cohen, Ravikumar and Fienberg, 2003)."""
    left, right = set(mine), set(yours)
    same = left & right
    shared = sum(worth.get(word, 0.0) for word in same)
    rest = right - same
    every = shared
    for word in left - same:
        near = max(rest, key=lambda other: ratio(word, other), default="")
        if near and len(word) > 3 and ratio(word, near) >= 80:
            rest.discard(near)
            value = max(worth.get(word, 0.0), worth.get(near, 0.0))
            shared, every = shared + 0.9 * value, every + value
        else:
            every += worth.get(word, 0.0)
    return shared, every + _worth(list(rest), worth)


def _passes(columns: dict[str, Column]) -> Iterator[Pass]:
    """What candidates share: one pass for each kind of key."""
    names = columns["name"]
    cores, codes = names.vocabulary.values, names.codes
    joined = [core.replace(" ", "") for core in cores]
    firsts = [sound(core.partition(" ")[0]) for core in cores]
    yield from points(columns["email"], columns["phone"])
    yield _named_domains(columns["domain"], codes, joined)
    yield Pass([joined[code] for code in codes], telling=True)
    yield _by_key(codes, [levels.sorted_words(core) for core in cores], telling=True)
    yield _acronyms(codes, cores)
    yield _rare_words(codes, cores)
    yield _by_key(codes, [sound(core) for core in cores], telling=True)
    yield _by_key(codes, [text[:6] if len(text) > 6 else "" for text in joined])
    yield _by_key(codes, [text[-6:] if len(text) > 6 else "" for text in joined])
    streets, numbers = columns["street"], columns["number"]
    yield Pass(pairs_of(streets, streets.vocabulary.values, numbers, numbers.vocabulary.values))
    yield Pass(streets.raw())
    for place in (columns["postcode"], columns["city"]):
        yield Pass(pairs_of(names, firsts, place, place.vocabulary.values))
    postcodes = columns["postcode"]
    yield Pass(pairs_of(postcodes, postcodes.vocabulary.values, numbers, numbers.vocabulary.values))


def _by_key(codes: Sequence[int], keys: Sequence[str], *, telling: bool = False) -> Pass:
    return Pass([keys[code] for code in codes], telling=telling)


def _named_domains(domains: Column, codes: Sequence[int], joined: Sequence[str]) -> Pass:
    """Keys of domains without their endings, and of names that may be one: Acme Labs is found by
    acmelabs.com."""
    again = [
        (record, each.partition(".")[0])
        for record, value in enumerate(domains.raw())
        for each in ((value,) if isinstance(value, str) else value)
        if each
    ]
    return Pass([joined[code] for code in codes], again, telling=True)


def _acronyms(codes: Sequence[int], cores: Sequence[str]) -> Pass:
    """Keys of acronyms, and of names of one short word, which may be one."""
    keys = [acronym(core) or (core if len(core) <= 6 else "") for core in cores]
    return _by_key(codes, [key if len(key) > 1 else "" for key in keys])


def _rare_words(codes: Sequence[int], cores: Sequence[str]) -> Pass:
    """Keys of the sounds of a name's words, each; common words make blocks that are left out."""
    sounds = [tuple({sound(word) for word in core.split() if len(word) > 2}) for core in cores]
    again = [(record, each) for record, code in enumerate(codes) for each in sounds[code]]
    return Pass([""] * len(codes), again)
