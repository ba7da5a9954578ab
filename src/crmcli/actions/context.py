"""All that an action may depend on, so that a test can replace any of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmcli.store.location import Location
from crmcli.store.read import Reader, open_reader
from crmcli.values.base import Env

if TYPE_CHECKING:
    from crmcli.store.write import Writer


@dataclass
class Context:
    """The database, the surroundings of values, and who is at the keyboard.

    as_of: the last change set that the person knew of who worked from values read earlier.
    if_version: the version that the record must have, or have got without a change to the fields.
    notices: what was noticed while writing, beside what was asked.
    chosen: answers to earlier questions, from the text of a REF to the handle that was meant.
    duplicates: what happens to a new record that may be there already: warn, refuse, ask (both
    raise Duplicate), or add it without a word.
    accept_partial: a REF that fits one record only in part is taken without a question (--yes).
    """

    location: Location
    env: Env
    settings: dict[str, Any]
    user: str
    command: str
    reason: str | None = None
    dry_run: bool = False
    accept_partial: bool = False
    duplicates: str = "warn"
    as_of: int | None = None
    if_version: int | None = None
    notices: list[str] = field(default_factory=list)
    chosen: dict[str, str] = field(default_factory=dict)
    _reader: Reader | None = None

    @property
    def reader(self) -> Reader:
        """The connection for reading, opened at its first use."""
        if self._reader is None:
            self._reader = open_reader(self.location)
        return self._reader

    @property
    def now(self) -> str:
        """The present moment in its stored form."""
        return self.env.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    @contextmanager
    def writing(self, kind: str = "write", *, reason: str | None = None) -> Iterator[Writer]:
        """One write; with `dry_run` everything in it is taken back at the end."""
        from crmcli.store.write import Author, writing

        # A reader that still holds the file open would make the commit wait.
        self.close()
        self.notices.clear()
        author = Author(self.user, self.now, self.command, reason or self.reason, kind)
        with writing(self.location, author, keep=not self.dry_run) as writer:
            yield writer
            if kind == "write":
                self.ask_rules(writer)

    def ask_rules(self, writer: Writer) -> None:
        """Ask the team's rules about what was edited since they were asked last; warnings become
        notices. Raises BrokenRule for errors."""
        if self.settings["rules"]:
            from crmcli.actions.data_rules import enforce

            self.notices += enforce(writer, self.env, self.settings["rules"])
        writer.edits.clear()

    def close(self) -> None:
        """Let go of the connection for reading."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
