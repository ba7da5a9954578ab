"""Postcodes as the post of each country writes them."""

from __future__ import annotations

import re

# By country: what a code is without spaces and hyphens, and how its groups are written.
_SHAPES = {
    "BR": (r"(\d{5})(\d{3})", "-"),
    "CA": (r"([A-Z]\d[A-Z])(\d[A-Z]\d)", " "),
    "CZ": (r"(\d{3})(\d{2})", " "),
    "GB": (r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})", " "),
    "GR": (r"(\d{3})(\d{2})", " "),
    "IE": (r"([A-Z]\d[\dW])([A-Z\d]{4})", " "),
    "JP": (r"(\d{3})(\d{4})", "-"),
    "NL": (r"(\d{4})([A-Z]{2})", " "),
    "PL": (r"(\d{2})(\d{3})", "-"),
    "PT": (r"(\d{4})(\d{3})", "-"),
    "SE": (r"(\d{3})(\d{2})", " "),
    "SK": (r"(\d{3})(\d{2})", " "),
    "US": (r"(\d{5})(\d{4})", "-"),
}
# The sign of a country before its code, as envelopes had it: D-10115, CH-8001.
_SIGN = re.compile(r"[A-Z]{1,3}-(?=\d{4,5}$)")


def postcode_of(country: str, text: str) -> str:
    """A postcode as it is written in a country, an ISO 3166 code; in capitals if that is unknown.

    What is no postcode of the country keeps its groups, for it may be one of another.
    """
    plain = _SIGN.sub("", " ".join(text.upper().split()))
    shape, mark = _SHAPES.get(country, ("", ""))
    match = re.fullmatch(shape, re.sub(r"[\s-]", "", plain)) if shape else None
    return mark.join(match.groups()) if match else plain
