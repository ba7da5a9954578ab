"""What rows name: companies, people, deals, owners, sources, tags. Found set by set, or made.

A company is named by its name or its domain; of several with one name, the one whose domain is that
of the contact's e-mail. A person is named as `Ada Lovelace <ada@acme.com>`, by an e-mail or by
name. Where the file also tells the other program's id of what is named, that id comes first, and
what is found or made keeps it, so that the files of one program find what each other made. Deals
are found, but never made. Owners that are unknown become users: a file from another program brings
its team along.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmcli.catalog import BY_NAME
from crmcli.exchange.bulk import insert, wanted
from crmcli.exchange.layout import Layout
from crmcli.exchange.rows import Points, RowValues, unlinked
from crmcli.fields import Field
from crmcli.store import erased
from crmcli.store.views import title_column
from crmcli.values.emails import email_domain, read_email
from crmcli.values.names import split
from crmcli.values.text import sort_key
from crmcli.values.web import domain_of

if TYPE_CHECKING:
    from crmcli.store.write import Writer

SHARED = 50
"""An e-mail, phone or domain that more records than this have identifies none of them."""

_KEPT = 50_000  # names that are remembered from one chunk to the next
_PERSON = re.compile(r"(.*?)\s*[<(]\s*([^\s<>()]+@[^\s<>()]+)\s*[>)]")
_TABLES = {"user": "app_user", "source": "source", "tag": "tag"}

_COMPANY = ("name", "name_key", "domain", "owner_id", "created_at", "updated_at", "version")
_CONTACT = (
    "name", "name_key", "first_name", "last_name", "company_id", "status", "owner_id",
    "do_not_contact", "created_at", "updated_at", "version",
)  # fmt: skip

Found = list[tuple[int, str | None]]


class References:
    """The records that a file names, by what it calls them."""

    def __init__(self, writer: Writer, layout: Layout) -> None:
        self._writer = writer
        self.erased = erased.known(writer)
        self._refs = [field.ref for field in layout.ref_fields]
        self._externals = Externals(writer, layout.system)
        self._companies: dict[str, Found] = {}
        self._keys: dict[str, str] = {}
        self._contacts: dict[str, int | None] = {}
        self._deals: dict[str, int | None] = {}
        self._simple: dict[str, dict[str, int]] = {}
        self.made: Counter[str] = Counter()
        self.new_names: Counter[tuple[str, str]] = Counter()

    def prepare(self, rows: Sequence[RowValues]) -> None:
        """Look up all that the rows of a chunk name."""
        self._simple = {}
        texts = {ref: self._named(rows, ref) for ref in set(self._refs)}
        self.find_companies(texts.get("company", ()))
        people = set(texts.get("contact", ()))
        people.update(member.name for row in rows for member in row.members)
        self.find_contacts(people)
        self._find_deals(texts.get("deal", ()))

    def _named(self, rows: Sequence[RowValues], ref: str) -> set[str]:
        places = [place for place, each in enumerate(self._refs) if each == ref]
        return {row.refs[place] or "" for row in rows for place in places} - {""}

    def find(self, field: Field, text: str, points: Points = ()) -> int | None:
        """The record that `text` names, as far as it is known by now."""
        if field.ref == "company":
            return self.company(text, points)
        if field.ref == "contact":
            return self.contact(text)
        if field.ref == "deal":
            return self._deals.get(text)
        return self.simple(field.ref, text) if field.ref in _TABLES else None

    def can_make(self, field: Field, text: str) -> bool:
        """Whether what `text` names could be made: it has a name, and its type is no deal."""
        return field.ref != "deal" and bool(unlinked(text)[0])

    def title(self, noun: str, id: int) -> str:
        """What the record of this type is called."""
        record = BY_NAME[noun]
        column = title_column(record)
        return str(self._writer.scalar(f"SELECT {column} FROM {record.table} WHERE id = ?", (id,)))

    # --- companies

    def company(self, text: str, points: Points = ()) -> int | None:
        """The company of this id, name or domain; None while there is none."""
        key = self._keys.get(text)
        if key is None:
            name, external = unlinked(text)
            if external:
                return self._linked_company(name, external, points)
            key = self._keys[text] = sort_key(name)
        found = self._companies.get(key)
        if not found:
            return None
        return found[0][0] if len(found) == 1 else _of_their_domain(found, points)

    def _linked_company(self, name: str, external: str, points: Points) -> int | None:
        """By its id, else one of the name that the other program has not called otherwise."""
        if known := self._externals.get("company", external):
            return known
        found = self._companies.get(sort_key(name), ())
        free = [each for each in found if not self._externals.has("company", each[0])]
        return _of_their_domain(free, points) if free else None

    def find_companies(self, texts: Iterable[str]) -> None:
        """Look up companies by id, by name, then by domain."""
        if len(self._companies) > _KEPT:
            self._companies, self._keys = {}, {}
        pairs = [unlinked(text) for text in texts]
        keys = {sort_key(name) for name, _external in pairs if name}
        self._look_up("name_key", {key for key in keys if not self._companies.get(key)})
        missing = {key for key in keys if not self._companies.get(key)}
        self._look_up("domain", {key for key in missing if as_domain(key) == key})
        known = [id for key in keys for id, _domain in self._companies.get(key, ())]
        self._externals.look_up("company", (external for _name, external in pairs), known)

    def _look_up(self, column: str, keys: set[str]) -> None:
        if not keys:
            return
        wanted(self._writer, ("key",), [(key,) for key in keys])
        for key, id, domain in self._writer.rows(
            f"SELECT w.key, c.id, c.domain FROM temp.wanted w CROSS JOIN company c"
            f" ON c.{column} = w.key AND c.deleted_at IS NULL ORDER BY c.id"
        ):
            self._companies.setdefault(key, []).append((id, domain))

    def make_companies(self, texts: Iterable[str]) -> None:
        """Make the companies that are not there yet; those that have an id keep it."""
        new: dict[tuple[bool, str], str] = {}
        ordered = sorted(texts, reverse=True)
        for text in ordered:
            name, external = unlinked(text)
            if name and self.company(text) is None:
                new[bool(external), external or sort_key(name)] = name
        now, owner = self._writer.author.now, self._writer.user_id
        # Whom one from another program belongs to, that program's own file will tell.
        keys = [(sort_key(name), name, None if known else owner)
                for (known, _key), name in new.items()]  # fmt: skip
        first = insert(
            self._writer,
            "company",
            _COMPANY,
            [(name, key, as_domain(key), whose, now, now, 1) for key, name, whose in keys],
        )
        for id, (key, _name, _whose) in enumerate(keys, first):
            self._companies.setdefault(key, []).append((id, as_domain(key)))
        made = {key: id for id, (known, key) in enumerate(new, first) if known}
        self._link("company", {
            external: made.get(external) or self.company(text)
            for text, external in _externals_of(ordered)
        })  # fmt: skip
        self.made.update({"company": len(keys)})

    # --- people

    def contact(self, text: str) -> int | None:
        """The contact that `text` names; None while there is none."""
        return self._contacts.get(text)

    def find_contacts(self, texts: Iterable[str]) -> None:
        """Look up contacts by id, by e-mail, then by name."""
        if len(self._contacts) > _KEPT:
            self._contacts = {}
        people = {text: person(unlinked(text)[0]) for text in texts if not self._contacts.get(text)}
        reached = {(email, sort_key(name)) for name, email in people.values() if email}
        names = {sort_key(name) for name, email in people.values() if name and not email}
        by_email = self._by_email(reached)
        by_name = self._ids(_BY_NAME, names)
        externals = dict(_externals_of(people))
        found_ids = (*by_name.values(), *(id for id, _same in by_email.values()))
        self._externals.look_up("contact", externals.values(), found_ids)
        for text, (name, email) in people.items():
            known = self._externals.get("contact", externals.get(text, ""))
            found, same = by_email.get((email or "", sort_key(name)), (None, False))
            if not email:
                found = by_name.get(sort_key(name))
            another = text in externals and not same and self._externals.has("contact", found)
            self._contacts[text] = known or (None if another else found)

    def _by_email(self, reached: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, bool]]:
        """By e-mail and name the contact of that e-mail, and whether it has the name, too."""
        if not reached:
            return {}
        wanted(self._writer, ("key", "more"), reached)
        return {
            (email, name): (id, bool(same) or name == email)
            for email, name, id, same in self._writer.rows(BY_EMAIL)
        }

    def _ids(self, sql: str, keys: set[str]) -> dict[str, int]:
        if not keys:
            return {}
        wanted(self._writer, ("key",), [(key,) for key in keys])
        return dict(self._writer.rows(sql))

    def make_contacts(self, named: Mapping[str, int | None]) -> None:
        """Make the contacts that are not there yet, each at a company; nobody who was erased."""
        people: dict[str, tuple[str, str | None, int | None]] = {}
        texts: dict[str, str] = {}
        externals = {external for _text, external in _externals_of(named)}
        for text, company in named.items():
            called, external = unlinked(text)
            if called and not self._contacts.get(text):
                name, email = person(called)
                if email and self.erased and self.erased.any_of([("email", email)]):
                    continue
                texts[text] = external or email or sort_key(name)
                people.setdefault(texts[text], (name, email, company))
        ids = self._insert_people(people, {key for key in texts.values() if key in externals})
        self._contacts.update((text, ids[key]) for text, key in texts.items())
        self._link("contact", {
            external: self._contacts.get(text) for text, external in _externals_of(named)
        })  # fmt: skip
        self.made.update({"contact": len(people)})

    def _insert_people(
        self, people: Mapping[str, tuple[str, str | None, int | None]], foreign: set[str]
    ) -> dict[str, int]:
        """Insert people; where those of another program belong, its own file will tell."""
        now, owner = self._writer.author.now, self._writer.user_id
        rows, emails = [], []
        for key, (name, email, company) in people.items():
            whose, place = (None, None) if key in foreign else (owner, company)
            parts = split(name)
            rows.append((name, sort_key(name), parts.first or None, parts.last or None, place,
                         "lead", whose, 0, now, now, 1))  # fmt: skip
            emails.append(email)
        first = insert(self._writer, "contact", _CONTACT, rows)
        insert(
            self._writer,
            "contact_point",
            ("contact_id", "kind", "value", "key", "is_primary", "valid"),
            [(id, "email", email, email, 1, 1) for id, email in enumerate(emails, first) if email],
        )
        return dict(zip(people, range(first, first + len(rows)), strict=True))

    # --- deals

    def _find_deals(self, texts: Iterable[str]) -> None:
        """Look up deals by id, else by a title that only one of them has."""
        pairs = {text: unlinked(text) for text in texts if not self._deals.get(text)}
        if not pairs:
            return
        self._externals.look_up("deal", (external for _title, external in pairs.values()), ())
        titles = self._ids(_BY_TITLE, {sort_key(title) for title, _id in pairs.values() if title})
        for text, (title, external) in pairs.items():
            known = self._externals.get("deal", external)
            self._deals[text] = known or titles.get(sort_key(title))

    # --- ids of the other program

    def _link(self, noun: str, ids: Mapping[str, int | None]) -> None:
        self._externals.add(noun, [(key, id) for key, id in ids.items() if id])

    def learn_externals(self, noun: str, pairs: Sequence[tuple[str, int]]) -> None:
        """Keep the other program's ids of records of the file itself."""
        self._externals.add(noun, pairs)

    # --- owners, sources, tags

    def simple(self, ref: str, text: str) -> int | None:
        """The user, source or tag of this name; None while there is none."""
        return self._known(ref).get(sort_key(text))

    def _known(self, ref: str) -> dict[str, int]:
        if ref not in self._simple:
            sql = f"SELECT name_key, id FROM {_TABLES[ref]} WHERE deleted_at IS NULL"
            self._simple[ref] = dict(self._writer.rows(sql))
            if ref == "user":
                self._add_full_names(self._simple[ref])
        return self._simple[ref]

    def _add_full_names(self, known: dict[str, int]) -> None:
        for id, name, email in self._writer.rows(
            "SELECT id, full_name, email FROM app_user WHERE deleted_at IS NULL ORDER BY id"
        ):
            for text in filter(None, (name, email)):
                known.setdefault(sort_key(text), id)

    def make_simple(self, ref: str, texts: Iterable[str]) -> None:
        """Make the users, sources or tags that are not there yet."""
        known = self._known(ref)
        named = {sort_key(text): text for text in sorted(texts, reverse=True)}
        new = [(key, text) for key, text in named.items() if key not in known]
        now = self._writer.author.now
        extra: tuple[tuple[str, Any], ...] = (("active", 1),) if ref == "user" else ()
        names = ("name", "name_key", "created_at", "updated_at", "version")
        first = insert(
            self._writer,
            _TABLES[ref],
            (*names, *(name for name, _value in extra)),
            [(text, key, now, now, 1, *(value for _name, value in extra)) for key, text in new],
        )
        known.update((key, id) for id, (key, _text) in enumerate(new, first))
        self.made.update({ref: len(new)})
        self.new_names.update((ref, text) for _key, text in new)


