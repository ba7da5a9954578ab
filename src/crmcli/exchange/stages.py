"""The stage that a row of deals names.

A stage is found by its name within the pipeline that the row names, else the default one; words of
other programs for a won or lost deal mean the first stage of that type. A stage that is not there
is made where the row tells its type (the column status), as our own exports do; otherwise the deal
goes to the first open stage, and the name is listed. In files of other programs a deal that was won
or lost has the stage where it was last: the type counts for more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmcli.errors import NotFound
from crmcli.exchange.bulk import insert
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.store.write import Writer

_TYPES = ("open", "on hold", "won", "lost")
_WORDS = {
    "won": ("won", "closed won", "closedwon", "win"),
    "lost": ("lost", "closed lost", "closedlost", "lose", "abandoned", "dead"),
}
_CHANCES = {"open": 50, "on hold": 25, "won": 100, "lost": 0}


class Stage(NamedTuple):
    """A stage that a deal can be put into."""

    id: int
    key: str
    type: str
    pipeline: int
    name: str


class Stages:
    """The stages of the database, and those that a file brings along.

    foreign: the file is of another program, whose stages are not made here.
    """

    def __init__(self, writer: Writer, *, foreign: bool = False) -> None:
        self._writer, self._foreign = writer, foreign
        self._found: dict[tuple[str, str, str], tuple[Stage, bool]] = {}
        self._load()

    def _load(self) -> None:
        self._stages = [
            Stage(*row)
            for row in self._writer.rows(
                "SELECT id, name_key, type, pipeline_id, name FROM stage WHERE deleted_at IS NULL"
                " ORDER BY pipeline_id, position, id"
            )
        ]
        self._pipelines: dict[str, int] = dict(
            self._writer.rows(
                "SELECT name_key, id FROM pipeline WHERE deleted_at IS NULL"
                " ORDER BY is_default DESC, position, id"
            )
        )

    def find(self, stage: str, pipeline: str, status: str) -> tuple[Stage, bool]:
        """The stage for these texts ("" for none), and whether it is the one that was named.

        Raises NotFound when the database has no stage for deals at all.
        """
        asked = (stage, pipeline, status)
        if asked not in self._found:
            self._found[asked] = self._look(*asked)
        return self._found[asked]

    def _look(self, stage: str, pipeline: str, status: str) -> tuple[Stage, bool]:
        kind = sort_key(status) if sort_key(status) in _TYPES else ""
        known = self._pipeline(pipeline, make=bool(stage and kind and not self._foreign))
        own = [each for each in self._stages if each.pipeline == known]
        wanted = sort_key(stage)
        named = next((each for each in own if each.key == wanted), None)
        if named and (not self._foreign or kind in ("", named.type)):
            return named, True
        if named is None and wanted and kind and not self._foreign:
            return self._make(stage, kind, known), True
        meant = kind or next((k for k, words in _WORDS.items() if wanted in words), "open")
        found = next((each for each in own if each.type == meant), None)
        if found is None:
            raise NotFound(
                f"there is no stage of type {meant} to put deals into",
                hint="make one with: crm add-stage NAME --type TYPE",
            )
        return found, not wanted or meant != "open" or named is not None

    def _pipeline(self, name: str, *, make: bool) -> int:
        key = sort_key(name)
        if key in self._pipelines:
            return self._pipelines[key]
        if not key or not make:
            return next(iter(self._pipelines.values()), 0)
        now = self._writer.author.now
        place = len(self._pipelines) + 1
        id = self._pipelines[key] = insert(
            self._writer,
            "pipeline",
            ("name", "name_key", "position", "is_default", "created_at", "updated_at", "version"),
            [(name, key, place, 0, now, now, 1)],
        )
        return id

    def _make(self, name: str, kind: str, pipeline: int) -> Stage:
        now, key = self._writer.author.now, sort_key(name)
        place = sum(each.pipeline == pipeline for each in self._stages) + 1
        id = insert(
            self._writer,
            "stage",
            ("name", "name_key", "pipeline_id", "type", "probability", "position", "created_at",
             "updated_at", "version"),
            [(name, key, pipeline, kind, _CHANCES[kind], place, now, now, 1)],
        )  # fmt: skip
        self._stages.append(Stage(id, key, kind, pipeline, name))
        return self._stages[-1]
