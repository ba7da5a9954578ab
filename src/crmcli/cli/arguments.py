"""Arguments and options that several commands share, declared once."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import typer

from crmcli.cli.words import Words


def ref(what: str = "", *, nouns: str = "", metavar: str = "REF") -> Any:
    """An argument that names one record: `what` it is, of the types `nouns` ("deal,task")."""
    return typer.Argument(
        click_type=Words("ref", source=f"refs:{nouns}"),
        metavar=metavar,
        help=what or "A handle, e-mail, phone, domain or name.",
        show_default=False,
    )


def refs(nouns: str = "", *, metavar: str = "REF") -> Any:
    """An argument that names records: one word, or several with commas between them."""
    return typer.Argument(
        click_type=Words("refs", source=f"refs:{nouns}"),
        metavar=metavar,
        help="A handle, e-mail, phone, domain or name; several with commas; - reads handles"
        " from stdin.",
        show_default=False,
    )


def option(help: str, *spellings: str, metavar: str = "", source: str = "", **spec: Any) -> Any:
    """An option with a value."""
    return typer.Option(
        *spellings,
        click_type=Words(metavar.lower() or "text", spec.pop("choices", ()), source),
        metavar=metavar or None,
        help=help,
        show_default=False,
        **spec,
    )


def words(help: str, metavar: str, source: str = "", **spec: Any) -> Any:
    """An argument of one or more words."""
    choices = spec.pop("choices", ())
    return typer.Argument(
        click_type=Words(metavar.lower(), choices, source),
        metavar=metavar,
        help=help,
        show_default=False,
        **spec,
    )


def flag(help: str, *spellings: str) -> Any:
    """An option without a value."""
    return typer.Option(*spellings, help=help, show_default=False)


Refs: TypeAlias = Annotated[str, refs()]
RefList: TypeAlias = Annotated[list[str], refs(metavar="REF...")]
AnyRef: TypeAlias = Annotated[str, ref()]
Where: TypeAlias = Annotated[
    str | None,
    option(
        "Every record that a query matches; REF is then the list, such as contacts.",
        "--where",
        metavar="QUERY",
    ),
]
