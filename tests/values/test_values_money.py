"""Amounts are read as people type them, and never lose a cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import InvalidValue
from crmcli.values import Env, Money, check, json_value, money, parse, plain, show, span


@pytest.mark.parametrize(
    ("typed", "minor", "currency", "shown"),
    [
        ("12000", 1200000, "USD", "$12,000"),
        ("12k", 1200000, "USD", "$12,000"),
        ("1.5M", 150000000, "USD", "$1,500,000"),
        ("1.250m", 125000000, "USD", "$1,250,000"),
        ("€1.2m", 120000000, "EUR", "€1,200,000"),
        ("USD 4,500.50", 450050, "USD", "$4,500.50"),
        ("4.500,50 EUR", 450050, "EUR", "€4,500.50"),
        ("4 500,50 €", 450050, "EUR", "€4,500.50"),
        ("4\u202f500,50\u00a0€", 450050, "EUR", "€4,500.50"),
        ("1'000.50 CHF", 100050, "CHF", "CHF 1,000.50"),
        ("EUR10k", 1000000, "EUR", "€10,000"),
        ("eur 10k", 1000000, "EUR", "€10,000"),
        ("-500", -50000, "USD", "-$500"),
        ("-€500", -50000, "EUR", "-€500"),
        ("€-500", -50000, "EUR", "-€500"),
        ("(500)", -50000, "USD", "-$500"),
        ("$(1,234.50)", -123450, "USD", "-$1,234.50"),
        ("(1.234,50 EUR)", -123450, "EUR", "-€1,234.50"),
        ("(500) EUR", -50000, "EUR", "-€500"),
        ("500-", -50000, "USD", "-$500"),
        ("$12 CAD", 1200, "CAD", "CA$12"),
        ("A$5", 500, "AUD", "A$5"),
        ("1.234", 123400, "USD", "$1,234"),
        ("1,234", 123400, "USD", "$1,234"),
        ("1,23", 123, "USD", "$1.23"),
        ("0.50", 50, "USD", "$0.50"),
        (".5", 50, "USD", "$0.50"),
        ("12,34,567", 123456700, "USD", "$1,234,567"),
        ("JPY 1,234", 1234, "JPY", "¥1,234"),
        ("KWD 1.234", 1234, "KWD", "KWD 1.234"),
        ("KWD 1,234", 1234000, "KWD", "KWD 1,234"),
        ("2bn", 200000000000, "USD", "$2,000,000,000"),
        ("£ 3.5 million", 350000000, "GBP", "£3,500,000"),
        ("2 thousand", 200000, "USD", "$2,000"),
        ("1.2 bn EUR", 120000000000, "EUR", "€1,200,000,000"),
        ("12 mxn", 1200, "MXN", "MX$12"),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed, minor, currency, shown, env):
    assert parse("money", typed, env) == Money(minor, currency)
    assert show("money", Money(minor, currency), env) == shown


def test_a_bare_amount_is_in_the_base_currency_and_a_dollar_is_ones_own(env):
    canadian = env._replace(currency="CAD")
    assert parse("money", "12", env._replace(currency="EUR")) == Money(1200, "EUR")
    assert parse("money", "$12", canadian) == Money(1200, "CAD")
    assert parse("money", "$12", env._replace(currency="EUR")) == Money(1200, "USD")
    assert show("money", Money(1200, "USD"), canadian) == "US$12"
    assert show("money", Money(1200, "CAD"), canadian) == "$12"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1.005,555", "too many decimals"),
        ("0.125", "too many decimals: USD has 2 decimals"),
        ("JPY 1,5", "JPY has no decimals"),
        ("12 xyz", 'unknown currency "xyz"'),
        ("€12 USD", "names two currencies"),
        ("1.23.4", "cannot read"),
        ("1,2,3", "cannot read"),
        ("lots", "cannot read"),
        ("--5", "cannot read"),
        ("1" * 30, "too large"),
        ("9" * 9999, "cannot read"),
    ],
)
def test_what_is_no_amount_is_refused(typed, told, env):
    with pytest.raises(InvalidValue) as error:
        parse("money", typed, env)
    assert told in error.value.message
    assert error.value.hint


def test_whether_a_currency_was_typed_is_known(env):
    assert money.read_amount("10k", env) == (10000, 0, None)
    assert money.read_amount("EUR 10.5k", env) == (10500, 0, "EUR")
    assert money.read_amount("1,23", env).scale == 2


AMOUNTS = st.builds(
    Money,
    st.integers(-(10**15), 10**15),
    st.sampled_from(sorted(money.CURRENCIES)),
)
BASES = st.sampled_from(["USD", "EUR", "CAD", "CNY", "JPY", "KWD"])


@given(AMOUNTS)
def test_the_plain_form_is_read_back(amount):
    env = Env(None, None, currency=amount.currency)
    assert parse("money", plain("money", amount), env) == amount


@given(AMOUNTS, BASES)
def test_what_is_shown_is_read_back(amount, base):
    env = Env(None, None, currency=base)
    assert parse("money", show("money", amount, env), env) == amount


@given(AMOUNTS)
def test_the_span_of_an_amount_is_that_amount(amount):
    env = Env(None, None, currency=amount.currency)
    low, high = span("money", plain("money", amount), env)
    assert (low, high.minor, high.currency) == (amount, amount.minor + 1, amount.currency)


def test_the_forms_for_programs():
    assert plain("money", Money(1200000, "EUR")) == "12000.00"
    assert plain("money", Money(5, "JPY")) == "5"
    assert plain("money", Money(-5, "KWD")) == "-0.005"
    assert json_value("money", Money(150, "EUR")) == {"amount": "1.50", "currency": "EUR"}


@pytest.mark.parametrize("wrong", [Money(1, "EURO"), 1.5, "12", True, Money(2**63, "EUR")])
def test_what_is_not_stored_money_is_refused(wrong):
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        check("money", wrong)


def test_currencies_are_typed_as_codes_or_symbols(env):
    assert [parse("currency", word, env) for word in ("eur", "€", "CA$")] == ["EUR", "EUR", "CAD"]
    with pytest.raises(InvalidValue) as error:
        parse("currency", "EUT", env)
    assert "EUR" in error.value.hint


def test_the_decimals_of_currencies_are_those_of_iso_4217():
    exponents = {code: money.minor_exponent(code) for code in ("EUR", "JPY", "KWD", "ISK", "TND")}
    assert exponents == {"EUR": 2, "JPY": 0, "KWD": 3, "ISK": 0, "TND": 3}
    assert money.ZERO_DECIMAL | money.THREE_DECIMAL <= money.CURRENCIES
