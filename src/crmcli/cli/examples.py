"""Examples for the help page of each command; a test runs or parses every one of them."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {}


def examples_of(name: str) -> tuple[str, ...]:
    """The example lines for the command `name` ("config set")."""
    return tuple(f"crm {line}" for line in EXAMPLES.get(name, ()))
