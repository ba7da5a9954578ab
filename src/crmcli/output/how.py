"""How a result is to be written: format, width, colour, and what showing a value depends on."""

from __future__ import annotations

from typing import NamedTuple

from crmcli.values.base import Env

FORMATS = ("table", "json", "jsonl", "csv", "tsv", "md", "ids")
"""The names that `--format` takes."""


class How(NamedTuple):
    """How to write.

    env: zone, now and currency, for relative dates and the like. format: one of FORMATS, or None
    for what suits the place: a table on a terminal (`tty`), TSV into a pipe. width: in cells.
    color: whether escapes for colour are wanted. quiet: no sentences, only data. ascii: the
    encoding of the terminal has no blocks, rules and stars.
    """

    env: Env
    format: str | None = None
    width: int = 80
    color: bool = False
    tty: bool = False
    quiet: bool = False
    ascii: bool = False

    @property
    def json(self) -> bool:
        """Whether a program reads the answer as JSON."""
        return self.format in ("json", "jsonl")

    def narrower(self, cells: int) -> How:
        """The same, with `cells` less of width."""
        return self._replace(width=max(self.width - cells, 1))
