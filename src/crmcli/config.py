"""Settings: one list says what there is; loading, checking, `crm config` and the docs follow it.

They live in one TOML file of the user's. What a command line or the environment says goes before
the file, and the file before what the locale suggests.
"""

from __future__ import annotations

import os
from collections.abc import ItemsView, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from crmcli import values
from crmcli.errors import InvalidValue, NotPermitted, UnknownName
from crmcli.values.base import Env, words
from crmcli.values.text import did_you_mean

FORMATS = ("table", "json", "jsonl", "csv", "tsv", "md", "ids")
SECURITY = ("starttls", "tls", "none")
COLORS = ("auto", "always", "never")
DATE_ORDERS = ("DMY", "MDY", "YMD")


class Setting(NamedTuple):
    """One setting: its name, kind of value, default, and a sentence on what it does."""

    name: str
    kind: str
    default: str | int | None
    help: str
    choices: tuple[str, ...] = ()


SETTINGS: tuple[Setting, ...] = (
    Setting("user", "text", None, "Who you are; else CRM_USER, else the login name."),
    Setting("db", "text", None, "The database to use when neither --db nor CRM_DB names one."),
    Setting("currency", "currency", None, "Currency of amounts typed without one; else by region."),
    Setting("region", "country", None, "Country of phones typed without +; else by the locale."),
    Setting("date_order", "choice", None, "How 3/5/26 is read; else by the locale.", DATE_ORDERS),
    Setting("time_zone", "zone", None, "Your time zone; else the system's."),
    Setting("format", "choice", None, "Format of lists; else a table, or TSV in a pipe.", FORMATS),
    Setting("color", "choice", "auto", "Whether to use colour.", COLORS),
    Setting("page", "integer", 50, "Rows of a list on a terminal; 0 shows all."),
    Setting("editor", "text", None, "The editor of `crm edit`; else VISUAL, EDITOR, vi."),
    Setting("stale_days", "integer", 30, "Days without a sign after which a deal counts as stale."),
    Setting("stale_months", "integer", 12, "Months until a record that nobody touched is stale."),
    Setting("dupes_fields", "text", None, "Fields of your own that tell duplicates; with commas."),
    Setting("backup_dir", "text", None, "Folder of backups; else beside the default database."),
    Setting("backup_days", "integer", 7, "Days until `crm doctor` misses a backup; 0 for never."),
    Setting("remind_days", "integer", 2, "Days until `crm doctor` misses `crm remind`; 0: never."),
    Setting("rules", "rules", None, "Rules for the data, as tables [[rules]]; see `crm rules`."),
    Setting("mail_from", "email", None, "The sender of reminders by mail."),
    Setting("smtp_host", "text", None, "The mail server that sends reminders."),
    Setting("smtp_port", "integer", None, "Its port; else 587, or 465 with tls."),
    Setting("smtp_security", "choice", "starttls", "How it is spoken to.", SECURITY),
    Setting("smtp_user", "text", None, "The user there; else no password is given."),
    Setting("smtp_password_command", "text", None, "The command that prints the password."),
    Setting("smtp_ca_file", "text", None, "Certificates to trust beside the system's."),
    Setting("sendmail", "text", None, "A sendmail program to use instead of a server."),
    Setting("webhook_url", "text", None, "Where the channel webhook posts reminders, as JSON."),
    Setting("webhook_secret_command", "text", None, "The command that prints its signing secret."),
    Setting("remind_program", "text", None, "The program of the channel program."),
    Setting("remind_templates", "text", None, "Folder of templates; else beside the settings."),
    Setting("calendar_file", "text", None, "The .ics file that every run of `crm remind` writes."),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}

Settings = dict[str, Any]

# Where the currency of a region is not the dollar; the euro's countries are many.
_EURO = words("at be cy de ee es fi fr gr hr ie it lt lu lv mt nl pt si sk")
_CURRENCIES = {
    "GB": "GBP", "CH": "CHF", "JP": "JPY", "CN": "CNY", "IN": "INR", "SE": "SEK", "NO": "NOK",
    "DK": "DKK", "PL": "PLN", "CZ": "CZK", "HU": "HUF", "BR": "BRL", "MX": "MXN", "CA": "CAD",
    "AU": "AUD", "NZ": "NZD", "ZA": "ZAR", "KR": "KRW", "TR": "TRY", "IL": "ILS",
}  # fmt: skip
_MONTH_FIRST = ("US", "PH", "FM", "PW")
_YEAR_FIRST = ("CN", "JP", "KR", "HU", "LT", "TW", "MN")


def config_path(environ: Mapping[str, str]) -> Path:
    """The settings file: CRM_CONFIG, else the platform's place."""
    if named := environ.get("CRM_CONFIG"):
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir("crmcli", appauthor=False)) / "config.toml"


