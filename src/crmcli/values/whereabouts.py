"""What a phone number and a country tell of where somebody is, without asking anybody.

The numbering plans are those of phonenumbers, the zones of countries those of the IANA database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

# Where the description of an area names the state: "San Francisco, CA", "Manitoba".
_WITH_STATES = ("US", "CA")


def _numbers(phones: Iterable[str], country: str = "") -> Iterator[PhoneNumber]:
    """Stored numbers that can be read, all of them or those of a country."""
    from phonenumbers import NumberParseException, parse

    for phone in phones:
        with suppress(NumberParseException):
            number = parse(phone.partition(";")[0], None)
            if not country or _country(number) == country:
                yield number


def _country(number: PhoneNumber) -> str:
    """The country that a number is of, "" for one that is of none, such as +800."""
    from phonenumbers import region_code_for_number

    code = region_code_for_number(number)
    return code if code and code.isalpha() else ""


def country_of(phones: Iterable[str]) -> str:
    """The ISO 3166 code of the one country that stored numbers (E.164) are from, else ""."""
    found = {code for number in _numbers(phones) if (code := _country(number))}
    return found.pop() if len(found) == 1 else ""


def region_of(phones: Iterable[str], country: str, city: str = "") -> str:
    """The one state or province that stored numbers are from, "" where they do not tell.

    country: where somebody is, as an ISO 3166 code; a number of another one tells nothing. city:
    where that is known, a number tells only if it is from that very city.
    """
    numbers = list(_numbers(phones, country)) if country in _WITH_STATES else []
    if not numbers:
        return ""
    from phonenumbers.geocoder import description_for_number

    areas = (description_for_number(number, "en").rpartition(", ") for number in numbers)
    found = {state for town, _, state in areas if town.casefold() == city.casefold() or not city}
    return found.pop() if len(found) == 1 and "/" not in "".join(found) else ""


def zone_of(country: str, phones: Iterable[str] = ()) -> str:
    """The time zone of a country, or of the area of a number where it has several, else "".

    country: an ISO 3166 code. Zones whose clocks agree all year count as one.
    """
    zones = _zones().get(country, ())
    if len({_clock(zone) for zone in zones}) == 1:
        return zones[0]
    from phonenumbers.timezone import time_zones_for_number

    numbers = _numbers(phones, country)
    found = {zone for number in numbers for zone in time_zones_for_number(number)}
    return found.pop() if len(found) == 1 and found <= set(zones) else ""


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """The zones of each country; nothing where the system has no list of them."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _zone_lines():
        if match := re.match(r"([A-Z]{2})\t\S+\t([^\t\n]+)", line):
            found[match[1]] = (*found.get(match[1], ()), match[2])
    return found


def _zone_lines() -> list[str]:
    from importlib.resources import files
    from pathlib import Path
    from zoneinfo import TZPATH

    for folder in TZPATH:
        path = Path(folder, "zone.tab")
        if path.is_file():
            return path.read_text("utf-8").splitlines()
    try:
        return files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines()
    except ModuleNotFoundError:
        return []


@cache
def _clock(zone: str) -> tuple[object, ...]:
    """The offsets from UTC at the beginning of each month of a year."""
    from zoneinfo import ZoneInfo

    moments = (datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13))
    return tuple(moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments)
