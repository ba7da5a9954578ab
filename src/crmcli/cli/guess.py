"""Did you mean: the nearest name, and the error for a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crmcli.catalog import BY_NAME, BY_PLURAL
from crmcli.cli.table import ADDING, COMMANDS, GUESSES, LISTING, by_hand
from crmcli.errors import UnknownName
from crmcli.fields import Record
from crmcli.values.text import close_matches, did_you_mean


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like `word`, or None when none is."""
    return next(iter(close_matches(word, list(names))), None)


def instead(words: Sequence[str]) -> str | None:
    """What a command line is called here that is written as other programs have it; or None.

    `contact list`, `list contacts` and `ls` are `contacts`, `deal add` and `new deal` are
    `add-deal`, `stage rename` is `edit`, `help show` is `show --help`.
    """
    known = {entry.name for entry in COMMANDS}
    first, second = [*map(str.casefold, words), "", ""][:2]
    if f"{first} {second}" in GUESSES:
        return GUESSES[f"{first} {second}"]
    if first == "help" and second in known:
        return f"{second} --help"
    if record := _called(first):
        return _on(record, second, known) or (None if first in known else record.plural)
    if first not in known and (record := _called(second)):
        return _on(record, first, known)
    return GUESSES.get(first)


def _called(word: str) -> Record | None:
    """The record type that a word names, in the singular, the plural or in other words."""
    other = "" if word in (*LISTING, *ADDING) else GUESSES.get(word, "")
    return BY_NAME.get(word) or BY_PLURAL.get(word) or BY_PLURAL.get(other)


def _on(record: Record, verb: str, known: set[str]) -> str | None:
    """The command that does to records of a type what `verb` says."""
    if not verb or verb in LISTING:
        return record.plural
    if verb in ADDING:
        return f"add-{record.name}" if by_hand(record) else None
    guess = GUESSES.get(verb, verb)
    return guess if guess in known else None


def unknown(what: str, word: str, names: Sequence[str]) -> UnknownName:
    """The error for a `what` ("command", "format") that does not exist."""
    details = {"name": word, "did_you_mean": nearest(word, names)}
    return UnknownName(
        f'there is no {what} "{word}"', hint=did_you_mean(word, names), details=details
    )
