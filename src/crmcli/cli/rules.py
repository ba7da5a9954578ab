"""`crm rules`: the team's rules for its data, and what breaks them."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import flag, words
from crmcli.cli.session import Act
from crmcli.errors import UsageError


def rules(
    name: Annotated[
        str | None, words("A rule: the records that break it are listed.", "RULE")
    ] = None,
    check: Annotated[bool, flag("Count the records that break each rule.", "--check")] = False,
) -> Act:
    """List the rules for the data, and what breaks them.

    Rules are written into the settings (`crm config edit`), each as a table [[rules]]: for which
    record, what is required, which pattern, range, values or case a field must have, what must be
    unique, from which stage on. An error refuses the write, a warning lets it pass. Records that
    broke a rule before stay, until they are changed where the rule looks.
    """
    if name is not None and check:
        raise UsageError("crm rules takes a rule or --check, not both")
    from crmcli.actions import data_rules

    if name is not None:
        return lambda s: data_rules.breaking(s.ctx, name, s.limit)
    return lambda s: data_rules.listing(s.ctx, check=check)
