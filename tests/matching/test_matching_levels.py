"""How alike two values are said to be."""

from __future__ import annotations

import pytest

from crmcli.matching import levels
from crmcli.matching.blocking import Pass, candidates
from crmcli.matching.organisations import ACRONYM, ALIKE, OTHER, SHORTER, TYPO, name_comparison
from crmcli.matching.weights import Prior, estimate
from crmcli.values.nicknames import full_form, same_name
from crmcli.values.organisations import acronym, core_name
from crmcli.values.sounds import sound


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("robert", "robbert", levels.TYPO),
        ("robert", "bob", levels.FORM),
        ("anna", "anna maria", levels.FORM),
        ("jon", "john", levels.TYPO),
        ("j", "john", levels.INITIAL),
        ("k", "john", levels.OTHER),
        ("meyer", "maier", levels.ALIKE),
        ("smith", "jones", levels.OTHER),
        ("mac gowan", "macgowan", levels.TYPO),
    ],
)
def test_names(one: str, other: str, level: int) -> None:
    compare = levels.name_comparison()
    assert compare(one, other) == compare(other, one) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1971-06-24", "1971-05-24", levels.CLOSE),
        ("1971-06-24", "1971-06-42", levels.CLOSE),
        ("1971-06-05", "1971-05-06", levels.CLOSE),
        ("--06-24", "1971-06-24", levels.CLOSE),
        ("1971-06-24", "1988-06-24", levels.PART),
        ("1971-06-24", "1988-11-03", 4),
    ],
)
def test_birthdays(one: str, other: str, level: int) -> None:
    assert levels.birthday_comparison()(one, other) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("ada.lovelace@acme.com", "ada.lovelace@acme.co", levels.CLOSE),
        ("ada.lovelace@acme.com", "ada.lovelace@gmail.org", levels.PART),
        ("ada.lovelace@acme.com", "ada.lovelcae@acme.com", levels.CLOSE),
        ("ada@acme.com", "bob@acme.com", 4),
    ],
)
def test_emails(one: str, other: str, level: int) -> None:
    assert levels.email_comparison()(one, other) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("442079460958", "2079460958", levels.CLOSE),
        ("442079460958", "442079640958", levels.CLOSE),
        ("442079460958", "442079460957", 3),
    ],
)
def test_phones_of_colleagues_are_different(one: str, other: str, level: int) -> None:
    assert levels.phone_comparison()(one, other) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Acme Labs Inc.", "ACME Laboratories", TYPO),
        ("International Business Machines Corp", "IBM", ACRONYM),
        ("Zyxel Communications", "Zyxel", SHORTER),
        ("Company 12", "Company 13", OTHER),
        ("Alder North Foods Lyon", "Alder North Foods Porto", ALIKE),
        ("Acme GmbH", "Umbrella GmbH", OTHER),
    ],
)
def test_names_of_companies(one: str, other: str, level: int) -> None:
    cores = [core_name(one), core_name(other)]
    others = [core_name(f"{word} trading house") for word in "abcdefgh"]
    compare = name_comparison([*cores, *others])
    if cores[0] == cores[1]:
        assert level == TYPO
    else:
        assert compare(*cores) == level


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("The Acme Company, Inc.", "acme"),
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
        ("Foo S.A.", "foo"),
        ("AT&T Inc.", "att"),
        ("I.B.M. Corp", "ibm"),
        ("Nokia Oyj", "nokia"),
        ("Company Ltd", "company"),
    ],
)
def test_legal_forms_are_no_part_of_a_name(name: str, core: str) -> None:
    assert core_name(name) == core


def test_acronyms_leave_out_small_words() -> None:
    assert acronym(core_name("Bank of the West")) == "bw"
    assert acronym("acme") == ""


@pytest.mark.parametrize(
    ("one", "other"), [("knight", "night"), ("phillips", "filips"), ("smith", "smyth"),
                       ("catherine", "katherine"), ("schmidt", "schmitt")]
)  # fmt: skip
def test_what_sounds_alike_has_the_same_code(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_nicknames_lead_to_one_form() -> None:
    assert same_name("bob", "robert")
    assert not same_name("bob", "william")
    assert full_form("bob") == full_form("rob") == full_form("robert")
    assert full_form("xerxes") == "xerxes"


def test_large_blocks_give_few_pairs() -> None:
    keys = ["smith"] * 1000
    found = candidates(1000, [Pass(keys)], str)
    assert found == set()
    near = candidates(1000, [Pass(keys, telling=True)], lambda record: f"{record:04}")
    assert 0 < len(near) <= 2000


def test_pairs_share_a_key() -> None:
    passes = [Pass(["a", "b", "a", ""]), Pass(["x", "", "", "x"], [(1, "x")])]
    assert candidates(4, passes, str) == {0 * 4 + 2, 0 * 4 + 1, 0 * 4 + 3, 1 * 4 + 3}


def test_much_data_outweighs_what_was_assumed() -> None:
    prior = Prior((0.5, 0.5), (0.3, 0.7))
    patterns = {(1, 1, 1): 4000, (2, 2, 2): 6000}
    model = estimate(patterns, [prior] * 3, [0.01] * 3, 0.1)
    assert 0.35 < model.share < 0.45
    assert model.weight(0, 1) > 3
    assert model.weight(0, 2) < 0


def test_little_data_leaves_what_was_assumed() -> None:
    prior = Prior((0.9, 0.1), (0.01, 0.99))
    model = estimate({(1, 1): 1}, [prior] * 2, [0.01] * 2, 0.1)
    assert abs(model.m[0][0] - 0.9) < 0.05
