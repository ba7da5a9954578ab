"""Phone numbers of imports: plain ones read with the tables of phonenumbers, but not its parser.

The library takes about 50 µs for a number, which would be most of the time of an import. A number
that is written plainly (digits, spaces, hyphens, dots, brackets) and needs no prefix stripped is
looked up in the library's own patterns instead; everything else goes to the library. Both give the
same, which a test holds over every region of the library.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.values.phone import read_phone

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata

_PLAIN = re.compile(r"\s*(\+?)([\d(][\d\-. ()/]{5,30}\d)\s*")
_SEPARATORS = str.maketrans("", "", "-. ()/")
_TYPES = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip",
    "personal_number", "pager", "uan", "voicemail",
)  # fmt: skip


class _Region(NamedTuple):
    """What the library knows of the numbers of one region."""

    code: str
    leading: re.Pattern[str] | None
    valid: re.Pattern[str]
    general: re.Pattern[str]
    prefix: re.Pattern[str] | None
    abroad: re.Pattern[str] | None
    transforms: bool


def read(text: str, region: str) -> tuple[str, bool]:
    """A typed number in E.164 and True if it is valid, else the text and False; never raises.

    region: ISO 3166 code of numbers without a country code.
    """
    match = _PLAIN.fullmatch(text)
    if match and text.isascii():
        digits = match[2].translate(_SEPARATORS)
        found = _abroad(digits) if match[1] else _at_home(digits, region)
        if found is not None:
            return (found, True) if found else (text, False)
    return read_phone(text, region)


def _abroad(digits: str) -> str | None:
    """E.164 of a number with its country code; "" when invalid, None when the library must say."""
    for length in (1, 2, 3):
        regions = _regions(digits[:length])
        if regions:
            national = digits[length:]
            if len(digits) > 15 or len(national) < 3 or _has_prefix(national, regions[0]):
                return None
            return f"+{digits}" if _is_valid(national, regions) else ""
    return None


def _at_home(digits: str, region: str) -> str | None:
    """E.164 of a number of `region`; "" when invalid, None when the library must say."""
    rules = _home(region)
    if rules is None or _has_prefix(digits, rules) or not rules.general.fullmatch(digits):
        return None
    if rules.abroad and rules.abroad.match(digits):
        return None
    return f"+{rules.code}{digits}" if _is_valid(digits, _regions(rules.code)) else ""


def _has_prefix(national: str, rules: _Region) -> bool:
    """Whether the library might strip or change something."""
    if national.startswith("0") or rules.transforms:
        return True
    match = rules.prefix.match(national) if rules.prefix else None
    return match is not None and match.end() > 0


def _is_valid(national: str, regions: tuple[_Region, ...]) -> bool:
    if len(regions) == 1:
        return regions[0].valid.fullmatch(national) is not None
    for region in regions:
        if region.leading:
            if region.leading.match(national):
                return region.valid.fullmatch(national) is not None
        elif region.valid.fullmatch(national):
            return True
    return False


@cache
def _regions(code: str) -> tuple[_Region, ...]:
    """The regions that share a calling code, the main one first; none without such a code."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    if not code.isdecimal() or code.startswith("0"):
        return ()
    found: list[_Region] = []
    for name in COUNTRY_CODE_TO_REGION_CODE.get(int(code), ()):
        nowhere = name == "001"
        metadata = (
            PhoneMetadata.metadata_for_nongeo_region(int(code), None)
            if nowhere
            else PhoneMetadata.metadata_for_region(name, None)
        )
        if metadata is None:
            return ()
        found.append(_rules(code, metadata))
    return tuple(found)


@cache
def _home(region: str) -> _Region | None:
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None)
    return _rules(str(metadata.country_code), metadata) if metadata else None


def _rules(code: str, metadata: PhoneMetadata) -> _Region:
    types = [getattr(metadata, name) for name in _TYPES]
    pattern = "|".join(_described(each) for each in types if each and each.national_number_pattern)
    general = _described(metadata.general_desc)
    return _Region(
        code,
        _compiled(metadata.leading_digits),
        re.compile(f"(?={general}\\Z)(?:{pattern})" if pattern else r"(?!)"),
        re.compile(general),
        _compiled(metadata.national_prefix_for_parsing),
        _compiled(metadata.international_prefix),
        bool(metadata.national_prefix_transform_rule),
    )


def _described(numbers: Any) -> str:
    """A pattern of the numbers of one type: their possible lengths and their digits."""
    lengths = "|".join(f"\\d{{{length}}}" for length in numbers.possible_length if length > 0)
    ahead = f"(?=(?:{lengths})\\Z)" if lengths else ""
    return f"(?:{ahead}(?:{numbers.national_number_pattern or '(?!)'}))"


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None
