"""Editing in the user's editor: a record as a page of TOML, and the settings file.

What comes back is checked; when it is wrong, it opens again with the mistake marked at its line,
until it is right or comes back as it was.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from crmcli.actions.assign import Assign, setting
from crmcli.cli.guess import unknown
from crmcli.cli.session import Session
from crmcli.errors import Changed, CrmError, InvalidValue, NotPermitted, UsageError
from crmcli.fields import Field
from crmcli.results import Done

MARK = "# >>> "
_HEAD = """\
# {title}
# Change values, save and close. Empty a value to clear it; what you delete stays as it is.
# Of many values the first is the primary one; "work: ada@acme.com" has the label work.

"""
_LABELLED = re.compile(r"([\w-]+): (.+)", re.DOTALL)
_LINE = re.compile(r"\(?at line (\d+)")

_NOTHING = Done(lines=("nothing was changed",))

T = TypeVar("T")
Values: TypeAlias = list[tuple[str, str]]
"""The values of a field as typed text, each with its label or ""."""
Fields: TypeAlias = Sequence[tuple[Field, Values]]


def edit_page(session: Session, ref: str) -> Done:
    """Edit the record that `ref` means as a page."""
    from crmcli.actions import records
    from crmcli.actions.refs import target
    from crmcli.actions.show import page
    from crmcli.actions.stale import last_change

    ctx = session.ctx
    ctx.as_of = last_change(ctx.reader)
    found = target(ctx, ctx.reader, ref)
    before = page(ctx, found.handle)[1]
    ctx.close()

    def save(text: str) -> Done:
        assigns = changes(before, parse(text))
        return records.edit(ctx, [found.handle], assigns) if assigns else _NOTHING

    text = render(f"{found.handle} {found.title}", before)
    return edit_until(session, text, save)


def edit_settings(session: Session) -> Done:
    """Edit the settings file; what is wrong is not kept."""
    from crmcli import config

    path = config.config_path(os.environ)
    text = path.read_text("utf-8") if path.exists() else _settings_page()

    def save(edited: str) -> Done:
        _replace(path, edited, config.load)
        return Done(lines=(f"saved {path}",), data={"path": str(path)})

    return edit_until(session, text, save)


def _settings_page() -> str:
    from crmcli import config

    lines = [f"# {each.name} = \n#   {each.help}\n" for each in config.SETTINGS]
    return "# The settings of crm; take the # away where you set one.\n\n" + "".join(lines)


def _replace(path: Path, text: str, check: Callable[[Path], Any]) -> None:
    """Put `text` into `path`, after `check` has passed it in a file beside."""
    draft = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, "utf-8")
        check(draft)
        draft.replace(path)
    except OSError as problem:
        raise NotPermitted(f"{path} cannot be written: {problem.strerror}") from problem
    finally:
        draft.unlink(missing_ok=True)


def edit_until(session: Session, text: str, save: Callable[[str], T]) -> T | Done:
    """Edit `text` until `save` takes it; what it raises is marked in the text."""
    handle, name = tempfile.mkstemp(prefix="crm-", suffix=".toml")
    os.close(handle)
    path = Path(name)
    edited = edit_text(session, path, text)
    if edited == text:
        path.unlink()
        return _NOTHING
    while True:
        try:
            result = save(edited)
        except Changed as problem:
            hint = f"{problem.hint}; your text is kept in {path}"
            raise Changed(problem.message, hint=hint, details=problem.details) from problem
        except CrmError as problem:
            marked = mark(edited, problem)
            again = edit_text(session, path, marked)
            if again == marked:
                hint = f"nothing was changed; your text is kept in {path}"
                raise type(problem)(problem.message, hint=hint) from problem
            edited = again
        else:
            path.unlink()
            return result


def edit_text(session: Session, path: Path, text: str) -> str:
    """What the user makes of `text` in the editor, without our marks.

    Raises UsageError when there is no editor, CrmError when it fails.
    """
    path.write_text(text, "utf-8")
    command = shlex.split(_editor(session))
    try:
        done = subprocess.run([*command, str(path)], check=False)
    except OSError as problem:
        raise CrmError(
            f"cannot start the editor {command[0]}: {problem.strerror}",
            hint="`crm config set editor NAME` chooses another",
        ) from problem
    if done.returncode:
        raise CrmError(f"{command[0]} ended with status {done.returncode}; nothing was changed")
    edited = path.read_text("utf-8", "replace")
    return edited if edited == text else unmark(edited)


def _editor(session: Session) -> str:
    named: str | None = (
        session.ctx.settings["editor"] or os.environ.get("VISUAL") or os.environ.get("EDITOR")
    )
    if named is None and not session.interactive:
        raise UsageError(
            "there is no terminal to edit on", hint="write field=value, for example title=CTO"
        )
    return named or "vi"


# --- the page


def render(title: str, fields: Fields) -> str:
    """A record as a page: a line for each field, with what it means."""
    head = _HEAD.format(title=" ".join(title.split()))
    return head + "".join(_field_text(field, values) for field, values in fields)


def _field_text(field: Field, values: Values) -> str:
    import tomli_w

    value: Any = [_labelled(label, text) for label, text in values]
    if not field.many:
        value = value[0] if value else ""
    text = tomli_w.dumps({field.name: value}, multiline_strings=True).rstrip("\n")
    note = f"# {field.help}"
    if field.choices and field.kind == "choice":
        note = f"# {', '.join(field.choices)}"
    return f"{note}\n{text}\n" if "\n" in text else f"{text}  {note}\n"


def _labelled(label: str, text: str) -> str:
    if label:
        return f"{label}: {text}"
    # a text that reads as if it had a label gets an empty one
    return f": {text}" if _LABELLED.fullmatch(text) else text


def parse(text: str) -> dict[str, Any]:
    """A page as values by name; InvalidValue, with the line, when it is not TOML."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise InvalidValue(f"the page is not valid TOML: {problem}") from problem


