"""Editing a record as a page: what comes back is saved, or opens again with the mistake marked."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.surroundings import Crm

from crmcli.catalog import BY_NAME
from crmcli.cli.editor import MARK, changes, mark, parse, render, unmark
from crmcli.errors import InvalidValue
from crmcli.fields import Field

pytestmark = pytest.mark.sqlite_only

Edits = Callable[..., None]


@pytest.fixture
def editing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edits:
    """Make an editor that runs one line of Python on the text at each opening."""

    def prepare(*steps: str) -> None:
        script = tmp_path / "editor"
        cases = "\n".join(f"if turn == {turn}:\n    {step}" for turn, step in enumerate(steps))
        script.write_text(
            "#!/usr/bin/env python3\n"
            "import pathlib, re, sys\n"
            f"seen = pathlib.Path({str(tmp_path / 'seen')!r})\n"
            "turn = len(list(seen.parent.glob('seen.*')))\n"
            "file = pathlib.Path(sys.argv[1])\n"
            "text = file.read_text()\n"
            "pathlib.Path(f'{seen}.{turn}').write_text(text)\n"
            f"{cases}\n"
            "file.write_text(text)\n"
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("EDITOR", str(script))

    return prepare


@pytest.fixture
def ada(crm: Crm) -> Crm:
    crm("add-contact", "Ada Lovelace", "--field", "email.work=ada@acme.com", "--title", "CTO",
        "--email", "ada@home.org", "--notes", "first line\nsecond line")  # fmt: skip
    return crm


def shown(crm: Crm) -> dict[str, object]:
    found: dict[str, object] = json.loads(crm("show", "c1", "--json").out)
    return found


def test_the_page_holds_every_field_with_what_it_means(
    ada: Crm, editing: Edits, tmp_path: Path
) -> None:
    editing()
    assert ada("edit", "c1").out == "nothing was changed\n"
    page = (tmp_path / "seen.0").read_text()
    assert page.startswith("# c1 Ada Lovelace\n")
    for line in ('title = "CTO"  # Job title.', '    "work: ada@acme.com",', 'department = ""',
                 "first line\nsecond line"):  # fmt: skip
        assert line in page
    for field in BY_NAME["contact"].fields:
        writable = not field.readonly and field.store not in ("derived", "part")
        assert (f"\n{field.name} = " in page) == writable, field.name


def test_what_is_saved_is_changed(ada: Crm, editing: Edits) -> None:
    editing("text = text.replace('\"CTO\"', '\"Countess\"').replace('work: ada@', 'office: ada@')")
    assert ada("edit", "c1").out == "Changed c1 Ada Lovelace\n"
    record = shown(ada)
    assert record["title"] == "Countess"
    assert {(each["value"], each["label"]) for each in record["email"]} == {  # type: ignore[attr-defined]
        ("ada@acme.com", "office"),
        ("ada@home.org", None),
    }
    assert json.loads(ada("history", "--json", "--limit", "1").out)[0]["handle"] == "h2"


def test_values_are_emptied_added_and_taken_away(ada: Crm, editing: Edits) -> None:
    editing(
        "text = text.replace('\"CTO\"', '\"\"')"
        ".replace('\"work: ada@acme.com\"', '\"new@acme.com\"')"
        ".replace('do_not_contact = \"no\"', 'do_not_contact = true')"
    )
    assert ada("edit", "c1").status == 0
    record = shown(ada)
    assert record.get("title") is None
    assert {each["value"] for each in record["email"]} == {"ada@home.org", "new@acme.com"}  # type: ignore[attr-defined]


def test_a_mistake_opens_the_page_again_with_the_line_marked(
    ada: Crm, editing: Edits, tmp_path: Path
) -> None:
    editing(
        "text = text.replace('\"CTO\"', '\"CTO')",
        "text = text.replace('\"CTO', '\"CTO\"').replace('ada@home.org', 'nonsense')",
        "text = text.replace('nonsense', 'right@home.org').replace('language', 'lnguage')",
        "text = text.replace('lnguage', 'language')",
    )
    assert ada("edit", "c1").status == 0
    lines = (tmp_path / "seen.1").read_text().splitlines()
    (at,) = [place for place, line in enumerate(lines) if line.startswith('title = "CTO ')]
    assert lines[at - 1].startswith(MARK)
    assert "line" in lines[at - 1]
    second = (tmp_path / "seen.2").read_text()
    assert f"{MARK}email" in second
    assert second.index(f"{MARK}email") < second.index("\nemail = ")
    assert "did you mean language" in (tmp_path / "seen.3").read_text()
    assert MARK not in json.dumps(shown(ada))
    assert {each["value"] for each in shown(ada)["email"]} == {"ada@acme.com", "right@home.org"}  # type: ignore[attr-defined]


def test_giving_up_on_a_mistake_changes_nothing_and_keeps_the_text(
    ada: Crm, editing: Edits
) -> None:
    editing("text = text.replace('\"CTO\"', '\"Countess').replace('Ada L', 'Eva L')")
    before = shown(ada)
    ran = ada("edit", "c1")
    assert ran.status == 5
    kept = Path(ran.err.split("your text is kept in ")[1].split()[0])
    assert "Countess" in kept.read_text()
    kept.unlink()
    assert shown(ada) == before


@pytest.fixture
def eve_meanwhile(editing: Edits, tmp_path: Path) -> Callable[[str], None]:
    """Make an editor in which the title is changed while eve makes a change of her own."""

    def prepare(change: str) -> None:
        editing(
            "import subprocess; subprocess.run([sys.executable, '-m', 'crmcli', '--as', 'eve',"
            f" 'edit', 'c1', {change!r}], check=True, stdout=subprocess.DEVNULL);"
            " text = text.replace('\"CTO\"', '\"Countess\"')"
        )
        script = tmp_path / "editor"
        script.write_text(script.read_text().replace("/usr/bin/env python3", sys.executable))

    return prepare


def test_a_change_of_the_same_field_in_between_stops_the_write(
    ada: Crm, eve_meanwhile: Callable[[str], None]
) -> None:
    eve_meanwhile("title=Chair")
    ran = ada("edit", "c1")
    assert ran.status == 4, ran
    assert "was changed by eve in the meantime: title “CTO” → “Chair”" in ran.err
    kept = Path(ran.err.split("your text is kept in ")[1].split()[0])
    assert "Countess" in kept.read_text()
    kept.unlink()
    assert shown(ada)["title"] == "Chair"


def test_changes_of_different_fields_both_survive(
    ada: Crm, eve_meanwhile: Callable[[str], None]
) -> None:
    eve_meanwhile("department=Sales")
    assert ada("edit", "c1").status == 0
    record = shown(ada)
    assert (record["title"], record["department"]) == ("Countess", "Sales")


def test_an_editor_that_fails_or_is_missing_is_named(
    ada: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "false")
    assert ada("edit", "c1").status == 1
    monkeypatch.setenv("VISUAL", "/nonexistent/editor --wait")
    assert "/nonexistent/editor" in ada("edit", "c1").err
    monkeypatch.delenv("VISUAL")
    assert ada("edit", "c1").status == 2


def test_the_settings_file_is_edited_and_a_wrong_one_is_not_kept(
    crm: Crm, editing: Edits, tmp_path: Path
) -> None:
    editing(
        "text = 'page = \"many\"\\n'",
        "text = text.replace('many', '7')",
    )
    assert crm("config", "edit").status == 0
    assert crm("config", "get", "page").out == "7\n"
    assert "page" in (tmp_path / "seen.1").read_text().split(MARK)[1]


# --- the page itself

NOTES = Field("notes", "longtext", "Notes", "Anything.")
TITLE = Field("title", "text", "Title", "Job title.")
EMAIL = Field("email", "email", "Email", "Addresses.", store="point", part="email", many=True)

# What is stored has no carriage returns: they are line ends, which become "\n".
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1)
labels = st.one_of(st.just(""), st.from_regex(r"[a-z][a-z-]{0,9}", fullmatch=True))


@settings(deadline=None)  # the first run loads what writes TOML
@given(st.lists(texts, max_size=1), st.lists(texts, max_size=1),
       st.lists(st.tuples(labels, texts), max_size=3))  # fmt: skip
def test_a_page_that_is_not_touched_changes_nothing(
    title: list[str], notes: list[str], emails: list[tuple[str, str]]
) -> None:
    fields = [
        (TITLE, [("", text) for text in title]),
        (NOTES, [("", text) for text in notes]),
        (EMAIL, emails),
    ]
    assert changes(fields, parse(render("c1 Ada", fields))) == []


@given(texts, st.text())
def test_marks_come_off_as_they_went_on(text: str, message: str) -> None:
    page = "\n".join(line for line in text.split("\n") if not line.startswith(MARK))
    assert unmark(mark(page, InvalidValue(message))) == page


def test_one_value_is_needed_where_a_field_holds_one() -> None:
    with pytest.raises(InvalidValue, match="title"):
        changes([(TITLE, [])], {"title": ["a", "b"]})
