"""`crm doctor`: whether all is well, and what mends it where not."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import flag
from crmcli.cli.session import Act, Session
from crmcli.cli.surroundings import make_context
from crmcli.errors import CrmError, InvalidValue, NotPermitted, UnknownName


def doctor(
    fix: Annotated[bool, flag("Mend what can be mended safely.", "--fix")] = False,
    strict: Annotated[bool, flag("End with status 1 for warnings, too.", "--strict")] = False,
) -> Act:
    """Look whether all is well, and say what mends it.

    It examines the database, the place it lies in, the settings and the backups. The exit status
    is 1 when it finds an error. --fix makes views and the search index anew and takes
    permissions off others.
    """
    from crmcli.actions import doctor as action

    def act(session: Session) -> object:
        problem = _settings_problem(session)
        return action.doctor(session.ctx, problem, fix=fix, strict=strict)

    return act


def _settings_problem(session: Session) -> CrmError | None:
    """What is wrong with the settings file; the session then goes by the defaults."""
    try:
        session.ctx  # noqa: B018  made at its first use
    except (InvalidValue, UnknownName, NotPermitted) as problem:
        session.ctx = make_context(session.given, defaults=True)
        return problem
    return None
