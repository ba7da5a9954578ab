"""How reminders leave: mail, desktop, webhook, a program of the user's.

A channel takes one message at a time. It returns when the other side has accepted the message,
raises `Refused` when it never will, and `Delayed` when it may later; with `down` nothing else gets
through either, so that the run need not find that out for each message.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from crmcli.errors import Delayed as Delayed
from crmcli.errors import Refused as Refused
from crmcli.reminders.outbox import Message

LONGEST = 60.0
"""Seconds after which the sending of one message is given up, whatever the other side does."""


class Recipient(NamedTuple):
    """To whom a message goes."""

    name: str
    full_name: str | None
    email: str | None

    @property
    def shown(self) -> str:
        """The name as people know it."""
        return self.full_name or self.name


class Channel(Protocol):
    """One way to reach somebody."""

    def send(self, message: Message, recipient: Recipient) -> None:
        """Have the message accepted; raises Refused or Delayed."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


_HOMES = {"mail": "mail", "desktop": "desktop", "webhook": "webhook", "program": "program"}


def make(name: str, settings: Mapping[str, Any]) -> Channel:
    """The channel called `name`, with the settings of this machine."""
    module = import_module(f"crmcli.reminders.channels.{_HOMES[name]}")
    channel: Channel = module.make(settings)
    return channel
