"""Which field each column of a file is, told by its name.

A header is compared without case, accents, spaces and punctuation. A number in it counts
(`Email 2`, `E-mail 2 Address`, `phone_2`), words such as work, home or mobile become the label of a
value, and `… label` or `… type` is the label of the column beside it. The columns of programs that
are known are declared (`sources`); what no name tells may be guessed (`guessing`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from crmcli.catalog import BY_NAME
from crmcli.errors import InvalidValue, UnknownName, UsageError
from crmcli.exchange.sources import SYSTEMS, detect
from crmcli.exchange.sources.base import System, squash, tokens
from crmcli.exchange.synonyms import synonyms
from crmcli.fields import Field, Record
from crmcli.values.base import quote
from crmcli.values.text import close_matches, sort_key

KINDS = ("contact", "company", "deal", "activity", "task")
"""The record types that files hold."""

CERTAIN = 100
"""How sure a column is whose name or program tells what it is, in per cent."""

# Fields that nobody sets by hand, but that a file may bring for a new record.
_BROUGHT = {
    "contact": ("created",),
    "company": ("created",),
    "deal": ("created", "stage_since", "closed", "status", "pipeline"),
    "activity": ("created",),
    "task": ("created", "done"),
}
_REPEATED = ("point", "part", "address", "members")
_LABEL_TEXT = """
    work: work business office geschäftlich dienstlich firma büro bureau professionnel trabajo
        laboral ufficio lavoro comercial trabalho służbowy firmowy рабочий zakelijk werk
    home: home private personal privat domicile personnel casa particular personale abitazione
        residencial pessoal domowy prywatny домашний prive thuis
    mobile: mobile cell cellular mobil handy portable móvil cellulare celular komórkowy мобильный
        mobiel
    other: other secondary alternate alternative weitere autre otro altro outro inny другой
    main: main
    direct: direct
    fax: fax
    billing: billing
    mailing: mailing
    shipping: shipping
    : primary default address
