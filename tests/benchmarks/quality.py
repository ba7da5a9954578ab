"""Measure how well duplicates are found: `python -m tests.benchmarks.quality FOLDER [--write]`.

FOLDER holds the public labelled sets febrl1.csv and fake_1000.csv.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.matching.labelled import SETS, Quality, best, found, quality

from crmcli.actions.dupes import AUTO, THRESHOLD

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- quality -->", "<!-- end of quality -->"


def main(arguments: Sequence[str]) -> int:
    """Print the table, and put it on the page when asked to."""
    folder = Path(arguments[0])
    lines = ["| set | threshold | precision | recall | F1 |", "| --- | --- | ---: | ---: | ---: |"]
    for name, load in SETS.items():
        table, truth = load(folder / name)
        lines.append(_line(name, f"{THRESHOLD} (default)", quality(found(table, THRESHOLD), truth)))
        threshold, top = best(table, truth)
        lines.append(_line(name, f"{threshold:.2f} (best F1)", top))
        sure = found(table, AUTO, sure=True)
        lines.append(_line(name, f"{AUTO} (--auto)", quality(sure, truth)))
    text = "\n".join(lines)
    print(text)
    if "--write" in arguments:
        marked = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
        page = PAGE.read_text("utf-8")
        PAGE.write_text(marked.sub(lambda _: f"{BEGIN}\n{text}\n{END}", page), "utf-8")
    return 0


def _line(name: str, threshold: str, each: Quality) -> str:
    return f"| {name} | {threshold} | {each.precision:.4f} | {each.recall:.4f} | {each.f1:.4f} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
