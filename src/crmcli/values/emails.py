"""E-mail addresses: the part before the @ as typed, the domain in lower case.

The pattern is pragmatic: it refuses what no mail server accepts and what is a typing mistake, and
leaves the rest to the server.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmcli.errors import InvalidValue
from crmcli.values.base import Env, Kind, quote, words
from crmcli.values.text import check_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOCAL = r"[^\s@<>()\[\],;:\"\\.]+(?:\.[^\s@<>()\[\],;:\"\\.]+)*"
_LABEL = r"(?!-)(?:[a-z0-9_-]|[^\x00-\x7f\s]){1,63}(?<!-)"
DOMAIN = rf"{_LABEL}(?:\.{_LABEL})+"
"""A host name in lower case with at least one dot, in any script."""
_SHOWN = r"[^<>]*<\s*([^<>]+?)\s*>"
# Most addresses are of this form, which is quicker to see than that nothing is wrong with them.
_PLAIN = (
    r"(?i)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
_LENGTH_MAX = 254
_LONGEST = 400
_EXAMPLE = "for example ada@acme.com"

FREE_MAIL = words("""
    gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de
    hotmail.fr hotmail.es hotmail.it live.com live.de live.fr live.co.uk msn.com passport.com
    yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.co.in yahoo.co.jp yahoo.com.br
    ymail.com rocketmail.com aol.com aim.com icloud.com me.com mac.com proton.me protonmail.com
    protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com fastmail.com fastmail.fm hey.com
    zoho.com zohomail.com mail.com email.com usa.com inbox.com gmx.com gmx.de gmx.net gmx.at gmx.ch
    web.de freenet.de t-online.de arcor.de posteo.de mailbox.org riseup.net bluewin.ch sunrise.ch
    orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr libero.it virgilio.it alice.it tin.it
    tiscali.it btinternet.com virginmedia.com sky.com ntlworld.com blueyonder.co.uk talktalk.net
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net
    optonline.net juno.com shaw.ca rogers.com sympatico.ca telus.net bigpond.com optusnet.com.au
    xtra.co.nz mail.ru yandex.ru yandex.com ya.ru list.ru bk.ru inbox.ru rambler.ru ukr.net wp.pl
    o2.pl onet.pl interia.pl seznam.cz centrum.cz email.cz abv.bg qq.com 163.com 126.com sina.com
    sohu.com foxmail.com naver.com daum.net hanmail.net rediffmail.com uol.com.br bol.com.br
    terra.com.br ig.com.br duck.com mailinator.com
    """)
"""Domains that say nothing about where a person works."""


def _fault(text: str) -> str | None:
    """What is wrong with an address, or None."""
    local, at, domain = text.rpartition("@")
    faults = (
        (not at, "there is no @"),
        ("@" in local, "there is more than one @"),
        (not local, "there is nothing before the @"),
        (not domain, "there is nothing after the @"),
        (any(char.isspace() for char in text), "there is a space in it"),
        ("." not in domain, "the part after @ has no dot"),
        (not re.fullmatch(DOMAIN, domain.lower()), f"{quote(domain)} is not a domain"),
        (not re.fullmatch(_LOCAL, local), f"{quote(local)} cannot stand before the @"),
        (len(text) > _LENGTH_MAX, "it is longer than 254 characters"),
    )
    return next((sentence for wrong, sentence in faults if wrong), None)


def _bare(text: str) -> str:
    shown = re.fullmatch(_SHOWN, text) if len(text) <= _LONGEST else None
    address = shown[1] if shown else text
    return address[7:] if address[:7].lower() == "mailto:" else address


def read_email(text: str) -> tuple[str, bool]:
    """A typed address and whether it is one; never raises.

    "Ada <ada@Acme.com>" and "mailto:ada@Acme.com" are ada@acme.com; what is no address stays.
    """
    address = text
    if len(text) > _LENGTH_MAX or not re.fullmatch(_PLAIN, text):
        address = _bare(text)
        if _fault(address):
            return text, False
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}", True


def parse_email(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed address; env.keep_invalid keeps one that is wrong as typed."""
    address, valid = read_email(text)
    if valid or env.keep_invalid:
        return address
    raise InvalidValue(
        f"{text if len(text) <= 60 else quote(text)}: {_fault(_bare(text))}",
        hint=f"{_EXAMPLE}, or --keep-invalid to keep it as typed",
        details={"value": text, "kind": "an e-mail address"},
    )


def email_domain(value: str) -> str:
    """The domain of an address in lower case; "" when it has none."""
    return value.rpartition("@")[2].lower() if "@" in value else ""


KINDS = {"email": Kind(parse_email, check_text, str.lower)}
