"""Values out of a list: one choice of several words, and tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, Kind, quote, unreadable
from crmcli.values.text import check_text, did_you_mean, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTED = r"[,;\n]|\s:::\s"


def parse_choice(text: str, env: Env, choices: Sequence[str]) -> str:
    """The choice that was typed, in any case, or by a beginning that only one choice has.

    Spaces, hyphens and underscores count as the same.
    """
    wanted = _choice_key(text)
    keys = {_choice_key(choice): choice for choice in choices}
    if wanted in keys:
        return keys[wanted]
    begun = [choice for word, choice in keys.items() if word.startswith(wanted)]
    if len(begun) == 1 and wanted:
        return begun[0]
    if begun and wanted:
        raise InvalidValue(
            f"{quote(text)} may be {' or '.join(begun)}",
            hint="type more of the word",
            details={"value": text, "choices": begun},
        )
    raise InvalidValue(
        f"{quote(text)} is not one of {', '.join(choices)}",
        hint=did_you_mean(text, choices),
        details={"value": text, "choices": list(choices)},
    )


def _choice_key(text: str) -> str:
    return fold(text.replace("-", " ").replace("_", " "))


def check_choice(value: Any, choices: Sequence[str]) -> str:
    """A stored choice, exactly as in `choices`; otherwise ValueError."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{quote(str(value))} is not one of {', '.join(choices)}")
    return value


def split_tags(text: str) -> list[str]:
    """The tags in a typed list, each once, in order.

    Commas, semicolons and line breaks separate; without them, spaces do. A leading # goes, and a
    space inside a tag becomes a hyphen.
    """
    words = re.split(_LISTED, text) if re.search(_LISTED, text) else text.split()
    tags: dict[str, str] = {}
    for word in words:
        tag = "-".join(word.replace(":::", " ").lstrip("#*").split()).lstrip("#*-")
        if tag:
            tags.setdefault(fold(tag), tag)
    return list(tags.values())


def parse_tags(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed list of tags as a comma list."""
    tags = split_tags(text)
    if not tags:
        raise unreadable(text, "a list of tags", "for example vip,newsletter")
    return ",".join(tags)


def check_tags(value: Any, choices: Sequence[str] = ()) -> str:
    """A stored comma list of tags, each once; otherwise ValueError."""
    tags = split_tags(check_text(value) + ",")
    if not tags:
        raise ValueError("there is no tag")
    return ",".join(tags)


KINDS = {
    "choice": Kind(parse_choice, check_choice, fold),
    "tags": Kind(
        parse_tags,
        check_tags,
        fold,
        show=lambda value, env: ", ".join(value.split(",")),
        json=lambda value: value.split(","),
    ),
}
