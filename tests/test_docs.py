"""The documentation is complete, current, and its commands work as written."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from console import surroundings, typed, write_files
from crmcli import docs
from crmcli.cli.table import COMMANDS
from crmcli.config import SETTINGS
from crmcli.errors import CrmError
from picture import FILE, drawn, words

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "crmcli"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GENERATED = {"commands.md", "fields.md", "schema.md", "settings.md", "errors.md"}
BY_HAND = [page for page in PAGES if page.name not in GENERATED]
OWN_SAMPLES = ROOT / "docs" / "examples"
SAMPLES = ROOT.parent / "shared" / "data"
"""Real files, which are not ours to pass on: pages that use them are checked where they are."""

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")


def text_of(pages: list[Path]) -> str:
    return "\n".join(page.read_text("utf-8") for page in pages)


def test_the_generated_pages_are_what_the_program_says() -> None:
    pages = docs.pages()
    assert set(pages) == GENERATED
    for name, text in pages.items():
        assert (docs.FOLDER / name).read_text("utf-8") == text, f"python -m crmcli.docs: {name}"


def test_every_command_is_explained_beyond_the_reference() -> None:
    text = text_of(BY_HAND)
    names = [entry.name for entry in COMMANDS if not entry.aside]
    assert not [name for name in names if not re.search(rf"\bcrm {name}\b", text)]


def test_every_test_that_a_page_names_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", text_of(PAGES)))
    assert "tests/stress/test_stress_crashes.py" in named
    assert not {name for name in named if not (ROOT / name).is_file()}


def test_every_setting_and_variable_is_documented() -> None:
    text = text_of(PAGES)
    used = {name for path in SOURCE.rglob("*.py")
            for name in re.findall(r'"(CRM_[A-Z]+)"', path.read_text("utf-8"))}  # fmt: skip
    assert not [name for name in used if f"`{name}`" not in text]
    assert not [spec.name for spec in SETTINGS if f"`{spec.name}`" not in text]


def test_every_report_is_documented() -> None:
    from crmcli.queries.reports import REPORTS

    text = text_of(BY_HAND)
    assert not [name for name in REPORTS if not re.search(rf"\bcrm report {name}\b", text)]


def test_every_exit_status_of_an_error_has_its_meaning() -> None:
    statuses = {int(status.strip()) for _, status, _ in docs._codes(CrmError)}
    assert statuses <= set(docs.STATUSES)


def test_the_picture_shows_what_the_program_shows(tmp_path: Path) -> None:
    assert words(FILE.read_text("utf-8")) == words(drawn(tmp_path)), "python -m tests.picture"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [first or second for first, second in _LINK.findall(page.read_text("utf-8"))]
    local = [target for target in targets if "://" not in target and "mailto:" not in target]
    assert not [target for target in local if not (page.parent / target).exists()]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if list(typed(page))], ids=lambda page: page.name
)
def test_the_commands_of_a_page_work_in_order(page: Path, tmp_path: Path) -> None:
    shell = surroundings(tmp_path)
    write_files(page, tmp_path / "work")
    used = set(re.findall(r"\b(?:people|organizations|leads)-\d+\.csv", page.read_text("utf-8")))
    if missing := [name for name in used if not (tmp_path / "work" / name).exists()]:
        pytest.skip(f"{page.name} NOT CHECKED: {SAMPLES} lacks {', '.join(missing)}")
    for command in typed(page):
        done = subprocess.run(
            ["bash", "-c", command.text],
            cwd=tmp_path / "work",
            env=shell,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == command.status, f"$ {command.text}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        assert "this is a bug" not in done.stderr
