"""What an import makes in passing, as its rows name it, asked the team's rules before it is made.

A company, a person, an owner, a source or a tag that is not there yet. `crm add-contact --company`
refuses a contact whose company would break a rule; so does an import with the row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from crmcli import values
from crmcli.actions.data_rules import Ready, ready
from crmcli.data_rules import ERROR, Contents, DataRule
from crmcli.exchange.layout import Layout
from crmcli.exchange.references import References, as_domain, person
from crmcli.exchange.rows import Entry, RowValues, unlinked
from crmcli.fields import Field
from crmcli.queries.contents import holders, keys
from crmcli.values.base import Env, quote
from crmcli.values.names import split
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.store.write import Writer

Said = RowValues | Entry

_MADE = ("company", "contact", "user", "source", "tag")


class Fault(NamedTuple):
    """A rule that is broken: by the record of a row, or by what it names, of the type `noun`."""

    rule: DataRule
    noun: str = ""
    text: str = ""

    @property
    def says(self) -> str:
        """What the rule demands, and of what."""
        about = f"{self.noun} {quote(unlinked(self.text)[0])}: " if self.noun else ""
        return f"{about}{self.rule.says}"

    @property
    def column(self) -> str:
        """Where a warning says that something is wrong."""
        return self.noun or self.rule.field or self.rule.require[0]

    @property
    def is_error(self) -> bool:
        """Whether it must not be written."""
        return self.rule.severity == ERROR


class Passing:
    """The rules for what the rows of one file name. owner: whose that is which is made."""

    def __init__(
        self,
        writer: Writer,
        env: Env,
        rules: Sequence[DataRule],
        layout: Layout,
        references: References,
        owner: str,
    ) -> None:
        self._writer, self._layout, self._references = writer, layout, references
        self._owner = owner
        ruled = {noun: ready(writer, env, rules, noun) for noun in _MADE}
        self._rules = {noun: found for noun, found in ruled.items() if found}
        self._known: dict[tuple[str, str], list[Fault]] = {}
        self._own: Collection[str] = ()

    def prepare(self, rows: Sequence[RowValues]) -> None:
        """Take the rows of a chunk, which may themselves be what others of them name."""
        self._known = {}
        if self._layout.record.name in self._rules:
            self._own = {row.key for row in rows} | {row.external or "" for row in rows}

    def faults(self, said: Said) -> Iterator[Fault]:
        """What would be broken by all that a row names and that is not there."""
        for noun, text in self._named(said) if self._rules else ():
            if (noun, text) not in self._known:
                self._known[noun, text] = list(self._broken(noun, text, said))
            yield from self._known[noun, text]

    def let_go(self, entry: Entry) -> list[Fault]:
        """Take from a new record what may not be made though its rows name it; returns why."""
        gone = [fault for fault in self.faults(entry) if fault.is_error]
        if gone:
            texts = {fault.text for fault in gone}
            entry.refs = [None if held in texts else held for held in entry.refs]
            entry.tags = [tag for tag in entry.tags if tag not in texts]
            entry.members = [each for each in entry.members if each.name not in texts]
        return gone

    def _named(self, said: Said) -> Iterator[tuple[str, str]]:
        """The type and the text of all that has to be made."""
        known = self._references
        for field, text in zip(self._layout.ref_fields, said.refs, strict=False):
            if field.ref in self._rules and isinstance(text, str) and self._is_new(field, text):
                yield field.ref, text
        if "contact" in self._rules:
            names = (member.name for member in said.members)
            yield from (("contact", name) for name in names if name and not known.contact(name))
        if "tag" in self._rules:
            yield from (("tag", tag) for tag in said.tags if not known.simple("tag", tag))

    def _is_new(self, field: Field, text: str) -> bool:
        known = self._references
        if not known.can_make(field, text) or self._is_own(field, text):
            return False
        return known.find(field, text) is None

    def _is_own(self, field: Field, text: str) -> bool:
        """Whether a row of the file may be what is named."""
        name, external = unlinked(text)
        return field.ref == self._layout.record.name and (
            external in self._own if external else sort_key(name) in self._own
        )

    def _broken(self, noun: str, text: str, said: Said) -> Iterator[Fault]:
        held = self._contents(noun, text, said)
        for each in self._rules[noun]:
            full = {f.name: held.get(f.name, () if f.default is None else (f.default,))
                    for f in each.fields}  # fmt: skip
            if each.broken(full) or self._taken(each, full):
                yield Fault(each.rule, noun, text)

    def _contents(self, noun: str, text: str, said: Said) -> Contents:
        """What it would hold."""
        name, external = unlinked(text)
        owner = () if external else (self._owner,)
        if noun == "company":
            domain = as_domain(sort_key(name))
            return {"name": (name,), "owner": owner, "domain": (domain,) if domain else ()}
        if noun == "contact":
            return {"owner": owner, **self._person(name), "company": self._company(said)}
        return {"name": (name,)}

    def _person(self, text: str) -> Contents:
        name, email = person(text)
        parts = split(name)
        held = {"name": name, "email": email, "first_name": parts.first, "last_name": parts.last}
        return {field: (value,) if value else () for field, value in held.items()}

    def _company(self, said: Said) -> Sequence[str]:
        """The company of a row, at which the people are whom it names."""
        refs = zip(self._layout.ref_fields, said.refs, strict=False)
        named = next((held for field, held in refs if field.name == "company"), None)
        if isinstance(named, int):
            return (self._references.title("company", named),)
        return (unlinked(named)[0],) if named else ()

    def _taken(self, each: Ready, held: Contents) -> bool:
        """Whether a record that is there has what a rule wants unique."""
        field = each.unique
        if field is None or not held[field.name]:
            return False
        (value,) = held[field.name]
        key = values.key(field.part, value) if field.store == "point" else str(value)
        wanted = sort_key(key) if field.key else key
        return any(holders(self._writer, keys(each.record, field), [wanted]))
