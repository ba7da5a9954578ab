"""`crm config`: the settings file."""

from __future__ import annotations

import os
from typing import Annotated

from crmcli import config
from crmcli.cli.arguments import words
from crmcli.cli.session import Act, Session
from crmcli.errors import InvalidValue
from crmcli.results import Column, Done, Listing
from crmcli.store.location import without_password

Name = Annotated[
    str,
    words("The setting; `crm config list` shows them.", "NAME",
          choices=tuple(setting.name for setting in config.SETTINGS)),
]  # fmt: skip

_COLUMNS = (
    Column("name", "text", "Setting"),
    Column("value", "text", "Value"),
    Column("set", "yesno", "Set"),
    Column("help", "text", "What it does", 1),
)


def list() -> Act:
    """List all settings with their values."""
    return _list


def _list(session: Session) -> Listing:
    settings = session.ctx.settings
    rows = tuple(
        (each.name, _text(settings[each.name]), int(settings[each.name] != each.default), each.help)
        for each in config.SETTINGS
    )
    return Listing("setting", _COLUMNS, rows, len(rows))


def get(name: Name) -> Act:
    """Print one setting."""
    spec = config.setting(name)

    def act(session: Session) -> Done:
        value = session.ctx.settings[spec.name]
        return Done(lines=(_text(value),), data={spec.name: value})

    return act


def set(name: Name, value: Annotated[str, words("Its new value.", "VALUE")]) -> Act:
    """Change one setting."""
    return lambda session: _change(name, value)


def unset(name: Name) -> Act:
    """Return one setting to its default."""
    return lambda session: _change(name, None)


def _change(name: str, text: str | None) -> Done:
    spec = config.setting(name)
    if text and text != without_password(text):
        raise InvalidValue(
            "a password has no place in the settings file",
            hint="put it into ~/.pgpass, and leave it out of the URL",
        )
    value = config.change(config.config_path(os.environ), spec.name, text)
    shown = _text(value) or "not set"
    return Done(lines=(f"{spec.name} is now {shown}",), data={spec.name: value})


def path() -> Act:
    """Print the path of the settings file."""
    file = str(config.config_path(os.environ))
    return lambda session: Done(lines=(file,), data={"path": file})


def edit() -> Act:
    """Open the settings file in your editor.

    A file that is wrong afterwards is not kept; it opens again with the mistake named on top.
    """
    from crmcli.cli.editor import edit_settings

    return edit_settings


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "1 rule" if len(value) == 1 else f"{len(value)} rules"
    return "" if value is None else str(value)
