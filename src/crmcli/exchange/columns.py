"""Texts of a column to stored values, a whole column of a chunk at a time.

Plain texts, names, e-mails and phones take short ways; every other kind is read by
`crmcli.values`, each different text once. A value that cannot be read is left out with a warning;
an e-mail, phone or address of a page that is none is kept as typed and marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from crmcli import values
from crmcli.errors import InvalidValue
from crmcli.exchange import phones, serials
from crmcli.exchange.problems import Problems
from crmcli.exchange.rows import PointValue
from crmcli.fields import Field
from crmcli.values.base import Env, Money, quote
from crmcli.values.emails import read_email
from crmcli.values.text import clean, fold
from crmcli.values.web import domain_of

Texts = Sequence[str]
ReadPoint = tuple[str, str, bool]

_KEPT = 50_000  # different texts of one column that are remembered
_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)+"
)
_LISTED = re.compile(r"\s:::\s|[;,\n]")
_TEXTS = ("text", "name", "ref")
# What stands for no value in a column of dates, numbers or choices; Outlook writes 0/0/00.
_BLANKS = ("", "-", "--", "0/0/00", "00/00/00", "00/00/0000", "0000-00-00", "0000-00-00 00:00:00")


class Cells(NamedTuple):
    """A chunk of a file by columns, with the line of each row."""

    lines: Sequence[int]
    columns: Sequence[Texts]


def texts(cells: Texts) -> list[str | None]:
    """Cells as one-line texts."""
    return [(cell.strip() if cell.isprintable() else clean(cell)) or None for cell in cells]


def long_texts(cells: Texts) -> list[str | None]:
    """Cells as texts of several lines."""
    return [
        (cell.strip() if cell.isprintable() else clean(cell, lines=True)) or None for cell in cells
    ]


class ColumnReader:
    """One column of a file: its texts to stored values of the field's kind."""

    def __init__(self, field: Field, header: str, place: int, env: Env, problems: Problems) -> None:
        self.field, self.header, self.place = field, header, place
        self._env, self._problems = env, problems
        self._known: dict[str, Any] = dict.fromkeys(_BLANKS)
        self._faults: dict[str, str] = {}
        self._translated: dict[str, str] = {}
        self._unmatched: dict[str, str] = {}

    def read(self, cells: Cells) -> list[Any]:
        """The stored values of a chunk; None where there is none or it cannot be read."""
        column = cells.columns[self.place]
        if self.field.kind in _TEXTS:
            return texts(column)
        if self.field.kind == "longtext":
            return long_texts(column)
        if len(self._known) > _KEPT:
            self._known = dict.fromkeys(_BLANKS)
        known, miss = self._known, self._miss
        found = [known[text] if text in known else miss(text) for text in column]
        if self._faults or self._translated or self._unmatched:
            self._report(cells, column)
        return found

    def _miss(self, text: str) -> Any:
        try:
            value = self._parsed(text)
        except InvalidValue as error:
            value = self._fallback(text, error)
        self._known[text] = value
        return value

    def _parsed(self, text: str) -> Any:
        if self.field.kind in serials.KINDS:
            text = serials.date_of(text) or text
        return values.parse(
            self.field.kind, text, self._env, self.field.choices, past=self.field.past
        )

    def _fallback(self, text: str, error: InvalidValue) -> Any:
        if self.field.choices:
            from crmcli.exchange.statuses import meant

            if found := meant(self.field.choices, text):
                self._translated[text] = found
                return found
        if self.field.kind in ("choice", "country"):
            self._unmatched[text] = str(self.field.default or "")
        else:
            self._faults[text] = error.message
        return self.field.default

    def _report(self, cells: Cells, column: Texts) -> None:
        for line, text in zip(cells.lines, column, strict=True):
            if text in self._unmatched:
                instead = self._unmatched[text]
                taken = f"taken as {instead}" if instead else "left out"
                self._problems.unmatched[self.field.name, text, instead] += 1
                message = f"unknown {self.field.name} {quote(text)}: {taken}"
                self._problems.warn(line, self.header, message, f"unknown {self.field.name}")
            elif text in self._faults:
                self._problems.warn(line, self.header, self._faults[text], "value not read")
            elif text in self._translated:
                self._problems.translated[self.field.name, text, self._translated[text]] += 1


def amounts(
    cells: Cells, place: int, currency_place: int | None, header: str, env: Env, problems: Problems
) -> tuple[list[int | None], list[str | None]]:
    """An amount's column and its currency's: minor units and ISO 4217 codes."""
    blank: Texts = ("",) * len(cells.lines)
    currencies = cells.columns[currency_place] if currency_place is not None else blank
    known: dict[tuple[str, str], tuple[int | None, str | None]] = {}
    found = []
    for line, pair in zip(cells.lines, zip(cells.columns[place], currencies, strict=True),
                          strict=True):  # fmt: skip
        if pair not in known:
            known[pair] = (None, None)
            try:
                known[pair] = _amount(*pair, env)
            except InvalidValue as error:
                problems.warn(line, header, error.message, "value not read")
        elif known[pair] == (None, None) and pair[0].strip():
            problems.warn(line, header, f"cannot read {quote(pair[0])}", "value not read")
        found.append(known[pair])
    return [minor for minor, _currency in found], [currency for _minor, currency in found]


def _amount(text: str, currency: str, env: Env) -> tuple[int | None, str | None]:
    if code := values.parse("currency", currency, env):
        env = env._replace(currency=str(code))
    money = values.parse("money", text, env)
    return (money.minor, money.currency) if isinstance(money, Money) else (None, None)


