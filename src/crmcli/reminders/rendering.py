"""What a message says: as plain text, as HTML, in a line, and as data for programs.

A team may change it: `subject.txt`, `mail.txt` and `mail.html` in the folder of templates are
Jinja2 templates, run in a sandbox, with what `values_of` lists; HTML is escaped unless a template
says otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.errors import Delayed
from crmcli.reminders.outbox import Message
from crmcli.values.text import clean

if TYPE_CHECKING:
    from crmcli.reminders.channels import Recipient

TEMPLATES = ("subject.txt", "mail.txt", "mail.html")
_SHOWN = 50  # items of a list in a mail

Entry = Mapping[str, Any]


class Rendered(NamedTuple):
    """A message as a mail says it."""

    subject: str
    text: str
    html: str


def render(settings: Mapping[str, Any], message: Message, recipient: Recipient) -> Rendered:
    """The mail: by the team's templates where there are some, else by our own words.

    Raises Delayed for a template that is wrong.
    """
    own = {"subject.txt": subject, "mail.txt": text, "mail.html": html}
    found = {
        name: _by_template(settings, name, message, recipient) or make(message, recipient)
        for name, make in own.items()
    }
    return Rendered(clean(found["subject.txt"]), found["mail.txt"], found["mail.html"])


def values_of(message: Message, recipient: Recipient) -> dict[str, Any]:
    """What templates get: person, items and beside (each with handle, title, shown, contact,
    phone, email, company, deal, last_talk, command, overdue, rule), and subject."""
    return {
        "person": recipient.shown,
        "items": message.items,
        "beside": message.beside,
        "subject": subject(message, recipient),
    }


def document(message: Message, recipient: Recipient) -> dict[str, Any]:
    """What webhooks and programs get."""
    return {
        "id": message.message_id,
        "created": message.created_at,
        "person": {"name": recipient.name, "email": recipient.email},
        "kind": message.kind,
        "items": message.items,
        "still_open": message.beside,
    }


def subject(message: Message, recipient: Recipient) -> str:
    """One item by its title, several by their number."""
    if len(message.items) == 1:
        item = message.items[0]
        when = f", {item['shown']}" if item["shown"] else ""
        return clean(f"{item['title']}{when}")
    return f"{len(message.items)} reminders"


def brief(message: Message) -> tuple[str, str]:
    """A title and a body for a notification."""
    if len(message.items) == 1:
        item = message.items[0]
        parts = (item["shown"], item["contact"], item["phone"], item["command"])
        return clean(item["title"]), clean(" · ".join(part for part in parts if part))
    titles = ", ".join(clean(item["title"]) for item in message.items[:3])
    more = len(message.items) - 3
    return f"{len(message.items)} reminders", titles + (f" and {more} more" if more > 0 else "")


# --- plain text


def text(message: Message, recipient: Recipient) -> str:
    """The plain text of a mail."""
    parts = [f"Hello {clean(recipient.shown)},", *map(_paragraph, message.items[:_SHOWN])]
    parts += _more(message.items)
    if message.beside:
        parts.append("Still open:")
        parts.append("\n".join(_line(item) for item in message.beside[:_SHOWN]))
        parts += _more(message.beside)
    return "\n\n".join(parts) + "\n"


def _more(items: Sequence[Entry]) -> list[str]:
    left = len(items) - _SHOWN
    return [f"… and {left} more; `crm remind` lists them all."] if left > 0 else []


def _line(item: Entry) -> str:
    when = f"  {item['shown']}" if item["shown"] else ""
    return f"  {item['handle']}  {clean(item['title'])}{when}"


def facts(item: Entry) -> list[tuple[str, str]]:
    """What is known beside the title, with labels."""
    who = ", ".join(clean(item[name]) for name in ("contact", "company") if item[name])
    known = (
        ("Who", who),
        ("Phone", item["phone"]),
        ("Mail", item["email"]),
        ("Deal", item["deal"]),
        ("Last talk", item["last_talk"]),
        ("To do", item["command"]),
    )
    return [(label, clean(value)) for label, value in known if value]


def _paragraph(item: Entry) -> str:
    late = "  OVERDUE" if item["overdue"] else ""
    when = f"  ({item['shown']})" if item["shown"] else ""
    head = f"{item['handle']}  {clean(item['title'])}{when}{late}"
    return "\n".join([head, *(f"    {label + ':':<11}{value}" for label, value in facts(item))])


# --- HTML


_STYLE = "font-family:system-ui,sans-serif;font-size:15px;line-height:1.4;color:#222"
_CELL = "padding:0 1em 0 0;color:#666;vertical-align:top"


def html(message: Message, recipient: Recipient) -> str:
    """The HTML of a mail: no scripts, no pictures, nothing from elsewhere."""
    items = "".join(_article(item) for item in message.items[:_SHOWN])
    more = "".join(f"<p>{escape(line)}</p>" for line in _more(message.items))
    beside = ""
    if message.beside:
        rows = "".join(
            f"<li>{escape(_line(item).strip())}</li>" for item in message.beside[:_SHOWN]
        )
        beside = f"<h3>Still open</h3><ul>{rows}</ul>"
    head = f"<p>Hello {escape(clean(recipient.shown))},</p>"
    return f'<html><body style="{_STYLE}">{head}{items}{more}{beside}</body></html>\n'


def _article(item: Entry) -> str:
    late = ' <strong style="color:#b00">overdue</strong>' if item["overdue"] else ""
    when = f" <span>({escape(item['shown'])})</span>" if item["shown"] else ""
    rows = "".join(
        f'<tr><td style="{_CELL}">{label}</td><td>{_value(label, value)}</td></tr>'
        for label, value in facts(item)
    )
    head = f"<h3>{escape(clean(item['title']))}{when}{late} <small>{item['handle']}</small></h3>"
    return f"{head}<table>{rows}</table>"


def _value(label: str, value: str) -> str:
    return f"<code>{escape(value)}</code>" if label == "To do" else escape(value)


# --- the team's own


def folder(settings: Mapping[str, Any]) -> Path:
    """Where the team's templates are."""
    if settings["remind_templates"]:
        return Path(settings["remind_templates"]).expanduser()
    from crmcli.config import config_path

    return config_path(os.environ).parent / "templates"


def _by_template(
    settings: Mapping[str, Any], name: str, message: Message, recipient: Recipient
) -> str | None:
    path = folder(settings) / name
    if not path.exists():
        return None
    try:
        from jinja2 import StrictUndefined, TemplateError
        from jinja2.sandbox import SandboxedEnvironment
    except ImportError:
        raise Delayed(
            f"{path} needs a part that is not installed: pip install 'crmcli[remind]'", down=True
        ) from None
    environment = SandboxedEnvironment(
        autoescape=name.endswith(".html"), undefined=StrictUndefined, trim_blocks=True
    )
    try:
        template = environment.from_string(path.read_text("utf-8"))
        return template.render(values_of(message, recipient))
    except (TemplateError, OSError, UnicodeDecodeError, TypeError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        raise Delayed(f"template {path}{where}: {error}", down=True) from None
