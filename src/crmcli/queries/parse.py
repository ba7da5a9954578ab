"""The query language: words to a small tree.

    ada                        a record that contains a word beginning with ada
    tag:vip city:Berlin        both
    tag:vip or tag:press       one of them; `or` binds less than standing side by side
    not:tag:vip  not:ada       the opposite
    company:acme               the value contains acme
    company:=Acme              the value is acme
    company:acme,initech       one of several (a comma before a space belongs to the value)
    company:none  owner:any    empty, not empty
    value:10k..                a range; either end may be missing, both ends belong to it
    value:10k..20k
    due:..today
    company.industry:retail    a field of a linked record

In a whole query (`--where`) these work as well:

    value > 10k   due<=today   status=open   status!=open
    -tag:vip   not tag:vip     the opposite
    (tag:vip or tag:press) city:Berlin
    company:"Acme, Inc"        quotes keep spaces, commas and words such as none together
    "reply or not"             a word of the text, never a command
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from crmcli.errors import QueryError
from crmcli.values.base import quote
from crmcli.values.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence


class Word(NamedTuple):
    """Words to search for; all of them must be found."""

    text: str


class Compare(NamedTuple):
    """A comparison of a field, named as typed. op: one of : := > >= < <=

    quoted: the text is one literal value, not a list, range, or word such as none.
    """

    field: str
    op: str
    text: str
    quoted: bool = False


class Not(NamedTuple):
    """What `term` does not hold for."""

    term: Node


class And(NamedTuple):
    """What all of the terms hold for; everything when there are none."""

    terms: tuple[Node, ...]


class Or(NamedTuple):
    """What at least one of the terms holds for."""

    terms: tuple[Node, ...]


Node: TypeAlias = Union["Word", "Compare", "Not", "And", "Or"]

_COMPARE = re.compile(r"([^\W\d][\w.-]*)(?:(:=|:)|\s*(>=|<=|!=|=|<|>)\s*)")
_NEGATED = re.compile(r"not:", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?:,(?!\s))")
_OPTION = re.compile(r"-+[^\W\d]|--")
_MAX_TERMS = 500
_MAX_DEPTH = 50
_CONNECTIVES = {"or": "or", "OR": "or", "and": "and", "AND": "and", "not": "not", "NOT": "not"}
_OPEN, _CLOSE = "(", ")"


class _Token(NamedTuple):
    """Part of a query: or, and, not, a parenthesis, or a term with its node."""

    type: str
    text: str
    node: Node | None = None


def parse_terms(words: Sequence[str]) -> Node:
    """The tree of a query given as shell arguments, each of them one term.

    Raises QueryError.
    """
    tokens: list[_Token] = []
    for typed in words:
        word = clean(typed)
        if not word:
            continue
        if _OPTION.match(word):
            raise QueryError(
                f"unknown option {quote(word)}",
                hint=f"not:{word.lstrip('-')} leaves out what matches; `--help` lists the options",
                details={"word": word},
            )
        tokens += _argument(word)
    return _Parser(tokens).parse()


def parse_where(text: str) -> Node:
    """The tree of a whole query in one text, with quotes, parentheses and < and >.

    Raises QueryError.
    """
    return _Parser(_scan(clean(text))).parse()


def split_list(text: str) -> list[str]:
    """The values of a comma list; a comma before a space belongs to its value."""
    return [part for part in (part.strip() for part in _LISTED.split(text)) if part]


def _argument(word: str) -> list[_Token]:
    if word in _CONNECTIVES:
        return [_Token(_CONNECTIVES[word], word)]
    tokens = []
    rest = word
    while match := _NEGATED.match(rest):
        tokens.append(_Token("not", rest[: match.end()]))
        rest = rest[match.end() :]
    if rest or not tokens:
        match = _COMPARE.match(rest)
        if match is None or _is_url(rest, match):
            tokens.append(_Token("term", word, Word(rest)))
        else:
            value = rest[match.end() :].strip()
            tokens.append(_Token("term", word, _compare(word, match, value, quoted=False)))
    return tokens


def _is_url(text: str, match: re.Match[str]) -> bool:
    return match[2] == ":" and text.startswith("//", match.end())


def _compare(shown: str, match: re.Match[str], value: str, *, quoted: bool) -> Node:
    field, op = match[1], match[2] or match[3]
    if not value and not quoted:
        raise QueryError(
            f"{quote(shown)} has no value after {op}",
            hint="the shell may have taken a > or <; type a range such as value:10k.., "
            "or quote it: --where 'value > 10k'",
            details={"word": shown},
        )
    if op == "!=":
        return Not(Compare(field, ":=", value, quoted))
    return Compare(field, ":=" if op == "=" else op, value, quoted)


def _scan(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
        elif text[place] in "()":
            tokens.append(_Token(text[place], text[place]))
            place += 1
        elif negation := _negation(text, place):
            tokens.append(_Token("not", negation))
            place += len(negation)
        else:
            token, place = _scan_term(text, place)
            tokens.append(token)
    return tokens


def _negation(text: str, place: int) -> str:
    """The `-` or `not:` that stands at `place` before a term; "" when there is none."""
    match = _NEGATED.match(text, place)
    if match:
        return match[0]
    following = text[place + 1 : place + 2]
    return "-" if text[place] == "-" and following and not following.isspace() else ""


def _scan_term(text: str, start: int) -> tuple[_Token, int]:
    match = _COMPARE.match(text, start)
    if match and match[1] not in _CONNECTIVES and not _is_url(text, match):
        value, quoted, place = _scan_value(text, match.end())
        shown = text[start:place]
        return _Token("term", shown, _compare(shown, match, value, quoted=quoted)), place
    value, quoted, place = _scan_value(text, start)
    if not quoted and value in _CONNECTIVES:
        return _Token(_CONNECTIVES[value], value), place
    return _Token("term", text[start:place], Word(value)), place


def _scan_value(text: str, start: int) -> tuple[str, bool, int]:
    """The value at `start`, whether it was in quotes, and the place after it."""
    if text[start : start + 1] in ('"', "'"):
        value, place = _scan_quoted(text, start)
        if place < len(text) and not text[place].isspace() and text[place] != _CLOSE:
            raise QueryError(
                f"{quote(text[place:])} follows a closing quote without a space",
                hint='put all of the value into the quotes: due:"1 May..5 May"',
                details={"word": text[start:]},
            )
        return value, True, place
    depth, place = 0, start
    while place < len(text) and not text[place].isspace():
        depth += {_OPEN: 1, _CLOSE: -1}.get(text[place], 0)
        if depth < 0:
            break
        place += 1
    return text[start:place], False, place


def _scan_quoted(text: str, start: int) -> tuple[str, int]:
    mark, place = text[start], start + 1
    value: list[str] = []
    while place < len(text):
        char = text[place]
        if char == mark:
            return "".join(value), place + 1
        if char == "\\" and text[place + 1 : place + 2] in (mark, "\\"):
            place += 1
            char = text[place]
        value.append(char)
        place += 1
    raise QueryError(
        f"the quote before {quote(text[start + 1 :])} is not closed",
        hint="close it, or leave it out",
        details={"word": text[start:]},
    )


class _Parser:
    """Tokens to a tree: or binds least, then side by side, then not."""

    def __init__(self, tokens: list[_Token]) -> None:
        terms = sum(token.type == "term" for token in tokens)
        if terms > _MAX_TERMS:
            raise QueryError(
                f"the query has {terms} terms, more than {_MAX_TERMS}",
                hint="name several values of a field at once: tag:vip,press,lead",
            )
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def parse(self) -> Node:
        """The tree of all tokens."""
        if not self._tokens:
            return And(())
        node = self._either()
        if self._place < len(self._tokens):
            raise QueryError(
                "there is a ) without its (", hint="quote a value that holds one", details={}
            )
        return node

    def _next(self) -> str:
        return self._tokens[self._place].type if self._place < len(self._tokens) else ""

    def _either(self) -> Node:
        terms = [self._all()]
        while self._next() == "or":
            self._place += 1
            terms.append(self._all())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _all(self) -> Node:
        terms = [self._single()]
        while self._next() not in ("", "or", _CLOSE):
            if self._next() == "and":
                self._place += 1
            terms.append(self._single())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _single(self) -> Node:
        negated = False
        while self._next() == "not":
            negated = not negated
            self._place += 1
        node = self._group() if self._next() == _OPEN else self._term()
        return Not(node) if negated else node

    def _group(self) -> Node:
        self._place += 1
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise QueryError("the parentheses are nested too deeply", hint="leave some out")
        node = self._either()
        if self._next() != _CLOSE:
            raise QueryError("a ( is not closed", hint="close it, or quote a value that holds one")
        self._place += 1
        self._depth -= 1
        return node

    def _term(self) -> Node:
        token = self._tokens[self._place] if self._next() else None
        if token is None or token.node is None:
            before = self._tokens[self._place - 1].text if self._place else ""
            shown = token.text if token else before
            raise QueryError(
                f"a term is missing {'before' if token else 'after'} {quote(shown)}",
                hint='for example tag:vip or city:Berlin; "or" in quotes is a word to search for',
                details={"word": shown},
            )
        self._place += 1
        return token.node
