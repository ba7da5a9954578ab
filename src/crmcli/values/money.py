"""Amounts of money as people type them, and ISO 4217 currencies.

    12000   12k   1.5M                 the base currency
    €1.2m   $12k   £ 3.5 million       a symbol or a code before the amount
    4.500,50 EUR   4 500,50 €          or after it
    -500    -€500                      a negative amount

"$" is the base currency if that is a dollar, else USD; "¥" likewise for the yuan. How the digits
are read stands in `crmcli.values.number`, with one addition: before three digits of a currency
that has three decimals (KWD) a point is the decimal mark.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.errors import InvalidValue
from crmcli.values.base import INT_MAX, Env, Kind, Money, check_int, quote, unreadable, words
from crmcli.values.number import NUMERAL, read_numeral
from crmcli.values.text import close_matches

if TYPE_CHECKING:
    from collections.abc import Sequence

CURRENCIES = words("""
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP
    BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR
    KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
    MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """)
"""The ISO 4217 codes of money in circulation."""

ZERO_DECIMAL = words("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF")
"""The currencies whose smallest unit is the currency itself."""

THREE_DECIMAL = words("BHD IQD JOD KWD LYD OMR TND")
"""The currencies whose smallest unit is a thousandth."""

_DOLLARS = words(
    "USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD"
)
_SYMBOLS = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "CA$": "CAD",
    "A$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "NT$": "TWD",
    "MX$": "MXN",
    "R$": "BRL",
    "£": "GBP",
    "¥": "JPY",
    "CN¥": "CNY",
    "₹": "INR",
    "₩": "KRW",
    "₽": "RUB",
    "₺": "TRY",
    "₴": "UAH",
    "₪": "ILS",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "₦": "NGN",
    "zł": "PLN",
    "Kč": "CZK",
}
_SYMBOL_OF = {code: symbol for symbol, code in _SYMBOLS.items() if symbol != "US$"}
_CODE_OF = {symbol.casefold(): code for symbol, code in _SYMBOLS.items()}
_MARK = "|".join(
    [*(re.escape(mark) for mark in sorted(_SYMBOLS, key=len, reverse=True)), "[a-z]{3}"]
)
_AMOUNT = rf"(?i)([-+−]?)\s*({_MARK}|)\s*([-−]?)\s*({NUMERAL})\s*({_MARK}|)"
# How bookkeepers write what is negative: (500), $(500), 500-.
_NEGATIVE = r"([^()]*)\(([^()]+)\)([^()]*)|([^-−]+)[-−]"
_LONGEST = 80
_EXAMPLES = "for example 12000, 12k, €1.2m or USD 4,500.50"


class Amount(NamedTuple):
    """An amount as typed: digits / 10**scale, in `currency` or, if None, in any."""

    digits: int
    scale: int
    currency: str | None


def minor_exponent(currency: str) -> int:
    """The number of decimals of a currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def _symbol_currency(mark: str, env: Env) -> str | None:
    if mark == "$" and env.currency in _DOLLARS:
        return env.currency
    if mark == "¥" and env.currency == "CNY":
        return "CNY"
    return _CODE_OF.get(mark.casefold())


