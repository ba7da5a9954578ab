"""How commands grow on both databases: `python -m tests.benchmarks.scaling [--quick] [--write]`.

Reads are measured against the floor of their database, imports by the row against the smallest on
SQLite. The full run takes a quarter of an hour, and five gigabytes of disk.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.budgets import READ_FLOOR, READS
from tests.benchmarks.databases import Size, database, people_csv
from tests.benchmarks.measure import compile_all, crm, kept, measure, put
from tests.benchmarks.servers import Server, server

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
ENGINES = ("SQLite", "PostgreSQL")


class Scale(NamedTuple):
    """The numbers of contacts, and how often each read runs."""

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    deals: int = 10_000
    runs: int = 11


QUICK = Scale((1_100, 1_200), 1_300, 1)
Row = list[str]


def reads(folder: Path, scale: Scale, host: Server) -> list[Row]:
    """Each read on each database, as a multiple of the floor there."""
    floors = {"SQLite": READ_FLOOR, "PostgreSQL": host.floor()}
    cases = list(floors.values())
    for size in scale.sizes:
        path = database(folder, Size(size, scale.deals))
        places = {"SQLite": str(path), "PostgreSQL": host.holding(path)}
        cases += [
            crm(f"{name} {engine} {size}", *words, db=place)
            for name, words in READS.items()
            for engine, place in places.items()
        ]
    found = measure(cases, scale.runs)
    return [
        [f"`{name}`"]
        + [
            f"{found[f'{name} {engine} {size}'].seconds / found[floors[engine].name].seconds:.2f}"
            for engine in ENGINES
            for size in scale.sizes
        ]
        for name in READS
    ]


def imports(folder: Path, scale: Scale, host: Server) -> list[Row]:
    """An import of as many rows into a new database: the time of a row, the first is 1."""
    found = {}
    for size in scale.sizes:
        target = folder / "scaling.db"
        target.unlink(missing_ok=True)
        for engine, place in (("SQLite", str(target)), ("PostgreSQL", host.empty("scaling"))):
            if engine == "PostgreSQL":
                measure([crm("init", "init", db=place)], 1)
            words = ("import", str(people_csv(folder, size)), "--quiet")
            case = crm(f"{engine} {size}", *words, db=place)._replace(limit=3600)
            found |= {name: timing.seconds / size for name, timing in measure([case], 1).items()}
    one = found[f"SQLite {scale.sizes[0]}"]
    cells = [f"{found[f'{engine} {size}'] / one:.2f}" for engine in ENGINES for size in scale.sizes]
    return [["`crm import`, per row", *cells]]


def table(scale: Scale, rows: Sequence[Row]) -> str:
    """The rows as a table of Markdown."""
    heads = [f"{engine}, {size:,}" for engine in ENGINES for size in scale.sizes]
    lines = [["contacts", *heads], ["---", *["---:"] * len(heads)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, and put it on the page where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scaling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that it runs")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--folder", help="where databases are kept")
    given = parser.parse_args(arguments)
    scale = QUICK if given.quick else Scale()
    folder = kept(given.folder)
    if not given.quick:
        compile_all()
    with server(folder) as host:
        text = table(scale, reads(folder, scale, host) + imports(folder, scale, host))
        version = host.run("SHOW server_version")[0][0].split()[0]
    print(text)
    if given.write:
        put(PAGE, text, f"PostgreSQL {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
