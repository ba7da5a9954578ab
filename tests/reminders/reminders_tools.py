"""A mail server on loopback that keeps what it accepts, and one that misbehaves."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from crmcli import config

USER, PASSWORD = "crm@loopback.test", "correct horse"


class Mailbox:
    """Keeps every mail that the server accepts, in memory and in a folder that outlives it.

    refuse: addresses that are no recipients. answers: what DATA is answered with before mails are
    accepted, one for each. hangs_up: whether it ends the connection after each mail.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: set[str] = set()
        self.answers: list[str] = []
        self.slow: Callable[[], None] = lambda: None
        self.hangs_up = False

    async def handle_RCPT(  # noqa: N802  the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.slow()
        return "250 accepted"

    async def handle_NOOP(  # noqa: N802  the library's name
        self, server: SMTP, session: Session, envelope: Envelope, arg: str
    ) -> str:
        if self.hangs_up and self.mails:
            assert server.transport is not None
            server.transport.close()
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        """The Message-IDs, in the order of arrival."""
        return [str(mail["Message-ID"]) for mail in self.mails]


def _authenticate(
    server: Any, session: Any, envelope: Any, mechanism: str, data: Any
) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(folder: Path, mailbox: Mailbox | None = None) -> Iterator[tuple[Mailbox, int]]:
    """A server with STARTTLS and a password; its authority is in `folder`/ca.pem."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    box = mailbox or Mailbox()
    controller = Controller(
        box, hostname="127.0.0.1", port=_free_port(), tls_context=context, require_starttls=True,
        authenticator=_authenticate, auth_required=True,
    )  # fmt: skip
    controller.start()
    try:
        yield box, controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def misbehaving(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that treats every connection as `serve` does; its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            threading.Thread(target=_served, args=(serve, connection), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.close()


def _served(serve: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with connection:
        try:
            serve(connection)
        except OSError:
            return


def settings_for(port: int, folder: Path, **more: Any) -> dict[str, Any]:
    """Settings of a machine that sends by the server on `port`."""
    return {
        **{setting.name: setting.default for setting in config.SETTINGS},
        "smtp_host": "localhost",
        "smtp_port": port,
        "smtp_user": USER,
        "mail_from": USER,
        "smtp_ca_file": str(folder / "ca.pem") if (folder / "ca.pem").exists() else None,
        **more,
    }


def write_settings(folder: Path, settings: dict[str, Any]) -> None:
    """Write the settings that differ from their defaults to `folder`/config.toml."""
    import tomli_w

    own = {k: v for k, v in settings.items() if v is not None and v != config.BY_NAME[k].default}
    (folder / "config.toml").write_text(tomli_w.dumps(own))
