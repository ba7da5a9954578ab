"""Which field each column of a file is, told by its name.

A header is compared without case, accents, spaces and punctuation. A number in it counts
(`Email 2`, `E-mail 2 Address`, `phone_2`), words such as work, home or mobile become the label of a
value, and `… label` or `… type` is the label of the column beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from crmcli.catalog import BY_NAME
from crmcli.errors import InvalidValue, UnknownName, UsageError
from crmcli.fields import Field, Record
from crmcli.values.base import quote
from crmcli.values.text import close_matches, sort_key

KINDS = ("contact", "company", "deal")
"""The record types that files hold."""

# Fields that nobody sets by hand, but that a file may bring for a new record.
_BROUGHT = {
    "contact": ("created",),
    "company": ("created",),
    "deal": ("created", "stage_since", "closed", "status", "pipeline"),
}
_REPEATED = ("point", "part", "address", "members")
_TOKENS = re.compile(r"[^\W\d_]+|\d+")
_LABELS = {
    "work": "work", "business": "work", "office": "work", "home": "home", "private": "home",
    "personal": "home", "mobile": "mobile", "cell": "mobile", "cellular": "mobile",
    "other": "other", "main": "main", "direct": "direct", "fax": "fax", "billing": "billing",
    "mailing": "mailing", "shipping": "shipping", "primary": "", "default": "",
    "secondary": "other", "alternate": "other", "alternative": "other", "address": "",
}  # fmt: skip
_LABEL_WORDS = ("label", "type", "role", "roles")
_LONGEST_CELL_FOR_NAMES = 100

# noun -> squashed header -> field, or field.label
_SYNONYMS: dict[str, dict[str, str]] = {
    "contact": {
        "fullname": "name", "personname": "name", "person": "name", "leadname": "name",
        "namecontact": "name", "givenname": "first_name", "familyname": "last_name",
        "firstnames": "first_name", "jobrole": "title", "occupation": "title",
        "designation": "title",
        "jobfunction": "title", "companyaccount": "company", "organizationname": "company",
        "organisationname": "company", "accountname": "company", "associatedcompany": "company",
        "organizationtitle": "title", "organizationdepartment": "department",
        "workplace": "company", "business": "company", "firm": "company",
        "dealstage": "status", "leadstage": "status", "stage": "status", "leadsource": "source",
        "mobilephone": "phone.mobile", "mobilenumber": "phone.mobile", "cellphone": "phone.mobile",
        "mobilephonenumber": "phone.mobile", "mobile": "phone.mobile", "cell": "phone.mobile",
        "fax": "phone.fax", "faxnumber": "phone.fax", "workemail": "email.work",
        "linkedinurl": "social", "linkedinprofile": "social", "twitterhandle": "social",
        "twitterusername": "social", "facebook": "social", "instagram": "social",
        "xing": "social", "github": "social", "web": "url", "webpage": "url",
        "homepage": "url", "owner": "owner", "salesrep": "owner", "labels": "tags",
        "categories": "tags", "groups": "tags", "createdate": "created", "createdat": "created",
        "createddate": "created", "dateadded": "created", "createdon": "created",
        "connectedon": "", "address1": "street", "addressline1": "street", "addressline": "street",
        "streetaddress1": "street", "mailingstreet": "street.mailing", "statecode": "region",
        "countrycode": "country", "birthdate": "birthday", "background": "notes",
    },
    "company": {
        "organizationname": "name", "organisation": "name", "account": "name", "firm": "name",
        "business": "name", "businessname": "name", "client": "name", "customer": "name",
        "domain": "domain", "companydomain": "domain", "web": "url", "site": "url",
        "webpage": "url", "companywebsite": "url", "numberofemployees": "size",
        "employeecount": "size", "staff": "size", "noofemployees": "size", "yearfounded": "founded",
        "foundedyear": "founded", "about": "notes", "linkedinurl": "social", "fax": "phone.fax",
        "linkedincompanypage": "social", "createdate": "created", "createdat": "created",
        "createddate": "created", "labels": "tags", "categories": "tags", "type": "",
        "address1": "street", "addressline1": "street",
    },
    "deal": {
        "stage": "stage", "opportunitystage": "stage", "contactperson": "contact",
        "associatedcontact": "contact", "person": "contact", "client": "company",
        "customer": "company", "price": "value", "worth": "value", "revenue": "value",
        "estimatedvalue": "value", "closedate": "expected_close",
        "expectedclosing": "expected_close",
        "createdate": "created", "createdat": "created", "createddate": "created",
        "dealcreated": "created", "wontime": "closed", "closedat": "closed", "closedon": "closed",
        "closed": "closed", "salesrep": "owner", "labels": "tags", "winprobability": "probability",
        "probability": "probability",
    },
}  # fmt: skip
_CURRENCY_WORDS = ("currency", "currencycode", "currencyofvalue", "amountcurrency", "dealcurrency")


class Column(NamedTuple):
    """A column of a file. `field` is None where it is not imported.

    role: `value`; `label` of the values of the same field and number; `currency` of an amount.
    """

    place: int
    header: str
    field: Field | None = None
    role: str = "value"
    number: int = 1
    label: str | None = None

    @property
    def target(self) -> str:
        """What the column becomes, for people; "" where it is not imported."""
        if self.field is None:
            return ""
        if self.role == "currency":
            return self.field.currency
        name = f"{self.field.name}.{self.label}" if self.label else self.field.name
        numbered = f"{name} {self.number}" if self.number > 1 else name
        return f"{numbered} label" if self.role == "label" else numbered


def squash(text: str) -> str:
    """A header without case, accents, spaces and punctuation: `E-Mail Address*` is emailaddress."""
    return "".join(_TOKENS.findall(sort_key(text[:_LONGEST_CELL_FOR_NAMES])))


def importable(record: Record) -> tuple[Field, ...]:
    """The fields that a file can fill."""
    brought = _BROUGHT[record.name]
    return tuple(f for f in record.fields if not f.readonly or f.name in brought)


class Names:
    """The names under which the fields of a record type are known."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._fields = {field.name: field for field in importable(record)}
        self._known: dict[str, tuple[Field, str, str | None]] = {}
        for field in self._fields.values():
            self._learn_field(field)
        for word, target in _SYNONYMS[record.name].items():
            name, _, label = target.partition(".")
            if name in self._fields:
                self._known[word] = (self._fields[name], "value", label or None)

    def _learn_field(self, field: Field) -> None:
        for word in (field.name, *field.aliases, field.label):
            self._known.setdefault(squash(word), (field, "value", None))
        if field.store == "money":
            words = [field.currency, f"{field.name}_currency"]
            words += _CURRENCY_WORDS if field.currency == "currency" else []
            for word in words:
                self._known[squash(word)] = (field, "currency", None)

    def recognise(self, place: int, header: str) -> Column:
        """What the column `header` is."""
        tokens = _TOKENS.findall(sort_key(header[:_LONGEST_CELL_FOR_NAMES]))
        exact = self._lookup(tokens)
        if exact:
            return Column(place, header, exact[0], exact[1], 1, exact[2])
        numbers = [int(token) for token in tokens if token.isdecimal()]
        words = [token for token in tokens if not token.isdecimal()]
        role = "label" if len(words) > 1 and words[-1] in _LABEL_WORDS else "value"
        if role == "label" or (len(words) > 1 and words[-1] == "value"):
            words = words[:-1]
        found = self._lookup(words) or self._labelled(words)
        number = numbers[0] if numbers else 1
        if found is None or not 1 <= number < 1000 or len(numbers) > 1:
            return Column(place, header)
        field, as_role, label = found
        if (number > 1 or role == "label") and field.store not in _REPEATED:
            return Column(place, header)
        return Column(place, header, field, "label" if role == "label" else as_role, number, label)

    def _lookup(self, words: Sequence[str]) -> tuple[Field, str, str | None] | None:
        return self._known.get("".join(words))

    def _labelled(self, words: list[str]) -> tuple[Field, str, str | None] | None:
        """`home phone`, `email work`: a field with many values, and a label before or after."""
        for label, rest in ((words[:1], words[1:]), (words[-1:], words[:-1])):
            found = self._lookup(rest)
            if rest and found and label[0] in _LABELS and found[0].store in _REPEATED:
                return found[0], found[1], _LABELS[label[0]] or found[2]
        return None

    def named(self, place: int, header: str, target: str) -> Column:
        """The column as `--map` says: a field, `field.label`, or nothing to leave it out."""
        if not target or target == "ignore":
            return Column(place, header)
        name, _, label = target.partition(".")
        field = self._fields.get(name) or self.record.field(name)
        if field is not None and field.name in self._fields:
            return Column(place, header, field, "value", 1, label or None)
        found = self._lookup([squash(target)])
        if found is None:
            raise UnknownName(
                f"a {self.record.name} has no field {quote(name)}", hint=self._hint(name)
            )
        return Column(place, header, found[0], found[1], 1, found[2])

    def _hint(self, name: str) -> str:
        near = close_matches(name, list(self._fields))
        return f"did you mean {', '.join(near)}?" if near else f"fields: {', '.join(self._fields)}"


