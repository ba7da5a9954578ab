"""What is measured, against which floor, within which budget."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.databases import Size, database, name_of, people_csv
from tests.benchmarks.measure import Case, Timing, crm, floor, measure
from tests.benchmarks.servers import server

READ_FLOOR = floor("floor of reads", "import typer, sqlite3, rich.console, rich.table")
HELP_FLOOR = floor("floor of --help", "import typer, rich.console, rich.table")
COMPLETION_FLOOR = floor("floor of completion", "import typer")
WRITE_FLOOR = floor("floor of writes", "import typer, rich.table, sqlmodel")
FLAT = """
import csv, sqlite3, sys
source, target = sys.argv[1:]
connection = sqlite3.connect(target)
with open(source, newline="", encoding="utf-8") as file:
    rows = csv.reader(file)
    head = next(rows)
    names = ", ".join(name.replace(" ", "_").lower() for name in head)
    marks = ", ".join("?" * len(head))
    connection.execute(f"CREATE TABLE people ({names})")
    connection.executemany(f"INSERT INTO people VALUES ({marks})", rows)
connection.commit()
"""


_PAGE = ("--limit", "50", "--format", "table")
READS = {
    "crm pipeline": ("pipeline",),
    "crm pipeline --deals": ("pipeline", "--deals"),
    "crm contacts": ("contacts", *_PAGE),
    "crm contacts city:Berlin": ("contacts", "city:Berlin", *_PAGE),
    "crm deals": ("deals", *_PAGE),
    "crm show c1000": ("show", "c1000"),
    "crm today": ("today",),
    "crm search NAME": ("search", name_of(1000)),
}
"""What people look at, again and again."""


class Scale(NamedTuple):
    """The sizes of one benchmark, and how often each process runs."""

    small: int
    large: int
    many_deals: int
    rows: int
    many_rows: int
    runs: int
    import_runs: int


FULL = Scale(10_000, 1_000_000, 100_000, 100_000, 1_000_000, 21, 3)
QUICK = Scale(1_100, 1_200, 1_300, 200, 400, 1, 1)


class Line(NamedTuple):
    """One line of the result. `ratio` is value over base."""

    what: str
    value: float
    base: float
    budget: float
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """How many times the base."""
        return self.value / self.base

    @property
    def kept(self) -> bool:
        """Whether it is within its budget."""
        return self.ratio <= self.budget


def reads(folder: Path, scale: Scale) -> list[Line]:
    """Every read on the small and on the large database."""
    small = database(folder, Size(scale.small, scale.small))
    large = database(folder, Size(scale.large, scale.small))
    return _read(READ_FLOOR, str(small), str(large), scale, "")


def server_reads(folder: Path, scale: Scale) -> list[Line]:
    """The same on a PostgreSQL server."""
    with server(folder) as host:
        small = host.holding(database(folder, Size(scale.small, scale.small)))
        large = host.holding(database(folder, Size(scale.large, scale.small)))
        return _read(host.floor(), small, large, scale, " on PostgreSQL")


def _read(base: Case, small: str, large: str, scale: Scale, where: str) -> list[Line]:
    cases = [base]
    for name, words in READS.items():
        cases += [crm(f"{name} small", *words, db=small), crm(f"{name} large", *words, db=large)]
    timings = measure(cases, scale.runs)
    count = f"{scale.large:,}"
    return [
        *(_line(f"`{name}`{where}", timings[f"{name} small"], timings[base.name], 1.5)
          for name in READS),
        *(_line(f"`{name}`{where}, {count} contacts", timings[f"{name} large"],
                timings[f"{name} small"], 1.5)
          for name in READS),
    ]  # fmt: skip


def deals(folder: Path, scale: Scale) -> list[Line]:
    """The pipeline of ten times the deals."""
    few = database(folder, Size(scale.small, scale.small))
    many = database(folder, Size(scale.small, scale.many_deals))
    timings = measure(
        [crm("few", "pipeline", db=few), crm("many", "pipeline", db=many)], scale.runs
    )
    what = f"`crm pipeline`, {scale.many_deals:,} deals"
    return [_line(what, timings["many"], timings["few"], 1.3)]


def light(folder: Path, scale: Scale) -> list[Line]:
    """Help and completion."""
    small = database(folder, Size(scale.small, scale.small))
    line = {"_CRM_COMPLETE": "bash"}
    cases = [
        HELP_FLOOR,
        COMPLETION_FLOOR,
        crm("help", "--help"),
        crm("command", db=small, _CRM_LINE="crm add-", **line),
        crm("record", db=small, _CRM_LINE="crm show ad", **line),
    ]
    timings = measure(cases, scale.runs)
    base = timings[COMPLETION_FLOOR.name]
    return [
        _line("`crm --help`", timings["help"], timings[HELP_FLOOR.name], 1.6),
        _line("completion of a command", timings["command"], base, 1.3),
        _line("completion of a record", timings["record"], base, 1.3),
    ]


def writes(folder: Path, scale: Scale) -> list[Line]:
    """Single writes, on a copy of the small database."""
    copy = folder / "writes.db"
    shutil.copy(database(folder, Size(scale.small, scale.small)), copy)
    commands = {
        "crm add-contact": ("add-contact", "New Person {run}", "--email", "new{run}@example.org"),
        "crm edit": ("edit", "c1", "title=Title {run}"),
        "crm log": ("log", "call", "c2", "talked {run}"),
        "crm move": ("move", "d{run}", "Qualified"),
        "crm follow-up": ("follow-up", "c3", "tomorrow", "call {run}"),
        "crm undo": ("undo",),
    }
    cases = [crm(name, *words, db=copy) for name, words in commands.items()]
    timings = measure([WRITE_FLOOR, *cases], scale.runs)
    base = timings[WRITE_FLOOR.name]
    copy.unlink()
    return [_line(f"`{name}`", timings[name], base, 1.4) for name in commands]


def imports(folder: Path, scale: Scale) -> list[Line]:
    """An import of people against a flat table, and of ten times the rows; then of as many into
    what came of it, half of whom are there."""
    sizes = {"few": scale.rows, "many": scale.many_rows}
    new = {name: _import(folder, people_csv(folder, rows), name) for name, rows in sizes.items()}
    more = {name: _import_into(folder, rows, name) for name, rows in sizes.items()}
    flat = _flat(folder, people_csv(folder, scale.rows))
    timings = measure([flat, new["few"], more["few"]], scale.import_runs)
    timings |= measure([new["many"], more["many"]], 1)
    found = []
    for suffix, where in (("", ""), (" into", " into as many")):
        few, many = timings[f"few{suffix}"], timings[f"many{suffix}"]
        ten = Timing(few.seconds * scale.many_rows / scale.rows, 0)
        what = f"{scale.many_rows:,} rows{where}"
        found += [
            _line(f"import of {scale.rows:,} rows{where}", few, timings["flat"], 25),
            _line(f"import of {what}", many, ten, 1.3),
            Line(f"peak memory of {what}", many.peak, 400, 1, "MiB"),
        ]
    return found


def dupes(folder: Path, scale: Scale) -> list[Line]:
    """Finding duplicates among many people: seconds, memory, growth."""
    many = database(folder, Size(scale.rows, scale.small))
    some = database(folder, Size(scale.rows // 10, scale.small))
    cases = [
        crm(name, "dupes", "--json", db=path)._replace(limit=300)
        for name, path in (("some", some), ("many", many))
    ]
    timings = measure(cases, scale.import_runs)
    seconds = Timing(10, 0)
    growth = Timing(timings["some"].seconds * 10, 0)
    return [
        _line(f"`crm dupes`, {scale.rows:,} contacts", timings["many"], seconds, 1),
        Line(f"its peak memory, {scale.rows:,} contacts", timings["many"].peak, 400, 1, "MiB"),
        _line("`crm dupes` against ten times a tenth", timings["many"], growth, 1.3),
    ]


def _flat(folder: Path, source: Path) -> Case:
    target = folder / "flat.db"
    case = floor("flat", FLAT)
    return case._replace(
        command=(*case.command, str(source), str(target)),
        prepare=lambda: target.unlink(missing_ok=True),
    )


def _import(folder: Path, source: Path, name: str) -> Case:
    target = _imported(folder, name)
    case = crm(name, "import", str(source), "--quiet", db=target)
    return case._replace(prepare=lambda: target.unlink(missing_ok=True), limit=1800)


def _import_into(folder: Path, rows: int, name: str) -> Case:
    """An import into a copy of what `_import` left."""
    target = folder / "import-into.db"
    source = people_csv(folder, rows, rows // 2 + 1)
    case = crm(f"{name} into", "import", str(source), "--quiet", db=target)

    def prepare() -> None:
        shutil.copy(_imported(folder, name), target)

    return case._replace(prepare=prepare, limit=1800)


def _imported(folder: Path, name: str) -> Path:
    return folder / f"import-{name}.db"


def _line(what: str, timing: Timing, base: Timing, budget: float) -> Line:
    return Line(what, timing.seconds * 1000, base.seconds * 1000, budget)


GROUPS = {
    "light": light,
    "reads": reads,
    "server": server_reads,
    "deals": deals,
    "writes": writes,
    "imports": imports,
    "dupes": dupes,
}