def load(path: Path) -> Settings:
    """The settings in `path` over their defaults; the defaults alone where there is no file.

    Raises InvalidValue for a file that is not TOML or holds a wrong value, UnknownName for a
    setting that does not exist.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return defaults()
    except OSError as error:
        raise NotPermitted(f"{path} cannot be read: {error.strerror}") from error
    return defaults() | _parsed(content.decode("utf-8", "replace"), path)


def defaults() -> Settings:
    """What holds where nothing is set."""
    return {setting.name: setting.default for setting in SETTINGS}


def _parsed(text: str, path: Path) -> Settings:
    return {name: _checked(setting(name), value, path) for name, value in _tables(text, path)}


def _tables(text: str, path: Path) -> ItemsView[str, Any]:
    """What the file holds, as it stands there."""
    import tomllib

    try:
        return tomllib.loads(text).items()
    except tomllib.TOMLDecodeError as error:
        raise InvalidValue(
            f"{path} is not valid TOML: {error}", hint="`crm config edit` opens it"
        ) from error


def setting(name: str) -> Setting:
    """The setting called `name`; raises UnknownName."""
    found = BY_NAME.get(name.replace("-", "_"))
    if found is None:
        raise UnknownName(
            f"there is no setting {name}",
            hint=did_you_mean(name, list(BY_NAME)) or "`crm config list` shows them all",
        )
    return found


def _checked(spec: Setting, given: Any, path: Path | None = None) -> Any:
    try:
        if spec.kind == "rules":
            from crmcli.data_rules import read_rules

            return read_rules(given)
        return values.parse(spec.kind, str(given), _PLAIN, spec.choices)
    except InvalidValue as error:
        where = f" (in {path})" if path else ""
        raise InvalidValue(
            f"setting {spec.name}: {error.message}{where}", hint=error.hint
        ) from error


def change(path: Path, name: str, text: str | None) -> Any:
    """Set a setting to what was typed, or unset it for None; returns its new value.

    Raises UnknownName and InvalidValue as `load` does, NotPermitted when the file cannot be
    written.
    """

    import tomli_w

    spec = setting(name)
    load(path)  # a file that is wrong stays as it is
    current = dict(_tables(path.read_text("utf-8"), path)) if path.exists() else {}
    value = None if text is None else _checked(spec, text)
    current.pop(spec.name, None)
    if value is not None:
        current[spec.name] = value
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(tomli_w.dumps(current), "utf-8")
        draft.replace(path)
    except OSError as error:
        raise NotPermitted(f"{path} cannot be written: {error.strerror}") from error
    return spec.default if value is None else value


# --- the surroundings of values

_PLAIN = Env(datetime(2000, 1, 1, tzinfo=UTC), UTC)


def make_env(settings: Settings, environ: Mapping[str, str], now: datetime) -> Env:
    """The surroundings in which values are read and shown.

    now: an aware moment. Raises InvalidValue for an unknown zone in TZ.
    """
    region = settings["region"] or _locale_region(environ)
    return Env(
        now=now.astimezone(UTC).replace(microsecond=0),
        zone=_zone(settings["time_zone"], environ),
        region=region or "US",
        currency=settings["currency"] or _currency(region),
        date_order=settings["date_order"] or _date_order(region),
    )


def _locale_region(environ: Mapping[str, str]) -> str | None:
    from crmcli.values.phone import region_of_locale

    for name in ("LC_ALL", "LC_TIME", "LANG"):
        if environ.get(name):
            return region_of_locale(environ[name])
    return None


def _currency(region: str | None) -> str:
    return "EUR" if (region or "").lower() in _EURO else _CURRENCIES.get(region or "", "USD")


def _date_order(region: str | None) -> str:
    """The order that the region writes dates in; "" where no region is known."""
    if region is None:
        return ""
    if region in _MONTH_FIRST:
        return "MDY"
    return "YMD" if region in _YEAR_FIRST else "DMY"


def _zone(name: str | None, environ: Mapping[str, str]) -> tzinfo:
    from zoneinfo import ZoneInfo

    found = name or environ.get("TZ", "").lstrip(":") or _linked_zone()
    if found in ("UTC", "Etc/UTC", "UTC0"):
        return UTC
    try:
        return ZoneInfo(found) if found else _system_zone()
    except (OSError, ValueError, KeyError):
        return _system_zone()


def _linked_zone() -> str | None:
    """The zone that /etc/localtime links to, which costs a tenth of asking a library."""
    try:
        target = os.readlink("/etc/localtime")
    except OSError:
        return None
    return target.split("zoneinfo/", 1)[1] if "zoneinfo/" in target else None


def _system_zone() -> tzinfo:
    import tzlocal

    try:
        return tzlocal.get_localzone()
    except (OSError, ValueError, KeyError):
        return timezone(datetime.now().astimezone().utcoffset() or timedelta(0))
