"""CSV as other programs import it: their columns, their words for labels, in their order.

Google Contacts and Outlook take contacts, HubSpot contacts, companies and deals. What a program has
no column for (a fourth e-mail in Outlook) goes to the end of the notes, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from crmcli import values
from crmcli.catalog import BY_NAME
from crmcli.errors import UsageError
from crmcli.exchange.extract import Extract, Held
from crmcli.exchange.rows import AddressValue
from crmcli.exchange.writers import Style, table
from crmcli.values.base import Money

PROGRAMS = ("google", "hubspot", "outlook")

Record = Mapping[str, Any]
Cell = Callable[[Record], str]


class Program(NamedTuple):
    """The columns of one kind of record: those that are always there, those that repeat, and what
    of a record they leave over."""

    fixed: tuple[tuple[str, Cell], ...]
    repeated: tuple[_Group, ...] = ()
    over: Callable[[Record], list[str]] = lambda record: []
    notes: str = "Notes"


class _Group(NamedTuple):
    """Columns for each of a record's values of one kind: `headers` with the number in it."""

    field: str
    headers: tuple[str, ...]
    cells: Callable[[Any], tuple[str, ...]]


def lines(extract: Extract, noun: str, program: str, style: Style) -> Iterator[str]:
    """The lines of the file. Raises UsageError for records that the program does not take."""
    form = _FORMS[program].get(noun)
    if form is None:
        raise UsageError(
            f"{program} takes no {BY_NAME[noun].plural} in a file",
            hint=f"it takes {', '.join(BY_NAME[each].plural for each in _FORMS[program])}",
        )
    most = {group.field: max(_most(extract, group.field), 1) for group in form.repeated}
    header = [name for name, _cell in form.fixed]
    for group in form.repeated:
        header += [
            name.format(number) for number in range(1, most[group.field] + 1)
            for name in group.headers
        ]  # fmt: skip
    pages = ([_cells(form, most, record) for record in page] for page in extract.pages())
    found = table(header, pages, style.delimiter or ",")
    if style.bom:
        yield f"\ufeff{next(found)}"
    yield from found


def _most(extract: Extract, name: str) -> int:
    part = "street" if name == "address" else name
    return extract.most(next(field for field in extract.fields if field.name == part))[0]


def _cells(form: Program, most: Mapping[str, int], record: Record) -> list[str]:
    over = form.over(record)
    cells = [
        _with(cell(record), over) if name == form.notes else cell(record)
        for name, cell in form.fixed
    ]
    for group in form.repeated:
        held = list(record[group.field])
        for each in (*held, *[None] * (most[group.field] - len(held))):
            cells += [""] * len(group.headers) if each is None else group.cells(each)
    return cells


def _with(notes: str, over: Sequence[str]) -> str:
    return "\n".join(part for part in (notes, *over) if part)


# --- cells


def _text(name: str, kind: str = "text") -> Cell:
    return lambda record: values.plain(kind, record.get(name))


def _blank(record: Record) -> str:
    return ""


def _nth(name: str, place: int) -> Cell:
    def cell(record: Record) -> str:
        held = record[name]
        return _plain(held[place]) if place < len(held) else ""

    return cell


def _plain(held: Held) -> str:
    return held.value.replace(";ext=", " ext. ")


def _tags(sign: str) -> Cell:
    return lambda record: sign.join(record["tags"])


def _part(name: str, part: str) -> Cell:
    """A part of the first address; `name` is only the label to prefer."""

    def cell(record: Record) -> str:
        address = _address(record, name)
        return getattr(address, part) or "" if address else ""

    return cell


def _address(record: Record, label: str) -> AddressValue | None:
    """The address that goes under a label; one without a label of Outlook's is the business one."""
    wanted = [each for each in record["address"] if _outlook_label(each) == label or not label]
    return wanted[0] if wanted else None


def _outlook_label(address: AddressValue) -> str:
    return address.label if address.label in ("home", "other") else "work"


