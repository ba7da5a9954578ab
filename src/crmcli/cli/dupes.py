"""Duplicates: finding them, saying that some are none, and making one record of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from crmcli.cli.arguments import flag, option, words
from crmcli.cli.session import Act, Session, ask
from crmcli.errors import Declined, InvalidValue, UsageError
from crmcli.results import Done, Dupes

if TYPE_CHECKING:
    from crmcli.actions.assign import Assign

Threshold = Annotated[
    str | None,
    option("How likely they must be the same, from 0 to 1 (0.5).", "--threshold", metavar="P"),
]


def dupes(
    what: Annotated[
        list[str] | None,
        words("contacts or companies, with a query; or reject REF REF.", "[NOUNS] [QUERY]..."),
    ] = None,
    *,
    threshold: Threshold = None,
    explain: Annotated[bool, flag("The evidence of every pair, in bits.", "--explain")] = False,
    merge: Annotated[bool, flag("Go through the clusters and decide.", "--merge")] = False,
    auto: Annotated[bool, flag("Merge the clusters that are as good as sure.", "--auto")] = False,
    where: Annotated[
        str | None, option("A whole query in one word.", "--where", metavar="QUERY")
    ] = None,
) -> Act:
    """Find records that may be the same.

    Clusters come with the best first: a score from 0 to 1, and what speaks for it and against.
    `crm dupes reject c1 c2` remembers for good that two are not the same. --merge asks what to do
    with each cluster; you may stop and go on another day. --auto merges those that score 0.95 or
    more; `crm undo` takes it back.
    """
    from crmcli.actions import dupes as actions

    given = list(what or ())
    if given[:1] == ["reject"]:
        return lambda s: actions.reject(s.ctx, given[1:])
    noun, terms = actions.noun_and_query(given)
    usual = actions.AUTO if auto else actions.THRESHOLD
    least = usual if threshold is None else _probability(threshold)

    def act(session: Session) -> Any:
        found = actions.dupes(
            session.ctx, noun, terms, where=where, threshold=least,
            limit=session.limit if not (merge or auto) else 0, explain=explain,
        )  # fmt: skip
        if auto:
            return _merge_sure(session, found, least)
        return _walk(session, found) if merge else found

    return act


def _merge_sure(session: Session, found: Dupes, least: float) -> Any:
    from crmcli.actions.merge import merge_all

    sure = [[h for h, *_ in each.records] for each in found.clusters if each.score >= least]
    count = sum(map(len, sure))
    if sure:
        session.confirm(f"Make {len(sure):,} of {count:,} {found.plural}?")
    return merge_all(session.ctx, sure)


_CHOICES = "[m]erge, [s]kip, [n]ot duplicates, [q]uit"


def _walk(session: Session, found: Dupes) -> Any:
    """Go through the clusters, one question for each; what was decided stays decided."""
    if not session.interactive:
        raise UsageError("nobody is there to decide", hint="--auto merges what is as good as sure")
    from crmcli.output import emit

    decided, total = 0, len(found.clusters)
    for number, double in enumerate(found.clusters, 1):
        emit(found._replace(clusters=(double,), hint=""), session.how)
        answer = _answer(f"{number:,} of {total:,}: {_CHOICES}? ")
        if answer == "q":
            break
        decided += answer != "s"
        _decide(session, [handle for handle, *_ in double.records], answer)
    return Done((f"{decided:,} decided, {total - decided:,} left for another time",))


def _answer(question: str) -> str:
    """The first letter of a choice; the end of input is an end, too."""
    while True:
        try:
            answer = ask(question).casefold()[:1]
        except Declined:
            return "q"
        if answer in ("m", "s", "n", "q"):
            return answer


def _decide(session: Session, handles: list[str], answer: str) -> None:
    from crmcli.actions import dupes as actions
    from crmcli.actions.merge import fullest_first
    from crmcli.actions.merge import merge as merge_records
    from crmcli.output import emit

    if answer == "m":
        ordered = fullest_first(session.ctx.reader, handles)
        emit(merge_records(session.ctx, ordered), session.how)
    elif answer == "n":
        emit(actions.reject(session.ctx, handles), session.how)


Prefer = Annotated[
    str | None,
    option("Whose value wins: one of the REFs, newest or longest.", "--prefer", metavar="WHICH"),
]


def merge(
    what: Annotated[
        list[str], words("The records, the one that stays first; then field=value.", "REF...")
    ],
    prefer: Prefer = None,
) -> Act:
    """Make one record of several that are the same.

    The first record stays. A field that it lacks is filled from the others; --prefer says whose
    value wins where they differ, and field=value or field=c57 decides one field. All e-mails,
    phones, addresses, tags, notes, activities, tasks, deals and links are kept. The handles of the
    others lead to the first from then on, and `crm undo` takes everything apart again.
    """
    from crmcli.actions.assign import is_assign, read_assign

    refs = [word for word in what if not is_assign(word)]
    assigns = [read_assign(word) for word in what if is_assign(word)]
    return lambda session: _merge(session, refs, prefer, assigns)


def _merge(session: Session, refs: list[str], prefer: str | None, assigns: list[Assign]) -> Any:
    from crmcli.actions import merge as actions
    from crmcli.actions.stale import last_change

    ctx = session.ctx
    if session.given.get("dry_run"):
        shown = actions.preview(ctx, refs, prefer=prefer, assigns=assigns)
        done = actions.merge(ctx, refs, prefer=prefer, assigns=assigns)
        return done._replace(preview=shown)
    if session.interactive and not session.given.get("yes"):
        ctx.as_of = last_change(ctx.reader)
        assigns = _chosen(session, refs, prefer, assigns)
    return actions.merge(ctx, refs, prefer=prefer, assigns=assigns)


def _chosen(
    session: Session, refs: list[str], prefer: str | None, assigns: list[Assign]
) -> list[Assign]:
    """Show what will win, until somebody agrees; an answer field=value changes it."""
    from crmcli.actions import merge as actions
    from crmcli.actions.assign import is_assign, read_assign
    from crmcli.output import emit

    while True:
        emit(actions.preview(session.ctx, refs, prefer=prefer, assigns=assigns), session.how)
        answer = ask("Merge them? [y/N], or field=value, or field=HANDLE: ")
        if is_assign(answer):
            assigns = [*assigns, read_assign(answer)]
        elif answer.casefold() in ("y", "yes"):
            return assigns
        else:
            raise Declined("nothing was changed")


def _probability(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InvalidValue(
            f'cannot read "{text}" as a threshold', hint="for example --threshold 0.8"
        ) from error
