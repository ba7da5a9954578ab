"""vCards of the versions 2.1, 3.0 and 4.0 as a table, under the names that our own exports have.

A file holds any number of cards. Lines are unfolded (RFC 6350, 3.2), quoted-printable and the
charsets of 2.1 are decoded, Apple's groups tie a label to its value. Pictures, sounds and keys are
passed over without being kept in memory, and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TextIO

from crmcli.exchange.documents import joined

Opener = Callable[[], TextIO]
Card = dict[str, str]

_LONGEST_VALUE = 1024 * 1024
_PASSED_OVER = ("PHOTO", "LOGO", "SOUND", "KEY")
_TECHNICAL = frozenset((
    "VERSION", "PRODID", "REV", "FN", "N", "KIND", "SOURCE", "MAILER", "AGENT", "CLASS",
    "SORT-STRING", "PROFILE", "NAME", "CLIENTPIDMAP", "X-ABLABEL", "X-ABADR", "X-ABSHOWAS",
    "X-ABUID", "X-ABORDER", "X-IMAGETYPE", "X-IMAGEHASH", "X-SHARED-PHOTO-DISPLAY-PREF",
    "X-ADDRESSBOOKSERVER-KIND",
))  # fmt: skip
_PROPERTY = re.compile(
    r'(?:(?P<group>[\w-]+)\.)?(?P<name>[\w-]+)(?P<params>(?:;(?:"[^"]*"|[^":;])*)*):'
)
_PARAM = re.compile(r';([\w-]+)(?:=((?:"[^"]*"|[^";])*))?')
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_LABELS = {
    "cell": "mobile", "iphone": "mobile", "mobile": "mobile", "work": "work", "home": "home",
    "fax": "fax", "pager": "pager", "main": "main", "other": "other",
}  # fmt: skip
_REPEATED = {"EMAIL": "email", "TEL": "phone", "URL": "url"}
_OPEN_YEAR = "1604"
# Without a year: vCard 4.0 writes --0415 and RFC 6350 allows --04-15.
_DATE = re.compile(r"(\d{4}|-)-?(\d{2})-?(\d{2})(?:T.*)?")

COLUMNS = (
    "name", "prefix", "first_name", "middle_name", "last_name", "suffix", "preferred_name",
    "email", "phone", "company", "title", "department", "tags", "street", "city", "region",
    "postcode", "country", "address", "url", "social", "birthday", "language", "time_zone",
    "notes",
)  # fmt: skip


class Cards(NamedTuple):
    """What a file of cards holds: the columns and the number of the cards of people and of those
    of companies, what was left out, and which program wrote it."""

    people: tuple[str, ...]
    companies: tuple[str, ...]
    number: tuple[int, int]
    notes: tuple[str, ...]
    origin: str


class _Property(NamedTuple):
    group: str
    name: str
    params: dict[str, list[str]]
    value: str

    def types(self) -> list[str]:
        """Its types, in lower case; in 2.1 they stand without `TYPE=`."""
        named = [one for text in self.params.get("TYPE", ()) for one in text.split(",")]
        bare = [name for name, values in self.params.items() if values == [""]]
        return [one.strip('"').lower() for one in (*named, *bare)]


def looked_into(opened: Opener) -> Cards:
    """One pass over all cards."""
    names: tuple[dict[str, None], dict[str, None]] = ({}, {})
    number = [0, 0]
    passed: Counter[str] = Counter()
    origin = ""
    for _line, properties in _cards(opened, passed):
        company = _is_company(properties)
        names[company].update(dict.fromkeys(_cells(properties)))
        number[company] += 1
        origin = origin or _origin(properties)
    notes = [f"{count:,} {_many(name, count)} left out" for name, count in passed.items()]
    people, companies = (_ordered(each) for each in names)
    return Cards(people, companies, (number[0], number[1]), tuple(notes), origin)


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    order = {name: place for place, name in enumerate(COLUMNS)}
    return tuple(sorted(names, key=lambda name: _placed(name, order)))


def rows(
    opened: Opener, header: tuple[str, ...], *, companies: bool
) -> Iterator[tuple[int, list[str]]]:
    """The cards as rows under `header`, with the lines on which they begin.

    companies: those of companies, else those of people.
    """
    for line, properties in _cards(opened, Counter()):
        if _is_company(properties) == companies:
            cells = _cells(properties)
            yield line, [cells.get(name, "") for name in header]


def _placed(name: str, order: dict[str, int]) -> tuple[int, int, str]:
    base, number = re.fullmatch(r"(?s)(.+?)(?:_(\d+))?(?:_label)?", name).groups()  # type: ignore[union-attr]
    return order.get(base, len(order)), int(number or 1), name


def _many(name: str, count: int) -> str:
    word = {"PHOTO": "photo", "LOGO": "logo", "SOUND": "sound", "KEY": "key"}.get(name, "long text")
    return word if count == 1 else f"{word}s"


def _is_group(properties: list[_Property]) -> bool:
    """Whether a card is a list of others."""
    return any(
        each.name in ("KIND", "X-ADDRESSBOOKSERVER-KIND") and each.value.lower() == "group"
        for each in properties
    )


def _origin(properties: list[_Property]) -> str:
    maker = next((each.value for each in properties if each.name == "PRODID"), "").lower()
    return next((name for name in ("apple", "google", "outlook") if name in maker), "")


def _is_company(properties: list[_Property]) -> bool:
    return any(
        (each.name, each.value.upper()) in (("X-ABSHOWAS", "COMPANY"), ("KIND", "ORG"))
        for each in properties
    )


# --- from lines to properties


def _cards(opened: Opener, passed: Counter[str]) -> Iterator[tuple[int, list[_Property]]]:
    """The properties of each card; one that never ends ends where the next begins."""
    begun, held = 0, list[_Property]()
    with opened() as file:
        for line, text in _unfolded(file, passed):
            found = _property(text)
            mark = (found.name, found.value.strip().upper()) if found else None
            if mark == ("BEGIN", "VCARD"):
                if begun:
                    yield begun, held
                begun, held = line, []
            elif mark == ("END", "VCARD"):
                if begun:
                    yield begun, held
                begun = 0
            elif found and begun:
                held.append(found)
    if begun:
        yield begun, held


def _unfolded(file: TextIO, passed: Counter[str]) -> Iterator[tuple[int, str]]:
    """The lines of a file with their continuations, and where they begin."""
    begun, pieces, size, soft = 0, list[str](), 0, False
    for number, raw in enumerate(file, 1):
        line = raw.rstrip("\r\n").removeprefix("\ufeff")
        if begun and (soft or line[:1] in (" ", "\t")):
            if pieces:
                pieces[-1] = pieces[-1].removesuffix("=") if soft else pieces[-1]
                pieces.append(line if soft else line[1:])
                size += len(line)
                soft = soft and line.endswith("=")
            if size > _LONGEST_VALUE:
                passed["TEXT"] += 1
                pieces, size, soft = [], 0, False
            continue
        if pieces:
            yield begun, "".join(pieces)
        name, params = _head(line)
        passing = name in _PASSED_OVER
        passed.update([name] if passing else ())
        begun, pieces, size = number, [] if passing else [line], 0
        soft = bool(pieces) and "QUOTED-PRINTABLE" in params and line.endswith("=")
    if pieces:
        yield begun, "".join(pieces)


def _head(line: str) -> tuple[str, str]:
    """The name of the property that a line begins, and its parameters, in upper case."""
    head = line[:1000].partition(":")[0].upper()
    name, _, params = head.partition(";")
    return name.rpartition(".")[2], params


def _property(text: str) -> _Property | None:
    found = _PROPERTY.match(text)
    if found is None:
        return None
    params: dict[str, list[str]] = {}
    for name, value in _PARAM.findall(found["params"]):
        params.setdefault(name.upper(), []).append(value.strip('"'))
    value = text[found.end() :]
    encoding = [each.upper() for each in params.get("ENCODING", ())]
    if "QUOTED-PRINTABLE" in encoding or "QUOTED-PRINTABLE" in params:
        value = _from_quoted_printable(value, params.get("CHARSET", ["utf-8"])[0])
    return _Property((found["group"] or "").lower(), found["name"].upper(), params, value)


def _from_quoted_printable(text: str, charset: str) -> str:
    import quopri

    data = quopri.decodestring(text.encode("utf-8"))
    try:
        return data.decode(charset, "replace").replace("\r\n", "\n")
    except LookupError:
        return data.decode("utf-8", "replace")


def _parts(value: str, sign: str = ";") -> list[str]:
    """The components of a value, unescaped."""
    parts, held, escaped = [], "", False
    for char in value:
        if escaped:
            held += "\n" if char in "nN" else char if char in "\\;,:" else f"\\{char}"
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == sign:
            parts.append(held.strip())
            held = ""
        else:
            held += char
    return [*parts, (held + "\\" * escaped).strip()]


def _whole(value: str) -> str:
    return _parts(value, "\0")[0]


# --- from properties to cells


def _cells(properties: list[_Property]) -> Card:
    """The cells of one card; none for a list of other cards."""
    if _is_group(properties):
        return {}
    labels = {
        each.group: _group_label(_whole(each.value))
        for each in properties
        if each.name == "X-ABLABEL" and each.group
    }
    cells: Card = {}
    _add_name(cells, properties)
    counts: Counter[str] = Counter()
    for each in sorted(properties, key=_rank):
        label = labels.get(each.group, "") if each.group else ""
        if each.name in _REPEATED:
            _add_point(cells, counts, _REPEATED[each.name], each, label)
        elif each.name == "X-SOCIALPROFILE":
            _add_social(cells, counts, each, label)
        elif each.name == "ADR":
            _add_address(cells, counts, each, label)
        elif each.name in _SINGLE:
            _SINGLE[each.name](cells, each)
        elif each.name not in _TECHNICAL:
            _add_other(cells, each, label)
    if _is_company(properties):
        cells["name"] = cells.pop("company", "") or cells.get("name", "")
    return {name: value for name, value in cells.items() if value}


def _group_label(text: str) -> str:
    """The label of a group: Apple's own words are marked, all others are somebody's."""
    own = _APPLE_LABEL.fullmatch(text)
    return own[1].lower() if own else text


def _rank(each: _Property) -> int:
    """The preferred value of each kind first."""
    preferred = each.params.get("PREF", [""])[0]
    if preferred.isdecimal():
        return int(preferred)
    return 0 if "pref" in each.types() else 101


def _add_name(cells: Card, properties: list[_Property]) -> None:
    by_name = {each.name: each for each in reversed(properties)}
    if "FN" in by_name:
        cells["name"] = _whole(by_name["FN"].value)
    if "N" not in by_name:
        return
    parts = [" ".join(_parts(part, ",")) for part in _raw_parts(by_name["N"].value)]
    names = ("last_name", "first_name", "middle_name", "prefix", "suffix")
    cells.update(zip(names, parts, strict=False))


def _raw_parts(value: str) -> list[str]:
    """The components as they are written, to be divided again at their commas."""
    return re.findall(r"((?:[^;\\]|\\.)*)(?:;|$)", value, re.DOTALL)


def _label_of(each: _Property, label: str) -> str:
    if label:
        return _LABELS.get(label, label)
    types = each.types()
    found = [_LABELS[one] for one in types if one in _LABELS]
    return (
        "fax"
        if "fax" in found
        else next((one for one in ("mobile", "pager", *found) if one in found), "")
    )


def _numbered(counts: Counter[str], name: str) -> str:
    counts[name] += 1
    return f"{name}_{counts[name]}" if counts[name] > 1 else name


def _add_point(cells: Card, counts: Counter[str], name: str, each: _Property, label: str) -> None:
    value = re.sub("^(tel|mailto):", "", _whole(each.value), flags=re.IGNORECASE)
    if not value:
        return
    column = _numbered(counts, name)
    cells[column] = value
    told = _label_of(each, label)
    cells[f"{column}_label"] = "" if told == "homepage" else told


def _add_social(cells: Card, counts: Counter[str], each: _Property, label: str) -> None:
    value = _whole(each.value)
    user = each.params.get("X-USER", [""])[0]
    network = next((one for one in each.types() if one not in ("pref", "home", "work")), label)
    if not value.lower().startswith(("http://", "https://")):
        value = f"{network}:{user or value.partition(':')[2] or value}" if network else value
    if value:
        cells[_numbered(counts, "social")] = value


def _add_address(cells: Card, counts: Counter[str], each: _Property, label: str) -> None:
    parts = [*_parts(each.value), *[""] * 7][:7]
    if not any(parts):
        return
    counts["address"] += 1
    suffix = f"_{counts['address']}" if counts["address"] > 1 else ""
    box, extended, street, *rest = [part.replace("\n", ", ") for part in parts]
    lines = (street, extended, box)
    cells[f"street{suffix}"] = ", ".join(line for line in lines if line)
    for name, part in zip(("city", "region", "postcode", "country"), rest, strict=True):
        cells[f"{name}{suffix}"] = part
    cells[f"address{suffix}_label"] = _label_of(each, label)


def _add_org(cells: Card, each: _Property) -> None:
    company, *units = [*_parts(each.value), ""]
    cells.setdefault("company", company)
    cells.setdefault("department", ", ".join(unit for unit in units if unit))


def _add_birthday(cells: Card, each: _Property) -> None:
    cells.setdefault("birthday", _day(each))


def _day(each: _Property) -> str:
    value = _whole(each.value)
    found = _DATE.fullmatch(value)
    if found is None:
        return value
    year, month, day = found.groups()
    omitted = each.params.get("X-APPLE-OMIT-YEAR", [""])[0]
    unknown = year in ("-", omitted, _OPEN_YEAR)
    return f"--{month}-{day}" if unknown else f"{year}-{month}-{day}"


def _add_categories(cells: Card, each: _Property) -> None:
    words = [word for word in _parts(each.value, ",") if word]
    more = joined(words)
    cells["tags"] = f"{cells['tags']}, {more}" if cells.get("tags") else more


def _add_note(cells: Card, each: _Property) -> None:
    value = _whole(each.value)
    cells["notes"] = f"{cells['notes']}\n\n{value}" if cells.get("notes") else value


def _simple(name: str) -> Callable[[Card, _Property], None]:
    def add(cells: Card, each: _Property) -> None:
        cells.setdefault(name, _whole(each.value))

    return add


_SINGLE: dict[str, Callable[[Card, _Property], None]] = {
    "ORG": _add_org,
    "BDAY": _add_birthday,
    "CATEGORIES": _add_categories,
    "NOTE": _add_note,
    "TITLE": _simple("title"),
    "NICKNAME": _simple("preferred_name"),
    "LANG": _simple("language"),
    "TZ": _simple("time_zone"),
    "UID": _simple("uid"),
}


def _add_other(cells: Card, each: _Property, label: str) -> None:
    """A property that no field has: it is listed under its own name, or Apple's label."""
    if each.name in ("X-ABDATE", "X-ABRELATEDNAMES"):
        name = label.lower() or each.name.removeprefix("X-AB").lower()
    else:
        name = each.name.removeprefix("X-").lower().replace("-", "_") or "x"
    value = _day(each) if each.name in ("X-ABDATE", "ANNIVERSARY") else _whole(each.value)
    cells[name] = f"{cells[name]}, {value}" if cells.get(name) else value
