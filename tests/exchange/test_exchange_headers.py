"""Columns are recognised by their names, and nothing is left out silently."""

from __future__ import annotations

import pytest

from crmcli.catalog import BY_NAME
from crmcli.errors import InvalidValue, UnknownName, UsageError
from crmcli.exchange import headers

CONTACT = [
    ("Name", "name"),
    ("Full Name", "name"),
    ("First Name", "first_name"),
    ("FirstName", "first_name"),
    ("first_name", "first_name"),
    ("Surname", "last_name"),
    ("E-mail Address", "email"),
    ("E-mail 2 Address", "email 2"),
    ("Email 1", "email"),
    ("EMAIL*", "email"),
    ("E-mail 1 - Value", "email"),
    ("E-mail 1 - Label", "email label"),
    ("Work Email", "email.work"),
    ("Phone 2", "phone 2"),
    ("phone_2_label", "phone 2 label"),
    ("Home Phone", "phone.home"),
    ("Home Phone 2", "phone.home 2"),
    ("Mobile", "phone.mobile"),
    ("Mobile Phone", "phone.mobile"),
    ("Job Title", "title"),
    ("Company", "company"),
    ("Organization Name", "company"),
    ("Lead Owner", "owner"),
    ("Lead Source", "source"),
    ("Deal Stage", "status"),
    ("Zip/Postal Code", "postcode"),
    ("Postal Code", "postcode"),
    ("Address 1 - City", "city"),
    ("Business City", "city.work"),
    ("Home Street", "street.home"),
    ("State/Region", "region"),
    ("Website", "url"),
    ("Geburtstag", "birthday"),
    ("Date of birth", "birthday"),
    ("Create Date", "created"),
    ("Updated", ""),
    ("Name 2", ""),
    ("Index", ""),
    ("", ""),
]


@pytest.mark.parametrize(("header", "target"), CONTACT)
def test_a_column_of_contacts_is_recognised(header: str, target: str) -> None:
    assert headers.Names(BY_NAME["contact"]).recognise(0, header).target == target


@pytest.mark.parametrize("noun", headers.KINDS)
def test_every_field_is_known_by_its_own_name_and_by_its_label(noun: str) -> None:
    names = headers.Names(BY_NAME[noun])
    for field in headers.importable(BY_NAME[noun]):
        for word in (field.name, field.label, field.name.upper()):
            found = names.recognise(0, word).field
            assert found is not None
            assert found.name == field.name


@pytest.mark.parametrize(
    ("header", "file", "kind"),
    [
        ("First Name,Last Name,Email", "a.csv", "contact"),
        ("Name,Email", "a.csv", "contact"),
        ("Name,Website,Industry,Number of employees", "a.csv", "company"),
        ("Name,Country", "companies.csv", "company"),
        ("Deal Name,Amount,Deal Stage,Close Date", "a.csv", "deal"),
        ("title,value,currency,stage,company,contact", "a.csv", "deal"),
        ("First Name,Last Name,Email 1,Company,Deal Stage,Lead Owner", "leads.csv", "contact"),
    ],
)
def test_the_kind_follows_from_the_header(header: str, file: str, kind: str) -> None:
    assert headers.kind_of(header.split(","), file, {}) == kind


def test_a_header_that_names_nothing_is_an_error_that_lists_the_columns() -> None:
    with pytest.raises(InvalidValue, match="cannot tell") as caught:
        headers.kind_of(["foo", "bar"], "a.csv", {})
    assert "foo, bar" in (caught.value.hint or "")


def targets(header: str, maps: dict[str, str], ignore: list[str]) -> list[str]:
    columns = headers.columns(BY_NAME["contact"], header.split(","), maps, ignore)
    return [column.target for column in columns]


def test_a_mapping_that_is_given_comes_first() -> None:
    assert targets("Wer,Mail,Alt", {"wer": "name", "Alt": "email.old"}, []) == [
        "name", "email", "email.old",
    ]  # fmt: skip
    assert targets("Name,Email", {}, ["email"]) == ["name", ""]
    assert targets("Name,Email", {"Email": ""}, []) == ["name", ""]


def test_a_field_with_one_value_has_one_column_and_the_second_is_listed() -> None:
    assert targets("Name,Full Name,Email,E-Mail", {}, []) == ["name", "", "email", "email"]


def test_mappings_that_make_no_sense_are_errors() -> None:
    with pytest.raises(UsageError, match='no column "Nme"'):
        targets("Name,Email", {"Nme": "name"}, [])
    with pytest.raises(UnknownName, match='no field "emial"') as caught:
        targets("Name,Email", {"Email": "emial"}, [])
    assert "email" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="two columns"):
        targets("Name,Other", {"Name": "name", "Other": "name"}, [])