def recognised(cells: Iterable[str]) -> int:
    """How many cells are names of columns, of whatever record type; tells a header from data."""
    words = [cell for cell in cells if cell and len(cell) <= _LONGEST_CELL_FOR_NAMES]
    return max(
        sum(names.recognise(0, word).field is not None for word in words) for names in _all_names()
    )


def _all_names() -> list[Names]:
    return [Names(BY_NAME[kind]) for kind in KINDS]


def columns(
    record: Record, header: Sequence[str], maps: Mapping[str, str], ignore: Iterable[str]
) -> tuple[Column, ...]:
    """Every column of a file of records of this type.

    maps: column -> field, before anything is guessed; ignore: columns to leave out.
    Raises UsageError for a column that is not there, UnknownName for a field that is not.
    """
    names = Names(record)
    chosen = {_place(header, column): target for column, target in maps.items()}
    chosen |= {_place(header, column): "" for column in ignore}
    taken: set[str] = set()
    found: list[Column] = []
    for place, name in enumerate(header):
        column = (
            names.named(place, name, chosen[place])
            if place in chosen
            else names.recognise(place, name)
        )
        found.append(_once(column, taken, header, chosen))
    return tuple(found)


def _once(
    column: Column, taken: set[str], header: Sequence[str], chosen: Mapping[int, str]
) -> Column:
    """The column, unless its field holds one value and has a column already."""
    field = column.field
    if field is None or (field.store in ("point", "tags") and column.role == "value"):
        return column
    if column.target in taken:
        if column.place in chosen:
            raise UsageError(f"two columns are mapped to {column.target}")
        return Column(column.place, column.header)
    taken.add(column.target)
    return column


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

    Raises InvalidValue where no type is identified by any column.
    """
    scores = {kind: _score(kind, header, file, maps) for kind in KINDS}
    best = max(scores, key=lambda kind: scores[kind])
    if scores[best] <= 0:
        raise InvalidValue(
            f"cannot tell what {file} holds: no column names a contact, a company or a deal",
            hint=f'columns: {", ".join(header)[:200]}; say so with --map "Column=field"',
        )
    return best


_IDENTITY = {
    "contact": ("name", "first_name", "last_name", "email", "phone"),
    "company": ("name", "domain"),
    "deal": ("title",),
}
_FILE_WORDS = {
    "contact": ("contact", "people", "person", "lead", "connection"),
    "company": ("compan", "organi", "account"),
    "deal": ("deal", "opportunit"),
}
_TELLING = {
    "contact": ("first_name", "last_name", "birthday", "title"),
    "company": ("size", "industry", "founded", "revenue"),
    "deal": ("value", "expected_close", "stage"),
}


def _score(kind: str, header: Sequence[str], file: str, maps: Mapping[str, str]) -> float:
    names = Names(BY_NAME[kind])
    mapped = {squash(column): target for column, target in maps.items()}
    fields = set()
    for place, name in enumerate(header):
        column = names.recognise(place, name)
        if squash(name) in mapped:
            field = BY_NAME[kind].field(mapped[squash(name)].partition(".")[0])
            column = column._replace(field=field)
        if column.field is not None:
            fields.add(column.field.name)
    if not fields & set(_IDENTITY[kind]):
        return 0.0
    named = any(word in file.lower() for word in _FILE_WORDS[kind])
    return len(fields) + 2 * len(fields & set(_TELLING[kind])) + named
