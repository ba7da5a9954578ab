"""What goes wrong is told in one line with a hint, and the right status; nothing is changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.surroundings import Crm

pytestmark = pytest.mark.sqlite_only

USAGE = [
    (["contcts"], 'no command "contcts"', "did you mean `crm contacts`?"),
    (["contact"], 'no command "contact"', "`crm contacts`"),
    (["ls"], 'no command "ls"', "`crm contacts`"),
    (["rm", "c1"], 'no command "rm"', "`crm delete`"),
    (["qqqqqq"], 'no command "qqqqqq"', "`crm --help`"),
    (["config", "lst"], 'no command "config lst"', "`crm config list`"),
    (["config", "show"], 'no command "config show"', "`crm config list`"),
    (["stage", "list"], 'no command "stage list"', "`crm stages`"),
    (["stage", "add", "Legal"], 'no command "stage add"', "`crm add-stage`"),
    (["stage", "rename", "New"], 'no command "stage rename"', "`crm edit`"),
    (["stage", "ordr"], 'no command "stage ordr"', "`crm stage order`"),
    (["user", "ls"], 'no command "user ls"', "`crm users`"),
    (["db", "status"], 'no command "db status"', "`crm db info`"),
    (["contact", "list"], 'no command "contact"', "`crm contacts`"),
    (["contact", "show", "c1"], 'no command "contact"', "`crm show`"),
    (["company", "c1"], 'no command "company"', "`crm companies`"),
    (["deal", "add", "X"], 'no command "deal"', "`crm add-deal`"),
    (["deal", "move", "d1"], 'no command "deal"', "`crm move`"),
    (["todo", "add", "X"], 'no command "todo"', "`crm add-task`"),
    (["list", "people"], 'no command "list"', "`crm contacts`"),
    (["new", "deal", "X"], 'no command "new"', "`crm add-deal`"),
    (["help", "show"], 'no command "help"', "`crm show --help`"),
    (["tag", "list"], "crm tag needs TAG...", "`crm tags`"),
    (["--as", "ada", "tag", "ls"], "crm tag needs TAG...", "`crm tags`"),
    (["tag", "c1"], "crm tag needs TAG...", "usage: crm tag"),
    (["--qwzx"], "crm has no option --qwzx", "crm --help"),
    (["contacts", "--colums", "name"], "has no option --colums", "did you mean --columns?"),
    (["contacts", "-tag:vip"], "has no option -t", "not:WORD"),
    (["add-contact", "-dash"], "has no option -d", "put -- before"),
    (["show"], "crm show needs REF", "usage: crm show"),
    (["move", "d1"], "crm move needs STAGE", "usage: crm move"),
    (["undo", "a", "b"], "crm undo has no use for: b", "usage: crm undo"),
    (["contacts", "--limit", "x"], '--limit takes a whole number, not "x"', "--limit 20"),
    (["pipeline", "--limit", "x"], '--limit takes a whole number, not "x"', "--limit 20"),
    (["contacts", "--limit"], "--limit", "`crm contacts --help`"),
    (["lose", "d1", "--reason"], "--reason", "`crm lose --help`"),
    (["--limit", "3", "show", "c1"], "crm show does not take --limit", "crm show --help"),
    (["--dry-run", "contacts"], "crm contacts does not take --dry-run", ""),
    (["contacts", "--format", "jsn"], 'no format "jsn"', "did you mean json"),
    (["contacts", "--color", "blue"], 'no colour choice "blue"', ""),
    (["contacts", "nme:ada"], "nme", "did you mean"),
    (["contacts", "name:"], "name:", ""),
    (["contacts", "--sort", "nme"], "nme", ""),
    (["contacts", "--columns", "nme"], "nme", "did you mean name?"),
    (["contacts", "--columns", "zork"], "zork", "`crm field list contacts` lists the fields"),
    (["contacts", "zork:3"], "zork", 'text:"zork:'),
    (["unlink", "a", "b", "c", "d"], "two records", ""),
    (["stage", "move", "New"], "where to?", "--before"),
    (["open", "c1", "fax"], 'no thing to open "fax"', ""),
    (["search", "x", "--in", "contact"], 'no list "contact"', "contacts"),
    (["field", "list", "contcts"], 'no list "contcts"', "contacts"),
    (["config", "get", "currncy"], "currncy", "currency"),
    (["edit", "c1", "title"], '"title"', "field=value"),
    (["edit", "c1,c2"], "one record at a time", "crm edit c1,c2 status=former"),
    (["edit", "-"], "one record at a time", "crm edit - status=former"),
    (["tag", "c1", "x", "--where", "ada"], "crm tag contacts --where 'ada'", ""),
    (["add-contact"], "", ""),
]


@pytest.mark.parametrize(("words", "said", "hint"), USAGE, ids=lambda value: str(value)[:40])
def test_a_wrong_line_is_a_usage_error(crm: Crm, words: list[str], said: str, hint: str) -> None:
    crm("add-contact", "Ada")
    ran = crm(*words)
    assert ran.status == 2, ran
    assert ran.out == ""
    first, *rest = ran.err.splitlines()
    assert first.startswith("crm: ")
    assert said in ran.err
    assert hint in "\n".join(rest)
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["tag", "add", "vip"], "`crm add-tag`"),
        (["import", "list"], "`crm imports`"),
        (["tag", "c99", "vip"], "`crm contacts` lists"),
        (["import", "add.csv"], "check the name"),
    ],
    ids=" ".join,
)
def test_a_verb_that_was_taken_for_a_group_names_the_right_command(
    crm: Crm, words: list[str], hint: str
) -> None:
    crm("init")
    ran = crm(*words)
    assert (ran.out, ran.status) == ("", 3)
    assert hint in ran.err


def test_a_pipeline_that_was_taken_for_a_group_names_the_right_command(crm: Crm) -> None:
    crm("add-deal", "Renewal")
    assert "`crm pipelines`" in crm("pipeline", "list").out
    assert "did you mean" not in crm("pipeline", "nonsense").out
    crm("add-deal", "Reading list")
    assert "did you mean" not in crm("pipeline", "list").out


STATUSES = [
    (["show", "c99"], 3, "c99"),
    (["show", "nobody"], 3, "nobody"),
    (["delete", "c99"], 3, "c99"),
    (["show", "h1"], 3, "`crm history h1` shows it"),
    (["show", ","], 3, 'no record fits ","'),
    (["delete", ","], 3, 'no record fits ","'),
    (["restore", ","], 2, '"," is no handle'),
    (["restore", "Ada"], 2, "`crm contacts --deleted`"),
    (["add-pipeline", "sales"], 4, "`crm pipelines`"),
    (["show", "ada"], 4, "ada"),
    (["tag", "grac", "vip"], 4, "c3"),
    (["edit", "c1", "email=nope"], 5, "nope"),
    (["edit", "c1", "birthday=31 Feb 2020"], 5, "birthday"),
    (["add-deal", "X", "--value", "lots"], 5, "lots"),
    (["add-deal", "X", "--stage", "propsal"], 3, "Proposal"),
    (["add-contact", "X", "--status", "led"], 5, "lead"),
    (["add-contact", "X", "--phone", "12"], 5, "phone"),
    (["snooze", "t1", "yesterdayish"], 5, "yesterdayish"),
    (["contacts", "--limit", "-3"], 5, "--limit"),
    (["contacts", "created:notadate"], 5, "notadate"),
    (["--db", "/nonexistent/x.db", "contacts"], 7, "/nonexistent/x.db"),
    (["config", "set", "page", "many"], 5, "page"),
]


@pytest.mark.parametrize(("words", "status", "said"), STATUSES, ids=lambda value: str(value)[:40])
def test_each_kind_of_error_has_its_status(
    crm: Crm, words: list[str], status: int, said: str
) -> None:
    crm("add-contact", "Ada Lovelace")
    crm("add-contact", "Ada Byron")
    crm("add-contact", "Grace Hopper")
    crm("add-task", "Call")
    before = crm("history", "--json").out
    ran = crm(*words)
    assert ran.status == status, ran
    assert said in ran.err
    assert ran.out == ""
    assert crm("history", "--json").out == before


def test_with_json_an_error_is_one_object_on_stderr(crm: Crm) -> None:
    for words in (["contcts", "--json"], ["--json", "show", "c1"], ["show", "c1", "--format=json"]):
        ran = crm(*words)
        found = json.loads(ran.err)
        assert set(found) == {"code", "message", "hint", "details"}
        assert ran.out == ""


def test_ambiguous_names_its_candidates(crm: Crm) -> None:
    crm("add-contact", "Ada Lovelace")
    crm("add-contact", "Ada Byron")
    found = json.loads(crm("show", "ada", "--json").err)
    assert found["code"] == "ambiguous"
    assert {each["handle"] for each in found["details"]["candidates"]} == {"c1", "c2"}


def test_a_mistake_of_the_program_is_told_in_a_line_and_kept_in_a_file(
    crm: Crm, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crmcli.cli import lists

    def broken(*_args: object) -> None:
        raise RuntimeError("the wheels\ncame off")

    monkeypatch.setattr(lists, "find", broken)
    ran = crm("contacts")
    assert ran.status == 1
    log = tmp_path / "state" / "crmcli" / "log" / "crm.log"
    assert ran.err.startswith("crm: this is a bug: RuntimeError: the wheels; the details are in ")
    assert str(log) in ran.err
    assert "Traceback" not in ran.err
    written = log.read_text()
    assert "Traceback" in written
    assert "crm contacts" in written
    assert log.stat().st_mode & 0o077 == 0


def test_a_settings_file_that_is_wrong_is_named(crm: Crm, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("page = [")
    ran = crm("contacts")
    assert (ran.status, "config.toml" in ran.err) == (5, True)


def test_the_path_of_the_settings_is_told_even_when_they_are_wrong(
    crm: Crm, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("page = [")
    assert crm("config", "path").out.strip() == str(tmp_path / "config.toml")
