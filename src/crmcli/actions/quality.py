"""`crm quality`: how clean the data is, what is wrong with it, and what mends it.

For each type of record there are five measures from 0 to 100:

    completeness  how many of the expected fields are filled in (`queries.quality.EXPECTED`)
    validity      records without an e-mail, phone or page that is known not to work, and without a
                  broken rule of the team's about a value
    uniqueness    records that share no e-mail, phone, domain or name with another one
    freshness     records that somebody changed, talked with or confirmed in the last N months
    consistency   records that do not contradict themselves, or a rule about case

The last four count records: 100 × (all - those with a problem) / all. The score is the mean of the
five, and the score of several types that of all of their records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from heapq import nlargest
from typing import NamedTuple

from crmcli.actions.context import Context
from crmcli.actions.data_rules import broken, listed_by, ready
from crmcli.catalog import BY_NAME, BY_PLURAL
from crmcli.data_rules import DataRule
from crmcli.errors import DatabaseError, UnknownName
from crmcli.fields import Record
from crmcli.queries.quality import (
    COMPLETENESS,
    CONSISTENCY,
    EXPECTED,
    MEASURES,
    UNIQUENESS,
    VALIDITY,
    Problem,
    problems,
)
from crmcli.results import Column, Fact, Listing, Screen, Section
from crmcli.store.views import title_column
from crmcli.values.base import quote
from crmcli.values.text import did_you_mean

NOUNS = tuple(BY_NAME[noun].plural for noun in EXPECTED)

_MONTH = 30.44  # days, on average
_HISTORY = 30  # audits that a trend shows
WORST = 5
_MENDS = 12


class Audit(NamedTuple):
    """One type of record: the owners of all live ones by id, and what is wrong with which."""

    record: Record
    owners: Mapping[int, str]
    problems: Sequence[Problem]

    def faults(self) -> Iterator[tuple[int, str, float]]:
        """Each measure that a record does not fully meet, and by how much, from 0 to 1."""
        expected = len(EXPECTED[self.record.name])
        for measure in MEASURES:
            # what others added since the owners were read is of the next audit
            found = [p.ids & self.owners.keys() for p in self.problems if p.measure == measure]
            if measure == COMPLETENESS:
                blanks = Counter(id for ids in found for id in ids)
                yield from ((id, measure, blank / expected) for id, blank in blanks.items())
            else:
                yield from ((id, measure, 1.0) for id in set().union(*found))


class Tally:
    """The faults of some records, added up by measure."""

    def __init__(self, records: int = 0) -> None:
        self.records = records
        self.faults = dict.fromkeys(MEASURES, 0.0)

    @cached_property
    def measures(self) -> dict[str, float]:
        """Each measure, from 0 to 100."""
        all = max(self.records, 1)
        return {name: 100 * (1 - self.faults[name] / all) for name in MEASURES}

    @property
    def score(self) -> float:
        """The mean of the measures."""
        return sum(self.measures.values()) / len(MEASURES)

    def row(self) -> tuple[float, ...]:
        """The score and the measures, as they are shown."""
        return tuple(_shown(value) for value in (self.score, *self.measures.values()))


def _shown(value: float) -> float:
    """One digit after the point, rounded down: 99.96 is not 100."""
    return int(value * 10 + 1e-6) / 10


# --- `crm quality`

_SCORES = (
    Column("score", "number", "Score"),
    Column(COMPLETENESS, "number", "Complete", 3),
    Column(VALIDITY, "number", "Valid", 3),
    Column(UNIQUENESS, "number", "Unique", 3),
    Column("freshness", "number", "Fresh", 3),
    Column(CONSISTENCY, "number", "Consistent", 3),
)
_TYPES = (Column("type", "text", "Type"), Column("records", "integer", "Records", 4), *_SCORES,
          Column("trend", "trend", "Trend", 5))  # fmt: skip
_OWNERS = (Column("owner", "text", "Owner"), *_TYPES[:-1])
_MENDING = (
    Column("type", "text", "Type", 2),
    Column("records", "integer", "Records"),
    Column("problem", "text", "Problem"),
    Column("command", "shell", "Mended by"),
)
_RECORDS = (
    Column("handle", "handle", "Record"),
    Column("title", "text", "Name"),
    Column("owner", "text", "Owner", 3),
    Column("score", "number", "Score"),
    Column("problems", "text", "Problems", 1),
)


def quality(
    ctx: Context,
    plural: str | None = None,
    *,
    by_owner: bool = False,
    fail_under: float = 0,
    worst: int = WORST,
) -> Screen:
    """How clean the data is: of contacts, companies and deals, or of one of these.

    The scores of each type are kept, one set a day, for the trend. The exit status is 1 when the
    score of all is below `fail_under`. worst: how many of the worst records are shown. Raises
    UnknownName for a type that is not audited.
    """
    audits = [found for noun in _nouns(plural) if (found := _audit(ctx, noun)).owners]
    owners = {audit.record.name: _tallies(audit) for audit in audits}
    tallies = {noun: _together(some.values()) for noun, some in owners.items()}
    total = _together(tallies.values())
    kept = _keep(ctx, tallies)
    sections = [
        Section("scores", "Scores, of 100", _scores(ctx, tallies)),
        *([Section("owners", "By owner, worst first", _by_owner(owners))] if by_owner else []),
        Section("mend", "What to mend, most first", _mending(audits)),
        Section("worst", "Worst records", _worst(ctx, audits, worst)),
    ]
    return Screen(
        "quality",
        "Data quality",
        f"{_shown(total.score)} of 100 over {total.records:,} records{kept}" if audits else "",
        facts=(Fact("score", "number", "Score", _shown(total.score), quiet=True),),
        sections=tuple(sections) if audits else (),
        empty="" if audits else "no records yet",
        exit_status=int(bool(audits) and total.score < fail_under),
    )


def records(ctx: Context, plural: str, measure: str, limit: int = 0) -> Listing:
    """The records of a type that do not fully meet a measure, the worst first.

    limit: how many at most, 0 for all. Raises UnknownName for a type or measure that is not there.
    """
    (noun,) = _nouns(plural)
    if measure not in MEASURES:
        raise UnknownName(
            f"there is no measure {quote(measure)}", hint=did_you_mean(measure, MEASURES)
        )
    audit = _audit(ctx, noun)
    some = audit._replace(problems=[each for each in audit.problems if each.measure == measure])
    ids = {id for problem in some.problems for id in problem.ids}
    found = _worst(ctx, [some], limit or len(ids))
    return found._replace(
        noun=audit.record.plural, total=len(ids), hint=f"{measure}: nothing is wrong"
    )


def _nouns(plural: str | None) -> tuple[str, ...]:
    if plural is None:
        return tuple(EXPECTED)
    record = BY_PLURAL.get(plural) or BY_NAME.get(plural)
    if record is None or record.name not in EXPECTED:
        raise UnknownName(f"crm quality is not about {quote(plural)}",
                          hint=did_you_mean(plural, NOUNS))  # fmt: skip
    return (record.name,)


def _audit(ctx: Context, noun: str) -> Audit:
    record, today = BY_NAME[noun], ctx.env.today
    stale = today - timedelta(days=round(ctx.settings["stale_months"] * _MONTH))
    owners = ctx.reader.rows(
        f"SELECT t.id, coalesce(u.name, '') FROM {record.table} t"
        " LEFT JOIN app_user u ON u.id = t.owner_id WHERE t.deleted_at IS NULL"
    )
    found = problems(ctx.reader, record, today.isoformat(), stale.isoformat())
    return Audit(record, dict(owners), [*found, *_against_rules(ctx, noun)])


def _against_rules(ctx: Context, noun: str) -> Iterator[Problem]:
    for each in ready(ctx.reader, ctx.env, ctx.settings["rules"] or (), noun):
        if ids := frozenset(found.id for found in broken(ctx.reader, each)):
            rule = each.rule
            yield Problem(_measure(rule), rule.says, listed_by(rule.name), ids)


def _measure(rule: DataRule) -> str:
    """The measure that a rule belongs to."""
    return UNIQUENESS if rule.unique else CONSISTENCY if rule.case else VALIDITY


def _tallies(audit: Audit) -> dict[str, Tally]:
    """The faults of each owner's records."""
    tallies = {owner: Tally(n) for owner, n in Counter(audit.owners.values()).items()}
    for id, measure, fault in audit.faults():
        tallies[audit.owners[id]].faults[measure] += fault
    return tallies


