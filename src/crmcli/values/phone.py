"""Phone numbers: E.164 with an optional extension, "+14155550100;ext=12".

A number is read with the library phonenumbers. What it does not find valid is kept as typed by an
import (`read_phone`); typed on the command line, one that is merely unlikely is accepted, and one
that is impossible (too short, too long, no such country) is refused.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, Kind, quote
from crmcli.values.text import check_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phonenumbers import PhoneNumber

_EXTENSION = r"(?i)(?:;ext=|ext\.?:?|extension:?|x|#)\s*\d{1,11}$"
_DIGIT, _NO_DIGITS = r"\d", r"\D+"
_LOCALE = r"[a-zA-Z]{2,3}[_-](?:[A-Z][a-z]{3}[_-])?([A-Z]{2})(?:[.@].*)?"
_PLAIN = r"(?a)(\+1[-. ]?)?\(?([2-9]\d\d)\)?[-. ]?(\d{3})[-. ]?(\d{4})(?: ?x(\d{1,6}))?"
_KINDS_OF_NUMBER = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip"),
    *("personal_number", "pager", "uan", "voicemail"),
)
_CACHED = 4096


def _parsed(text: str, region: str) -> PhoneNumber | None:
    from phonenumbers import NumberParseException, parse

    try:
        return parse(text, region)
    except NumberParseException:
        return None


def _stored(number: PhoneNumber) -> str:
    from phonenumbers import PhoneNumberFormat, format_number

    bare = format_number(number, PhoneNumberFormat.E164)
    return f"{bare};ext={number.extension}" if number.extension else bare


@cache
def _north_american() -> re.Pattern[str]:
    """What the library holds valid among the ten digits after +1, as one pattern.

    Twenty-five regions share that code, and the library tries one after the other, which takes
    longer than all the rest of an import's row.
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    patterns = []
    for region in COUNTRY_CODE_TO_REGION_CODE[1]:
        metadata = PhoneMetadata.metadata_for_region(region, None)
        if metadata is None or metadata.general_desc is None:
            continue
        kinds = [getattr(metadata, name) for name in _KINDS_OF_NUMBER]
        valid = [kind.national_number_pattern for kind in kinds if kind is not None]
        general = metadata.general_desc.national_number_pattern
        either = "|".join(pattern for pattern in valid if pattern)
        patterns.append(f"(?={metadata.leading_digits or ''})(?={general})(?:{either})")
    return re.compile("|".join(patterns))


@cache
def _is_north_american(region: str) -> bool:
    from phonenumbers import country_code_for_region

    return country_code_for_region(region) == 1


def _read_north_american(text: str, region: str) -> tuple[str, bool] | None:
    """The same as the library says for the plain forms of a North American number, else None."""
    match = re.fullmatch(_PLAIN, text)
    if match is None or not (match[1] or _is_north_american(region)):
        return None
    digits = match[2] + match[3] + match[4]
    if not _north_american().fullmatch(digits):
        return text, False
    return f"+1{digits};ext={match[5]}" if match[5] else f"+1{digits}", True


@lru_cache(maxsize=_CACHED)
def read_phone(text: str, region: str) -> tuple[str, bool]:
    """A typed number and whether it is valid: E.164 if so, else as typed; never raises.

    region: ISO 3166 code of numbers without a country code.
    """
    return _read_north_american(text, region) or _read_by_library(text, region)


def _read_by_library(text: str, region: str) -> tuple[str, bool]:
    from phonenumbers import is_possible_number, is_valid_number

    number = _parsed(text, region)
    if number is None or not (is_possible_number(number) and is_valid_number(number)):
        return text, False
    return _stored(number), True


def _possible(text: str, region: str) -> str | None:
    from phonenumbers import ValidationResult, is_possible_number_with_reason

    number = _parsed(text, region)
    if number is None or is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return _stored(number)


def parse_phone(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed number; env.keep_invalid keeps an impossible one as typed."""
    stored = _possible(text, env.region)
    if stored is not None:
        return stored
    if env.keep_invalid:
        return text
    raise InvalidValue(
        f"{quote(text)} cannot be a phone number (region {env.region})",
        hint="type it with its country code, for example +44 20 7946 0958, "
        "or --keep-invalid to keep it as typed",
        details={"value": text, "kind": "a phone number", "region": env.region},
    )


def phone_key(value: str) -> str:
    """The digits to match a stored number by, without its extension or a leading 00.

    The folded text itself when it has no digits.
    """
    bare = re.sub(_EXTENSION, "", value)
    if bare.isascii():
        digits = re.sub(_NO_DIGITS, "", bare)
    else:
        digits = "".join(str(int(digit)) for digit in re.findall(_DIGIT, bare))
    return digits.removeprefix("00") or value.casefold()


def region_of_locale(locale: str) -> str | None:
    """The ISO 3166 code in a locale's name: "DE" for "de_DE.UTF-8", None for "C"."""
    match = re.fullmatch(_LOCALE, locale)
    return match[1] if match else None


def _show(value: str, env: Env) -> str:
    return value.replace(";ext=", " ext. ")


KINDS = {"phone": Kind(parse_phone, check_text, phone_key, show=_show)}
