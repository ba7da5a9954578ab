"""What a row of a file says, and a record that rows are gathered into, as plain stored values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from crmcli.exchange.stages import Stage


class PointValue(NamedTuple):
    """An e-mail, phone, URL or social profile of a row."""

    part: str
    label: str | None
    value: str
    key: str
    valid: bool


class AddressValue(NamedTuple):
    """A postal address of a row."""

    label: str | None
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None

    @property
    def line(self) -> str:
        """All of it in one line, as `address` shows it."""
        return ", ".join(filter(None, self[1:]))


class MemberValue(NamedTuple):
    """Somebody who takes part in a deal: the text that names them, and their role."""

    name: str
    label: str | None


Points = tuple[PointValue, ...]

# Between a name and the other program's id of what it names, and between several of these. No
# text of a file holds them: reading takes control characters out.
_LINK = "\x1f"
SEVERAL = "\x1e"


def linked(name: str, id: str) -> str:
    """A name together with the id that another program gave to what it names."""
    return f"{name}{_LINK}{id}"


def unlinked(text: str) -> tuple[str, str]:
    """What a file names, as a name and the other program's id, each "" where it says none."""
    name, _, id = text.partition(_LINK)
    return name, id


class RowValues(NamedTuple):
    """One row that could be read.

    place: where it stands in the chunk. key: of its name or title. values: stored values by the
    columns of the layout; refs: names by the references of the layout. met: what a contact is met
    by: ("email", key), and ("phone" or "social", key, key of the name). external: the id that
    another program gave to it.
    """

    place: int
    line: int
    key: str
    values: tuple[Any, ...]
    refs: tuple[str | None, ...]
    points: Points
    addresses: tuple[AddressValue, ...]
    tags: tuple[str, ...]
    members: tuple[MemberValue, ...]
    custom: dict[str, Any] | None
    met: tuple[tuple[str, ...], ...] = ()
    external: str | None = None


class Entry:
    """A record that is made or filled in: what it holds, and what a file added to it.

    id: None until it is written, for a new one. before: old values of the columns that changed.
    refs: ids, or names still to be found or made. points, addresses, tags and members are those to
    be added; held_* are what the record has already; fills are parts added to held addresses.
    held_externals, externals: ids of the other program. moved: the stage that a deal leaves and
    the one it goes to. differs: what a file says of fields that keep another value, by column, or
    by name for the team's own fields.
    """

    # A new record holds none of these, and most entries of a large import are new.
    held_points: AbstractSet[tuple[str, str]] = frozenset()
    held_addresses: Sequence[tuple[int, AddressValue]] = ()
    held_tags: AbstractSet[str] = frozenset()
    held_members: AbstractSet[int | None] = frozenset()
    held_externals: AbstractSet[str] = frozenset()
    externals: Sequence[str] = ()
    moved: tuple[int, Stage] | None = None
    differs: dict[str, Any] | None = None

    def __init__(self, row: RowValues) -> None:
        self.id: int | None = None
        self.new = True
        self.place, self.line = row.place, row.line
        self.key = row.key
        self.values: list[Any] = list(row.values)
        self.refs: list[Any] = list(row.refs)
        self.points: Sequence[PointValue] = row.points
        self.addresses: Sequence[AddressValue] = row.addresses
        self.tags: Sequence[str] = row.tags
        self.members: Sequence[MemberValue] = row.members
        self.custom: dict[str, Any] | None = row.custom
        self.before: dict[str, Any] | None = None
        self.fills: dict[int, dict[str, str]] | None = None
        if row.external:
            self.externals = (row.external,)

    def point_keys(self) -> Iterator[tuple[str, str]]:
        """(part, key) of every point, held or to be added."""
        yield from self.held_points
        yield from ((point.part, point.key) for point in self.points)

    def is_another(self, external: str | None) -> bool:
        """Whether the other program knows this record by an id, but not by this one."""
        known = (*self.externals, *self.held_externals)
        return bool(external and known and external not in known)

    def note(self, column: str, value: Any) -> None:
        """A column of a stored record is about to change; its first value is the old one."""
        if not self.new:
            self.before = self.before or {}
            self.before.setdefault(column, value)

    def differ(self, column: str, value: Any) -> None:
        """A stored record keeps what it has, though a row says something else."""
        if not self.new:
            self.differs = {**(self.differs or {}), column: value}
