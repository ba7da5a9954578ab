"""What every kind of value shares: the surroundings, an amount of money, the shape of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from crmcli.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime, tzinfo


class Env(NamedTuple):
    """All that reading or showing a value may depend on.

    now: an aware moment in UTC. zone: the user's zone. region: ISO 3166 code, for phones without
    a country code. currency: ISO 4217 code of amounts without one. date_order: DMY, MDY, YMD, or
    "" where none is configured, which makes 3/5/26 ambiguous.
    keep_invalid: an impossible phone or e-mail is kept as typed. past: a date without a year is
    the last one instead of the next.
    """

    now: datetime
    zone: tzinfo
    region: str = "US"
    currency: str = "USD"
    date_order: str = "DMY"
    keep_invalid: bool = False
    past: bool = False

    @property
    def here(self) -> datetime:
        """The present moment in the user's zone."""
        return self.now.astimezone(self.zone)

    @property
    def today(self) -> date:
        """The present day in the user's zone."""
        return self.here.date()


class Money(NamedTuple):
    """An amount: an integer of the currency's smallest unit, and its ISO 4217 code."""

    minor: int
    currency: str


Stored: TypeAlias = "str | int | float | Money"


class Kind:
    """How one kind of value behaves. Texts arrive cleaned and never empty.

    parse: what was typed to the stored form; raises InvalidValue.
    check: the stored form, made canonical; raises ValueError.
    plain: the stored form as text for machines; parse reads it back.
    show: the same for people; without it, plain. json: the same for JSON.
    key: the plain text as it is compared. span: typed text to a half-open range of stored forms.
    lines: whether line breaks are kept.
    """

    __slots__ = ("check", "json", "key", "lines", "parse", "plain", "show", "span")

    def __init__(
        self,
        parse: Callable[[str, Env, Sequence[str]], Stored],
        check: Callable[[Any, Sequence[str]], Stored],
        key: Callable[[str], str],
        *,
        plain: Callable[[Any], str] = str,
        show: Callable[[Any, Env], str] | None = None,
        json: Callable[[Any], Any] | None = None,
        span: Callable[[str, Env, bool], tuple[Stored, Stored]] | None = None,
        lines: bool = False,
    ) -> None:
        self.parse, self.check, self.key, self.plain = parse, check, key, plain
        self.show, self.json, self.span, self.lines = show, json, span, lines


INT_MAX = 2**63 - 2
"""The largest integer that both databases hold together with its successor."""


def quote(text: str) -> str:
    """`text` in double quotes for a message, cut when it is long."""
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}…"'


def unreadable(text: str, what: str, hint: str) -> InvalidValue:
    """The error for a text that cannot be read as `what` ("a date"), with a hint what to type."""
    return InvalidValue(
        f"cannot read {quote(text)} as {what}", hint=hint, details={"value": text, "kind": what}
    )


def check_int(value: Any, low: int = -INT_MAX, high: int = INT_MAX) -> int:
    """`value` if it is an integer from low to high; otherwise ValueError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"an integer is needed, not {type(value).__name__}")
    if not low <= value <= high:
        raise ValueError(f"{value} is not between {low} and {high}")
    return value


def check_str(value: Any) -> str:
    """`value` if it is a text that is not empty; otherwise ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"a text is needed, not {type(value).__name__}")
    if not value:
        raise ValueError("the text is empty")
    return value


def words(text: str) -> frozenset[str]:
    """The words of a table that is written as one text."""
    return frozenset(text.split())