class Externals:
    """The ids that one program gave to our records."""

    def __init__(self, writer: Writer, system: str) -> None:
        self._writer, self._system = writer, system or UNKNOWN
        self._ids: dict[tuple[str, str], int] = {}
        self._bearers: set[tuple[str, int]] = set()

    def get(self, noun: str, key: str) -> int | None:
        """The record with this id."""
        return self._ids.get((noun, key)) if key else None

    def has(self, noun: str, id: int | None) -> bool:
        """Whether the program knows this record already, as far as it was asked about."""
        return (noun, id) in self._bearers

    def look_up(self, noun: str, keys: Iterable[str], ids: Iterable[int]) -> None:
        """Ask which records have these ids, and whether these records have any."""
        if len(self._ids) > _KEPT:
            self._ids, self._bearers = {}, set()
        missing = {key for key in keys if key and (noun, key) not in self._ids}
        if not missing:
            return
        table = {"company": "company", "contact": "contact", "deal": "deal"}[noun]
        wanted(self._writer, ("key",), [(key,) for key in missing])
        for key, id in self._writer.rows(by_external(noun, table), (self._system,)):
            self._ids[noun, key] = id
        distinct = {id for id in ids if id}
        if distinct:
            wanted(self._writer, ("ref",), [(id,) for id in distinct])
            rows = self._writer.rows(
                "SELECT record_id FROM external_id WHERE record = ? AND system = ? AND"
                " deleted_at IS NULL AND record_id IN (SELECT ref FROM temp.wanted)",
                (noun, self._system),
            )
            self._bearers.update((noun, id) for (id,) in rows)

    def add(self, noun: str, pairs: Sequence[tuple[str, int]]) -> None:
        """Keep ids of records, as far as they are not kept already."""
        new = [(key, id) for key, id in dict(pairs).items() if (noun, key) not in self._ids]
        if not new:
            return
        insert(
            self._writer,
            "external_id",
            ("system", "record", "record_id", "key"),
            [(self._system, noun, id, key) for key, id in new],
        )
        for key, id in new:
            self._ids[noun, key] = id
            self._bearers.add((noun, id))


