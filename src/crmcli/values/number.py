"""Numbers as people type them: integers, decimals, percentages, years, yes and no.

How a numeral is read (the same for money):

    1,234.50   1.234,50   1 234,50   1'234.50     the last mark is the decimal mark
    1.234.567  1,234,567  12,34,567               a repeated mark groups
    1,234      1.234                              one mark before three digits groups
    1,23       0.125      1234.567                any other single mark is the decimal mark
    1.5k  1.250m  2bn  3.5 million                before k, m or b a single mark is the decimal mark
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from crmcli.errors import InvalidValue
from crmcli.values.base import INT_MAX, Env, Kind, check_int, quote, unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

_POWERS = {
    "thousand": 3, "k": 3, "million": 6, "mio": 6, "mn": 6, "m": 6, "billion": 9, "bn": 9, "b": 9,
}  # fmt: skip
_SCALES = "|".join(_POWERS)
NUMERAL = rf"[.,]?\d[\d.,'’_ \u00a0\u202f]*(?:(?:{_SCALES})(?![^\W\d_]))?"
"""A pattern for what `read_numeral` may be able to read, sign aside."""

_PARTS = rf"(?i)([-+−]?)\s*([\d.,'’_ \u00a0\u202f]*\d)\s*({_SCALES}|)"
_GROUPED = r"\d{1,3}([.,'’_ \u00a0\u202f])(?:\d{2,3}\1)*\d{3}"
_FLOAT = r"(?i)[-+]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})(e[-+]?\d{1,4})?"
_DIGITS_MAX = 40


def _decimal_mark(body: str, point: bool, scaled: bool) -> str:
    points, commas = body.count("."), body.count(",")
    if points and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    if points + commas != 1:
        return ""
    mark = "." if points else ","
    head, tail = body.split(mark)
    if scaled or (point and mark == "."):
        return mark
    groups = len(tail) == 3 and head.isdecimal() and len(head) <= 3 and int(head[0]) > 0
    return "" if groups else mark


def _ungrouped(whole: str) -> str | None:
    if not whole or whole.isdecimal():
        return whole
    if re.fullmatch(_GROUPED, whole):
        return "".join(filter(str.isdecimal, whole))
    return None


def read_numeral(text: str, *, point: bool = False) -> tuple[int, int] | None:
    """`text` as (digits, scale), meaning digits / 10**scale; None when it is no numeral.

    point: a point is always the decimal mark.
    """
    match = re.fullmatch(_PARTS, text)
    if match is None:
        return None
    sign, body, suffix = match.groups()
    power = _POWERS.get(suffix.lower(), 0)
    mark = _decimal_mark(body, point, power > 0)
    whole, fraction = body.rsplit(mark, 1) if mark else (body, "")
    digits = _ungrouped(whole)
    if digits is None or not (fraction or digits) or (fraction and not fraction.isdecimal()):
        return None
    if len(digits) + len(fraction) > _DIGITS_MAX:
        return None
    number = int(digits + fraction) * 10 ** max(0, power - len(fraction))
    return -number if sign in ("-", "−") else number, max(0, len(fraction) - power)


def whole(numeral: tuple[int, int]) -> int | None:
    """The integer that a numeral stands for; None when it has a fraction."""
    quotient, rest = divmod(numeral[0], 10 ** numeral[1])
    return None if rest else quotient


def parse_integer(text: str, env: Env, choices: Sequence[str] = ()) -> int:
    """A whole number, with or without grouping: 12000, 12,000, 12k."""
    numeral = read_numeral(text)
    if numeral is None:
        raise unreadable(text, "a whole number", "type digits, for example 250 or 12,000")
    number = whole(numeral)
    if number is None:
        raise InvalidValue(f"{quote(text)} is not a whole number", hint="leave out the fraction")
    if abs(number) > INT_MAX:
        raise InvalidValue(f"{quote(text)} is too large", hint="at most 9.2 quintillion")
    return number


def parse_number(text: str, env: Env, choices: Sequence[str] = ()) -> float:
    """A decimal number; a point is always the decimal mark: 1.5, 1,5, 12,000.5, 1e6."""
    if re.fullmatch(_FLOAT, text):
        number = float(text)
    else:
        numeral = read_numeral(text, point=True)
        if numeral is None:
            raise unreadable(text, "a number", "for example 1.5 or 12000")
        number = numeral[0] / 10 ** numeral[1]
    if not math.isfinite(number):
        raise InvalidValue(f"{quote(text)} is too large", hint="for example 1.5 or 12000")
    return number


def parse_percent(text: str, env: Env, choices: Sequence[str] = ()) -> int:
    """A whole percentage from 0 to 100, with or without the sign."""
    numeral = read_numeral(text.rstrip("%").rstrip())
    number = None if numeral is None else whole(numeral)
    if number is None or not 0 <= number <= 100:
        raise unreadable(text, "a percentage", "a whole number from 0 to 100, for example 25%")
    return number


def parse_year(text: str, env: Env, choices: Sequence[str] = ()) -> int:
    """A year of up to four digits."""
    if not (text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= 9999):
        raise unreadable(text, "a year", f"four digits, for example {env.today.year}")
    return int(text)


_YES = frozenset({"yes", "y", "true", "t", "1", "on", "x", "✓", "ja", "oui", "si", "sí"})
_NO = frozenset({"no", "n", "false", "f", "0", "off", "nein", "non"})


def parse_yesno(text: str, env: Env, choices: Sequence[str] = ()) -> int:
    """1 for yes, true, on, x …; 0 for no, false, off …"""
    word = text.casefold()
    if word in _YES:
        return 1
    if word in _NO:
        return 0
    raise unreadable(text, "yes or no", "type yes or no")


def check_number(value: Any, choices: Sequence[str] = ()) -> float:
    """A stored number: finite; otherwise ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"a number is needed, not {type(value).__name__}")
    if abs(value) > 1.7976931348623157e308 or value != value:  # noqa: PLR0124
        raise ValueError("the number is not finite")
    return float(value)


def _show_number(value: float, env: Env) -> str:
    return f"{value:,}".removesuffix(".0")


def _span_integer(text: str, env: Env, future: bool) -> tuple[int, int]:
    number = parse_integer(text, env)
    return number, number + 1


def _span_number(text: str, env: Env, future: bool) -> tuple[float, float]:
    number = parse_number(text, env)
    return number, math.nextafter(number, math.inf)


def _span_percent(text: str, env: Env, future: bool) -> tuple[int, int]:
    number = parse_percent(text, env)
    return number, number + 1


KINDS = {
    "integer": Kind(
        parse_integer,
        lambda value, choices: check_int(value),
        str,
        show=lambda value, env: f"{value:,}",
        span=_span_integer,
    ),
    "number": Kind(
        parse_number, check_number, str, plain=repr, show=_show_number, span=_span_number
    ),
    "percent": Kind(
        parse_percent,
        lambda value, choices: check_int(value, 0, 100),
        str,
        show=lambda value, env: f"{value}%",
        span=_span_percent,
    ),
    "year": Kind(
        parse_year, lambda value, choices: check_int(value, 1, 9999), str, span=_span_integer
    ),
    "yesno": Kind(
        parse_yesno,
        lambda value, choices: check_int(int(value) if value in (False, True) else value, 0, 1),
        str,
        plain=lambda value: "yes" if value else "no",
        json=bool,
    ),
}
