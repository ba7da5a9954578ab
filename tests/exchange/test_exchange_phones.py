"""The fast way to read a phone number gives exactly what the library gives."""

from __future__ import annotations

import random

import phonenumbers
import pytest

from crmcli.exchange import phones
from crmcli.values.phone import read_phone

WAYS = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
)


def variants(region: str) -> list[str]:
    """Valid and broken numbers of a region, written in several ways."""
    random.seed(region)
    found = []
    for kind in (0, 1, 3):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        for way in WAYS:
            text = phonenumbers.format_number(example, way)
            found.append(text)
            for _ in range(6):
                place = random.randrange(1, len(text))
                found.append(text[:place] + random.choice("0123456789") + text[place + 1 :])
            found += [text[:-1], text + "7", text.replace(" ", "-")]
    return found


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_region_reads_as_in_the_library(region: str) -> None:
    for text in variants(region):
        assert phones.read(text, region) == read_phone.__wrapped__(text, region), text


@pytest.mark.parametrize(
    "text",
    [
        "+1 415 555 0100 x12",
        "(599)782-0605",
        "001-672-799-2170x5610",
        "+44 (0)20 7946 0958",
        "857.139.8239",
        "+",
        "",
        "n/a",
        "911",
        "+999 123 4567",
        "٤١٥٥٥٥٠١٠٠",
        "+800 1234 5678",
        "1 415 555 0132",
        "14155550132",
        "4155550132",
        "+39 06 698 12345",
    ],
)
@pytest.mark.parametrize("region", ["US", "GB", "AR", "IT", "RU", "DE"])
def test_odd_texts_read_as_in_the_library(text: str, region: str) -> None:
    assert phones.read(text, region) == read_phone.__wrapped__(text, region)
