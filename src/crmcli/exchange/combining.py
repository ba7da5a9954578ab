"""Columns that are made from others: what several cells of a row say together.

`layout.Made` says which; here their cells are worked out, a column at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest

from crmcli.errors import InvalidValue
from crmcli.exchange.columns import texts
from crmcli.exchange.layout import Made
from crmcli.exchange.rows import SEVERAL, linked
from crmcli.exchange.sources.base import squash
from crmcli.values.base import Env, words
from crmcli.values.number import parse_yesno

Texts = Sequence[str]

# What the column with the state of an activity says when it took place.
_DONE = words(
    """done completed complete closed finished yes true 1 x held erledigt fertig fait termine
    hecho completado completata fatto concluido feito zrobione завершено выполнено 已完成"""
)
# What says that somebody is not to be contacted, beside yes: Dynamics' words, and since when.
_STOPPED = words("donotallow unsubscribed optedout optout")
_SINCE = re.compile(r"[12]\d{3}-\d\d|(?!0+[./])\d{1,2}[./]\d{1,2}[./]\d\d")


def add_made(made: Sequence[Made], columns: list[Texts], count: int, env: Env) -> None:
    """Append the cells of made columns to the columns of a chunk of `count` rows."""
    for each in made:
        if each.how == "constant":
            columns.append((each.text,) * count)
            continue
        blank = ("",) * count
        cells = [columns[place] if place >= 0 else blank for place in each.places]
        columns.append(_MAKERS[each.how](cells, each.text, env))


def says_yes(text: str, env: Env) -> bool:
    """Whether a cell says yes, in one of the usual languages."""
    try:
        return bool(parse_yesno(text.strip(), env))
    except InvalidValue:
        return False


def _says_stop(text: str, env: Env) -> bool:
    """Whether a cell says that somebody is not to be contacted: yes, or since when."""
    return says_yes(text, env) or squash(text) in _STOPPED or _SINCE.match(text) is not None


def _first(cells: Sequence[Texts], _text: str, _env: Env) -> list[str]:
    return [next((cell for cell in row if cell.strip()), "") for row in zip(*cells, strict=True)]


def _lines(cells: Sequence[Texts], _text: str, _env: Env) -> list[str]:
    return [
        ", ".join(cell.strip() for cell in row if cell.strip()) if any(row) else ""
        for row in zip(*cells, strict=True)
    ]


def _words(cells: Sequence[Texts], _text: str, _env: Env) -> list[str]:
    return [" ".join(filter(None, map(str.strip, row))) for row in zip(*cells, strict=True)]


def _any(cells: Sequence[Texts], _text: str, env: Env) -> list[str]:
    """Yes where one says so; else nothing, as a no is no permission."""
    known = {cell: _says_stop(cell, env) for cell in {cell for column in cells for cell in column}}
    return ["yes" if any(known[cell] for cell in row) else "" for row in zip(*cells, strict=True)]


def _done(cells: Sequence[Texts], _text: str, _env: Env) -> list[str]:
    """What is done is no longer planned."""
    known = {cell: squash(cell) in _DONE for column in cells for cell in set(column)}
    firsts = _first(cells, "", _env)
    return ["" if not cell.strip() else "no" if known[cell] else "yes" for cell in firsts]


def _birthday(cells: Sequence[Texts], _text: str, _env: Env) -> list[str]:
    return [_dated(*(part.strip() for part in row)) for row in zip(*cells, strict=True)]


def _dated(year: str, month: str, day: str) -> str:
    if not month or not day:
        return ""
    return f"{year.zfill(4) if year else '-'}-{month.zfill(2)}-{day.zfill(2)}"


def _moment(cells: Sequence[Texts], _text: str, _env: Env) -> list[str]:
    """The first day that is not blank, with the time where it has none itself."""
    *days, times = cells
    found = _first(days, "", _env)
    return [
        f"{day} {time}" if day and time.strip() and ":" not in day else day
        for day, time in zip(found, times, strict=True)
    ]


def _linked(cells: Sequence[Texts], several: str, _env: Env) -> list[str]:
    """Names with their ids; of several in a cell, each with its own."""
    names, ids = (texts(column) for column in cells)
    return [_link(name or "", id or "", several) for name, id in zip(names, ids, strict=True)]


def _link(name: str, id: str, several: str) -> str:
    if not several or several not in name + id:
        return linked(name, id) if name or id else ""
    called = [part.strip() for part in name.split(several)] if name else []
    keys = [part.strip() for part in id.split(several)] if id else []
    if keys and len(called) != len(keys):
        called = [name] if len(keys) == 1 else []
    pairs = zip_longest(called, keys, fillvalue="")
    return SEVERAL.join(linked(*pair) for pair in pairs if any(pair))


_MAKERS: dict[str, Callable[[Sequence[Texts], str, Env], list[str]]] = {
    "first": _first, "lines": _lines, "words": _words, "any": _any, "done": _done,
    "birthday": _birthday, "moment": _moment, "linked": _linked, "owner": _first,
}  # fmt: skip
