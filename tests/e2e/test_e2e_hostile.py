"""Text from data is data: stored as it is, and shown harmlessly in every format."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
from tests.e2e.e2e_tools import ask
from tests.surroundings import Crm

pytestmark = pytest.mark.sqlite_only

# What was typed, and what is stored of it in a field of one line.
TEXTS: list[tuple[str, str]] = [
    ("Ångström Øre", "Ångström Øre"),
    ("Ελένη Παπαδοπούλου", "Ελένη Παπαδοπούλου"),
    ("Анна Каренина", "Анна Каренина"),
    ("山田太郎", "山田太郎"),
    ("김철수", "김철수"),
    ("अमर्त्य सेन", "अमर्त्य सेन"),
    ("عمر الخيام", "عمر الخيام"),
    ("שרה כהן", "שרה כהן"),
    ("👩‍👩‍👧‍👦 🇩🇪 family", "👩‍👩‍👧‍👦 🇩🇪 family"),
    ("Z̸̡͝a̴̧lg̷o", "Z̸̡͝a̴̧lg̷o"),
    ("\u202eevil\u202c txt", "\u202eevil\u202c txt"),
    ("zero\u200bwidth\ufeff", "zero\u200bwidth\ufeff"),
    ("x" * 10_000, "x" * 10_000),
    ("[bold red]markup[/] [link=http://x]y[/link]", "[bold red]markup[/] [link=http://x]y[/link]"),
    ("[/unbalanced", "[/unbalanced"),
    (":smile: \\[escaped]", ":smile: \\[escaped]"),
    ("'; drop table contact;--", "'; drop table contact;--"),
    ('Robert"); DROP TABLE contact;--', 'Robert"); DROP TABLE contact;--'),
    ("=1+2", "=1+2"),
    ("=cmd|'/c calc'!A0", "=cmd|'/c calc'!A0"),
    ("@SUM(A1)", "@SUM(A1)"),
    ("+1 and -1", "+1 and -1"),
    ("$(rm -rf ~) `id` ; ls", "$(rm -rf ~) `id` ; ls"),
    ("100% {0} %s %(name)s", "100% {0} %s %(name)s"),
    ("back\\slash \\n", "back\\slash \\n"),
    ("two\nlines", "two lines"),
    ("a\ttab", "a\ttab"),
    ("red \x1b[31malert\x1b[0m", "red [31malert[0m"),
    ("title \x1b]0;owned\x07 set", "title ]0;owned set"),
    ("link \x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", "link ]8;;http://evil\\click]8;;\\"),
    ("csi \x9b31m", "csi 31m"),
    ("bell\x07 del\x7f back\x08", "bell del back"),
    ("carriage\rreturn", "carriage return"),
]
IDS = [ascii(typed[:30]) for typed, _ in TEXTS]
FORMATS = ("table", "tsv", "csv", "json", "jsonl", "md", "ids")
READS = (
    ("contacts",),
    ("companies",),
    ("deals",),
    ("tasks",),
    ("activities",),
    ("tags",),
    ("show", "c1"),
    ("show", "o1"),
    ("show", "d1"),
    ("pipeline", "--deals"),
    ("today",),
    ("history",),
    ("history", "c1"),
    ("search", "ada"),
)


def harmless(text: str, *, tabs: bool = False) -> None:
    """No character that moves a terminal, except line ends (and tabs where they separate)."""
    allowed = "\n\t" if tabs else "\n"
    bad = [char for char in text if unicodedata.category(char) == "Cc" and char not in allowed]
    assert not bad, bad


def fill(crm: Crm, typed: str) -> None:
    """A database in which every text is `typed`."""
    for words in (
        ("add-contact", "Ada Lovelace", "--title", typed, "--company", "Acme", "--city", typed),
        ("edit", "c1", f"notes={typed}", f"department={typed}", f"tags={typed}"),
        ("edit", "o1", f"industry={typed}", f"notes={typed}"),
        ("add-deal", typed, "--contact", "c1", "--company", "o1", "--value", "5000"),
        ("add-task", typed, "--due", "today", "--contact", "c1"),
        ("log", "note", "c1", typed),
        ("edit", "c1", f"name=Ada {typed}"),
        ("edit", "o1", f"name=Acme {typed}"),
    ):
        ran = crm(*words)
        assert (ran.status, ran.err) == (0, ""), words


@pytest.mark.parametrize(("typed", "stored"), TEXTS, ids=IDS)
def test_any_text_is_stored_as_it_is_and_shown_harmlessly(
    db: Path, crm: Crm, typed: str, stored: str
) -> None:
    fill(crm, typed)
    assert ask(db, "SELECT title, department FROM contact") == [(stored, stored)]
    assert ask(db, "SELECT title FROM deal") == [(stored,)]
    assert ask(db, "SELECT title FROM task") == [(stored,)]
    assert ask(db, "SELECT subject FROM activity") == [(stored,)]
    assert ask(db, "SELECT name FROM company") == [(f"Acme {stored}",)]
    for words in READS:
        ran = crm(*words)
        assert ran.status == 0, (words, ran.err)
        harmless(ran.out, tabs=True)
    check_machine_formats(crm, stored)
    assert crm("db", "check").status == 0
    assert crm("undo").status == 0


def check_machine_formats(crm: Crm, stored: str) -> None:
    """The machine formats carry the very text; the others no control characters."""
    deals = json.loads(crm("deals", "--json").out)
    items = deals if isinstance(deals, list) else deals["items"]
    assert items[0]["title"] == stored
    line = json.loads(crm("deals", "--format", "jsonl").out)
    assert line["title"] == stored
    table = list(csv.DictReader(io.StringIO(crm("deals", "--format", "csv").out, newline="")))
    assert table[0]["title"].lstrip("'") == stored.lstrip("'")
    assert not table[0]["title"].startswith(("=", "+", "-", "@"))
    for name in FORMATS:
        harmless(crm("contacts", "--format", name).out, tabs=name != "table")


SHORT = [typed for typed, _ in TEXTS if len(typed) < 100]


@pytest.mark.parametrize("typed", SHORT, ids=[ascii(typed[:30]) for typed in SHORT])
def test_any_text_can_be_searched_and_filtered_for(crm: Crm, typed: str) -> None:
    crm("add-contact", "Ada Lovelace", "--title", "Countess")
    for words in (
        ("search", typed),
        ("contacts", f"title:{typed}"),
        ("contacts", "--where", typed),
        ("show", typed),
        ("edit", typed, "title=x"),
        ("edit", "c1", typed),
        ("tag", "c1", "--", typed),
        ("untag", "c1", "--", typed),
        ("history", typed),
        ("move", "d1", typed),
        ("report", typed),
        ("contacts", "--sort", typed),
        ("contacts", "--columns", typed),
        ("config", "set", "region", typed),
        (typed,),
    ):
        ran = crm(*words)
        assert ran.status in (0, 2, 3, 4, 5), (words, ran.err)
        assert "this is a bug" not in ran.err, words
        harmless(ran.out + ran.err, tabs=True)
    assert crm("contacts", "--format", "ids").out == "c1\n"


def test_notes_keep_their_lines_and_tabs(db: Path, crm: Crm) -> None:
    crm("add-contact", "Ada")
    crm("edit", "c1", "notes=one\ntwo\r\nthree\x1b[31m\tfour")
    assert ask(db, "SELECT notes FROM contact") == [("one\ntwo\nthree[31m\tfour",)]