UNKNOWN = "file"
"""The name under which ids are kept that no known program gave."""


def by_external(noun: str, table: str) -> str:
    """SQL for (key, id) of the records whose id in the program `?` is in temp.wanted."""
    return (
        "SELECT w.key, min(t.id) FROM temp.wanted w"
        f" CROSS JOIN external_id e ON e.key = w.key AND e.record = '{noun}'"
        " AND e.system = ? AND e.deleted_at IS NULL"
        f" CROSS JOIN {table} t ON t.id = e.record_id AND t.deleted_at IS NULL GROUP BY w.key"
    )


def _externals_of(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The texts that have an id of another program, and these ids."""
    for text in texts:
        _name, external = unlinked(text)
        if external:
            yield text, external


def _of_their_domain(found: Found, points: Points) -> int:
    """Of several companies the one whose domain an e-mail has, else the first."""
    domains = {email_domain(point.value) for point in points if point.part == "email"}
    return next((id for id, domain in found if domain in domains), found[0][0])


def as_domain(text: str) -> str | None:
    """The domain that `text` is; None when it is a name."""
    return domain_of(text) or None if "." in text and " " not in text else None


def person(text: str) -> tuple[str, str | None]:
    """A person's name and e-mail key as a file gives them: `Ada <ada@acme.com>`, or either."""
    match = _PERSON.fullmatch(text)
    if match:
        return match[1] or match[2], match[2].lower()
    address, valid = read_email(text)
    return (address, address.lower()) if valid else (text, None)


BY_EMAIL = (
    "SELECT w.key, w.more, coalesce(min(CASE WHEN c.name_key = w.more THEN c.id END), min(c.id)),"
    " count(CASE WHEN c.name_key = w.more THEN 1 END) FROM temp.wanted w"
    " CROSS JOIN contact_point p ON p.key = w.key AND p.kind = 'email' AND p.deleted_at IS NULL"
    " CROSS JOIN contact c ON c.id = p.contact_id AND c.deleted_at IS NULL"
    " WHERE (SELECT count(*) FROM (SELECT 1 FROM contact_point q WHERE q.key = w.key"
    f" AND q.kind = 'email' AND q.deleted_at IS NULL LIMIT {SHARED + 1}) AS held) <= {SHARED}"
    " GROUP BY w.key, w.more"
)
"""SQL for (e-mail, name, id, how many have that name) of the e-mails and keys of names in
temp.wanted: of several contacts with one e-mail that of the name, else the first."""
_BY_NAME = (
    "SELECT w.key, min(c.id) FROM temp.wanted w CROSS JOIN contact c"
    " ON c.name_key = w.key AND c.deleted_at IS NULL GROUP BY w.key"
)
_BY_TITLE = (
    "SELECT w.key, min(d.id) FROM temp.wanted w CROSS JOIN deal d"
    " ON d.title_key = w.key AND d.deleted_at IS NULL GROUP BY w.key HAVING count(*) = 1"
)
