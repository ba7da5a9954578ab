"""A program of the user's, which gets the message as JSON on its standard input.

It is named in the settings of the machine, never in the database: nobody else can have it run.
Status 0 means accepted, 65 (EX_DATAERR) never, any other later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crmcli.reminders.channels import Channel, Delayed, Recipient, Refused, status_of, words_in
from crmcli.reminders.outbox import Message
from crmcli.reminders.rendering import document

_NEVER = 65


def make(settings: Mapping[str, Any]) -> Channel:
    """The channel that the settings describe."""
    return Program(settings)


class Program(Channel):
    """A program that takes reminders."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def send(self, message: Message, recipient: Recipient) -> None:
        """Run the program; raises Refused or Delayed."""
        words = words_in(self._settings, "remind_program")
        if not words:
            raise Delayed("no program is named; crm config set remind_program PROGRAM", down=True)
        text = json.dumps(document(message, recipient), ensure_ascii=False)
        variables = {"CRM_MESSAGE_ID": message.message_id, "CRM_PERSON": recipient.name}
        status = status_of(words, text, variables=variables)
        if status == _NEVER:
            raise Refused(f"{words[0]} refuses it")
        if status:
            raise Delayed(f"{words[0]} ended with status {status}")
