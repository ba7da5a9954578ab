"""The benchmark runs; how long things take is no test."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests import engines
from tests.benchmarks import scaling
from tests.benchmarks.__main__ import main
from tests.benchmarks.budgets import GROUPS, Line
from tests.surroundings import NO_SERVER


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the tests, for what is measured on one."""
    try:
        monkeypatch.setenv("CRM_TEST_SERVER", engines.server().url("postgres"))
    except engines.Unavailable as error:
        engines.missing(NO_SERVER, error)


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(name, marks=pytest.mark.postgresql if name == "server" else ())
        for name in GROUPS
    ],
)
def test_every_group_measures_its_lines(
    group: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    if group == "server":
        request.getfixturevalue("host")
    assert main(["--quick", "--only", group, "--folder", str(tmp_path)]) == 0
    rows = [line.split("|") for line in capsys.readouterr().out.splitlines()[2:]]
    assert rows
    assert all(float(row[4]) > 0 for row in rows)


def test_a_line_above_its_budget_is_missed() -> None:
    assert Line("any", 150, 100, 1.5).kept
    assert not Line("any", 151, 100, 1.5).kept


@pytest.mark.postgresql
@pytest.mark.usefixtures("host")
def test_growth_is_measured_on_both_databases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scaling.main(["--quick", "--folder", str(tmp_path)]) == 0
    rows = [line.split("|")[1:-1] for line in capsys.readouterr().out.splitlines()[2:]]
    assert rows
    assert all(float(cell) > 0 for row in rows for cell in row[1:])