# --- points


class PointReader:
    """One column of e-mails, phones, URLs or social profiles."""

    def __init__(self, part: str, header: str, place: int, env: Env, problems: Problems) -> None:
        self.part, self.header, self.place = part, header, place
        self._problems, self._env = problems, env
        self._one = _readers(env)[part]
        self._abroad: dict[str | None, Callable[[str], ReadPoint]] = {None: self._one}

    def read(
        self,
        cells: Cells,
        labels: Sequence[str | None],
        regions: Sequence[str | None] | None = None,
    ) -> list[tuple[PointValue, ...]]:
        """The points of each row; those that are not valid are kept as typed and counted.

        regions: the countries of the rows, by which phones without a country code are read.
        """
        if regions is not None and self.part == "phone":
            return self._by_region(cells, labels, regions)
        found: list[tuple[PointValue, ...]] = []
        one, part = self._one, self.part
        for line, text, label in zip(cells.lines, cells.columns[self.place], labels, strict=True):
            if not text or text.isspace():
                found.append(())
                continue
            value, key, valid = one(text)
            if valid:
                found.append((PointValue(part, label, value, key, True),))
            else:
                found.append(self._kept(line, text, label))
        return found

    def _by_region(
        self, cells: Cells, labels: Sequence[str | None], regions: Sequence[str | None]
    ) -> list[tuple[PointValue, ...]]:
        """Phones, each read as in the country of its row, else as at home."""
        found: list[tuple[PointValue, ...]] = []
        column = cells.columns[self.place]
        for line, text, label, region in zip(cells.lines, column, labels, regions, strict=True):
            self._one = self._reader_in(region)
            if not text or text.isspace():
                found.append(())
                continue
            value, key, valid = self._one(text)
            if not valid and region:
                self._one = self._abroad[None]
                value, key, valid = self._one(text)
            point = PointValue(self.part, label, value, key, True)
            found.append((point,) if valid else self._kept(line, text, label))
        self._one = self._abroad[None]
        return found

    def _reader_in(self, region: str | None) -> Callable[[str], ReadPoint]:
        if region not in self._abroad:
            self._abroad[region] = _readers(self._env._replace(region=region or ""))["phone"]
        return self._abroad[region]

    def _kept(self, line: int, text: str, label: str | None) -> tuple[PointValue, ...]:
        """Several values in one cell, or one that is kept as typed."""
        parts = [part for part in _LISTED.split(text) if part.strip()]
        several = [self._one(part) for part in parts] if len(parts) > 1 else []
        if several and all(valid for _value, _key, valid in several):
            return tuple(PointValue(self.part, label, *each) for each in several)
        value = clean(text)
        if not value:
            return ()
        message = f"{quote(value)} is not valid, kept as typed"
        self._problems.warn(line, self.header, message, f"{self.part} kept as typed")
        return (PointValue(self.part, label, value, values.key(self.part, value), False),)


def _readers(env: Env) -> dict[str, Callable[[str], ReadPoint]]:
    def phone(text: str) -> ReadPoint:
        value, valid = phones.read(text, env.region)
        if valid and ";" not in value:
            return value, value[1:], True
        value = value if valid else clean(text)
        return value, values.key("phone", value) if value else "", valid

    def parsed(kind: str) -> Callable[[str], ReadPoint]:
        def read(text: str) -> ReadPoint:
            try:
                value = str(values.parse(kind, text, env) or "")
            except InvalidValue:
                return text, "", False
            return value, values.key(kind, value) if value else "", bool(value)

        return read

    return {"email": _email, "phone": phone, "url": parsed("url"), "social": parsed("social")}


def _email(text: str) -> ReadPoint:
    text = text.strip()
    if len(text) <= 64 and _EMAIL.fullmatch(text):
        return text, text.lower(), True
    value, valid = read_email(clean(text))
    return value, value.lower(), valid


def labels(cells: Cells, place: int | None, given: str | None) -> Sequence[str | None]:
    """The label of each row: from its own column, else the given one."""
    if place is None:
        return (given,) * len(cells.lines)
    return [_label(text) or given for text in cells.columns[place]]


def _label(text: str) -> str | None:
    """A label without the star by which Google marks the primary one."""
    return clean(text).removeprefix("*").strip() or None


def stored_moment(env: Env) -> str:
    """The present moment as it is stored."""
    return env.now.strftime("%Y-%m-%dT%H:%M:%SZ")


# --- lists and companies


def tags(cell: str) -> tuple[str, ...]:
    """The tags of a cell; a quoted one may hold spaces and commas, as our own exports write it."""
    if '"' in cell:
        import csv

        quoted = next(csv.reader([cell.replace("\n", " ")], skipinitialspace=True), [])
        return _distinct(clean(word) for word in quoted)
    from crmcli.values.choices import split_tags

    return tuple(split_tags(clean(cell)))


def labels_of(cell: str) -> tuple[str, ...]:
    """The labels of a cell as other programs write them: separated by marks, never by spaces.

    The group that holds all of Google's contacts says nothing.
    """
    words = (clean(word).removeprefix("*").strip() for word in _LISTED.split(cell))
    return _distinct("-".join(word.split()) for word in words if word.lower() != "mycontacts")


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple({fold(word): word for word in words if word}.values())


def page_domain(url: str) -> str | None:
    """The domain of a home page; None for a page below one, which may be on another's site."""
    rest = url.partition("://")[2].partition("/")[2]
    return domain_of(url) or None if not rest else None