def parse_currency(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """The ISO 4217 code for a code in any case or a symbol."""
    code = _symbol_currency(text, env) or text.upper()
    if code in CURRENCIES:
        return code
    near = close_matches(code, sorted(CURRENCIES)) if len(code) <= 4 else []
    hint = f"did you mean {' or '.join(near)}?" if near else "an ISO 4217 code such as EUR or USD"
    raise InvalidValue(f"unknown currency {quote(text)}", hint=hint, details={"value": text})


def _typed_currency(before: str, after: str, text: str, env: Env) -> str | None:
    marks = [parse_currency(mark, env) for mark in (before, after) if mark]
    if before == "$" and after and marks[1] in _DOLLARS:
        return marks[1]
    if len(set(marks)) > 1:
        raise InvalidValue(
            f"{quote(text)} names two currencies, {marks[0]} and {marks[1]}", hint=_EXAMPLES
        )
    return marks[0] if marks else None


def read_amount(text: str, env: Env) -> Amount:
    """A typed amount with the currency only if it was typed; raises InvalidValue."""
    negative = re.fullmatch(_NEGATIVE, text)
    plain = f"-{''.join(filter(None, negative.groups()))}" if negative else text
    match = re.fullmatch(_AMOUNT, plain) if len(text) <= _LONGEST else None
    if match is None:
        raise unreadable(text, "an amount", _EXAMPLES)
    outer, before, inner, body, after = match.groups()
    if outer and inner:
        raise unreadable(text, "an amount", _EXAMPLES)
    currency = _typed_currency(before, after, text, env)
    numeral = read_numeral(body.strip(), point=(currency or env.currency) in THREE_DECIMAL)
    if numeral is None:
        raise unreadable(text, "an amount", _EXAMPLES)
    sign = -1 if outer in ("-", "−") or inner else 1
    return Amount(sign * numeral[0], numeral[1], currency)


def minor_of(amount: Amount, currency: str) -> int:
    """The amount in the smallest unit of `currency`; raises InvalidValue if that is no integer."""
    decimals = minor_exponent(currency)
    if amount.scale <= decimals:
        minor, rest = amount.digits * int(10 ** (decimals - amount.scale)), 0
    else:
        minor, rest = divmod(amount.digits, int(10 ** (amount.scale - decimals)))
    if rest:
        has = f"{decimals} decimals" if decimals else "no decimals"
        raise InvalidValue(f"too many decimals: {currency} has {has}", hint="round the amount")
    if abs(minor) > INT_MAX:
        raise InvalidValue("the amount is too large", hint=_EXAMPLES)
    return minor


def parse_money(text: str, env: Env, choices: Sequence[str] = ()) -> Money:
    """A typed amount, in the base currency unless another was typed."""
    amount = read_amount(text, env)
    currency = amount.currency or env.currency
    return Money(minor_of(amount, currency), currency)


def check_money(value: Any, choices: Sequence[str] = ()) -> Money | int:
    """Stored money: a Money, or the bare minor units of a column; otherwise ValueError."""
    if isinstance(value, Money):
        return Money(check_int(value.minor, -INT_MAX, INT_MAX), check_currency(value.currency))
    return check_int(value)


def check_currency(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored ISO 4217 code; otherwise ValueError."""
    if not isinstance(value, str) or value not in CURRENCIES:
        raise ValueError(f"unknown currency {quote(str(value))}")
    return value


def to_decimal_text(minor: int, currency: str) -> str:
    """Minor units as a decimal text with all the currency's decimals: "12000.00"."""
    decimals = minor_exponent(currency)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"-{text}" if minor < 0 else text


def _plain_money(value: Money) -> str:
    return to_decimal_text(value.minor, value.currency)


def _prefix(currency: str, env: Env) -> str:
    if currency == env.currency and currency in _DOLLARS:
        return "$"
    if currency == env.currency == "CNY":
        return "¥"
    if currency == "USD" and env.currency in _DOLLARS:
        return "US$"
    if currency == "JPY" and env.currency == "CNY":
        return "JPY "
    return _SYMBOL_OF.get(currency, f"{currency} ")


def show_money(value: Money, env: Env) -> str:
    """€12,000 or €12,000.50; a currency without a symbol of its own by its code: CHF 12,000."""
    whole, _, fraction = to_decimal_text(abs(value.minor), value.currency).partition(".")
    cents = f".{fraction}" if fraction.strip("0") else ""
    sign = "-" if value.minor < 0 else ""
    return f"{sign}{_prefix(value.currency, env)}{int(whole):,}{cents}"


def _span_money(text: str, env: Env, future: bool) -> tuple[Money, Money]:
    money = parse_money(text, env)
    return money, Money(money.minor + 1, money.currency)


KINDS = {
    "money": Kind(
        parse_money,
        check_money,
        str,
        plain=_plain_money,
        show=show_money,
        json=lambda value: {"amount": _plain_money(value), "currency": value.currency},
        span=_span_money,
    ),
    "currency": Kind(parse_currency, check_currency, str.upper),
}
