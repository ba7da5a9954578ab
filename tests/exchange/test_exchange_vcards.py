"""vCards as phones and address books write them, and as we write them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from exchange_tools import ask, load, write
from hypothesis import given, settings
from hypothesis import strategies as st
from test_exchange_formats import named, several

from crmcli.exchange import cards, vcards
from crmcli.exchange.exporting import Form, export
from crmcli.exchange.extract import Held
from crmcli.exchange.importing import import_file
from crmcli.exchange.readers import described
from crmcli.exchange.rows import AddressValue
from crmcli.values.text import clean

if TYPE_CHECKING:
    from crmcli.actions.context import Context


def card(*lines: str, version: str = "3.0") -> str:
    """One card with these lines."""
    return "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))


APPLE = card(
    "PRODID:-//Apple Inc.//iPhone OS 17.5//EN",
    "N:Lovelace;Ada;King;Lady;",
    "FN:Lady Ada King Lovelace",
    "NICKNAME:Countess",
    "ORG:Engines\\, Ltd;Analysis;",
    "TITLE:Analyst",
    "EMAIL;type=INTERNET;type=WORK:second@x.io",
    "item1.EMAIL;type=INTERNET;type=pref:ada@x.io",
    "item1.X-ABLabel:_$!<Other>!$_",
    "item5.TEL:+442079460001",
    "item5.X-ABLabel:Country House",
    "TEL;type=CELL;type=VOICE;type=pref:+447700900662",
    "TEL;type=WORK;type=FAX:+442079460958",
    "item2.ADR;type=HOME;type=pref:PO 7;;12 Square\\nFlat 2;London;;W1;UK",
    "item2.X-ABADR:gb",
    "item3.URL;type=pref:https\\://ada.example",
    "item3.X-ABLabel:_$!<HomePage>!$_",
    "BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-10",
    "item4.X-ABDATE;type=pref:1835-07-08",
    "item4.X-ABLabel:_$!<Anniversary>!$_",
    "X-SOCIALPROFILE;type=twitter;x-user=ada:http://twitter.com/ada",
    "X-SOCIALPROFILE;type=linkedin;x-user=ada:x-apple:ada",
    "IMPP;X-SERVICE-TYPE=Skype;type=HOME;type=pref:skype:ada",
    "item6.X-ABRELATEDNAMES;type=pref:William",
    "item6.X-ABLabel:_$!<Spouse>!$_",
    "NOTE:line one\\nline two\\, with",
    " out a break\\; and more",
    "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ",
    " SkZJRgABAQ",
    "CATEGORIES:Work,Big Group",
    "X-ABUID:1234:ABPerson",
)


def test_apples_groups_and_labels_are_read(tmp_path: Path) -> None:
    (source,) = several(write(tmp_path, APPLE, "a.vcf"))
    assert named(source) == [
        {
            "name": "Lady Ada King Lovelace", "prefix": "Lady", "first_name": "Ada",
            "middle_name": "King", "last_name": "Lovelace", "preferred_name": "Countess",
            "email": "ada@x.io", "email_label": "other",
            "email_2": "second@x.io", "email_2_label": "work",
            "phone": "+447700900662", "phone_label": "mobile",
            "phone_2": "+442079460001", "phone_2_label": "Country House",
            "phone_3": "+442079460958", "phone_3_label": "fax",
            "company": "Engines, Ltd", "department": "Analysis", "title": "Analyst",
            "tags": 'Work, "Big Group"',
            "street": "12 Square, Flat 2, PO 7", "city": "London", "postcode": "W1",
            "country": "UK", "address_label": "home", "url": "https://ada.example",
            "social": "http://twitter.com/ada", "social_2": "linkedin:ada", "birthday": "--12-10",
            "notes": "line one\nline two, without a break; and more",
            "anniversary": "1835-07-08", "impp": "skype:ada", "spouse": "William",
        }
    ]  # fmt: skip
    assert source.kind == "contact"
    assert source.origin == "apple"
    assert described(source) == "vCard, UTF-8; 1 photo left out"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (card("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6=", "rg;;;",
              "TEL;CELL;PREF:0170 1", "TEL;HOME:030 55", version="2.1"),
         {"last_name": "Müller", "first_name": "Jörg", "phone": "0170 1", "phone_label": "mobile",
          "phone_2": "030 55", "phone_2_label": "home"}),
        (card("N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J;;;", version="2.1"),
         {"last_name": "Müller", "first_name": "J"}),
        (card("FN:Zoe", 'TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+1-555-0100;ext=55',
              "BDAY:19900203", "ADR;LABEL=\"a: b; c\":;;1 Main;Any;CA;9;USA", version="4.0"),
         {"name": "Zoe", "phone": "+1-555-0100;ext=55", "phone_label": "home",
          "birthday": "1990-02-03", "street": "1 Main", "city": "Any", "region": "CA",
          "postcode": "9", "country": "USA"}),
        (card("FN:Zoe", "BDAY:--0203", "EMAIL;PREF=2:b@x.io", "EMAIL;PREF=1:a@x.io",
              "LANG:fr", "TZ:Europe/Paris", version="4.0"),
         {"name": "Zoe", "birthday": "--02-03", "email": "a@x.io", "email_2": "b@x.io",
          "language": "fr", "time_zone": "Europe/Paris"}),
        (card("FN:Ada", "ROLE:Countess", "NOTE:a", "NOTE:b", "PHOTO:data:image/png;base64,AAAA"),
         {"name": "Ada", "role": "Countess", "notes": "a\n\nb"}),
        (card("FN:Ada", "X-:nameless", "item1.X-ABDATE:20200101", "item1.X-ABLabel:our\\nday"),
         {"name": "Ada", "x": "nameless", "our\nday": "2020-01-01"}),
        (card("FN:Ada\\, B\\;C \\\\ D", "N:B\\;C\\\\;Ada\\,;;;"),
         {"name": "Ada, B;C \\ D", "last_name": "B;C\\", "first_name": "Ada,"}),
    ],
)  # fmt: skip
def test_cards_of_every_version_are_read(tmp_path: Path, text: str, wanted: dict[str, str]) -> None:
    (source,) = several(write(tmp_path, text, "a.vcf"))
    assert named(source) == [wanted]


def test_companies_among_the_cards_are_a_table_of_their_own(tmp_path: Path) -> None:
    apple = card("N:;;;;", "FN:Acme GmbH", "ORG:Acme GmbH;", "X-ABShowAs:COMPANY", "TEL:+49 1")
    four = card("FN:Initech", "KIND:org", version="4.0")
    group = card("FN:Friends", "X-ADDRESSBOOKSERVER-KIND:group", "N:Friends;;;;")
    people, companies = several(
        write(tmp_path, card("FN:Ada") + apple + four + group + card("N:;;;;"), "a.vcf")
    )
    assert named(people) == [{"name": "Ada"}, {}, {}]
    assert companies.kind == "company"
    assert named(companies) == [{"name": "Acme GmbH", "phone": "+49 1"}, {"name": "Initech"}]


def test_a_card_that_never_ends_ends_at_the_next(tmp_path: Path) -> None:
    text = "BEGIN:VCARD\nFN:Ada\nBEGIN:VCARD\nFN:Bob\n"
    (source,) = several(write(tmp_path, text, "a.vcf"))
    assert [line for line, _row in source.rows()] == [1, 3]
    assert [row["name"] for row in named(source)] == ["Ada", "Bob"]


def test_large_photos_are_passed_over_and_counted(tmp_path: Path) -> None:
    photo = "PHOTO;ENCODING=BASE64;JPEG:" + "\r\n ".join(["A" * 70] * 20_000)
    (source,) = several(write(tmp_path, card("FN:Ada", photo, "TITLE:CEO") * 3, "a.vcf"))
    assert named(source) == [{"name": "Ada", "title": "CEO"}] * 3
    assert "3 photos left out" in described(source)


# --- out

PEOPLE = (
    "Name,Prefix,Email,Email label,Email 2,Phone,Phone label,Phone 2,Company,Title,Department,Tags,"
    "Street,City,Country,Address label,URL,Social,Birthday,Language,Time zone,Preferred name,"
    "Notes\n"
    'Ada Lovelace,Lady,ada@x.io,work,b@x.io,+442079460958,mobile,"+442079460959 ext. 12",'
    '"Engines, Ltd",Analyst,R;D,"vip, ""big fish""","1 Square, Flat 2",London,GB,home,'
    "https://ada.example,linkedin:in/ada,--12-10,en,Europe/London,Ada,"
    '"one, two; three\\n\n' + "ä" * 90 + '"\n'
    "Bob,,bob@x.io,Boss's own,,12,,,,,,,,,,,,@bob,1990-02-03,,,,\n"
)


