"""Notifications on the desktop, by the program that each system has for them.

Texts go as arguments or in the environment, never as part of a script.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from html import escape
from typing import Any

from crmcli.reminders.channels import Channel, Delayed, Recipient, status_of
from crmcli.reminders.outbox import Message
from crmcli.reminders.rendering import brief

_PATIENCE = 20
_APPLE = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
_WINDOWS = (
    "Add-Type -AssemblyName System.Windows.Forms;"
    "$n = New-Object System.Windows.Forms.NotifyIcon;"
    "$n.Icon = [System.Drawing.SystemIcons]::Information; $n.Visible = $true;"
    "$n.ShowBalloonTip(10000, $env:NOTICE_TITLE, $env:NOTICE_BODY, 'Info'); Start-Sleep 2"
)


def make(settings: Mapping[str, Any]) -> Channel:
    """The channel of this system."""
    return Desktop()


def command(title: str, body: str, platform: str) -> list[str]:
    """The words that show a notification on a platform (`sys.platform`)."""
    if platform == "darwin":
        script = [word for line in _APPLE for word in ("-e", line)]
        return ["osascript", *script, "--", title, body]
    if platform == "win32":
        return ["powershell", "-NoProfile", "-NonInteractive", "-Command", _WINDOWS]
    # a body may hold markup, and notify-send reads backslashes in it
    plain = escape(body, quote=False).replace("\\", "\\\\")
    return ["notify-send", "--app-name=crm", "--", title, plain]


def _bus() -> dict[str, str]:
    """Where the desktop listens on Linux, which cron does not tell."""
    if sys.platform != "linux" or "DBUS_SESSION_BUS_ADDRESS" in os.environ:
        return {}
    path = f"/run/user/{os.getuid()}/bus"
    return {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={path}"} if os.path.exists(path) else {}


class Desktop(Channel):
    """The desktop of whoever runs the program."""

    def send(self, message: Message, recipient: Recipient) -> None:
        """Show a notification; raises Delayed where there is no desktop."""
        title, body = brief(message)
        words = command(title, body, sys.platform)
        variables = {**_bus(), "NOTICE_TITLE": title, "NOTICE_BODY": body}
        status = status_of(words, seconds=_PATIENCE, variables=variables)
        if status:
            raise Delayed(f"{words[0]} ended with status {status}", down=True)
