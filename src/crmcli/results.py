"""What actions and queries return: frozen data, which `crmcli.output` turns into text.

Named tuples rather than dataclasses: making a dozen of those costs a read a tenth of its time.

A cell is a stored value (see `crmcli.values`): text, integer, number, None, a `Money`, or for a
field with many values a tuple of `Point`. How it looks is the business of its column's kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias


class Point(NamedTuple):
    """One of many values: an e-mail, a phone, a role-bearing contact, a tag."""

    value: str
    label: str | None = None
    primary: bool = False
    valid: bool = True


class Column(NamedTuple):
    """A column of a listing: the field's name, kind of value and heading.

    `priority`: columns with the highest number are the first to go when the screen is narrow.
    """

    name: str
    kind: str
    label: str
    priority: int = 0


class Listing(NamedTuple):
    """Rows of one shape. `total` counts all that match, or so many that it was left at that, when
    `more` is set. `hint` says what to do when empty.

    `note` is a remark for people only, such as which rows the bare list leaves out. `marks`
    holds for each row words such as `overdue` or `rotting` (empty where none has any).
    """

    noun: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    hint: str = ""
    note: str = ""
    marks: tuple[tuple[str, ...], ...] = ()
    more: bool = False


class Section(NamedTuple):
    """A titled part of a screen. `name` is its key in JSON."""

    name: str
    title: str
    listing: Listing


class Fact(NamedTuple):
    """A labelled value on a card. A quiet one is said by the title already, so that only programs
    get it. `absent` is what people read where there is no value, such as never; else they read
    nothing."""

    name: str
    kind: str
    label: str
    value: Any
    quiet: bool = False
    absent: str = ""

    @property
    def for_people(self) -> Fact:
        """The fact as people read it."""
        missing = self.absent and self.value is None
        return self._replace(kind="text", value=self.absent) if missing else self


class Screen(NamedTuple):
    """A card (`show`), `today`, `remind` or `quality`: facts above, sections below.

    `name` is card, today, remind or quality; `subtitle` a line under the title; `empty` what to say
    when there is nothing at all.
    """

    name: str
    title: str
    subtitle: str = ""
    handle: str = ""
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    empty: str = ""
    exit_status: int = 0


class Cards(NamedTuple):
    """The cards of several records, one after another."""

    cards: tuple[Screen, ...]


class DealLine(NamedTuple):
    """A deal on the pipeline screen. `age` is days in its stage; `marks` are rotting, late,
    no next step."""

    handle: str
    title: str
    company: str | None
    value: Any  # Money or None
    owner: str | None
    age: int
    expected_close: str | None
    next_step: str | None
    next_due: str | None
    marks: tuple[str, ...] = ()


class StageLine(NamedTuple):
    """A stage on the pipeline screen; `sums` and `weighted` hold one Money per currency."""

    name: str
    type: str
    probability: int
    number: int
    sums: tuple[Any, ...]
    weighted: tuple[Any, ...]
    rotting: int = 0
    late: int = 0
    idle: int = 0  # without a next task
    deals: tuple[DealLine, ...] = ()
    more: int = 0  # deals not shown


class PipelineView(NamedTuple):
    """The pipeline screen. `others` names the other pipelines."""

    name: str
    stages: tuple[StageLine, ...]
    total: StageLine
    with_deals: bool = False
    filtered: str = ""
    others: tuple[str, ...] = ()
    hint: str = ""


class Report(NamedTuple):
    """A report: its definition in a sentence, the period it covers, and its rows.

    `bar` names the numeric column drawn as a bar; `totals` is a last row, or empty.
    """

    name: str
    title: str
    definition: str
    period: str
    listing: Listing
    bar: str = ""
    totals: tuple[Any, ...] = ()


class Done(NamedTuple):
    """What a write did, or with `dry_run` what it would do, told as if it were done.

    `lines` are sentences for people (stdout), `warnings` go to stderr.
    `records` are the handles it touched, `change_set` is the handle to undo it by, `data` is
    what `--json` shows beside these. `preview`: the values that a dry run would write.
    """

    lines: tuple[str, ...]
    records: tuple[str, ...] = ()
    change_set: str | None = None
    warnings: tuple[str, ...] = ()
    data: Mapping[str, Any] = MappingProxyType({})
    exit_status: int = 0
    dry_run: bool = False
    preview: Listing | None = None


class FieldChange(NamedTuple):
    """What an import did to one field of a record that was there; texts, "" for a blank."""

    handle: str
    title: str
    field: str
    before: str
    after: str


ENOUGH_NEAR = 1_000
"""New records of an import that may be one with another, after which no more are looked for."""


class NearMatch(NamedTuple):
    """A row that became a new record, though it may be this other one, and why. other_line: where
    the other came from the same rows, its line; None for what was there by then."""

    line: int
    title: str
    handle: str
    why: str
    other_line: int | None = None


class ImportSummary(NamedTuple):
    """What an import did, or would do. read = created + updated + unchanged + skipped + rejected.

    noun: the record type; mapping: (column, field, or "" where it is not imported); made: how many
    records of other types were made on the way; translated: (field, word in the file, our word,
    rows); samples: the first new records; problems: the first warnings; rejects: the file with the
    rows that were set aside; handle: of the import; change_set: what to undo it by. source: the
    program that wrote the file; remembered: a mapping of the same header was used again; guessed:
    (column, field, how sure in per cent, why); unmatched: (field, word in the file, what was taken
    instead, rows); lines: of each kind of warning, the first; changes: fields of the first changed
    records; kept: the first fields that stayed though the file says something else, with what it
    says; kept_counts: how many there are, by field; near: the first of `near_count` new records
    that may be one with another, or more than these from `ENOUGH_NEAR` on.
    """

    file: str
    noun: str
    plural: str
    detected: str
    read: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    mapping: tuple[tuple[str, str], ...] = ()
    made: tuple[tuple[str, int], ...] = ()
    translated: tuple[tuple[str, str, str, int], ...] = ()
    warnings: tuple[tuple[str, int], ...] = ()
    problems: tuple[str, ...] = ()
    samples: Listing | None = None
    reasons: tuple[str, ...] = ()
    rejects: str = ""
    handle: str | None = None
    change_set: str | None = None
    dry_run: bool = False
    exit_status: int = 0
    source: str = ""
    remembered: bool = False
    guessed: tuple[tuple[str, str, int, str], ...] = ()
    unmatched: tuple[tuple[str, str, str, int], ...] = ()
    lines: tuple[tuple[str, tuple[int, ...]], ...] = ()
    changes: tuple[FieldChange, ...] = ()
    kept: tuple[FieldChange, ...] = ()
    kept_counts: tuple[tuple[str, int], ...] = ()
    near: tuple[NearMatch, ...] = ()
    near_count: int = 0


class Check(NamedTuple):
    """How one thing is: `state` is ok, warning or error, `mend` the command or advice that mends
    it; `mended` says that a remedy was applied just now."""

    name: str
    state: str
    says: str
    mend: str = ""
    mended: bool = False


class Checkup(NamedTuple):
    """What `crm doctor` found."""

    checks: tuple[Check, ...]
    exit_status: int = 0


class Alike(NamedTuple):
    """Two records that may be the same, by their handles. score: how likely, from 0 to 1.

    pros, cons: what speaks for it and against, what tells most first, in words and in bits of
    evidence.
    """

    a: str
    b: str
    score: float
    pros: tuple[tuple[str, float], ...] = ()
    cons: tuple[tuple[str, float], ...] = ()


class Double(NamedTuple):
    """A cluster of records that may all be the same. records: handle, title, and what tells them
    apart; score: of the member that fits least."""

    score: float
    records: tuple[tuple[str, str, str], ...]
    pairs: tuple[Alike, ...]


class Dupes(NamedTuple):
    """What `crm dupes` found, best first. `total` counts all clusters, also those not shown;
    `explain` asks for the evidence of each pair; `hint` says what to do, beneath the number of
    clusters; without it both are left out."""

    noun: str
    plural: str
    clusters: tuple[Double, ...]
    total: int
    explain: bool = False
    hint: str = ""
    exit_status: int = 0


class Stream(NamedTuple):
    """Text for stdout as it is, made while it is written: an export may be larger than memory."""

    lines: Iterator[str]


Result: TypeAlias = (
    Listing | Screen | Cards | PipelineView | Report | Done | ImportSummary | Checkup | Dupes
)
"""All that has a form in every format."""

Emitted: TypeAlias = Result | Stream
"""All that can be shown."""
