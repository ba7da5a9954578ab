"""The benchmark runs; how long things take is no test."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.benchmarks.__main__ import main
from tests.benchmarks.budgets import GROUPS, Line


@pytest.mark.parametrize("group", list(GROUPS))
def test_every_group_measures_its_lines(
    group: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--quick", "--only", group, "--folder", str(tmp_path)]) == 0
    rows = [line.split("|") for line in capsys.readouterr().out.splitlines()[2:]]
    assert rows
    assert all(float(row[4]) > 0 for row in rows)


def test_a_line_above_its_budget_is_missed() -> None:
    assert Line("any", 150, 100, 1.5).kept
    assert not Line("any", 151, 100, 1.5).kept