def _labelled(name: str, labels: tuple[str | None, ...], place: int = 0) -> Cell:
    """The value at `place` among those with one of these labels."""

    def cell(record: Record) -> str:
        held = [each for each in record[name] if each.label in labels]
        return _plain(held[place]) if place < len(held) else ""

    return cell


# --- Google Contacts


def _google_value(held: Held) -> tuple[str, ...]:
    label = (held.label or "").capitalize()
    return (f"* {label}".rstrip() if held.primary and label else label, _plain(held))


def _google_address(address: AddressValue) -> tuple[str, ...]:
    parts = (address.street, address.city, "", address.region, address.postcode, address.country)
    whole = "\n".join(part for part in parts if part)
    return ((address.label or "").capitalize(), whole, *(part or "" for part in parts), "")


_GOOGLE = Program(
    (
        ("First Name", _text("first_name")),
        ("Middle Name", _text("middle_name")),
        ("Last Name", _text("last_name")),
        ("Phonetic First Name", _blank),
        ("Phonetic Middle Name", _blank),
        ("Phonetic Last Name", _blank),
        ("Name Prefix", _text("prefix")),
        ("Name Suffix", _text("suffix")),
        ("Nickname", _text("preferred_name")),
        ("File As", _blank),
        ("Organization Name", _text("company")),
        ("Organization Title", _text("title")),
        ("Organization Department", _text("department")),
        ("Birthday", _text("birthday", "birthday")),
        ("Notes", _text("notes")),
        ("Photo", _blank),
        ("Labels", _tags(" ::: ")),
    ),
    (
        _Group("email", ("E-mail {} - Label", "E-mail {} - Value"), _google_value),
        _Group("phone", ("Phone {} - Label", "Phone {} - Value"), _google_value),
        _Group(
            "address",
            tuple(
                f"Address {{}} - {part}"
                for part in ("Label", "Formatted", "Street", "City", "PO Box", "Region",
                             "Postal Code", "Country", "Extended Address")
            ),
            _google_address,
        ),
        _Group("url", ("Website {} - Label", "Website {} - Value"), _google_value),
    ),
    lambda record: [held.value for held in record["social"]],
)  # fmt: skip

# --- Outlook

_OUTLOOK_PHONES: tuple[tuple[str, tuple[str | None, ...], int], ...] = (
    ("Home Phone", ("home",), 0),
    ("Home Phone 2", ("home",), 1),
    ("Business Phone", ("work",), 0),
    ("Business Phone 2", ("work",), 1),
    ("Mobile Phone", ("mobile",), 0),
    ("Other Phone", ("other",), 0),
    ("Primary Phone", (None, "main"), 0),
    ("Pager", ("pager",), 0),
    ("Business Fax", ("fax",), 0),
)
_OUTLOOK_ADDRESSES = (("Business", "work"), ("Home", "home"), ("Other", "other"))
_OUTLOOK_PARTS = (
    ("Street", "street"), ("City", "city"), ("State", "region"), ("Postal Code", "postcode"),
    ("Country/Region", "country"),
)  # fmt: skip


def _outlook_over(record: Record) -> list[str]:
    """The values for which Outlook has no column."""
    taken = {cell(record) for _name, cell in _OUTLOOK.fixed}
    held = [*record["email"], *record["phone"], *record["url"], *record["social"]]
    over = [_plain(each) for each in held if _plain(each) not in taken]
    shown = [_address(record, label) for _name, label in _OUTLOOK_ADDRESSES]
    addresses = [each for each in record["address"] if each not in shown]
    return over + [", ".join(part for part in each[1:] if part) for each in addresses]


