"""E-mails, phones, web addresses, profiles and names of people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import InvalidValue
from crmcli.values import Env, emails, key, names, parse, phone, web


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ada@ACME.com", "Ada@acme.com"),
        ("Ada Lovelace <ada@acme.com>", "ada@acme.com"),
        ("mailto:ada@acme.com", "ada@acme.com"),
        ("a.b+c'd@sub.acme.co.uk", "a.b+c'd@sub.acme.co.uk"),
        ("ünï@dömäin.de", "ünï@dömäin.de"),
    ],
)
def test_an_email_keeps_its_name_and_lowers_its_domain(typed, stored, env):
    assert parse("email", typed, env) == stored
    assert key("email", stored) == stored.lower()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("ada", "ada: there is no @"),
        ("ada@acme", "ada@acme: the part after @ has no dot"),
        ("@acme.com", "nothing before the @"),
        ("ada@", "nothing after the @"),
        ("a@b@acme.com", "more than one @"),
        ("ada l@acme.com", "a space"),
        ("a..b@acme.com", "cannot stand before the @"),
        ("ada@-acme.com", "is not a domain"),
        ("ada@acme..com", "is not a domain"),
        ("a" * 300 + "@acme.com", "longer than 254"),
    ],
)
def test_a_wrong_email_is_told_what_is_wrong(typed, told, env):
    with pytest.raises(InvalidValue) as error:
        parse("email", typed, env)
    assert told in error.value.message
    assert parse("email", typed, env._replace(keep_invalid=True)) == typed
    assert emails.read_email(typed) == (typed, False)


def test_free_mail_is_no_company():
    assert emails.email_domain("ada@GMAIL.com") in emails.FREE_MAIL
    assert emails.email_domain("ada@acme.com") not in emails.FREE_MAIL
    assert emails.email_domain("ada") == ""


@pytest.mark.parametrize(
    ("typed", "region", "stored"),
    [
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("(416) 979-0633 x058", "US", "+14169790633;ext=058"),
        ("+1 415 555 0100 ext. 12", "DE", "+14155550100;ext=12"),
        ("+14155550100;ext=12", "DE", "+14155550100;ext=12"),
        ("030 901820", "DE", "+4930901820"),
        ("tel:+49-30-901820", "US", "+4930901820"),
    ],
)
def test_a_phone_is_stored_in_e164(typed, region, stored, env):
    assert parse("phone", typed, env._replace(region=region)) == stored
    assert phone.read_phone(typed, region) == (stored, True)


@pytest.mark.parametrize("typed", ["12", "hello", "001-672-799-2170x5610", "555-1234", "+999 1"])
def test_an_impossible_phone_is_refused_or_kept_as_typed(typed, env):
    with pytest.raises(InvalidValue, match="cannot be a phone number"):
        parse("phone", typed, env)
    assert parse("phone", typed, env._replace(keep_invalid=True)) == typed
    assert phone.read_phone(typed, "US") == (typed, False)


def test_an_unlikely_phone_is_accepted_when_typed_and_marked_when_imported(env):
    assert parse("phone", "857.139.8239", env) == "+18571398239"
    assert phone.read_phone("857.139.8239", "US") == ("857.139.8239", False)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("+14155550100;ext=12", "+1 (415) 555-0100"),
        ("+442079460958", "0044 20 7946 0958"),
        ("857.139.8239x37308", "857-139-8239"),
        ("857 139 8239 ext. 5", "8571398239"),
    ],
)
def test_phones_match_by_their_digits(left, right):
    assert phone.phone_key(left) == phone.phone_key(right)


def test_what_has_no_digits_is_its_own_phone_key():
    assert phone.phone_key("On Request") == "on request"


@pytest.mark.parametrize(
    ("locale", "region"),
    [("de_DE.UTF-8", "DE"), ("en-GB", "GB"), ("sr_Latn_RS", "RS"), ("C.UTF-8", None), ("", None)],
)
def test_the_region_of_a_locale(locale, region):
    assert phone.region_of_locale(locale) == region


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("acme.com", "https://acme.com"),
        ("HTTP://WWW.Acme.com/About", "http://www.acme.com/About"),
        ("https://acme.com:8443/x?y=1#z", "https://acme.com:8443/x?y=1#z"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("münchen.de", "https://münchen.de"),
    ],
)
def test_a_web_address_gets_its_scheme(typed, stored, env):
    assert parse("url", typed, env) == stored


@pytest.mark.parametrize(
    "typed", ["acme", "javascript:alert(1)", "ftp://acme.com", "a b.com", "file:///etc/passwd"]
)
def test_what_is_no_web_address_is_refused(typed, env):
    with pytest.raises(InvalidValue, match="as a web address"):
        parse("url", typed, env)


def test_web_addresses_match_without_scheme_www_and_final_slash():
    assert key("url", "https://www.acme.com/") == key("url", "http://acme.com")


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.acme.com/x", "acme.com"),
        ("Acme.COM", "acme.com"),
        ("ada@acme.com", "acme.com"),
        ("http://acme.co.uk:80", "acme.co.uk"),
        ("www.com", "www.com"),
        ("acme", ""),
        ("http://localhost", ""),
    ],
)
def test_the_domain_of_an_address(text, domain):
    assert web.domain_of(text) == domain


@pytest.mark.parametrize(
    ("typed", "stored", "page"),
    [
        ("@ada", "@ada", ""),
        ("twitter:ada", "twitter:ada", "https://x.com/ada"),
        ("x: @ada", "twitter:ada", "https://x.com/ada"),
        ("https://twitter.com/ada?s=20", "twitter:ada", "https://x.com/ada"),
        ("linkedin.com/in/ada", "linkedin:in/ada", "https://linkedin.com/in/ada"),
        ("https://de.linkedin.com/in/ada/", "linkedin:in/ada", "https://linkedin.com/in/ada"),
        ("linkedin:ada", "linkedin:in/ada", "https://linkedin.com/in/ada"),
        ("linkedin.com/company/acme", "linkedin:company/acme", "https://linkedin.com/company/acme"),
        ("github ada", "github:ada", "https://github.com/ada"),
        ("youtube.com/@ada", "youtube:ada", "https://youtube.com/@ada"),
        ("@ada@x.social", "mastodon:ada@x.social", "https://x.social/@ada"),
        ("https://x.social/@ada", "mastodon:ada@x.social", "https://x.social/@ada"),
        ("https://acme.com/ada", "https://acme.com/ada", "https://acme.com/ada"),
    ],
)
def test_handle_and_address_of_a_profile_are_the_same(typed, stored, page, env):
    assert parse("social", typed, env) == stored
    assert parse("social", stored, env) == stored
    assert web.profile_url(stored) == page
    assert web.handle_of(stored) == ("ada" if "company" not in stored else "acme")


@pytest.mark.parametrize("typed", ["hello world", "acme.com", "myspace:ada", "@"])
def test_what_is_no_profile_is_refused(typed, env):
    with pytest.raises(InvalidValue, match="as a social profile"):
        parse("social", typed, env)


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Ada Lovelace", ("", "Ada", "", "Lovelace", "")),
        ("Sinéad O’Brien-Smith", ("", "Sinéad", "", "O’Brien-Smith", "")),
        ("Мария Иванова", ("", "Мария", "", "Иванова", "")),
        ("Dr. Ludwig van Beethoven Jr.", ("Dr.", "Ludwig", "", "van Beethoven", "Jr.")),
        ("Lovelace, Ada", ("", "Ada", "", "Lovelace", "")),
        ("Smith, John A., PhD", ("", "John", "A.", "Smith", "PhD")),
        ("Mary Ann Evans", ("", "Mary", "Ann", "Evans", "")),
        ("Juan de la Vega", ("", "Juan", "", "de la Vega", "")),
        ("Dr. Who", ("Dr.", "", "", "Who", "")),
        ("Madonna", ("", "Madonna", "", "", "")),
        ("山田 太郎", ("", "太郎", "", "山田", "")),
        (",", ("", ",", "", "", "")),
        ("x " * 5000, ("", ("x " * 5000).strip(), "", "", "")),
    ],
)
def test_a_name_is_split(full, parts):
    assert names.split(full)[:5] == parts


def test_a_nickname_is_known_and_left_out_of_the_name():
    name = names.split("Jo (Joanna) Smith")
    assert name.nickname == "Joanna"
    assert names.join(name) == "Jo Smith"


@pytest.mark.parametrize(
    "full", ["Ada Lovelace", "Dr. Ludwig van Beethoven Jr.", "Mary Ann Evans", "Madonna"]
)
def test_a_split_name_is_joined_again(full):
    assert names.join(names.split(full)) == full


def test_the_quick_way_for_two_words_splits_as_the_library_does():
    for full in ("Ada Lovelace", "Jean-Luc Picard", "Åsa Öberg", "Ян Ковальски"):
        assert names.split(full) == names._split_rest(full)


def test_the_region_of_the_settings_decides_a_national_number():
    assert parse("phone", "06 12 34 56 78", Env(None, None, region="FR")) == "+33612345678"


@given(
    st.from_regex(
        r"(\+1[-. ]?)?\(?[2-9][0-9]{2}\)?[-. ]?[0-9]{3}[-. ]?[0-9]{4}( ?x[0-9]{1,6})?",
        fullmatch=True,
    ),
    st.sampled_from(["US", "CA", "JM", "DE"]),
)
def test_the_quick_way_for_north_america_says_what_the_library_says(typed, region):
    quick = phone._read_north_american(typed, region)
    assert quick in (None, phone._read_by_library(typed, region))
