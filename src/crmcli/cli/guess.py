"""Did you mean: the nearest name, and the error for a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crmcli.errors import UnknownName
from crmcli.values.text import close_matches, did_you_mean


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like `word`, or None when none is."""
    return next(iter(close_matches(word, list(names))), None)


def unknown(what: str, word: str, names: Sequence[str]) -> UnknownName:
    """The error for a `what` ("command", "format") that does not exist."""
    details = {"name": word, "did_you_mean": nearest(word, names)}
    return UnknownName(
        f'there is no {what} "{word}"', hint=did_you_mean(word, names), details=details
    )
