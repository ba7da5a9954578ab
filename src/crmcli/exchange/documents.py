"""JSON and JSON Lines as a table of texts.

An object is a row. `{"email": [{"value": "a@b.c", "label": "work"}, {"value": "d@e.f"}]}` has the
columns `email`, `email_label`, `email_2`; the parts of an address are `street`, `city_2` and so on.
Objects are read one by one, so that a file may be larger than memory. A document with a list for
each record type, `{"contacts": [...], "deals": [...]}`, is several tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from crmcli.errors import InvalidValue
from crmcli.values.base import quote

Opener = Callable[[], TextIO]

_BLOCK = 1024 * 1024
_LONGEST = 64 * 1024 * 1024
# What one record has, and a document of records does not.
_TOLD = frozenset(("name", "title", "email", "emails", "first_name", "last_name", "subject"))
# Amounts keep their digits: a float would not.
_DECODER = json.JSONDecoder(parse_float=str)


def header(path: Path, opened: Opener) -> tuple[str, ...]:
    """Every column that any object has, in the order of their first appearance."""
    names: dict[str, None] = {}
    for _line, cells in _cells(path, opened):
        names.update(dict.fromkeys(cells))
    if not names:
        raise InvalidValue(f"{path} holds no records", hint="it should be a list of objects")
    return tuple(names)


def rows(path: Path, opened: Opener, names: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """The objects as rows under `names`, numbered from 1."""
    for number, cells in _cells(path, opened):
        yield number, [cells.get(name, "") for name in names]


def tables(opened: Opener) -> dict[str, list[dict[str, Any]]]:
    """The lists of objects in a document that is one object of such lists; {} for any other."""
    with opened() as file:
        text = file.read(_BLOCK)
        _value, end = _decoded(text, _skip(text, 0))
        if end and text[end:].strip():
            return {}  # JSON Lines
        text += file.read(_LONGEST)
    value, end = _decoded(text, _skip(text, 0))
    if not isinstance(value, dict) or text[end:].strip() or not _TOLD.isdisjoint(value):
        return {}
    return {
        name: items
        for name, items in value.items()
        if isinstance(items, list) and items and all(isinstance(item, dict) for item in items)
    }


def listed(items: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    """A list of objects as a header and rows."""
    cells = [flat(item) for item in items]
    names = tuple(dict.fromkeys(name for each in cells for name in each))
    return names, [
        (number, [each.get(name, "") for name in names]) for number, each in enumerate(cells, 1)
    ]


def _cells(path: Path, opened: Opener) -> Iterator[tuple[int, dict[str, str]]]:
    for number, value in enumerate(_values(path, opened), 1):
        if not isinstance(value, dict):
            raise InvalidValue(
                f"{path}, item {number}: not an object", hint="it should be a list of objects"
            )
        yield number, flat(value)


def _values(path: Path, opened: Opener) -> Iterator[Any]:
    """The values of a JSON array, or of JSON Lines, one by one."""
    with opened() as file:
        text, place, ended = "", 0, False
        while True:
            place = _skip(text, place)
            value, end = _decoded(text, place) if place < len(text) else (None, 0)
            if end and (ended or end < len(text)):
                yield value
                place = end
            elif ended or len(text) - place > _LONGEST:
                _refuse_rest(path, text, place)
                return
            else:
                block = file.read(_BLOCK)
                text, place, ended = text[place:] + block, 0, not block


def _decoded(text: str, place: int) -> tuple[Any, int]:
    """The value at `place` and where it ends; 0 when it is not whole."""
    try:
        return _DECODER.raw_decode(text, place)
    except json.JSONDecodeError:
        return None, 0
    except RecursionError:
        raise InvalidValue("the JSON is nested too deeply for records") from None


def _refuse_rest(path: Path, text: str, place: int) -> None:
    """Raise InvalidValue unless everything was read."""
    try:
        if place < len(text):
            _DECODER.raw_decode(text, place)
    except json.JSONDecodeError as error:
        near = quote(text[error.pos : error.pos + 30])
        raise InvalidValue(
            f"{path} is not valid JSON: {error.msg}, near {near}",
            hint="nothing was imported",
        ) from error


def _skip(text: str, place: int) -> int:
    """The place of the next value: past blanks, commas and the brackets of the outer array."""
    while place < len(text) and text[place] in " \t\r\n,[]\ufeff":
        place += 1
    return place


def flat(value: dict[str, Any]) -> dict[str, str]:
    """One object as cells."""
    cells: dict[str, str] = {}
    for name, item in value.items():
        if isinstance(item, list):
            cells.update(_many(name, item))
        elif isinstance(item, dict):
            cells.update(_parts(name, item, ""))
        else:
            cells[name] = _text(item)
    return cells


def _many(name: str, items: list[Any]) -> Iterable[tuple[str, str]]:
    if not any(isinstance(item, dict) for item in items):
        yield name, joined([_text(item) for item in items])
        return
    for number, item in enumerate(items, 1):
        suffix = f"_{number}" if number > 1 else ""
        if isinstance(item, dict):
            yield from _parts(name, item, suffix)
        else:
            yield f"{name}{suffix}", _text(item)


def _parts(name: str, item: dict[str, Any], suffix: str) -> Iterable[tuple[str, str]]:
    for key, value in item.items():
        if key == "value":
            yield f"{name}{suffix}", _text(value)
        elif key == "label":
            yield f"{name}{suffix}_label", _text(value)
        elif key != "primary" and not isinstance(value, (dict, list)):
            yield f"{key}{suffix}", _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def joined(words: list[str]) -> str:
    """Texts as one cell, separated by commas; one with a comma, a space or a quote is quoted."""
    return ", ".join(
        '"' + word.replace('"', '""') + '"' if any(c in word for c in ', ";\n') else word
        for word in words
    )
