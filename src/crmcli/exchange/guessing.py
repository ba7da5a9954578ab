"""What a column may be whose name tells nothing for certain: by a similar name, by its values.

Each guess says how sure it is. A column of e-mails is recognised whatever it is called; one of
dates or amounts only where the record type has one such field that matters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from crmcli.catalog import BY_NAME
from crmcli.exchange.headers import IDENTITY, Column, Names, names_of
from crmcli.exchange.sources.base import squash, tokens
from crmcli.values.base import words

Texts = Sequence[str]

SAMPLE = 200
"""Rows that are looked at."""

_SIMILAR = 85  # of 100: below it two names are taken for different words
_SHORTEST = 4  # letters; shorter names are alike by chance
_MOST = 0.8  # of the values that are not blank must look like it
# Words that say whose value it is, or nothing.
_FILLERS = words("""
    the your their our my of s a an primary main customer client contact lead person people company
    user member prospect account record de du la le les des del el los das dos do da di der die den
    von und et y e and info information details current full please enter what is
    """)
_SUBSCRIPTIONS = words("subscribed unsubscribed nonsubscribed cleaned transactional")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"\+?[\d(][\d\s().\-/]{6,18}\d")
_URL = re.compile(r"(https?://|www\.)\S+\.\S+", re.IGNORECASE)
_SOCIAL = re.compile(
    r"(https?://)?(\w+\.)?(linkedin|twitter|x|facebook|xing)\.com/\S+", re.IGNORECASE
)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}([ ,].*)?")
_AMOUNT = re.compile(r"[^\d\s]{0,3}\s?\d[\d.,' ]*\s?[^\d\s]{0,3}")
_NAME = re.compile(r"[^\W\d_][\w'’.-]*( [^\W\d_][\w'’.-]*){1,3}")


def guessed(names: Names, columns: Sequence[Column], cells: Sequence[Texts]) -> tuple[Column, ...]:
    """The columns, with guesses for those that no name told. cells: the first rows, by column."""
    columns = [_of_letters(names, column, cells[column.place]) for column in columns]
    taken = {_once_key(column) for column in columns if column.used}
    found = []
    for column in columns:
        guess = None
        if not column.used and not column.how:
            guess = _by_name(names, column, cells[column.place]) or _by_look(
                names, column, cells[column.place]
            )
        if guess is not None and _once_key(guess) not in taken:
            taken.add(_once_key(guess))
            found.append(guess)
        else:
            found.append(column)
    return tuple(found)


def _of_letters(names: Names, column: Column, cells: Texts) -> Column:
    """A column; a status that only tells who gets a newsletter says who does not want any."""
    filled = {squash(cell) for cell in cells} - {""}
    if column.target != "status" or not filled or filled - _SUBSCRIPTIONS:
        return column
    stops = names.recognise(column.place, "Unsubscribed")
    return stops._replace(header=column.header, sure=90, how="values") if stops.used else column


GUESSED = ("contact", "company", "deal")
"""The record types that a file may be guessed to hold."""


def likely_kind(header: Sequence[str], cells: Sequence[Texts], told: str = "") -> str:
    """The record type that most columns fit when they are guessed; `told` (by the names of the
    columns) unless another fits more. "" where none tells who or what a row is. cells: the first
    rows, by column."""
    fits = {kind: _fit(kind, header, cells) for kind in GUESSED}
    best = max(fits, key=lambda kind: (fits[kind], kind == told))
    return best if fits[best] else told


def _fit(kind: str, header: Sequence[str], cells: Sequence[Texts]) -> int:
    names = names_of(BY_NAME[kind])
    known = [names.recognise(place, name) for place, name in enumerate(header)]
    fields = {each.field.name for each in guessed(names, known, cells) if each.field is not None}
    return len(fields) if fields & set(IDENTITY[kind]) else 0


def _once_key(column: Column) -> str:
    """What may be taken only once; another e-mail or phone is always welcome."""
    repeated = column.field is not None and column.field.store in ("point", "tags")
    return f"{column.place}" if repeated else column.target


def _by_name(names: Names, column: Column, cells: Texts) -> Column | None:
    """A name without its idle words, or one that is spelt alike, unless the values belie it."""
    found = _by_words(names, column)
    looks = _LOOKS.get(found.field.name) if found and found.field else None
    filled = [cell.strip() for cell in cells if cell.strip()]
    belied = looks is not None and sum(map(looks, filled)) < len(filled) / 2
    return None if belied else found


def _by_words(names: Names, column: Column) -> Column | None:
    bare = [word for word in tokens(column.header) if word not in _FILLERS]
    if bare and bare != tokens(column.header):
        found = names.recognise(column.place, " ".join(bare))
        if found.used:
            return found._replace(header=column.header, sure=85, how="name")
    text = squash(column.header)
    return _by_spelling(names, column, text) if len(text) >= _SHORTEST else None


def _by_spelling(names: Names, column: Column, text: str) -> Column | None:
    from rapidfuzz import fuzz, process

    best = process.extractOne(text, names.words.keys(), scorer=fuzz.ratio, score_cutoff=_SIMILAR)
    if best is None or len(best[0]) < _SHORTEST:
        return None
    found = names.words[best[0]]._replace(place=column.place, header=column.header)
    return found._replace(sure=round(best[1] * 0.9), how="spelling") if found.used else None


def _by_look(names: Names, column: Column, cells: Texts) -> Column | None:
    """What the values look like."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or tokens(column.header)[-1:] == ["id"]:  # numbers that are no amounts
        return None
    for target, looks in _LOOKS.items():
        share = sum(looks(cell) for cell in filled) / len(filled)
        if share >= _MOST:
            found = _aimed(names, column, target)
            return found and found._replace(sure=round(share * 80), how="values")
    return None


def _aimed(names: Names, column: Column, target: str) -> Column | None:
    for each in target.split():
        found = names.declared(column.place, column.header, each)
        if found is not None and names.record.name in _FITS.get(each, (names.record.name,)):
            return found
    return None


def _is_country(text: str) -> bool:
    from crmcli.values.places import country_code

    return len(text) > 1 and country_code(text) is not None


def _is(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _is_phone(text: str) -> bool:
    digits = sum(map(str.isdecimal, text))
    plain = _PHONE.fullmatch(text) is not None and _DATE.fullmatch(text) is None
    return plain and 7 <= digits <= 15 and (text[0] in "+(0" or not text.isdecimal())


# What values look like, the most telling first, and the fields that such a column may be.
_LOOKS: dict[str, Callable[[str], bool]] = {
    "email": _is(_EMAIL),
    "social": _is(_SOCIAL),
    "url": _is(_URL),
    "country": _is_country,
    "expected_close due at": _is(_DATE),
    "phone": _is_phone,
    "value": _is(_AMOUNT),
    "name": _is(_NAME),
}
# Fields that a look alone tells only in files of these types.
_FITS = {"name": ("contact",), "value": ("deal",)}
