"""What was decided about records that may be the same: merged into one, or not duplicates."""

from crmcli.models.base import Row, gone_index, internal, live_index


class Merged(Row, table=True):
    """A record that became part of another one, to which its handle leads from then on."""

    __tablename__ = "merged"
    __table_args__ = (
        live_index("merged", "record", "record_id", unique=True),
        live_index("merged", "record", "into_id"),
        gone_index("merged", "record", "record_id"),
        gone_index("merged", "record", "into_id"),
    )

    record: str = internal(required=True)
    record_id: int = internal(required=True)
    into_id: int = internal(required=True)


class NotDuplicate(Row, table=True):
    """Two records that somebody said are not the same, the lower id first."""

    __tablename__ = "not_duplicate"
    __table_args__ = (live_index("not_duplicate", "record", "low_id", "high_id", unique=True),)

    record: str = internal(required=True)
    low_id: int = internal(required=True)
    high_id: int = internal(required=True)
