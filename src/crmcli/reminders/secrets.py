"""Secrets: from the environment, from a command, or from the system's keyring; never from a file
of ours, and never shown. What goes wrong is said without them."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from typing import Any

from crmcli.errors import CrmError, InvalidValue

KEYRING = "crmcli"
_PATIENCE = 30


def secret(settings: Mapping[str, Any], name: str, entry: str) -> str | None:
    """The secret `name` (smtp_password, webhook_secret), or None where there is none.

    entry: the user name of its entry in the keyring, whose service is `crmcli`. In this order:
    the variable CRM_NAME, the command in the setting NAME_command, the keyring.
    Raises CrmError for a command that fails, which never repeats what it printed.
    """
    if value := os.environ.get(f"CRM_{name.upper()}"):
        return value
    if command := settings[f"{name}_command"]:
        return _printed(f"{name}_command", str(command))
    return _kept(entry)


def _printed(setting: str, command: str) -> str:
    """The first line that a command prints."""
    try:
        words = shlex.split(command)
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )
    except ValueError as error:
        raise InvalidValue(f"setting {setting}: {error}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        why = getattr(error, "strerror", None) or f"it took longer than {_PATIENCE} s"
        raise CrmError(f"setting {setting}: the command cannot be run: {why}") from None
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    if done.returncode or not lines:
        said = f"ended with status {done.returncode}" if done.returncode else "printed nothing"
        raise CrmError(f"setting {setting}: the command {said}")
    return lines[0]


def _kept(entry: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(KEYRING, entry)
    except KeyringError:  # a machine without one, such as a server, has no secret there
        return None
    return found
