"""People: what is compared of them, and by what candidates are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from crmcli.matching import levels
from crmcli.matching.blocking import Pass
from crmcli.matching.comparing import NameComparer, field_levels
from crmcli.matching.reached import (
    own_columns,
    own_passes,
    pairs_of,
    points,
    reached_columns,
    reached_comparisons,
)
from crmcli.matching.subjects import Field, Subject, own_fields
from crmcli.matching.tables import Column, Prepare, Table, Vocabulary, column, values_of
from crmcli.matching.weights import Prior
from crmcli.values.nicknames import full_form
from crmcli.values.organisations import core_name
from crmcli.values.sounds import sound
from crmcli.values.text import match_key

_NAME = Prior((0.72, 0.10, 0.06, 0.06, 0.02, 0.04), (0.02, 0.01, 0.01, 0.04, 0.04, 0.88))
_LAST = Prior((0.78, 0.10, 0.02, 0.05, 0.01, 0.04), (0.01, 0.005, 0.005, 0.03, 0.03, 0.92))

FIELDS = (
    Field("first_name", "first name", levels.NAME_LEVELS, _NAME, rare=True),
    Field("last_name", "last name", levels.NAME_LEVELS, _LAST, rare=True),
    Field("name_order", "first and last name", ("same order", "swapped"),
          Prior((0.95, 0.05), (0.99, 0.01)), quiet=True),
    Field("birthday", "birthday", levels.BIRTHDAY_LEVELS,
          Prior((0.80, 0.12, 0.04, 0.04), (0.001, 0.003, 0.02, 0.976)), rare=True),
    Field("email", "e-mail", levels.EMAIL_LEVELS,
          Prior((0.60, 0.12, 0.05, 0.23), (0.0005, 0.0005, 0.002, 0.997)), rare=True),
    Field("phone", "phone", levels.PHONE_LEVELS,
          Prior((0.62, 0.08, 0.30), (0.001, 0.0005, 0.9985)), rare=True),
    Field("company", "company", levels.TEXT_LEVELS,
          Prior((0.55, 0.12, 0.08, 0.25), (0.01, 0.003, 0.01, 0.977)), rare=True),
    Field("street", "street", levels.TEXT_LEVELS,
          Prior((0.58, 0.14, 0.08, 0.20), (0.002, 0.001, 0.01, 0.987)), rare=True),
    Field("number", "house number", levels.CODE_LEVELS,
          Prior((0.74, 0.06, 0.20), (0.02, 0.02, 0.96))),
    Field("city", "city", levels.TEXT_LEVELS,
          Prior((0.70, 0.10, 0.04, 0.16), (0.05, 0.005, 0.02, 0.925)), rare=True),
    Field("postcode", "postcode", levels.CODE_LEVELS,
          Prior((0.72, 0.10, 0.18), (0.01, 0.02, 0.97)), rare=True),
    Field("region", "region", levels.CODE_LEVELS, Prior((0.85, 0.03, 0.12), (0.2, 0.05, 0.75))),
)  # fmt: skip
_NAMES = ("first_name", "last_name", "name_order")


def people(table: Table, own: Sequence[str] = ()) -> Subject:
    """The subject of finding duplicates among people.

    table: any of first_name, last_name, birthday, email, phone, company, street, city, postcode,
    region; e-mails and phones as tuples. What a table lacks is missing in every record.
    own: further columns of texts that take part in the comparison.
    """
    number = max((len(values) for values in table.values()), default=0)
    columns = {**_columns(table, number), **own_columns(table, own)}
    fields = (*FIELDS, *own_fields(own))
    comparer = NameComparer(columns["first_name"], columns["last_name"], levels.name_comparison())
    compares, text = _comparisons(), levels.text_comparison()

    def compare(left: Sequence[int], right: Sequence[int]) -> list[list[int]]:
        rest = [
            field_levels(columns[f.name], compares.get(f.name, text), left, right)
            for f in fields
            if f.name not in _NAMES
        ]
        return [*comparer.levels(left, right), *rest]

    def passes() -> Iterator[Pass]:
        return chain(_passes(columns), own_passes(columns, own))

    return Subject(number, fields, columns, compare, passes, _order(columns))


def _columns(table: Table, number: int) -> dict[str, Column]:
    names = Vocabulary()

    def made(name: str, prepare: Prepare, words: Vocabulary | None = None) -> Column:
        return column(values_of(table, name, number), prepare, words)

    return {
        **reached_columns(table, number),
        "first_name": made("first_name", match_key, names),
        "last_name": made("last_name", match_key, names),
        "birthday": made("birthday", str),
        "company": made("company", lambda text: levels.sorted_words(core_name(text))),
    }


def _comparisons() -> dict[str, levels.Compare]:
    return {
        **reached_comparisons(),
        "birthday": levels.birthday_comparison(),
        "company": levels.text_comparison(),
    }


def _order(columns: dict[str, Column]) -> Callable[[int], str]:
    parts = [columns[name] for name in ("last_name", "first_name", "birthday", "postcode", "city")]
    return lambda record: " ".join([part.value(record) for part in parts])


def _passes(columns: dict[str, Column]) -> Iterator[Pass]:
    """What candidates share: one pass for each kind of key."""
    first, last = columns["first_name"].codes, columns["last_name"].codes
    names = columns["first_name"].vocabulary.values
    sounds = [sound(name) for name in names]
    forms = [sound(full_form(name)) for name in names]
    starts = [name[:3] for name in names]
    days, dates = columns["birthday"].codes, columns["birthday"].vocabulary.values
    yield from points(columns["email"], columns["phone"])
    yield Pass([dates[code] for code in days])
    yield Pass(_unordered(first, last, names, names), telling=True)
    yield Pass(_unordered(first, last, forms, sounds), telling=True)
    yield _turned(first, last, [name[:1] for name in names], sounds)
    yield _turned(first, last, sounds, starts)
    for part in (slice(-5, None), slice(None, 7)):
        yield _either(first, last, sounds, days, [date[part] for date in dates])
    yield _either(first, last, sounds, days, [date[:4] + date[-2:] for date in dates])
    yield from _places(columns, sounds)
    yield Pass([names[code] for code in last])
    yield Pass([names[code] for code in first])
    ends = [name[-4:] if len(name) > 4 else "" for name in names]
    yield Pass([ends[code] for code in last])


def _places(columns: dict[str, Column], sounds: Sequence[str]) -> Iterator[Pass]:
    """Keys that hold an address or a company, with a name where it is shared by many."""
    first, last = columns["first_name"].codes, columns["last_name"].codes
    streets, numbers = columns["street"], columns["number"]
    yield Pass(pairs_of(streets, streets.vocabulary.values, numbers, numbers.vocabulary.values))
    yield Pass(streets.raw())
    for name in ("postcode", "city", "company"):
        place = columns[name]
        yield _either(first, last, sounds, place.codes, place.vocabulary.values)
    postcodes, days = columns["postcode"], columns["birthday"]
    years = [date[:4] for date in days.vocabulary.values]
    yield Pass(pairs_of(postcodes, postcodes.vocabulary.values, days, years))


def _unordered(
    first: Sequence[int], last: Sequence[int], firsts: Sequence[str], lasts: Sequence[str]
) -> list[str]:
    """Keys of both names, the same when they are swapped."""
    found = []
    for a, b in zip(first, last, strict=True):
        one, other = firsts[a], lasts[b]
        turned = one > other
        found.append((f"{other} {one}" if turned else f"{one} {other}") if a and b else "")
    return found


def _turned(
    first: Sequence[int], last: Sequence[int], firsts: Sequence[str], lasts: Sequence[str]
) -> Pass:
    """Keys of a part of the first name and one of the last, and of the names the other way."""
    keys = [f"{firsts[a]} {lasts[b]}" if a and b else "" for a, b in zip(first, last, strict=True)]
    again = [
        (record, f"{firsts[b]} {lasts[a]}")
        for record, (a, b) in enumerate(zip(first, last, strict=True))
        if a and b
    ]
    return Pass(keys, again)


def _either(
    first: Sequence[int],
    last: Sequence[int],
    sounds: Sequence[str],
    other: Sequence[int],
    others: Sequence[str],
) -> Pass:
    """Keys of a value and the sound of either name."""
    keys = [
        f"{others[c]} {sounds[a]}" if a and others[c] else ""
        for a, c in zip(first, other, strict=True)
    ]
    again = [
        (record, f"{others[c]} {sounds[b]}")
        for record, (b, c) in enumerate(zip(last, other, strict=True))
        if b and others[c]
    ]
    return Pass(keys, again)
