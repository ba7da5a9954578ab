"""Contacts and companies as vCards 3.0 (RFC 2426) or 4.0 (RFC 6350).

What a vCard has no property for (status, owner, source, your own fields) is left out. Labels that
are no types stand in a group, as Apple writes them and others read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmcli import values
from crmcli.exchange.extract import Extract, Held
from crmcli.exchange.rows import AddressValue
from crmcli.values.web import profile_url

VERSIONS = ("3.0", "4.0")
NOUNS = ("contact", "company")

_TYPES = {"work": "WORK", "home": "HOME", "mobile": "CELL", "fax": "FAX", "pager": "PAGER",
          "main": "MAIN"}  # fmt: skip
_LONGEST_LINE = 75  # octets, RFC 6350 3.2
_NO_YEAR = "1604"
_NAME = ("last_name", "first_name", "middle_name", "prefix", "suffix")


def lines(extract: Extract, noun: str, version: str) -> Iterator[str]:
    """The lines of the cards, without their last line feed."""
    for page in extract.pages():
        for record in page:
            yield from card(record, noun, version)


def card(record: Mapping[str, Any], noun: str, version: str) -> list[str]:
    """The lines of one card."""
    written = _Card(version)
    written.write(record, company=noun == "company")
    return written.lines


class _Card:
    """One card while it is written."""

    def __init__(self, version: str) -> None:
        self._four = version == "4.0"
        self._groups = 0
        self.lines: list[str] = ["BEGIN:VCARD\r", f"VERSION:{version}\r"]

    def write(self, record: Mapping[str, Any], *, company: bool) -> None:
        """Add every property that the record has."""
        self._add_name(record, company=company)
        for held in record.get("email", ()):
            self._add_point("EMAIL", _escaped(held.value), held)
        for held in record.get("phone", ()):
            self._add_phone(held)
        for address in record.get("address", ()):
            self._add_address(address)
        for held in record.get("url", ()):
            self._add_point("URL", held.value, held)
        for held in record.get("social", ()):
            self._add_profile(held.value)
        self._add_birthday(values.plain("birthday", record.get("birthday")))
        if record.get("tags"):
            self._add("CATEGORIES", ",".join(_escaped(tag) for tag in record["tags"]))
        for name, column in (("LANG", "language"), ("TZ", "time_zone"), ("NOTE", "notes")):
            if record.get(column):
                self._add(name, _escaped(str(record[column])))
        self.lines.append("END:VCARD\r")

    def _add_name(self, record: Mapping[str, Any], *, company: bool) -> None:
        name = str(record.get("name") or "")
        parts = [_escaped(str(record.get(part) or "")) for part in _NAME]
        self._add("FN", _escaped(name))
        self._add("N", ";;;;" if company else ";".join(parts))
        if company:
            self._add("ORG", _escaped(name))
            self._add("KIND" if self._four else "X-ABShowAs", "org" if self._four else "COMPANY")
            return
        units = [record.get("company"), record.get("department")]
        if any(units):
            self._add("ORG", ";".join(_escaped(str(unit or "")) for unit in units))
        for property, column in (("TITLE", "title"), ("NICKNAME", "preferred_name")):
            if record.get(column):
                self._add(property, _escaped(str(record[column])))

    def _add_phone(self, held: Held) -> None:
        number, _, extension = held.value.partition(";ext=")
        if self._four and number.startswith("+") and number[1:].isdecimal():
            self._add_point("TEL;VALUE=uri", f"tel:{held.value}", held)
            return
        self._add_point(
            "TEL", _escaped(f"{number} ext. {extension}" if extension else number), held
        )

    def _add_address(self, address: AddressValue) -> None:
        parts = ("", "", address.street, address.city, address.region, address.postcode,
                 address.country)  # fmt: skip
        text = ";".join(_escaped(part or "") for part in parts)
        self._add_point("ADR", text, Held("", address.label))

    def _add_profile(self, value: str) -> None:
        network = value.partition(":")[0] if not value.startswith("http") else ""
        type = f";TYPE={network}" if network.isalnum() else ""
        self._add(f"X-SOCIALPROFILE{type}", _escaped(profile_url(value) or value))

    def _add_birthday(self, text: str) -> None:
        if not text.startswith("--"):
            self._add("BDAY", text) if text else None
        elif self._four:
            self._add("BDAY", text.replace("-", "").rjust(6, "-"))
        else:
            self._add(f"BDAY;X-APPLE-OMIT-YEAR={_NO_YEAR}", f"{_NO_YEAR}-{text[2:]}")

    def _add_point(self, property: str, value: str, held: Held) -> None:
        """A value with its label: a type, or the words of a group."""
        preferred = (";PREF=1" if self._four else ";TYPE=PREF") if held.primary else ""
        type = _TYPES.get(held.label or "", "")
        if type:
            self._add(f"{property};TYPE={type}{preferred}", value)
        elif not held.label:
            self._add(f"{property}{preferred}", value)
        else:
            self._groups += 1
            self._add(f"item{self._groups}.{property}{preferred}", value)
            self._add(f"item{self._groups}.X-ABLabel", _escaped(held.label))

    def _add(self, property: str, value: str) -> None:
        self.lines += [f"{line}\r" for line in _folded(f"{property}:{value}")]


def _escaped(text: str) -> str:
    for sign in ("\\", ",", ";"):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _folded(text: str) -> list[str]:
    """A line as lines of at most 75 octets, of which all but the first start with a space."""
    if len(text.encode()) <= _LONGEST_LINE:
        return [text]
    found, held, size = [], "", 0
    for char in text:
        octets = len(char.encode())
        if size + octets > _LONGEST_LINE:
            found.append(held)
            held, size = " ", 1
        held += char
        size += octets
    return [*found, held]
