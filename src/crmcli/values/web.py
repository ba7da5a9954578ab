"""Web addresses, domains and social profiles.

A profile is stored as network:handle, "linkedin:in/ada"; the page follows from it, and an address
or a handle of the same profile has the same form. "@ada" without a network stays "@ada".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmcli.values.base import Env, Kind, unreadable
from crmcli.values.emails import DOMAIN
from crmcli.values.text import check_text, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_URL = r"(?i)(?:(https?):/*)?([^\s/?#@:]+)(:\d{1,5})?([/?#]\S*)?"
_MAIL = r"[^\s@/]+@([^\s@/]+)"
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")

# The network, its host, and the path of a profile on it.
_PROFILES = (
    ("twitter", "x.com", "{}"),
    ("linkedin", "linkedin.com", "{}"),
    ("github", "github.com", "{}"),
    ("facebook", "facebook.com", "{}"),
    ("instagram", "instagram.com", "{}"),
    ("youtube", "youtube.com", "@{}"),
    ("tiktok", "tiktok.com", "@{}"),
    ("threads", "threads.net", "@{}"),
    ("medium", "medium.com", "@{}"),
    ("bluesky", "bsky.app", "profile/{}"),
    ("xing", "xing.com", "profile/{}"),
    ("telegram", "t.me", "{}"),
    ("pinterest", "pinterest.com", "{}"),
)
NETWORKS = tuple(network for network, _host, _path in _PROFILES)
"""The networks whose profiles are stored as network:handle."""

_PAGES = {network: f"https://{host}/{path}" for network, host, path in _PROFILES}
_HOSTS = {host: network for network, host, _path in _PROFILES} | {
    "twitter.com": "twitter",
    "fb.com": "facebook",
    "threads.com": "threads",
    "telegram.me": "telegram",
}
_ALIASES = {"x": "twitter", "fb": "facebook", "insta": "instagram", "bsky": "bluesky"}
_HANDLE = r"[\w.+-]{1,100}"
_NAMED = rf"(?i)([a-z]{{1,12}})[:\s]\s*@?((?:in|company|school|pub)/)?({_HANDLE})/?"
_AT = rf"@({_HANDLE})"
_FEDIVERSE = rf"(?i)(?:mastodon:\s*)?@?({_HANDLE})@([\w.-]+\.\w+)"
_FEDIVERSE_PAGE = rf"/@({_HANDLE})/?"
_PATH = rf"/(?:profile/|@)?((?:in|company|school|pub)/)?@?({_HANDLE})/?(?:[?#].*)?"


def _split(text: str) -> tuple[str, str, str] | None:
    """Scheme, host with port, rest of an address; None when it is not one."""
    match = re.fullmatch(_URL, text)
    if match is None:
        return None
    scheme, host, port, rest = match.groups()
    host = host.lower().rstrip(".")
    if not re.fullmatch(DOMAIN, host) and host != "localhost":
        return None
    if host.rpartition(".")[2].isdecimal() and not _IPV4.fullmatch(host):
        return None
    return (scheme or "https").lower(), host + (port or ""), rest or ""


def parse_url(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A typed address; https:// is added when no scheme was typed."""
    parts = _split(text)
    if parts is None:
        raise unreadable(text, "a web address", "for example https://www.acme.com/about")
    scheme, host, rest = parts
    return f"{scheme}://{host}{rest}"


def domain_of(text: str) -> str:
    """The bare domain of an address, a URL or an e-mail: acme.com; "" when there is none."""
    mail = re.fullmatch(_MAIL, text)
    parts = _split(mail[1] if mail else text)
    if parts is None:
        return ""
    host = parts[1].partition(":")[0]
    bare = host.removeprefix("www.")
    return bare if "." in bare else host if "." in host else ""


def parse_domain(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """The bare domain of whatever address was typed."""
    domain = domain_of(text)
    if not domain:
        raise unreadable(text, "a domain", "for example acme.com")
    return domain


def _url_key(plain: str) -> str:
    parts = _split(plain)
    if parts is None:
        return fold(plain)
    return parts[1].removeprefix("www.") + parts[2].rstrip("/").casefold()


def _profile_page(text: str) -> str | None:
    """The canonical form of a profile's address, the address itself for an unknown site."""
    parts = _split(text)
    if parts is None or not parts[2].strip("/"):
        return None
    scheme, host, path = parts
    bare = host.removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    if bare.endswith((".linkedin.com", ".facebook.com", ".xing.com")):
        bare = ".".join(bare.split(".")[-2:])
    network = _HOSTS.get(bare)
    match = re.fullmatch(_PATH, path)
    if network and match:
        return f"{network}:{(match[1] or '').lower()}{match[2]}"
    fediverse = re.fullmatch(_FEDIVERSE_PAGE, path)
    if fediverse and not network:
        return f"mastodon:{fediverse[1]}@{host}"
    return f"{scheme}://{host}{path}"


def _named_profile(text: str) -> str | None:
    match = re.fullmatch(_NAMED, text)
    if match is None:
        return None
    network = match[1].lower()
    network = _ALIASES.get(network, network)
    if network not in _PAGES:
        return None
    part = (match[2] or "").lower()
    if network == "linkedin" and not part:
        part = "in/"
    return f"{network}:{part}{match[3]}"


def parse_social(text: str, env: Env, choices: Sequence[str] = ()) -> str:
    """A profile typed as network:handle, as @handle or as the address of its page."""
    bare = re.fullmatch(_AT, text)
    if bare:
        return f"@{bare[1]}"
    fediverse = re.fullmatch(_FEDIVERSE, text)
    if fediverse:
        return f"mastodon:{fediverse[1]}@{fediverse[2].lower()}"
    profile = _named_profile(text) or _profile_page(text)
    if profile is None:
        raise unreadable(
            text, "a social profile", "for example linkedin.com/in/ada, twitter:ada or @ada"
        )
    return profile


def handle_of(value: str) -> str:
    """The bare handle of a stored profile, casefolded: "ada" for linkedin:in/ada and @ada."""
    handle = value.partition(":")[2] if not value.startswith("@") else value[1:]
    return handle.partition("@")[0].rpartition("/")[2].casefold()


def profile_url(value: str) -> str:
    """The page of a stored profile; "" for a handle without a network."""
    network, colon, handle = value.partition(":")
    if network == "mastodon":
        name, _, host = handle.partition("@")
        return f"https://{host}/@{name}"
    if network in _PAGES:
        return _PAGES[network].format(handle)
    return value if colon and handle.startswith("//") else ""


KINDS = {
    "url": Kind(parse_url, check_text, _url_key),
    "domain": Kind(parse_domain, check_text, fold),
    "social": Kind(parse_social, check_text, fold),
}
