"""Measure the budgets: `python -m tests.benchmarks [--quick] [--write] [--only GROUP] [--runs N]`.

Databases are kept in --folder for the next time. The full run makes one of a million contacts and
imports a million rows: allow half an hour, and four gigabytes of disk.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.budgets import FULL, GROUPS, QUICK, Line
from tests.benchmarks.measure import compile_all, kept, put

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def main(arguments: Sequence[str]) -> int:
    """Run the groups that were asked for, print the table; 1 when a budget is not kept."""
    given = _parse(arguments)
    scale = QUICK if given.quick else FULL
    if given.runs:
        scale = scale._replace(runs=given.runs)
    folder = kept(given.folder)
    if not given.quick:
        compile_all()
    lines = []
    for name in given.only or GROUPS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        lines += GROUPS[name](folder, scale)
    table = _table(lines)
    print(table)
    if given.write:
        put(PAGE, table)
    return 0 if given.quick or all(line.kept for line in lines) else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that it runs")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--only", action="append", choices=list(GROUPS), help="one group")
    parser.add_argument("--runs", type=int, help="how often each process runs")
    parser.add_argument("--folder", help="where databases are kept")
    return parser.parse_args(arguments)


def _table(lines: Sequence[Line]) -> str:
    rows = [
        f"| {line.what} | {line.value:,.0f} {line.unit} | {line.base:,.0f} {line.unit}"
        f" | {line.ratio:.2f} | {_limit(line)} |"
        for line in lines
    ]
    head = ["| what | measured | floor | ratio | budget |", "| --- | ---: | ---: | ---: | --- |"]
    return "\n".join([*head, *rows])


def _limit(line: Line) -> str:
    return f"{line.budget:g}" + ("" if line.kept else " **missed**")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
