"""Which records may be the same, and what somebody decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import collector
from crmcli.actions.context import Context
from crmcli.actions.records import done
from crmcli.actions.refs import targets
from crmcli.catalog import BY_NAME, BY_PLURAL
from crmcli.errors import InvalidValue, UsageError
from crmcli.queries import doubles
from crmcli.results import Alike, Done, Double, Dupes
from crmcli.values.base import quote

if TYPE_CHECKING:
    from crmcli.fields import Record
    from crmcli.matching.clusters import Cluster
    from crmcli.matching.finding import Found, Pair
    from crmcli.matching.subjects import Subject

NOUNS = ("contact", "company")
"""The record types that have duplicates found."""

THRESHOLD = 0.5
"""How likely records must be the same to be shown: rather yes than no."""

AUTO = 0.95
"""How likely every record of a cluster must be the same to be merged without a look."""


def noun_and_query(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """What `[contacts|companies] [QUERY]` means: a noun, contacts where none is said, and terms.

    Raises UsageError for records of another type.
    """
    record = BY_PLURAL.get(words[0]) or BY_NAME.get(words[0]) if words else None
    if record is None:
        return "contact", words
    if record.name not in NOUNS:
        raise UsageError(
            f"this is for contacts and companies, not for {record.plural}",
            hint="for example: companies city:Berlin",
        )
    return record.name, words[1:]


def dupes(
    ctx: Context,
    noun: str,
    terms: Sequence[str] = (),
    *,
    where: str | None = None,
    threshold: float = THRESHOLD,
    limit: int = 0,
    explain: bool = False,
) -> Dupes:
    """The clusters of records that may be the same, best first.

    terms, where: a query of which at least one record of a cluster must be part. threshold: from
    0 to 1. limit: clusters at most, 0 for all. Raises InvalidValue for a threshold out of range.
    """
    if not 0 < threshold <= 1:
        raise InvalidValue(f"a threshold of {threshold} is not between 0 and 1")
    record = BY_NAME[noun]
    with collector.paused():
        search = _search(ctx, record, threshold)
        found = _asked(ctx, record, search, terms, where)
        shown = found[:limit] if limit else found
        clusters = tuple(_double(record, search, cluster) for cluster in shown)
    hint = _hint(record, clusters, filtered=bool(terms or where))
    return Dupes(record.name, record.plural, clusters, len(found), explain, hint)


def reject(ctx: Context, refs: Sequence[str]) -> Done:
    """Remember that records are not the same, each two of them, for good."""
    lines, handles = [], []
    with ctx.writing() as writer:
        found = targets(ctx, writer, refs, NOUNS)
        if len(found) < 2 or len({each.noun for each in found}) > 1:
            raise UsageError(
                "two records of one kind are needed", hint="for example: crm dupes reject c1 c2"
            )
        record = BY_NAME[found[0].noun]
        known = doubles.not_duplicates(writer, record)
        ids = sorted(each.id for each in found)
        for low, high in ((a, b) for place, a in enumerate(ids) for b in ids[place + 1 :]):
            if (low, high) not in known:
                row = {"record": record.name, "low_id": low, "high_id": high}
                writer.create("not_duplicate", row)
        handles = [each.handle for each in found]
        titles = " and ".join(f"{each.handle} {each.title}" for each in found)
        lines = [f"{titles} are not duplicates"]
    return done(writer, ctx, lines, handles)


# --- how


class _Search(NamedTuple):
    records: doubles.Records
    subject: Subject
    found: Found
    clusters: list[Cluster]


def _search(ctx: Context, record: Record, threshold: float) -> _Search:
    """Everything that scores at least `threshold`, among all records: the more there are, the
    better is known what a likeness tells."""
    from crmcli.matching.clusters import clusters
    from crmcli.matching.finding import find
    from crmcli.matching.organisations import organisations
    from crmcli.matching.people import people

    people_asked = record.name == "contact"
    own = _own(ctx, record)
    load = doubles.contacts if people_asked else doubles.companies
    records = load(ctx.reader, own)
    subject = (people if people_asked else organisations)(records.columns, own)
    found = find(subject, threshold)
    least = log2(threshold / (1 - threshold)) if threshold < 1 else 12.0
    rejected = _places(records.ids, doubles.not_duplicates(ctx.reader, record))
    return _Search(records, subject, found, clusters(subject, found, least, rejected))


def _own(ctx: Context, record: Record) -> list[str]:
    """The custom fields of a record type that take part, by the setting.

    Raises InvalidValue for one that neither contacts nor companies have.
    """
    from crmcli.queries.custom import with_custom

    wanted = [name.strip() for name in str(ctx.settings["dupes_fields"] or "").split(",")]
    known = {
        noun: {f.name for f in with_custom(ctx.reader, BY_NAME[noun]).fields if f.store == "custom"}
        for noun in NOUNS
    }
    for name in filter(None, wanted):
        if not any(name in names for names in known.values()):
            raise InvalidValue(
                f"setting dupes_fields: there is no field {quote(name)} of your own",
                hint="`crm fields` lists them; `crm config set dupes_fields a,b`",
            )
    return [name for name in wanted if name in known[record.name]]


def _places(ids: Sequence[int], pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    if not pairs:
        return set()
    places = {id: place for place, id in enumerate(ids)}
    return {(places[a], places[b]) for a, b in pairs if a in places and b in places}


def _asked(
    ctx: Context, record: Record, search: _Search, terms: Sequence[str], where: str | None
) -> list[Cluster]:
    """The clusters that a query is about."""
    if not terms and not where:
        return search.clusters
    from crmcli.queries.listing import select_ids

    wanted = set(select_ids(ctx.reader, ctx.env, record, terms, where, me=ctx.user))
    ids = search.records.ids
    return [c for c in search.clusters if any(ids[place] in wanted for place in c.members)]


def _double(record: Record, search: _Search, cluster: Cluster) -> Double:
    records = search.records
    return Double(
        round(cluster.score, 4),
        tuple(
            (record.handle(records.ids[p]), records.titles[p], _detail(records.columns, p))
            for p in cluster.members
        ),
        tuple(_alike(record, search, pair) for pair in cluster.pairs),
    )


def _alike(record: Record, search: _Search, pair: Pair) -> Alike:
    from crmcli.matching.reasons import reasons

    said = reasons(search.subject, search.records.columns, search.found.model, pair)
    ids = search.records.ids
    return Alike(
        record.handle(ids[pair.low]),
        record.handle(ids[pair.high]),
        round(pair.score, 4),
        tuple((reason.says, round(reason.bits, 1)) for reason in said if reason.bits > 0),
        tuple((reason.says, round(reason.bits, 1)) for reason in said if reason.bits <= 0),
    )


_DETAILS = ("email", "phone", "domain", "company", "birthday", "city")
_DETAILS_SHOWN = 3


def _detail(columns: doubles.Columns, place: int) -> str:
    """What tells a record apart at a glance."""
    found: list[str] = []
    for name in _DETAILS:
        value: Any = columns[name][place] if name in columns else ""
        text = value if isinstance(value, str) else next(iter(value), "")
        if text:
            found.append(f"+{text}" if name == "phone" and text.isdecimal() else text)
    return ", ".join(found[:_DETAILS_SHOWN])


def _hint(record: Record, clusters: Sequence[Double], *, filtered: bool) -> str:
    if clusters:
        handles = " ".join(handle for handle, _title, _detail in clusters[0].records)
        return f"`crm merge {handles}` makes them one; `crm dupes reject {handles}` if they are not"
    asked = " that match" if filtered else ""
    return f"No duplicates among the {record.plural}{asked}; --threshold 0.2 looks further."