"""
_LABELS = {
    sort_key(word): label
    for label, _, words in (
        entry.partition(":") for entry in re.sub(r"\n {8,}", " ", _LABEL_TEXT).strip().splitlines()
    )
    for word in words.split()
    for label in [label.strip()]
}
_LABEL_WORDS = ("label", "type", "role", "roles")
_MOST_LABELLED = 3  # words of a name with a label
_LONGEST_CELL_FOR_NAMES = 100
_CURRENCY_WORDS = ("currency", "currencycode", "currencyofvalue", "amountcurrency", "dealcurrency")
_TARGET = re.compile(
    r"(?P<name>\w+)(?:\.(?P<label>.+?))?(?: (?P<role>label|id|house|time|year|month|day))?"
    r"(?: (?P<number>\d{1,3}))?"
)
# Roles that are columns of their own, and the field that they fill.
_OWN_ROLES = {"id": "", "deleted": "", "opt_out": "do_not_contact"}
_ALSO = {"external_id": "id"}
# Record types that files of one program refer to by its ids.
_LINKED = ("contact", "company", "deal", "user")


class Column(NamedTuple):
    """A column of a file. `field` is None where it is not imported, or fills no field.

    role: `value`; `label` of the values of the same field and number; `currency` of an amount;
    `link`: the other program's id of what the field refers to; `id`: that of the record itself;
    `opt_out`, `deleted`, `done`: a yes with that meaning; `house` (its number in the street),
    `time`, `year`, `month`, `day`: a part of the field's value. sure: in per cent; how: why, where
    it is not for the name. rank: of two columns for one value, the one with the lower number comes
    first.
    """

    place: int
    header: str
    field: Field | None = None
    role: str = "value"
    number: int = 1
    label: str | None = None
    sure: int = CERTAIN
    how: str = ""
    rank: int = 0

    @property
    def used(self) -> bool:
        """Whether the column is imported."""
        return self.field is not None or self.role in ("id", "deleted")

    @property
    def target(self) -> str:
        """What the column becomes, for people; "" where it is not imported."""
        if self.field is None:
            return self.role if self.used else ""
        if self.role in ("opt_out", "done"):
            return self.field.name
        if self.role == "currency":
            return self.field.currency
        name = f"{self.field.name}.{self.label}" if self.label else self.field.name
        role = {"value": "", "link": " id"}.get(self.role, f" {self.role}")
        if self.role == "label":
            return f"{name} {self.number} label" if self.number > 1 else f"{name} label"
        return f"{name}{role} {self.number}" if self.number > 1 else f"{name}{role}"


def importable(record: Record) -> tuple[Field, ...]:
    """The fields that a file can fill."""
    brought = _BROUGHT[record.name]
    return tuple(f for f in record.fields if not f.readonly or f.name in brought)


class Names:
    """The names under which the fields of a record type are known."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._fields = {field.name: field for field in importable(record)}
        self._known: dict[str, Column] = {}
        for field in self._fields.values():
            self._learn_field(field)
        own = {squash(word) for f in self._fields.values() for word in (f.name, f.label)}
        for word, target in synonyms(record.name).items():
            column = self._aimed(target)
            if column is not None and (word not in own or word not in self._known):
                self._known[word] = column

    def _learn_field(self, field: Field) -> None:
        for word in (field.name, *field.aliases, field.label):
            self._known.setdefault(squash(word), Column(0, "", field))
        if field.store == "money":
            words = [field.currency, f"{field.name}_currency"]
            words += _CURRENCY_WORDS if field.currency == "currency" else []
            for word in words:
                self._known[squash(word)] = Column(0, "", field, "currency")

    @property
    def words(self) -> Mapping[str, Column]:
        """Every name that is known, squashed, and what it means."""
        return self._known

    def recognise(self, place: int, header: str) -> Column:
        """What the column `header` is."""
        found = tokens(header)
        exact = self._known.get("".join(found))
        if exact:
            return exact._replace(place=place, header=header)
        numbers = [int(token) for token in found if token.isdecimal()]
        words = [token for token in found if not token.isdecimal()]
        role = "label" if len(words) > 1 and words[-1] in _LABEL_WORDS else "value"
        if role == "label" or (len(words) > 1 and words[-1] == "value"):
            words = words[:-1]
        meant = self._known.get("".join(words)) or self._labelled(words)
        number = numbers[0] if numbers else 1
        unclear = meant is None or meant.field is None or len(numbers) > 1
        if meant is None or unclear or not 1 <= number < 1000:
            return Column(place, header)
        if meant.field and meant.field.store == "tags" and role == "value":
            number = 1  # each of several columns adds its own
        if (number > 1 or role == "label") and not _repeats(meant):
            return Column(place, header)
        role = "label" if role == "label" else meant.role
        return meant._replace(place=place, header=header, role=role, number=number)

    def _labelled(self, words: list[str]) -> Column | None:
        """`home phone`, `email work`, `mailing address city`: a field with many values, and labels
        before or after."""
        for label, rest in ((words[:1], words[1:]), (words[-1:], words[:-1])):
            if not rest or label[0] not in _LABELS:
                continue
            found = self._known.get("".join(rest)) or self._labelled(rest[:_MOST_LABELLED])
            if found and _repeats(found):
                return found._replace(label=_LABELS[label[0]] or found.label)
        return None

    def named(self, place: int, header: str, target: str) -> Column:
        """The column as `--map` says: a field, `field.label`, or nothing to leave it out."""
        if not target or target == "ignore":
            return Column(place, header)
        found = self._aimed(_ALSO.get(target, target)) or self._known.get(squash(target))
        if found is None:
            name = target.partition(".")[0]
            raise UnknownName(
                f"a {self.record.name} has no field {quote(name)}", hint=self._hint(name)
            )
        return found._replace(place=place, header=header)

    def declared(self, place: int, header: str, target: str) -> Column | None:
        """The column as a program's declaration says; None where there is no such field."""
        found = self._aimed(target)
        return found and found._replace(place=place, header=header)

    def _aimed(self, target: str) -> Column | None:
        """A target, as `sources.base` explains them, as a column; None for one that is none."""
        if target == "-":
            return Column(0, "")
        if target in _OWN_ROLES:
            field = self._fields.get(_OWN_ROLES[target])
            return Column(0, "", field, target) if field or not _OWN_ROLES[target] else None
        if target.startswith("id."):
            return Column(0, "", None, "id", 1, target.removeprefix("id."))
        if target == "done" and "planned" in self._fields:
            return Column(0, "", self._fields["planned"], "done")
        match = _TARGET.fullmatch(target)
        return self._matched(match) if match else None

    def _matched(self, match: re.Match[str]) -> Column | None:
        field = self._fields.get(match["name"]) or self.record.field(match["name"])
        role = {None: "value", "id": "link"}.get(match["role"], match["role"]) or "value"
        if field is None or field.name not in self._fields:
            money = (f for f in self._fields.values() if f.currency == match["name"])
            field, role = next(money, None), "currency"
        if field is None or (role == "link" and field.ref not in _LINKED):
            return None
        return Column(0, "", field, role, int(match["number"] or 1), match["label"])

    def _hint(self, name: str) -> str:
        near = close_matches(name, list(self._fields))
        return f"did you mean {', '.join(near)}?" if near else f"fields: {', '.join(self._fields)}"


