"""What can be wrong with a record, as data: five measures, and the problems that count for each.

Each problem is a set of ids, found by SQL over a whole table, so that an audit reads every table a
few times and no record by itself.
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
    live = _where(rows, record, "TRUE")
    found = [
        *_blanks(rows, record, live),
        *_invalid(rows, record, live),
        _doubled(rows, record),
        _stale(rows, record, stale),
        *_contradictions(rows, record, live, today),
    ]
    return [problem for problem in found if problem.ids]


def _where(
    rows: Rows, record: Record, condition: str, params: Sequence[str] = ()
) -> frozenset[int]:
    """The live records of which a condition over their own columns holds."""
    sql = f"SELECT t.id FROM {record.table} t WHERE t.deleted_at IS NULL AND {condition}"
    return _ids(rows, sql, params)


def _ids(rows: Rows, sql: str, params: Sequence[str] = ()) -> frozenset[int]:
    # Sets are put together here: a NOT EXISTS over a table that PostgreSQL has no statistics of
    # yet takes minutes.
    return frozenset(row[0] for row in rows.rows(sql, params))


# --- completeness


def _blanks(rows: Rows, record: Record, live: frozenset[int]) -> Iterator[Problem]:
    for name in EXPECTED[record.name]:
        field = record.field(name)
        if field is not None:
            command = f"crm {record.plural} {name}:none"
            ids = live - _filled(rows, record, field)
            yield Problem(COMPLETENESS, f"no {field.label.lower()}", command, ids)


def _filled(rows: Rows, record: Record, field: Field) -> frozenset[int]:
    """The records that have a value in a field."""
    if field.store == "point":
        return _ids(rows, _holding(record, f"x.kind = '{field.part}'"))
    if field.store == "part":
        return _ids(rows, _holding(record, f"x.{field.part} IS NOT NULL", "address"))
    return _where(rows, record, f"t.{field.column} IS NOT NULL")


def _holding(record: Record, condition: str, table: str = "contact_point") -> str:
    """A SELECT of whose e-mails and so on, or addresses, a condition over `x` holds."""
    holder = f"x.{record.name}_id"
    return (
        f"SELECT {holder} FROM {table} x WHERE {holder} IS NOT NULL"
        f" AND x.deleted_at IS NULL AND {condition}"
    )


# --- validity

_POINTS = {
    "email": "an e-mail that bounces or cannot exist",
    "phone": "a phone that is dead or cannot exist",
    "url": "a web page that cannot exist",
}


def _invalid(rows: Rows, record: Record, live: frozenset[int]) -> Iterator[Problem]:
    if record.name == "deal":
        ids = _where(rows, record, "t.value < 0")
        yield Problem(VALIDITY, "a value below nothing", "crm deals value:..-0.01", ids)
        return
    for kind, says in _POINTS.items():
        ids = live & _ids(rows, _holding(record, f"x.kind = '{kind}' AND x.valid = 0"))
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
    "contact": "SELECT m.contact_id FROM activity a JOIN activity_participant m"
    " ON m.activity_id = a.id AND m.deleted_at IS NULL WHERE",
    "company": "SELECT a.company_id FROM activity a WHERE a.company_id IS NOT NULL AND",
    "deal": "SELECT a.deal_id FROM activity a WHERE a.deal_id IS NOT NULL AND",
}


def _stale(rows: Rows, record: Record, since: str) -> Problem:
    """What nobody changed, confirmed or talked about since; a closed deal stays fresh."""
    talks = f"{_TALKS[record.name]} a.deleted_at IS NULL AND a.planned = 0 AND a.at >= ?"
    open_ = " AND t.closed_at IS NULL" if record.name == "deal" else ""
    untouched = f"t.updated_at < ? AND coalesce(t.confirmed_on, '') < ?{open_}"
    ids = _where(rows, record, untouched, (since, since)) - _ids(rows, talks, (since,))
    mend = f"crm quality {record.plural} {FRESHNESS}"
    return Problem(FRESHNESS, f"untouched since {since}", mend, ids)


# --- consistency


def _contradictions(
    rows: Rows, record: Record, live: frozenset[int], today: str
) -> Iterator[Problem]:
    for says, mend, sql in _CONTRADICTIONS[record.name]:
        ids = live & _ids(rows, sql, (today,) * sql.count("?"))
        yield Problem(CONSISTENCY, says, mend, ids)
    if record.name == "company":
        at_home = "instr(x.key, o.domain) > 0"
        ids = live & (_ids(rows, _COMPANY_MAIL) - _ids(rows, f"{_COMPANY_MAIL} AND {at_home}"))
        yield Problem(CONSISTENCY, "e-mails, but none at its domain", "crm edit REF domain=…", ids)


_MAIL = "x.kind = 'email' AND x.deleted_at IS NULL"
_COMPANY_MAIL = (
    "SELECT o.id FROM contact_point x JOIN company o ON o.id = x.company_id"
    f" WHERE {_MAIL} AND o.domain IS NOT NULL"
)
# What is wrong, what mends it, and a SELECT of the records, of which those that are live count.
_CONTRADICTIONS = {
    "contact": (
        (
            "a name in capitals, or without any",
            "crm clean contacts",
            "SELECT t.id FROM contact t WHERE (t.name = upper(t.name) OR t.name = lower(t.name))"
            " AND upper(t.name) <> lower(t.name) AND length(t.name) > 3",
        ),
        (
            "an e-mail of another company",
            "crm edit REF company=…",
            "SELECT t.id FROM contact_point x JOIN contact t ON t.id = x.contact_id JOIN company o"
            f" ON o.domain = substr(x.key, instr(x.key, '@') + 1) WHERE {_MAIL}"
            " AND o.deleted_at IS NULL AND o.id <> t.company_id",
        ),
        (
            "won a deal, but is no customer",
            "crm edit REF status=customer",
            "SELECT t.id FROM deal d JOIN stage s ON s.id = d.stage_id JOIN contact t"
            " ON t.id = d.contact_id WHERE s.type = 'won' AND d.deleted_at IS NULL"
            " AND t.status IN ('lead', 'lost')",
        ),
        (
            "to be kept in touch with, and not to be contacted",
            "crm contacts do_not_contact:yes keep_in_touch:any",
            "SELECT t.id FROM contact t WHERE t.do_not_contact = 1 AND t.keep_in_touch IS NOT NULL",
        ),
    ),
    "company": (),
    "deal": (
        (
            "open, but past its close date",
            "crm deals close:..yesterday status:open",
            "SELECT t.id FROM deal t WHERE t.closed_at IS NULL AND t.expected_close < ?",
        ),
        (
            "lost without a reason",
            "crm deals status:lost lost_reason:none",
            "SELECT t.id FROM deal t JOIN stage s ON s.id = t.stage_id WHERE s.type = 'lost'"
            " AND t.lost_reason IS NULL",
        ),
        (
            "its contact is at another company",
            "crm edit REF company=…",
            "SELECT t.id FROM deal t JOIN contact c ON c.id = t.contact_id"
            " WHERE t.company_id <> c.company_id",
        ),
    ),
}
