"""What can be wrong with a record, as data: five measures, and the problems that count for each.

Each problem is one condition in SQL over all records of a type, so that an audit reads every table
a few times and no record by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from crmcli.queries.contents import groups, keys
from crmcli.queries.doubles import not_duplicates

if TYPE_CHECKING:
    from crmcli.fields import Field, Record
    from crmcli.store.read import Rows

COMPLETENESS, VALIDITY, UNIQUENESS, FRESHNESS, CONSISTENCY = MEASURES = (
    "completeness", "validity", "uniqueness", "freshness", "consistency",
)  # fmt: skip

EXPECTED = {
    "contact": ("email", "phone", "company", "title", "city", "owner"),
    "company": ("domain", "industry", "phone", "city", "owner"),
    "deal": ("value", "expected_close", "contact", "company", "owner"),
}
"""The fields that a complete record has, by type: the types that are audited."""


class Problem(NamedTuple):
    """Something that is wrong with these records; mend: the command that lists or mends them."""

    measure: str
    says: str
    mend: str
    ids: frozenset[int]


def problems(rows: Rows, record: Record, today: str, stale: str) -> list[Problem]:
    """All that is wrong with the records of a type, what is wrong with none left out.

    today, stale: stored days; what was last touched before `stale` is not fresh.
    """
    found = [
        *_blanks(rows, record),
        *_invalid(rows, record),
        _doubled(rows, record),
        _stale(rows, record, stale),
        *_contradictions(rows, record, today),
    ]
    return [problem for problem in found if problem.ids]


def _where(
    rows: Rows, record: Record, condition: str, params: Sequence[str] = ()
) -> frozenset[int]:
    sql = f"SELECT t.id FROM {record.table} t WHERE t.deleted_at IS NULL AND {condition}"
    return frozenset(row[0] for row in rows.rows(sql, params))


# --- completeness


def _blanks(rows: Rows, record: Record) -> Iterator[Problem]:
    for name in EXPECTED[record.name]:
        field = record.field(name)
        if field is not None:
            ids = _where(rows, record, _blank(record, field))
            yield Problem(
                COMPLETENESS, f"no {field.label.lower()}", f"crm {record.plural} {name}:none", ids
            )


def _blank(record: Record, field: Field) -> str:
    holder = f"x.{record.name}_id = t.id AND x.deleted_at IS NULL"
    if field.store == "point":
        kind = f"x.kind = '{field.part}'"
        return f"NOT EXISTS (SELECT 1 FROM contact_point x WHERE {holder} AND {kind})"
    if field.store == "part":
        held = f"x.{field.part} IS NOT NULL"
        return f"NOT EXISTS (SELECT 1 FROM address x WHERE {holder} AND {held})"
    return f"t.{field.column} IS NULL"


# --- validity

_POINTS = {
    "email": "an e-mail that bounces or cannot exist",
    "phone": "a phone that is dead or cannot exist",
    "url": "a web page that cannot exist",
}


def _invalid(rows: Rows, record: Record) -> Iterator[Problem]:
    if record.name == "deal":
        yield Problem(
            VALIDITY, "a value below nothing", "crm deals value:..-0.01",
            _where(rows, record, "t.value < 0"),
        )  # fmt: skip
        return
    for kind, says in _POINTS.items():
        ids = _where(
            rows, record,
            f"t.id IN (SELECT x.{record.name}_id FROM contact_point x WHERE x.kind = '{kind}'"
            " AND x.valid = 0 AND x.deleted_at IS NULL)",
        )  # fmt: skip
        yield Problem(VALIDITY, says, f"crm quality {record.plural} {VALIDITY}", ids)


# --- uniqueness


def _doubled(rows: Rows, record: Record) -> Problem:
    """The records that have an e-mail, phone, domain or name in common, unless somebody said that
    they are not the same."""
    apart = not_duplicates(rows, record)
    ids = {
        id
        for source in _identities(record)
        for group in groups(rows, source).values()
        for id in group
        if not apart or any(_may_be_one(id, other, apart) for other in group)
    }
    mend = "crm deals --sort title" if record.name == "deal" else f"crm dupes {record.plural}"
    return Problem(UNIQUENESS, "the same as another one", mend, frozenset(ids))


def _may_be_one(one: int, other: int, apart: set[tuple[int, int]]) -> bool:
    return one != other and (min(one, other), max(one, other)) not in apart


def _identities(record: Record) -> list[str]:
    """SELECTs of what identifies a record, each as `key, id`. A name counts within a company."""
    whole = f"FROM {record.table} t WHERE t.deleted_at IS NULL"
    if record.name == "deal":
        parts = (
            "t.title_key || ' ' || coalesce(t.company_id, 0) || ' ' || coalesce(t.contact_id, 0)"
        )
        return [f"SELECT {parts} AS key, t.id AS id {whole} AND t.closed_at IS NULL"]
    if record.name == "company":
        names = ("email", "phone", "domain", "name")
        return [keys(record, field) for field in map(record.field, names) if field]
    points = [keys(record, field) for field in map(record.field, ("email", "phone")) if field]
    name = "t.name_key || ' ' || coalesce(t.company_id, 0)"
    return [*points, f"SELECT {name} AS key, t.id AS id {whole}"]


# --- freshness

_TALKS = {
    "contact": "SELECT m.contact_id FROM activity_participant m JOIN activity a"
    " ON a.id = m.activity_id WHERE m.deleted_at IS NULL AND",
    "company": "SELECT a.company_id FROM activity a WHERE a.company_id IS NOT NULL AND",
    "deal": "SELECT a.deal_id FROM activity a WHERE a.deal_id IS NOT NULL AND",
}


def _stale(rows: Rows, record: Record, since: str) -> Problem:
    """What nobody changed, confirmed or talked about since; a closed deal stays fresh."""
    open_ = " AND t.closed_at IS NULL" if record.name == "deal" else ""
    ids = _where(
        rows, record,
        "t.updated_at < ? AND coalesce(t.confirmed_on, '') < ? AND t.id NOT IN"
        f" ({_TALKS[record.name]} a.deleted_at IS NULL AND a.planned = 0 AND a.at >= ?){open_}",
        (since, since, since),
    )  # fmt: skip
    mend = f"crm quality {record.plural} {FRESHNESS}"
    return Problem(FRESHNESS, f"untouched since {since}", mend, ids)


# --- consistency


def _contradictions(rows: Rows, record: Record, today: str) -> Iterator[Problem]:
    for says, mend, condition in _CONTRADICTIONS[record.name]:
        params = (today,) * condition.count("?")
        yield Problem(CONSISTENCY, says, mend, _where(rows, record, condition, params))


_AT = "x.kind = 'email' AND x.deleted_at IS NULL"
_CONTRADICTIONS = {
    "contact": (
        (
            "a name in capitals, or without any",
            "crm clean contacts",
            "(t.name = upper(t.name) OR t.name = lower(t.name)) AND upper(t.name) <> lower(t.name)"
            " AND length(t.name) > 3",
        ),
        (
            "an e-mail of another company",
            "crm edit REF company=…",
            "EXISTS (SELECT 1 FROM contact_point x JOIN company o"
            f" ON o.domain = substr(x.key, instr(x.key, '@') + 1) WHERE {_AT}"
            " AND o.deleted_at IS NULL AND x.contact_id = t.id AND o.id <> t.company_id)",
        ),
        (
            "won a deal, but is no customer",
            "crm edit REF status=customer",
            "t.status IN ('lead', 'lost') AND t.id IN (SELECT d.contact_id FROM deal d JOIN stage s"
            " ON s.id = d.stage_id WHERE s.type = 'won' AND d.deleted_at IS NULL)",
        ),
        (
            "to be kept in touch with, and not to be contacted",
            "crm contacts do_not_contact:yes keep_in_touch:any",
            "t.do_not_contact = 1 AND t.keep_in_touch IS NOT NULL",
        ),
    ),
    "company": (
        (
            "e-mails, but none at its domain",
            "crm edit REF domain=…",
            f"t.domain IS NOT NULL AND t.id IN (SELECT x.company_id FROM contact_point x WHERE"
            f" {_AT}) AND NOT EXISTS (SELECT 1 FROM contact_point x WHERE x.company_id = t.id"
            f" AND {_AT} AND instr(x.key, t.domain) > 0)",
        ),
    ),
    "deal": (
        (
            "open, but past its close date",
            "crm deals close:..yesterday status:open",
            "t.closed_at IS NULL AND t.expected_close < ?",
        ),
        (
            "lost without a reason",
            "crm deals status:lost lost_reason:none",
            "t.lost_reason IS NULL AND t.stage_id IN (SELECT s.id FROM stage s"
            " WHERE s.type = 'lost')",
        ),
        (
            "its contact is at another company",
            "crm edit REF company=…",
            "t.company_id <> (SELECT c.company_id FROM contact c WHERE c.id = t.contact_id)",
        ),
    ),
}