def changes(fields: Fields, page: dict[str, Any]) -> list[Assign]:
    """The assignments that lead from the fields as they were to the page as it is."""
    known = {field.name: (field, values) for field, values in fields}
    assigns: list[Assign] = []
    for name, value in page.items():
        if name not in known:
            raise unknown("field", name, tuple(known))
        field, before = known[name]
        assigns.extend(_field_changes(field, before, value))
    return assigns


def _field_changes(field: Field, before: Values, value: Any) -> Iterator[Assign]:
    if not field.many:
        text = _typed(field.name, value)
        if text != (before[0][1] if before else ""):
            yield setting(field.name, text)
        return
    items = value if isinstance(value, list) else [value] if value else []
    after = [_split(_typed(field.name, item)) for item in items]
    if after == before:
        return
    kept = [text for _label, text in after]
    for _label, text in before:
        if text not in kept:
            yield Assign(field.name, "-=", None, text)
    for label, text in after:
        if (label, text) not in before:
            yield Assign(field.name, "+=", label or None, text)
    if field.store == "point" and after and after[0][1] != (before[0][1] if before else ""):
        yield setting(field.name, after[0][1])


def _split(text: str) -> tuple[str, str]:
    """A value of many as its label and its text."""
    if text.startswith(": "):
        return "", text[2:]
    match = _LABELLED.fullmatch(text)
    return (match[1], match[2]) if match else ("", text)


def _typed(name: str, value: Any) -> str:
    """A value of the page as it would be typed on the line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        raise InvalidValue(f"{name}: one value is needed here", hint=f'write {name} = "…"')
    return str(value)


def mark(text: str, problem: CrmError) -> str:
    """The page with a problem marked above the line that it is about."""
    lines = text.split("\n")
    said = [f"{MARK}{line}" for line in f"{problem.message}\n{problem.hint or ''}".split("\n")]
    place = _place(lines, problem)
    lines[place:place] = [line for line in said if line != MARK]
    return "\n".join(lines)


def _place(lines: list[str], problem: CrmError) -> int:
    """The index of the line that a problem is about; 0 when it names none."""
    at = _LINE.search(problem.message)
    if at:
        return min(int(at[1]), len(lines)) - 1
    name = re.escape(str(problem.details.get("name") or problem.message.partition(":")[0]))
    starts = re.compile(rf"\s*{name}\s*=")
    return next((place for place, line in enumerate(lines) if starts.match(line)), 0)


def unmark(text: str) -> str:
    """The page without our marks."""
    return "\n".join(line for line in text.split("\n") if not line.startswith(MARK))
