"""Several tables in one go: files, folders and archives, each imported after what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crmcli.actions.context import Context
from crmcli.errors import CrmError
from crmcli.exchange import everything, headers, teams
from crmcli.exchange.importing import import_file
from crmcli.exchange.mapping import kind_of, noun_of
from crmcli.exchange.readers import Choice, Source, open_sources
from crmcli.results import Done, ImportSummary

Advance = Callable[[int, int], None]

# Deals name people and companies, people name companies, what was done names all three.
_ORDER = ("company", "contact", "deal", "activity", "task")

# What somebody asked for that a database which is rebuilt row by row would not have.
_OPTIONS = ("kind", "maps", "ignore", "tags", "owner", "sets", "said", "keep_unknown")


def import_files(
    ctx: Context,
    paths: Sequence[Path],
    read_as: Choice,
    options: Mapping[str, Any],
    progress: Callable[[str], Advance],
) -> list[ImportSummary | Done]:
    """Import files, the tables of folders, archives and workbooks; "-" is standard input.

    read_as: what somebody said of the files. options: those of `import_file`. progress: makes for
    each table what it is told its rows by. An archive of `crm export everything` fills an empty
    database. All files are looked into before the first is imported; raises as `import_file`.
    """
    whole = [path for path in paths if everything.is_archive(path)]
    plain = not any(options.get(name) for name in _OPTIONS)
    if whole and len(paths) == 1 and plain and everything.fits(ctx):
        return [everything.rebuild(ctx, whole[0], progress(whole[0].name))]
    kind, maps = options.get("kind"), options.get("maps") or {}
    users, sources = teams.apart(open_sources(paths, headers.recognised, read_as))
    sources = _in_order(sources, kind, maps)
    if users:
        told = tuple(f"{each.path.name} tells who owns the records" for each in users)
        sources[0] = sources[0]._replace(notes=(*sources[0].notes, *told))
        said = {**teams.owners(ctx, users), **(options.get("said") or {})}
        options = {**options, "said": said}
    done: list[ImportSummary | Done] = []
    for source in sources:
        try:
            done.append(import_file(ctx, source, **options, progress=progress(source.path.name)))
        except CrmError as error:
            _tell_what_went_in(error, done)
            raise
    return done


def _in_order(sources: Sequence[Source], kind: str | None, maps: Mapping[str, str]) -> list[Source]:
    """The sources by what they hold; of several, those without rows are noted and left out."""
    filled = [source for source in sources if len(sources) == 1 or _has_rows(source)]
    if not filled:
        return list(sources[:1])
    bare = tuple(f"{each.path.name} has no rows" for each in sources if each not in filled)
    ranked = sorted(filled, key=lambda source: _rank(source, kind, maps))
    first = ranked[0]
    return [first._replace(notes=(*first.notes, *bare)), *ranked[1:]]


def _has_rows(source: Source) -> bool:
    with source.opened() as rows:
        return next(rows, None) is not None


def _rank(source: Source, kind: str | None, maps: Mapping[str, str]) -> int:
    noun = noun_of(kind) if kind else source.kind or kind_of(source, maps)
    return _ORDER.index(noun) if noun in _ORDER else len(_ORDER)


def _tell_what_went_in(error: CrmError, done: Sequence[ImportSummary | Done]) -> None:
    """Several imports are as many changes: those before the one that failed stay."""
    handles = [each.handle for each in done if isinstance(each, ImportSummary) and each.handle]
    if handles:
        before = f"{', '.join(handles)} went in before it; crm undo takes each back"
        error.hint = f"{error.hint}; {before}" if error.hint else before