def _repeats(column: Column) -> bool:
    own = column.role in ("value", "house")
    return own and column.field is not None and column.field.store in _REPEATED


@lru_cache(maxsize=16)
def names_of(record: Record) -> Names:
    """The names of a record type, which take some milliseconds to put together."""
    return Names(record)


@cache
def _declared_names() -> frozenset[str]:
    return frozenset(
        name for system in SYSTEMS for each in system.columns.values() for name in each
    )


def recognised(cells: Iterable[str]) -> int:
    """How many cells are names of columns, of whatever record type; tells a header from data."""
    words = [cell for cell in cells if cell and len(cell) <= _LONGEST_CELL_FOR_NAMES]
    declared = {word for word in words if squash(word) in _declared_names()}
    return max(
        sum(word in declared or names.recognise(0, word).used for word in words)
        for names in (names_of(BY_NAME[kind]) for kind in KINDS)
    )


def columns(
    record: Record,
    header: Sequence[str],
    maps: Mapping[str, str],
    ignore: Iterable[str],
    system: System | None = None,
) -> tuple[Column, ...]:
    """Every column of a file of records of this type.

    maps: column -> field, before anything is guessed; ignore: columns to leave out. system: the
    program that wrote the file. Raises UsageError for a column that is not there, UnknownName for
    a field that is not.
    """
    names = names_of(record)
    chosen = {_place(header, column): target for column, target in maps.items()}
    chosen |= {_place(header, column): "" for column in ignore}
    found: list[Column] = []
    for place, name in enumerate(header):
        if place in chosen:
            column = names.named(place, name, chosen[place])._replace(how="given")
        else:
            column = _own(names, place, name, system) or names.recognise(place, name)
        found.append(column)
    return _once(_with_lines(_with_salutation(names, found)), set(chosen))


def _with_salutation(names: Names, found: Sequence[Column]) -> list[Column]:
    """The columns; beside a job title, `Title` is how people are addressed."""
    titles = [each for each in found if each.target == "title" and not each.how]
    if names.record.name != "contact" or len(titles) < 2:
        return list(found)
    return [
        names.recognise(each.place, "prefix")._replace(header=each.header)
        if each in titles and squash(each.header) == "title"
        else each
        for each in found
    ]


def _own(names: Names, place: int, header: str, system: System | None) -> Column | None:
    """The column as the program that wrote the file declares it."""
    noun = names.record.name
    if system is None or not (target := system.target(noun, header)):
        return None
    column = names.declared(place, header, target)
    return column and column._replace(how=system.title, rank=1 + system.rank(noun, header))