_OUTLOOK = Program(
    (
        ("First Name", _text("first_name")),
        ("Middle Name", _text("middle_name")),
        ("Last Name", _text("last_name")),
        ("Title", _text("prefix")),
        ("Suffix", _text("suffix")),
        ("Nickname", _text("preferred_name")),
        ("E-mail Address", _nth("email", 0)),
        ("E-mail 2 Address", _nth("email", 1)),
        ("E-mail 3 Address", _nth("email", 2)),
        *((name, _labelled("phone", labels, at)) for name, labels, at in _OUTLOOK_PHONES),
        ("Job Title", _text("title")),
        ("Department", _text("department")),
        ("Company", _text("company")),
        *(
            (f"{place} {name}", _part(label, part))
            for place, label in _OUTLOOK_ADDRESSES
            for name, part in _OUTLOOK_PARTS
        ),
        ("Web Page", _nth("url", 0)),
        ("Birthday", _text("birthday", "birthday")),
        ("Notes", _text("notes")),
        ("Categories", _tags(";")),
    ),
    (),
    _outlook_over,
)

# --- HubSpot


def _amount(record: Record) -> str:
    money = record.get("value")
    return values.plain("money", money) if isinstance(money, Money) else ""


def _currency(record: Record) -> str:
    money = record.get("value")
    return money.currency if isinstance(money, Money) else ""


def _hubspot_over(record: Record) -> list[str]:
    phones = [each for each in record["phone"] if each.label != "mobile"][1:]
    mobiles = [each for each in record["phone"] if each.label == "mobile"][1:]
    rest = [*record["email"][1:], *phones, *mobiles, *record["url"][1:], *record["social"]]
    addresses = [", ".join(part for part in each[1:] if part) for each in record["address"][1:]]
    return [_plain(each) for each in rest] + addresses


def _not_mobile(record: Record) -> str:
    phones = [each for each in record["phone"] if each.label != "mobile"]
    return _plain(phones[0]) if phones else ""


_PLACE = (
    ("Street Address", _part("", "street")),
    ("City", _part("", "city")),
    ("State/Region", _part("", "region")),
    ("Postal Code", _part("", "postcode")),
    ("Country/Region", _part("", "country")),
)
_HUBSPOT = {
    "contact": Program(
        (
            ("First Name", _text("first_name")),
            ("Last Name", _text("last_name")),
            ("Salutation", _text("prefix")),
            ("Email", _nth("email", 0)),
            ("Phone Number", _not_mobile),
            ("Mobile Phone Number", _labelled("phone", ("mobile",))),
            ("Company Name", _text("company")),
            ("Job Title", _text("title")),
            ("Contact owner", _text("owner")),
            *_PLACE,
            ("Website URL", _nth("url", 0)),
            ("Date of birth", _text("birthday", "birthday")),
            ("Preferred language", _text("language")),
            ("Message", _text("notes")),
        ),
        (),
        _hubspot_over,
        "Message",
    ),
    "company": Program(
        (
            ("Company name", _text("name")),
            ("Company Domain Name", _text("domain")),
            ("Company owner", _text("owner")),
            ("Phone Number", _not_mobile),
            ("Website URL", _nth("url", 0)),
            *_PLACE,
            ("Industry", _text("industry")),
            ("Number of Employees", _text("size", "integer")),
            ("Annual Revenue", _text("revenue", "money")),
            ("Year Founded", _text("founded", "year")),
            ("Description", _text("notes")),
        ),
        (),
        _hubspot_over,
        "Description",
    ),
    "deal": Program(
        (
            ("Deal Name", _text("title")),
            ("Pipeline", _text("pipeline")),
            ("Deal Stage", _text("stage")),
            ("Amount", _amount),
            ("Currency", _currency),
            ("Close Date", _text("expected_close", "day")),
            ("Deal owner", _text("owner")),
            ("Associated Company", _text("company")),
            ("Associated Contact", _text("contact")),
            ("Closed Lost Reason", _text("lost_reason")),
            ("Deal Description", _text("notes")),
        ),
        notes="Deal Description",
    ),
}
_FORMS: dict[str, dict[str, Program]] = {
    "google": {"contact": _GOOGLE},
    "outlook": {"contact": _OUTLOOK},
    "hubspot": _HUBSPOT,
}
