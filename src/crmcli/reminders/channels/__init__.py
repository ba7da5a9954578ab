"""How reminders leave: mail, desktop, webhook, a program of the user's.

A channel takes one message at a time. It returns when the other side has accepted the message,
raises `Refused` when it never will, and `Delayed` when it may later; with `down` nothing else gets
through either, so that the run need not find that out for each message.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from crmcli.actions import programs
from crmcli.errors import Delayed as Delayed
from crmcli.errors import Refused as Refused
from crmcli.errors import UsageError
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


class Channel(ABC):
    """One way to reach somebody."""

    @abstractmethod
    def send(self, message: Message, recipient: Recipient) -> None:
        """Have the message accepted; raises Refused or Delayed."""

    def close(self) -> None:  # noqa: B027  most have nothing open
        """Let go of what is open, if anything is."""


def words_in(settings: Mapping[str, Any], name: str) -> list[str]:
    """The command line in a setting; raises Delayed for quotes that do not match."""
    try:
        return programs.words(settings[name] or "", f"setting {name}")
    except UsageError as error:
        raise Delayed(error.message, down=True) from None


def status_of(
    words: Sequence[str],
    text: str = "",
    *,
    seconds: float = LONGEST,
    variables: Mapping[str, str] | None = None,
) -> int:
    """The status with which a program ends; Delayed where it cannot be run to its end."""
    try:
        return programs.run(words, text, seconds, variables).status
    except OSError as error:
        raise Delayed(f"{words[0]}: {error.strerror or error}", down=True) from None


def make(name: str, settings: Mapping[str, Any]) -> Channel:
    """The channel called `name`, as is its module, with the settings of this machine."""
    module = import_module(f"crmcli.reminders.channels.{name}")
    channel: Channel = module.make(settings)
    return channel
