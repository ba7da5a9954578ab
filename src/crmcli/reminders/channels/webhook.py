"""A webhook: the message as JSON, signed, posted to an address of the team's.

The signature is the HMAC-SHA256 of `TIMESTAMP.BODY` in hexadecimal digits, in the header
`X-Crm-Signature: sha256=…` beside `X-Crm-Timestamp`; `Idempotency-Key` is the Message-ID, which
stays the same when a message is sent again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from crmcli.errors import CrmError
from crmcli.reminders.channels import Channel, Delayed, Recipient, Refused
from crmcli.reminders.outbox import Message
from crmcli.reminders.rendering import document
from crmcli.reminders.secrets import secret

_PATIENCE = 20
_LATER = (408, 409, 425, 429)


def make(settings: Mapping[str, Any]) -> Channel:
    """The channel that the settings describe."""
    return Webhook(settings)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the header X-Crm-Signature."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an answer like any other: what is signed goes to one address."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """Follow nothing."""


class Webhook(Channel):
    """An address that takes reminders."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def send(self, message: Message, recipient: Recipient) -> None:
        """Post the message; raises Refused or Delayed."""
        url = self._settings["webhook_url"] or ""
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise Delayed("no webhook is named; crm config set webhook_url URL", down=True)
        body = json.dumps(document(message, recipient), ensure_ascii=False).encode()
        request = Request(url, body, self._headers(message, body), method="POST")  # noqa: S310
        try:
            with build_opener(_NoRedirect).open(request, timeout=_PATIENCE) as answer:
                answer.read(1)
        except HTTPError as error:
            error.close()
            why = f"the webhook answers {error.code}"
            if 400 <= error.code < 500 and error.code not in _LATER:
                raise Refused(why) from None
            raise Delayed(why) from None
        except (URLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            why = getattr(reason, "strerror", None) or str(reason)
            raise Delayed(f"the webhook: {why}", down=True) from None

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "crm",
            "Idempotency-Key": message.message_id,
            "X-Crm-Timestamp": message.created_at,
        }
        try:
            key = secret(self._settings, "webhook_secret", "webhook")
        except CrmError as error:
            raise Delayed(error.message, down=True) from None
        if key:
            headers["X-Crm-Signature"] = signature(key, message.created_at, body)
        return headers
