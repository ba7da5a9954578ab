"""Everything that can go wrong, as one tree.

    CrmError                    error            1
      Bug                       bug              1   a mistake in this program
      Declined                  declined         1   a question was answered with no
      MissingPart               missing_part     1   an optional part is not installed
      Undelivered               undelivered      1   a reminder did not go out
        Refused                 refused          1   and never will
        Delayed                 delayed          1   and may later
      UsageError                usage            2
        UnknownName             unknown_name     2   a command, field, format … that does not exist
        QueryError              query            2   a query that cannot be read
      NotFound                  not_found        3
      Conflict                  conflict         4
        Ambiguous               ambiguous        4   more than one record fits
        Duplicate               duplicate        4   a new record may be there already
        Changed                 changed          4   somebody else changed it in between
        Partial                 partial          4   an undo that had to leave something
      InvalidValue              invalid_value    5
        BrokenRule              broken_rule      5   a rule of the team's for its data
      NotPermitted              not_permitted    6
      DatabaseError             database         7
        DatabaseMissing         database_missing 7
        DatabaseBusy            database_busy    7
        DatabaseNewer           database_newer   7
        NotADatabase            not_a_database   7
      RowsRejected              rows_rejected    1   an import that set rows aside

A class knows its code and its exit status; an instance knows its sentence, a hint that says what
to type next, and details for programs. One place catches them: `crmcli.cli.main`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class CrmError(Exception):
    """Something a user is told in one line, with a hint; never a traceback.

    message: one sentence that says what was wrong and where.
    hint: what to type next, or None.
    details: plain data for `--json`.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1

    def __init__(
        self, message: str, *, hint: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details or {}

    def __str__(self) -> str:
        return self.message

    def as_dict(self) -> dict[str, Any]:
        """The error as one JSON object: code, message, hint, details."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "details": self.details,
        }


class Bug(CrmError):
    """A mistake in this program; its details are in the log."""

    code = "bug"


class Declined(CrmError):
    """A question was answered with no."""

    code = "declined"


class MissingPart(CrmError):
    """Something needs an optional part that is not installed."""

    code = "missing_part"


class Undelivered(CrmError):
    """A reminder did not go out."""

    code = "undelivered"


class Refused(Undelivered):
    """The other side will never accept a reminder."""

    code = "refused"


class Delayed(Undelivered):
    """A reminder could not go out now. down: nor can any other by the same channel."""

    code = "delayed"

    def __init__(self, message: str, *, down: bool = False) -> None:
        super().__init__(message)
        self.down = down


class UsageError(CrmError):
    """The command line itself is wrong."""

    code = "usage"
    exit_status = 2


class UnknownName(UsageError):
    """A command, field, format, setting or report that does not exist."""

    code = "unknown_name"


class QueryError(UsageError):
    """A query that cannot be read."""

    code = "query"


class NotFound(CrmError):
    """No record fits what was named."""

    code = "not_found"
    exit_status = 3


class Conflict(CrmError):
    """What was asked collides with what is there."""

    code = "conflict"
    exit_status = 4


class Ambiguous(Conflict):
    """More than one record fits; the candidates are in details."""

    code = "ambiguous"


class Duplicate(Conflict):
    """A new record may be there already; the candidates are in details."""

    code = "duplicate"


class Changed(Conflict):
    """Somebody else changed the record since it was read."""

    code = "changed"


class Partial(Conflict):
    """An undo that kept what was changed or used since."""

    code = "partial"


class InvalidValue(CrmError):
    """A value that its field cannot hold."""

    code = "invalid_value"
    exit_status = 5


class BrokenRule(InvalidValue):
    """What was to be written breaks a rule of the settings; all of them are in details."""

    code = "broken_rule"


class NotPermitted(CrmError):
    """A file or folder that may not be read or written."""

    code = "not_permitted"
    exit_status = 6


class DatabaseError(CrmError):
    """The database cannot be used."""

    code = "database"
    exit_status = 7


class DatabaseMissing(DatabaseError):
    """There is no database yet."""

    code = "database_missing"


class DatabaseBusy(DatabaseError):
    """Another process held the database for too long."""

    code = "database_busy"


class DatabaseNewer(DatabaseError):
    """The database was written by a newer version of the program."""

    code = "database_newer"


class NotADatabase(DatabaseError):
    """The file is not one of ours."""

    code = "not_a_database"


class RowsRejected(CrmError):
    """An import went in, but some rows were set aside."""

    code = "rows_rejected"
