"""What people and companies have in common: how they are reached, where they are, own fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from crmcli.matching import levels
from crmcli.matching.blocking import Pass
from crmcli.matching.tables import Column, Prepare, Table, column, one_or_more, values_of
from crmcli.values.text import match_key


def reached_columns(table: Table, number: int) -> dict[str, Column]:
    """The columns of e-mails, phones and addresses of `number` records."""

    def made(name: str, prepare: Prepare) -> Column:
        return column(values_of(table, name, number), prepare)

    return {
        "email": made("email", lambda texts: one_or_more([text.lower() for text in texts])),
        "phone": made("phone", one_or_more),
        "street": made("street", lambda text: levels.words_of(match_key(text))),
        "number": made("street", lambda text: levels.numbers_of(match_key(text))),
        "city": made("city", lambda text: levels.sorted_words(match_key(text))),
        "postcode": made("postcode", lambda text: match_key(text).replace(" ", "")),
        "region": made("region", match_key),
    }


def reached_comparisons() -> dict[str, levels.Compare]:
    """How the columns of `reached_columns` are compared."""
    code = levels.code_comparison()
    return {
        "email": levels.email_comparison(),
        "phone": levels.phone_comparison(),
        "street": levels.text_comparison(close=85, alike=65),
        "number": code,
        "city": levels.text_comparison(close=80, alike=65),
        "postcode": code,
        "region": code,
    }


def own_columns(table: Table, own: Sequence[str]) -> dict[str, Column]:
    """The columns of a team's own fields."""
    return {
        name: column(table[name], lambda text: levels.sorted_words(match_key(text))) for name in own
    }


def own_passes(columns: dict[str, Column], own: Sequence[str]) -> Iterator[Pass]:
    """Candidates by the values of a team's own fields."""
    for values in (columns[name] for name in own):
        yield Pass([values.vocabulary.values[code] for code in values.codes])


def points(emails: Column, phones: Column) -> Iterator[Pass]:
    """Candidates by e-mail, by the part before its @, and by phone."""
    yield _each(emails, lambda email: email)
    yield _each(emails, lambda email: email.partition("@")[0] if len(email) > 6 else "")
    yield _each(phones, lambda phone: phone[-7:])


def _each(column: Column, key: Callable[[str], str]) -> Pass:
    """A pass by a column that may hold several values."""
    values = column.vocabulary.values
    single = [key(value) if isinstance(value, str) else "" for value in values]
    several = {code for code, value in enumerate(values) if not isinstance(value, str)}
    again = [
        (record, key(value))
        for record, code in enumerate(column.codes)
        if code in several
        for value in values[code]
    ]
    return Pass([single[code] for code in column.codes], again, telling=True)


def pairs_of(one: Column, ones: Sequence[str], other: Column, others: Sequence[str]) -> list[str]:
    """Keys of two values, each a text by the number of the column's value."""
    return [
        f"{ones[a]} {others[b]}" if ones[a] and others[b] else ""
        for a, b in zip(one.codes, other.codes, strict=True)
    ]