def comes_back(
    ctx: Context, make: Callable[[Path], Context], folder: Path, noun: str, version: str
) -> str:
    """Cards of a database, which must be the same after a second database took them in."""
    first, second = folder / "first.vcf", folder / "second.vcf"
    export(ctx, noun, out=first, form=Form(vcard=version))
    again = make(folder / f"again-{version}.db")
    summary = import_file(again, first)
    assert summary.noun == noun
    assert summary.rejected == 0
    export(again, noun, out=second, form=Form(vcard=version))
    assert second.read_bytes() == first.read_bytes()
    again.close()
    return first.read_bytes().decode()


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_cards_come_back_as_they_went(
    ctx: Context, tmp_path: Path, make_context: Callable[..., Context], version: str
) -> None:
    load(ctx, PEOPLE)
    text = comes_back(ctx, make_context, tmp_path, "contact", version)
    assert f"VERSION:{version}\r\n" in text
    assert "ORG:Engines\\, Ltd;R\\;D\r\n" in text
    assert "item1.X-ABLabel:Boss's own\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    birthday = "BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-10" if version == "3.0" else "BDAY:--1210"
    assert birthday in text


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_companies_come_back_as_cards(
    ctx: Context, tmp_path: Path, make_context: Callable[..., Context], version: str
) -> None:
    load(ctx, "Company name,Industry,Phone,Website\nAcme,Tools,+442079460958,https://acme.com\n")
    text = comes_back(ctx, make_context, tmp_path, "company", version)
    assert ("KIND:org" if version == "4.0" else "X-ABShowAs:COMPANY") in text


