"""What rows name: companies, people, owners, sources, tags. Found set by set, or made.

A company is named by its name or its domain; of several with one name, the one whose domain is that
of the contact's e-mail. A person is named as `Ada Lovelace <ada@acme.com>`, by an e-mail or by
name. Owners that are unknown become users: a file from another program brings its team along.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from crmcli.exchange.bulk import insert, wanted
from crmcli.exchange.layout import Layout
from crmcli.exchange.rows import Points, RowValues
from crmcli.values.emails import email_domain, read_email
from crmcli.values.names import split
from crmcli.values.text import sort_key
from crmcli.values.web import domain_of

if TYPE_CHECKING:
    from crmcli.store.write import Writer

_KEPT = 50_000  # names that are remembered from one chunk to the next
_PERSON = re.compile(r"(.*?)\s*[<(]\s*([^\s<>()]+@[^\s<>()]+)\s*[>)]")
_TABLES = {"user": "app_user", "source": "source", "tag": "tag"}

_CONTACT = (
    "name", "name_key", "first_name", "last_name", "company_id", "status", "owner_id",
    "do_not_contact", "created_at", "updated_at", "version",
)  # fmt: skip

Found = list[tuple[int, str | None]]


class References:
    """The records that a file names, by what it calls them."""

    def __init__(self, writer: Writer, layout: Layout) -> None:
        self._writer = writer
        self._refs = [field.ref for field in layout.ref_fields]
        self._companies: dict[str, Found] = {}
        self._keys: dict[str, str] = {}
        self._contacts: dict[str, int | None] = {}
        self._simple: dict[str, dict[str, int]] = {}
        self.made: Counter[str] = Counter()

    def prepare(self, rows: Sequence[RowValues]) -> None:
        """Look up all that the rows of a chunk name."""
        self._simple = {}
        texts = {ref: self._named(rows, ref) for ref in set(self._refs)}
        self.find_companies(texts.get("company", ()))
        people = set(texts.get("contact", ()))
        people.update(member.name for row in rows for member in row.members)
        self.find_contacts(people)

    def _named(self, rows: Sequence[RowValues], ref: str) -> set[str]:
        places = [place for place, each in enumerate(self._refs) if each == ref]
        return {row.refs[place] or "" for row in rows for place in places} - {""}

    # --- companies

    def company(self, text: str, points: Points = ()) -> int | None:
        """The company of this name or domain; None while there is none."""
        key = self._keys.get(text)
        if key is None:
            key = self._keys[text] = sort_key(text)
        found = self._companies.get(key)
        if not found:
            return None
        if len(found) > 1:
            domains = {email_domain(p.value) for p in points if p.part == "email"}
            return next((id for id, domain in found if domain in domains), found[0][0])
        return found[0][0]

    def find_companies(self, texts: Iterable[str]) -> None:
        """Look up companies by name, then by domain."""
        if len(self._companies) > _KEPT:
            self._companies, self._keys = {}, {}
        keys = {sort_key(text) for text in texts}
        self._look_up("name_key", {key for key in keys if not self._companies.get(key)})
        missing = {key for key in keys if not self._companies.get(key)}
        self._look_up("domain", {key for key in missing if as_domain(key) == key})

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
        """Make the companies that are not there yet."""
        named = {sort_key(text): text for text in sorted(texts, reverse=True)}
        new = [(key, text) for key, text in named.items() if not self._companies.get(key)]
        now, owner = self._writer.author.now, self._writer.user_id
        first = insert(
            self._writer,
            "company",
            ("name", "name_key", "domain", "owner_id", "created_at", "updated_at", "version"),
            [(text, key, as_domain(key), owner, now, now, 1) for key, text in new],
        )
        for id, (key, _text) in enumerate(new, first):
            self._companies[key] = [(id, as_domain(key))]
        self.made.update({"company": len(new)})

    def learn_company(self, key: str, id: int, domain: str | None) -> None:
        """A company that the file itself has made."""
        self._companies.setdefault(key, []).append((id, domain))

    # --- people

    def contact(self, text: str) -> int | None:
        """The contact that `text` names; None while there is none."""
        return self._contacts.get(text)

    def find_contacts(self, texts: Iterable[str]) -> None:
        """Look up contacts by e-mail, then by name."""
        if len(self._contacts) > _KEPT:
            self._contacts = {}
        people = {text: person(text) for text in texts if not self._contacts.get(text)}
        emails = {email for _name, email in people.values() if email}
        names = {sort_key(name) for name, email in people.values() if not email}
        by_email = self._ids(_BY_EMAIL, emails)
        by_name = self._ids(_BY_NAME, names)
        for text, (name, email) in people.items():
            found = by_email.get(email) if email else by_name.get(sort_key(name))
            self._contacts[text] = found

    def _ids(self, sql: str, keys: set[str]) -> dict[str, int]:
        if not keys:
            return {}
        wanted(self._writer, ("key",), [(key,) for key in keys])
        return dict(self._writer.rows(sql))

    def make_contacts(self, named: dict[str, int | None]) -> None:
        """Make the contacts that are not there yet, each at a company."""
        people: dict[str, tuple[str, str | None, int | None]] = {}
        texts: dict[str, str] = {}
        for text, company in named.items():
            if not self._contacts.get(text):
                name, email = person(text)
                texts[text] = email or sort_key(name)
                people.setdefault(texts[text], (name, email, company))
        ids = self._insert_people(people)
        self._contacts.update((text, ids[key]) for text, key in texts.items())
        self.made.update({"contact": len(people)})

    def _insert_people(
        self, people: dict[str, tuple[str, str | None, int | None]]
    ) -> dict[str, int]:
        now, owner = self._writer.author.now, self._writer.user_id
        rows = []
        for name, _email, company in people.values():
            parts = split(name)
            names = (name, sort_key(name), parts.first or None, parts.last or None)
            rows.append((*names, company, "lead", owner, 0, now, now, 1))
        first = insert(self._writer, "contact", _CONTACT, rows)
        ids = {key: id for id, key in enumerate(people, first)}
        insert(
            self._writer,
            "contact_point",
            ("contact_id", "kind", "value", "key", "is_primary", "valid"),
            [
                (ids[key], "email", email, email, 1, 1)
                for key, (_name, email, _company) in people.items()
                if email
            ],
        )
        return ids

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


_BY_EMAIL = (
    "SELECT w.key, min(c.id) FROM temp.wanted w"
    " CROSS JOIN contact_point p ON p.key = w.key AND p.kind = 'email' AND p.deleted_at IS NULL"
    " CROSS JOIN contact c ON c.id = p.contact_id AND c.deleted_at IS NULL GROUP BY w.key"
)
_BY_NAME = (
    "SELECT w.key, min(c.id) FROM temp.wanted w CROSS JOIN contact c"
    " ON c.name_key = w.key AND c.deleted_at IS NULL GROUP BY w.key"
)
