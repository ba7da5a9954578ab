"""Mail: by an SMTP server with TLS and a password, or by a sendmail program.

The connection is kept for all messages of a run. Every step is bounded in time, also with a server
that sends one byte a minute: when time is up the connection is cut from outside. A password never
goes over a connection that is not encrypted, except to this very machine.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from crmcli.errors import CrmError
from crmcli.reminders.channels import (
    LONGEST,
    Channel,
    Delayed,
    Recipient,
    Refused,
    status_of,
    words_in,
)
from crmcli.reminders.outbox import Message
from crmcli.reminders.rendering import Rendered, render
from crmcli.reminders.secrets import secret
from crmcli.values.calendar import moment_of

_STEP = 20.0  # seconds for one answer of the server
_HERE = ("localhost", "127.0.0.1", "::1")


def make(settings: Mapping[str, Any]) -> Channel:
    """The channel that the settings describe."""
    return Sendmail(settings) if settings["sendmail"] else Smtp(settings)


def composed(settings: Mapping[str, Any], message: Message, recipient: Recipient) -> EmailMessage:
    """The mail. Headers are made by the library, which no line break in a name gets past.

    Raises Refused where there is no address to send to or from.
    """
    if not recipient.email:
        raise Refused(f"{recipient.name} has no address; crm edit {recipient.name} email=…")
    sender = settings["mail_from"] or settings["smtp_user"]
    if not sender or "@" not in sender:
        raise Delayed("nobody is named as the sender; crm config set mail_from ADDRESS", down=True)
    said = render(settings, message, recipient)
    return _mail(said, message, recipient.shown, recipient.email, sender)


def _mail(said: Rendered, message: Message, name: str, address: str, sender: str) -> EmailMessage:
    from email.headerregistry import Address
    from email.utils import format_datetime

    mail = EmailMessage()
    try:
        mail["From"] = Address("crm", addr_spec=sender)
        mail["To"] = Address(_line(name), addr_spec=address)
    except (ValueError, IndexError) as error:
        raise Refused(f"the address {_line(address)} cannot be used: {error}") from None
    mail["Subject"] = _line(said.subject)
    mail["Message-ID"] = message.message_id
    mail["Date"] = format_datetime(moment_of(message.created_at))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(said.text)
    mail.add_alternative(said.html, subtype="html")
    return mail


def _line(text: str) -> str:
    return " ".join(text.split())


class Sendmail(Channel):
    """A program that takes a mail on its standard input, as sendmail does."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def send(self, message: Message, recipient: Recipient) -> None:
        """Hand the mail over; raises Refused or Delayed."""
        mail = composed(self._settings, message, recipient)
        words = [*words_in(self._settings, "sendmail"), "-i", "--", str(recipient.email)]
        status = status_of(words, mail.as_string())
        if status:
            raise Delayed(f"{words[0]} ended with status {status}")


class Smtp(Channel):
    """A mail server."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def send(self, message: Message, recipient: Recipient) -> None:
        """Have the server accept the mail; raises Refused or Delayed."""
        mail = composed(self._settings, message, recipient)
        with self._explained():
            server = self._connected()
            with _bounded(server):
                self._handed_over(server, mail)

    def _handed_over(self, server: smtplib.SMTP, mail: EmailMessage) -> None:
        try:
            server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _answered(code, said) from None
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _answered(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"the mail server cannot take it: {error}") from None

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        if self._server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException), _bounded(self._server, 5):
                self._server.quit()
            self._dropped()

    def _dropped(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what goes wrong with the server into Delayed; the connection is then given up."""
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            self._dropped()
            raise Delayed(
                f"the mail server refuses the user or the password ({error.smtp_code})", down=True
            ) from None
        except smtplib.SMTPException as error:
            self._dropped()
            raise Delayed(f"the mail server: {_said(error)}", down=True) from None
        except ssl.SSLError as error:
            self._dropped()
            why = getattr(error, "verify_message", "") or error.reason or "it failed"
            raise Delayed(f"the mail server's encryption: {why}", down=True) from None
        except (OSError, ValueError) as error:
            self._dropped()
            raise Delayed(f"the mail server: {_system(error)}", down=True) from None

    def _connected(self) -> smtplib.SMTP:
        """The connection, a new one where the server has ended it after so many mails."""
        if self._server is not None and not self._is_alive(self._server):
            self._dropped()
        return self._server or self._opened()

    def _is_alive(self, server: smtplib.SMTP) -> bool:
        try:
            with _bounded(server):
                return server.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _opened(self) -> smtplib.SMTP:
        settings = self._settings
        host = settings["smtp_host"]
        if not host:
            raise Delayed("no mail server is named; crm config set smtp_host HOST", down=True)
        security = settings["smtp_security"]
        port = settings["smtp_port"] or (465 if security == "tls" else 587)
        password = self._password(host)
        context = _trust(settings["smtp_ca_file"])
        server = (
            smtplib.SMTP_SSL(timeout=_STEP, context=context)
            if security == "tls"
            else smtplib.SMTP(timeout=_STEP)
        )
        # the name that the certificate is for, which the library takes from its constructor only
        vars(server)["_host"] = host
        self._server = server
        with _bounded(server):
            self._greeted(server, host, port)
            if security == "starttls":
                server.starttls(context=context)
                server.ehlo()
            if password is not None:
                server.login(settings["smtp_user"], password)
        return server

    def _greeted(self, server: smtplib.SMTP, host: str, port: int) -> None:
        code, said = server.connect(host, port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        server.ehlo_or_helo_if_needed()

    def _password(self, host: str) -> str | None:
        settings = self._settings
        user = settings["smtp_user"]
        if not user:
            return None
        if settings["smtp_security"] == "none" and host not in _HERE:
            raise Delayed(
                "a password is not sent unencrypted; crm config set smtp_security starttls",
                down=True,
            )
        try:
            found = secret(settings, "smtp_password", f"{user}@{host}")
        except CrmError as error:
            raise Delayed(error.message, down=True) from None
        if found is None:
            raise Delayed(
                "the mail server's password is not known: set CRM_SMTP_PASSWORD,"
                " smtp_password_command, or the keyring",
                down=True,
            )
        return found


def _trust(file: str | None) -> ssl.SSLContext:
    """The system's certificates, and those in a file."""
    context = ssl.create_default_context()
    try:
        if file:
            context.load_verify_locations(Path(file).expanduser())
    except (OSError, ssl.SSLError) as error:
        why = error.strerror or "it holds no certificate"
        raise Delayed(f"setting smtp_ca_file: {why}", down=True) from None
    return context


@contextmanager
def _bounded(server: smtplib.SMTP, seconds: float | None = None) -> Iterator[None]:
    """Cut the connection when the block takes longer than `seconds`, by default `LONGEST`."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            if server.sock is not None:
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds or LONGEST, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _answered(code: int, said: bytes | str) -> Exception:
    """What an answer of the server means: 5xx never, anything else later."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    why = f"the mail server says {code} {_line(text)}"[:200]
    return Refused(why) if 500 <= code < 600 else Delayed(why)


def _said(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        return f"{error.smtp_code} {_line(shown)}"[:200]
    return _line(str(error))[:200]


def _system(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    return _line(getattr(error, "strerror", None) or str(error))[:200]
