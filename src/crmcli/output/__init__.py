"""Results to text: the only writer of data to stdout, and of messages to stderr.

`emit(result, how)` chooses by `how.format`; each format and each screen is one module, loaded when
it is needed. JSON, CSV, TSV and ids are UTF-8 whatever the terminal's encoding is.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crmcli.output.how import FORMATS as FORMATS
from crmcli.output.how import How as How
from crmcli.results import (
    Cards,
    Checkup,
    Done,
    Dupes,
    ImportSummary,
    Listing,
    PipelineView,
    Screen,
    Stream,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmcli.errors import CrmError
    from crmcli.results import Emitted, Result


def emit(result: Emitted, how: How) -> None:
    """Write a result to stdout, and the warnings of a write to stderr.

    Raises UsageError when the result has no form in `how.format`; BrokenPipeError when nobody
    reads on.
    """
    if isinstance(result, Done) and not how.json:
        if result.preview:
            emit(result.preview, how)
        for warning in result.warnings:
            message(f"warning: {warning}")
    _write(lines(result, how), machine=_format(result, how) not in ("table", "md"))


def lines(result: Emitted, how: How) -> Iterable[str]:
    """The lines of a result in the format that `how` asks for or that suits the place."""
    if isinstance(result, Stream):
        return result.lines
    match _format(result, how):
        case "json" | "jsonl":
            from crmcli.output import jsons

            return jsons.lines(result, how)
        case "csv" | "tsv" as name:
            return _delimited(result, how._replace(format=name))
        case "ids":
            from crmcli.output import ids

            return ids.lines(result)
        case "md":
            return _markdown(result, how)
        case _:
            return _for_people(result, how)


def _format(result: Emitted, how: How) -> str:
    if isinstance(result, Stream):
        return "csv"  # whatever it is, it goes out as it is
    if how.format is None:
        return "tsv" if isinstance(result, (Listing, Dupes)) and not how.tty else "table"
    sentences = isinstance(result, (Done, ImportSummary)) and how.format in ("csv", "tsv", "md")
    return "table" if sentences else how.format


def _delimited(result: Result, how: How) -> Iterable[str]:
    from crmcli.output import delimited, shapes

    listing = shapes.table(result)
    return delimited.lines(listing, how) if listing else []


def _markdown(result: Result, how: How) -> Iterable[str]:
    from crmcli.output import markdown, shapes

    if isinstance(result, Cards):
        return _one_after_another(list(_markdown(card, how)) for card in result.cards)
    return markdown.lines(result, None if isinstance(result, Screen) else shapes.table(result), how)


def _for_people(result: Result, how: How) -> list[str]:
    """The lines for a terminal, or for a file that a person reads."""
    if isinstance(result, Listing):
        from crmcli.output import table

        return table.render(result, how)
    if isinstance(result, Done):
        from crmcli.output import done

        return done.render(result, how)
    if isinstance(result, Screen):
        from crmcli.output import cards

        return cards.render(result, how)
    if isinstance(result, Cards):
        return _one_after_another(list(_for_people(card, how)) for card in result.cards)
    if isinstance(result, PipelineView):
        from crmcli.output import pipeline

        return pipeline.render(result, how)
    if isinstance(result, Checkup):
        from crmcli.output import checkup

        return checkup.render(result, how)
    if isinstance(result, ImportSummary):
        from crmcli.output import imports

        return imports.render(result, how)
    if isinstance(result, Dupes):
        from crmcli.output import dupes

        return dupes.render(result, how)
    from crmcli.output import report

    return report.render(result, how)


def _one_after_another(parts: Iterable[list[str]]) -> list[str]:
    """The lines of several parts, with an empty one between any two."""
    return [line for part in parts for line in ("", *part)][1:]


def _write(texts: Iterable[str], *, machine: bool) -> None:
    """Write lines to stdout, and see them off, so that a closed pipe is noticed here."""
    if machine:
        sys.stdout.flush()
        sys.stdout.buffer.writelines(f"{text}\n".encode() for text in texts)
    else:
        sys.stdout.writelines(f"{_encodable(text, sys.stdout.encoding)}\n" for text in texts)
    sys.stdout.flush()


def _encodable(text: str, encoding: str) -> str:
    """`text` with ? for what an old terminal's encoding lacks."""
    return text.encode(encoding, "replace").decode(encoding)


def message(text: str) -> None:
    """Write a sentence for people to stderr."""
    from crmcli.output.text import harmless_lines

    print(_encodable(harmless_lines(text), sys.stderr.encoding), file=sys.stderr)


def error(err: CrmError, how: How) -> None:
    """Write an error to stderr: a line and a hint, or with `--json` one JSON object."""
    if how.json:
        from crmcli.output import jsons

        sys.stderr.flush()
        sys.stderr.buffer.write(f"{jsons.encode(err.as_dict())}\n".encode())
        return
    from crmcli.output.style import paint
    from crmcli.output.text import harmless

    color = how.color and sys.stderr.isatty()
    texts = [f"{paint('crm:', 'bad title', color)} {harmless(err.message)}"]
    if err.hint:
        texts.append(f"  {paint(harmless(err.hint), 'dim', color)}")
    for text in texts:
        print(_encodable(text, sys.stderr.encoding), file=sys.stderr)