def test_a_file_of_apple_cards_becomes_records(ctx: Context, db: Path, tmp_path: Path) -> None:
    import_file(ctx, write(tmp_path, APPLE, "a.vcf"))
    found: list[Any] = ask(db, "SELECT name, company, title, birthday FROM contacts")
    assert found == [("Lady Ada King Lovelace", "Engines, Ltd", "Analyst", "--12-10")]


# --- whatever the texts are

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=90).map(clean)
NOTES = st.text(max_size=200).map(lambda text: clean(text, lines=True))
LABEL = st.one_of(st.none(), st.sampled_from(["work", "mobile", "fax", "other"]), TEXT.filter(bool))
POINTS = st.lists(st.builds(Held, TEXT.filter(bool), LABEL, st.just(False)), max_size=3)
ADDRESS = st.builds(AddressValue, LABEL, TEXT.filter(bool), TEXT, TEXT, TEXT, st.just("DE"))
RECORD = st.fixed_dictionaries(
    {
        "name": TEXT.filter(bool), "first_name": TEXT, "last_name": TEXT, "title": TEXT,
        "company": TEXT, "department": TEXT, "notes": NOTES, "email": POINTS,
        "address": st.lists(ADDRESS, max_size=2),
        "birthday": st.sampled_from([None, "1990-12-10", "--02-29"]),
    }
)  # fmt: skip


@settings(max_examples=150)
@given(record=RECORD, version=st.sampled_from(cards.VERSIONS))
def test_any_text_in_a_card_is_read_back(record: dict[str, Any], version: str) -> None:
    written = cards.card(record, "contact", version)
    assert all(len(line.encode()) <= 76 for line in written)
    text = "\n".join(written)
    found = vcards.looked_into(lambda: io.StringIO(text, newline=None))
    ((_line, row),) = vcards.rows(
        lambda: io.StringIO(text, newline=None), found.people, companies=False
    )
    read = dict(zip(found.people, row, strict=True))
    for name in ("name", "first_name", "last_name", "title", "company", "department", "notes"):
        assert read.get(name, "") == record[name]
    for place, held in enumerate(record["email"]):
        name = f"email_{place + 1}" if place else "email"
        assert read[name] == held.value
        assert read.get(f"{name}_label", "") == (held.label or "")
    for place, address in enumerate(record["address"]):
        ending = f"_{place + 1}" if place else ""
        assert read[f"street{ending}"] == address.street
        assert read.get(f"address{ending}_label", "") == (address.label or "")
    assert read.get("birthday") == record["birthday"]