def _once(found: Sequence[Column], chosen: set[int]) -> tuple[Column, ...]:
    """The columns, each target taken by one, or by several that a program declares."""
    taken: dict[str, Column] = {}
    kept = {column.place: column for column in found}
    for column in sorted(found, key=lambda each: _claim(each, chosen)):
        if not column.used or (_repeats(column) and column.field and column.field.store == "point"):
            continue
        if column.field is not None and (column.field.store == "tags" or _is_line(column)):
            continue
        first = taken.setdefault(column.target, column)
        if first is column or (column.rank and first.rank):
            continue
        if column.place in chosen and first.place in chosen:
            raise UsageError(f"two columns are mapped to {column.target}")
        kept[column.place] = Column(column.place, column.header)
    return tuple(kept.values())


def _with_lines(found: Sequence[Column]) -> list[Column]:
    """The columns; a `Street 2` to which nothing else of an address belongs is a second line."""
    whole = {each.number for each in found if each.field and each.field.store in ("part", "address")
             and each.target != f"street {each.number}"}  # fmt: skip
    return [
        each._replace(number=1)
        if _is_line(each) and each.number > 1 and each.number not in whole
        else each
        for each in found
    ]


def _claim(column: Column, chosen: set[int]) -> tuple[bool, bool, bool]:
    """By which a target goes to a column first: said, declared, or called as the field is."""
    own = column.field is not None and squash(column.header) == squash(column.field.name)
    return column.place not in chosen, not column.rank, not own


def _is_line(column: Column) -> bool:
    """Whether the column is a line of a street, of which there may be several."""
    return column.field is not None and column.field.name == "street" and column.role == "value"


def _place(header: Sequence[str], name: str) -> int:
    for same in (str, squash):
        places = [place for place, each in enumerate(header) if same(each) == same(name)]
        if places:
            return places[0]
    raise UsageError(
        f"the file has no column {quote(name)}", hint=f"columns: {', '.join(filter(None, header))}"
    )


def kind_of(header: Sequence[str], file: str, maps: Mapping[str, str]) -> str:
    """The record type that most columns fit; the file's name decides between equals.

    A program that is known by its columns tells it for certain. Raises InvalidValue where no type
    is identified by any column.
    """
    if known := detect(header):
        return known[1]
    scores = {kind: _score(kind, header, file, maps) for kind in KINDS}
    best = max(scores, key=lambda kind: scores[kind])
    if scores[best] <= 0:
        raise InvalidValue(
            f"cannot tell what {file} holds: no column names a contact, a company or a deal",
            hint=f'columns: {", ".join(header)[:200]}; say so with --map "Column=field"',
        )
    return best


# By one of these fields a row says who or what it is.
IDENTITY = {
    "contact": ("name", "first_name", "last_name", "email", "phone"),
    "company": ("name", "domain"),
    "deal": ("title",),
    "activity": ("subject", "notes"),
    "task": ("title",),
}
_FILE_WORDS = {
    "contact": ("contact", "people", "person", "lead", "connection", "kontakt", "kunden"),
    "company": ("compan", "organi", "account", "firmen"),
    "deal": ("deal", "opportunit"),
    "activity": ("activit", "call", "meeting", "notes"),
    "task": ("task", "todo", "aufgaben"),
}
_TELLING = {
    "contact": ("first_name", "last_name", "birthday", "title"),
    "company": ("size", "industry", "founded", "revenue"),
    "deal": ("value", "expected_close", "stage"),
    "activity": ("at", "outcome", "duration"),
    "task": ("due", "priority", "done"),
}
_NEEDS_TELLING = ("activity", "task")


def _score(kind: str, header: Sequence[str], file: str, maps: Mapping[str, str]) -> float:
    names = names_of(BY_NAME[kind])
    mapped = {squash(column): target for column, target in maps.items()}
    fields = set()
    for place, name in enumerate(header):
        column = names.recognise(place, name)
        if squash(name) in mapped:
            field = BY_NAME[kind].field(mapped[squash(name)].partition(".")[0])
            column = column._replace(field=field)
        if column.field is not None:
            fields.add(column.field.name)
    telling = fields & set(_TELLING[kind])
    if not fields & set(IDENTITY[kind]) or (kind in _NEEDS_TELLING and not telling):
        return 0.0
    named = any(word in file.lower() for word in _FILE_WORDS[kind])
    return len(fields) + 2 * len(telling) + named
