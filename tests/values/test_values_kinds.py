"""What holds for every kind: round trips, refusals, lightness; and the small kinds."""

import subprocess
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import InvalidValue
from crmcli.values import KINDS, Env, Money, check, has_span, json_value, key, parse, plain, show
from crmcli.values import span as span_of
from crmcli.values.text import clean

NOW = Env(datetime(2026, 3, 4, 9, 15, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
CHOICES = ("lead", "qualified", "customer", "do-not-contact", "former")
TYPED = {
    "text": "Ada", "longtext": "a\nb", "ref": "Acme",
    "recurrence": "FREQ=WEEKLY", "leads": "1d,2h", "clock": "08:00", "hours": "22:00-07:00",
    "weekdays": "MO,TU", "channels": "mail",
    "name": "Ada Lovelace", "email": "Ada@acme.com", "phone": "+44 20 7946 0958 x5",
    "url": "acme.com/x", "domain": "acme.com", "social": "linkedin.com/in/ada",
    "country": "Germany", "postcode": "sw1a 1aa", "language": "pt_br", "zone": "berlin",
    "currency": "€", "money": "12k", "integer": "12,000", "number": "1,5", "percent": "25%",
    "year": "1999", "yesno": "y", "day": "fri", "birthday": "5 mar", "moment": "tomorrow 9am",
    "when": "tomorrow 9am", "duration": "1h30", "interval": "2 weeks", "choice": "LEAD",
    "tags": "vip big-deal",
}  # fmt: skip


def test_every_kind_has_an_example():
    assert set(TYPED) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_typed_is_checked_shown_compared_and_read_back(kind, env):
    stored = parse(kind, TYPED[kind], env, CHOICES)
    assert check(kind, stored, CHOICES) == stored
    assert parse(kind, plain(kind, stored), env, CHOICES) == stored
    assert show(kind, stored, env)
    assert key(kind, stored) == key(kind, parse(kind, plain(kind, stored), env, CHOICES))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_typed_is_nothing(kind, env):
    assert parse(kind, " \n", env, CHOICES) is None
    assert plain(kind, None) == show(kind, None, env) == ""
    assert json_value(kind, None) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", [None, [], b"x", object()])
def test_a_stored_form_of_the_wrong_type_is_a_value_error(kind, wrong):
    with pytest.raises(ValueError):  # noqa: PT011 - each kind says it in its own words
        check(kind, wrong, CHOICES)


HINTS = "0123456789.,-+/:kmdwy%@ €$#'()=TZ"
WORDS = st.sampled_from(["mar", "fri", "next", "in", "q2", "EUR", "am", "end of", "x", "ago", "h"])
ARBITRARY = st.one_of(
    st.text(max_size=30),
    st.text(HINTS, max_size=16),
    st.lists(st.one_of(WORDS, st.text(HINTS, max_size=5)), max_size=5).map(" ".join),
)


@settings(max_examples=400)
@given(st.sampled_from([kind for kind in KINDS if kind != "zone"]), ARBITRARY)
def test_any_text_is_read_and_read_back_or_refused(kind, text):
    env = NOW
    try:
        stored = parse(kind, text, env, CHOICES)
    except InvalidValue:
        return
    if stored is None:
        assert not clean(text)
        return
    assert check(kind, stored, CHOICES) == stored
    base = env._replace(currency=stored.currency) if isinstance(stored, Money) else env
    assert parse(kind, plain(kind, stored), base, CHOICES) == stored
    assert isinstance(show(kind, stored, env), str)
    assert isinstance(key(kind, stored), str)


@settings(max_examples=200)
@given(st.sampled_from([kind for kind in KINDS if has_span(kind)]), ARBITRARY, st.booleans())
def test_a_span_begins_before_it_ends_or_is_refused(kind, text, future):
    try:
        low, high = span_of(kind, text, NOW, future=future)
    except InvalidValue:
        return
    assert low < high


def test_a_text_has_no_span(env):
    with pytest.raises(InvalidValue, match="a field with an order"):
        span_of("text", "a", env)


@pytest.mark.parametrize(
    ("kind", "typed", "stored", "shown"),
    [
        ("integer", "12,000", 12000, "12,000"),
        ("integer", "-1.234.567", -1234567, "-1,234,567"),
        ("integer", "12k", 12000, "12,000"),
        ("number", "1.234", 1.234, "1.234"),
        ("number", "1,5", 1.5, "1.5"),
        ("number", "12,000.5", 12000.5, "12,000.5"),
        ("number", "1e3", 1000.0, "1,000"),
        ("percent", "25 %", 25, "25%"),
        ("year", "1999", 1999, "1999"),
        ("yesno", "True", 1, "yes"),
        ("yesno", "off", 0, "no"),
        ("duration", "90", 90, "1h 30m"),
        ("duration", "45 min", 45, "45m"),
        ("duration", "1:30", 90, "1h 30m"),
        ("duration", "1.5h", 90, "1h 30m"),
        ("duration", "2 hours", 120, "2h"),
        ("duration", "PT1H30M", 90, "1h 30m"),
        ("interval", "30", 30, "30 days"),
        ("interval", "every 2 weeks", 14, "14 days"),
        ("interval", "1d", 1, "1 day"),
        ("interval", "Monthly", 30, "30 days"),
        ("country", "DEU", "DE", "Germany"),
        ("country", "Österreich", "AT", "Austria"),
        ("country", "Slovakia (Slovak Republic)", "SK", "Slovakia"),
        ("country", "Atlantis", "Atlantis", "Atlantis"),
        ("language", "Deutsch", "de", "German"),
        ("language", "PT_br", "pt-BR", "Portuguese (BR)"),
        ("language", "Klingon", "Klingon", "Klingon"),
        ("zone", "new york", "America/New_York", "America/New_York"),
        ("zone", "europe/berlin", "Europe/Berlin", "Europe/Berlin"),
        ("postcode", "sw1a  1aa", "SW1A 1AA", "SW1A 1AA"),
        ("choice", "QUAL", "qualified", "qualified"),
        ("choice", "do not contact", "do-not-contact", "do-not-contact"),
        ("tags", "#vip, Big Deal;VIP", "vip,Big-Deal", "vip, Big-Deal"),
        ("tags", "* myContacts ::: Friends", "myContacts,Friends", "myContacts, Friends"),
    ],
)
def test_the_small_kinds(kind, typed, stored, shown, env):
    assert parse(kind, typed, env, CHOICES) == stored
    assert show(kind, stored, env) == shown


@pytest.mark.parametrize(
    ("kind", "typed", "told", "hint"),
    [
        ("integer", "1.5", "not a whole number", "fraction"),
        ("integer", "9" * 20, "too large", "quintillion"),
        ("integer", "many", "cannot read", "digits"),
        ("number", "1e999", "too large", "1.5"),
        ("number", "nan", "cannot read", "1.5"),
        ("percent", "101", "as a percentage", "0 to 100"),
        ("percent", "0.5", "as a percentage", "0 to 100"),
        ("year", "20266", "as a year", "2026"),
        ("yesno", "maybe", "as yes or no", "yes or no"),
        ("duration", "soon", "as a duration", "1h 30m"),
        ("interval", "0", "less than a day", "2 weeks"),
        ("zone", "Europe/Berln", "unknown time zone", "Europe/Berlin"),
        ("zone", "../../etc/passwd", "unknown time zone", "Europe/Berlin"),
        ("choice", "qualfied", "is not one of", "did you mean qualified"),
        ("choice", "zzz", "is not one of", "choose from lead"),
        ("tags", ",,#", "as a list of tags", "vip"),
    ],
)
def test_a_wrong_value_is_refused_with_a_hint(kind, typed, told, hint, env):
    with pytest.raises(InvalidValue) as error:
        parse(kind, typed, env, CHOICES)
    assert told in error.value.message
    assert hint in error.value.hint


def test_a_beginning_of_two_choices_is_refused(env):
    with pytest.raises(InvalidValue, match='"c" may be customer or churned'):
        parse("choice", "c", env, ("customer", "churned", "lead"))


@pytest.mark.parametrize(
    ("kind", "stored", "value"),
    [
        ("yesno", 1, True),
        ("percent", 25, 25),
        ("tags", "a,b", ["a", "b"]),
        ("day", "2026-03-05", "2026-03-05"),
    ],
)
def test_the_form_for_json(kind, stored, value):
    assert json_value(kind, stored) == value


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("day", "20260305"),
        ("day", "2026-02-30"),
        ("day", "2026-W10-1"),
        ("birthday", "--02-30"),
        ("moment", "2026-03-05T09:00:00"),
        ("moment", "2026-03-05T25:00:00Z"),
        ("when", "tomorrow"),
        ("percent", 101),
        ("yesno", 2),
        ("duration", -1),
        ("interval", 0),
        ("number", float("nan")),
        ("number", 10**400),
        ("choice", "Lead"),
        ("zone", "Mars/Base"),
        ("currency", "euro"),
        ("text", "\x1b"),
        ("integer", True),
    ],
)
def test_a_wrong_stored_form_is_a_value_error(kind, wrong):
    with pytest.raises(ValueError):  # noqa: PT011 - each kind says it in its own words
        check(kind, wrong, CHOICES)


HEAVY = {"dateutil.parser", "phonenumbers", "nameparser", "rapidfuzz", "sqlmodel", "zoneinfo"}


def test_reading_and_showing_the_usual_values_loads_no_library():
    code = (
        "import sys, datetime as d; from crmcli import values as v;"
        "u = d.timezone.utc; e = v.Env(d.datetime(2026, 3, 4, tzinfo=u), u);"
        "v.parse('when', 'tomorrow 9am', e); v.parse('money', '12k', e);"
        "v.show('phone', '+442079460958', e); v.show('name', 'Ada', e);"
        "v.span('day', '2026-01', e); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not HEAVY & set(loaded)
