"""What other programs call the status of a contact, in our words."""

from __future__ import annotations

from crmcli.exchange.headers import squash

_STATUSES = {
    "lead": "newlead new open fresh cold subscriber visitor prospect uncontacted notcontacted"
    " opennotcontacted attempted attemptedtocontact unqualifiedlead marketinglead inquiry",
    "qualified": "contacted connected working workingcontacted inprogress engaged nurturing"
    " marketingqualifiedlead salesqualifiedlead mql sql opportunity opendeal proposal proposalsent"
    " negotiation negotiating demo meeting meetingscheduled onhold reengagement warm hot active",
    "customer": "closedwon won client converted closedconverted existingcustomer evangelist",
    "former": "formercustomer excustomer churned inactive past cancelled",
    "lost": "closedlost disqualified unqualified closednotconverted rejected junk junklead"
    " badtiming notinterested dead",
}
_STATUS_OF = {word: status for status, words in _STATUSES.items() for word in words.split()}


def status_of(text: str) -> str | None:
    """Our status for another program's word, such as Closed Won; None when it is unknown."""
    return _STATUS_OF.get(squash(text))
