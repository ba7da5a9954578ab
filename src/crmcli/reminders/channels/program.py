"""A program of the user's, which gets the message as JSON on its standard input.

It is named in the settings of the machine, never in the database: nobody else can have it run.
Status 0 means accepted, 65 (EX_DATAERR) never, any other later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crmcli.actions import programs
from crmcli.errors import UsageError
from crmcli.reminders.channels import LONGEST, Channel, Delayed, Recipient, Refused
from crmcli.reminders.outbox import Message
from crmcli.reminders.rendering import document

_NEVER = 65


def make(settings: Mapping[str, Any]) -> Channel:
    """The channel that the settings describe."""
    return Program(settings)


class Program:
    """A program that takes reminders."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def send(self, message: Message, recipient: Recipient) -> None:
        """Run the program; raises Refused or Delayed."""
        try:
            words = programs.words(self._settings["remind_program"] or "", "setting remind_program")
        except UsageError as error:
            raise Delayed(error.message, down=True) from None
        if not words:
            raise Delayed("no program is named; crm config set remind_program PROGRAM", down=True)
        text = json.dumps(document(message, recipient), ensure_ascii=False)
        variables = {"CRM_MESSAGE_ID": message.message_id, "CRM_PERSON": recipient.name}
        try:
            ended = programs.run(words, text, LONGEST, variables)
        except OSError as error:
            raise Delayed(f"{words[0]}: {error.strerror or error}", down=True) from None
        if ended.status == _NEVER:
            raise Refused(f"{words[0]} refuses it")
        if ended.status:
            raise Delayed(f"{words[0]} ended with status {ended.status}")

    def close(self) -> None:
        """Nothing is open."""
