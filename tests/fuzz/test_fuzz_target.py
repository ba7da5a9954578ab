"""What the fuzzer begins from is read to the end, so that it looks behind every door."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz import target

from crmcli.actions.context import Context

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize("ending", target.SEEDS)
def test_every_seed_has_rows_with_values(ctx: Context, tmp_path: Path, ending: str) -> None:
    assert target.read(ctx, tmp_path, target.seed(ending)) > 0


def test_no_bytes_are_no_rows(ctx: Context, tmp_path: Path) -> None:
    assert target.read(ctx, tmp_path, b"") == 0