def _together(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.records += tally.records
        for measure, fault in tally.faults.items():
            total.faults[measure] += fault
    return total


# --- the parts of the screen


def _scores(ctx: Context, tallies: Mapping[str, Tally]) -> Listing:
    rows = tuple(
        (BY_NAME[noun].plural, tally.records, *tally.row(), _trend(ctx, noun))
        for noun, tally in sorted(tallies.items(), key=lambda each: each[1].score)
    )
    return Listing("scores", _TYPES, rows, len(rows))


def _by_owner(owners: Mapping[str, Mapping[str, Tally]]) -> Listing:
    found = [
        (tally.score, owner, BY_NAME[noun].plural, tally)
        for noun, tallies in owners.items()
        for owner, tally in tallies.items()
    ]
    rows = tuple(
        (owner or "nobody", plural, tally.records, *tally.row())
        for _score, owner, plural, tally in sorted(found, key=lambda each: each[:3])
    )
    return Listing("owners", _OWNERS, rows, len(rows))


def _mending(audits: Sequence[Audit]) -> Listing:
    found = [
        (audit.record.plural, len(problem.ids), problem.says, problem.mend)
        for audit in audits
        for problem in audit.problems
    ]
    rows = tuple(sorted(found, key=lambda row: -row[1]))
    return Listing("problems", _MENDING, rows[:_MENDS], len(rows))


def _worst(ctx: Context, audits: Sequence[Audit], limit: int) -> Listing:
    """The records with the most faults, and what is wrong with each."""
    found = [
        (fault, -id, audit) for audit in audits for id, fault in _faults_by_record(audit).items()
    ]
    worst = nlargest(limit, found, key=lambda each: each[:2])
    titles = {
        audit.record.name: _titles(ctx, audit.record, [-id for _f, id, of in worst if of is audit])
        for audit in audits
    }
    rows = tuple(
        (
            audit.record.handle(-id),
            titles[audit.record.name].get(-id, ""),
            audit.owners.get(-id) or "",
            _shown(100 * (1 - fault / len(MEASURES))),
            ", ".join(problem.says for problem in audit.problems if -id in problem.ids),
        )
        for fault, id, audit in worst
    )
    return Listing("records", _RECORDS, rows, len(found))


def _faults_by_record(audit: Audit) -> dict[int, float]:
    found: dict[int, float] = {}
    for id, _measure, fault in audit.faults():
        found[id] = found.get(id, 0.0) + fault
    return found


def _titles(ctx: Context, record: Record, ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    listed = ", ".join(map(str, ids))
    column = title_column(record)
    return dict(ctx.reader.rows(f"SELECT id, {column} FROM {record.table} WHERE id IN ({listed})"))


# --- the trend


def _keep(ctx: Context, tallies: Mapping[str, Tally]) -> str:
    """Write the scores of today down; what to say where that cannot be done."""
    from crmcli.store.logs import logging

    names = ("day", "record", "records", *MEASURES, "score")
    sets = ", ".join(f"{name} = excluded.{name}" for name in names[2:])
    sql = (
        f"INSERT INTO quality_score ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        f" ON CONFLICT (record, day) DO UPDATE SET {sets}"
    )
    day = ctx.env.today.isoformat()
    ctx.close()  # a reader that still holds the file open would make the commit wait
    try:
        with logging(ctx.location) as log:
            log.executemany(sql, [
                (day, noun, tally.records,
                 *(round(value * 10) for value in (*tally.measures.values(), tally.score)))
                for noun, tally in tallies.items()
            ])  # fmt: skip
    except DatabaseError as error:
        return f"; not kept for the trend: {error.message}"
    return ""


def _trend(ctx: Context, noun: str) -> tuple[float, ...]:
    """The scores of the last audits, the oldest first."""
    found = ctx.reader.rows(
        "SELECT score FROM quality_score WHERE record = ? ORDER BY day DESC LIMIT ?",
        (noun, _HISTORY),
    )
    return tuple(score / 10 for (score,) in reversed(found))
