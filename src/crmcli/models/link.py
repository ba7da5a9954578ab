"""Typed links between any two records: reports to, referred by, attends."""

from crmcli.models.base import Row, Text, internal, live_index


class Link(Row, table=True):
    """`from` stands in the relation `type` to `to`; each end is a noun and an id."""

    __tablename__ = "link"
    __table_args__ = (
        live_index("link", "from_record", "from_id", "type", "to_record", "to_id", unique=True),
        live_index("link", "to_record", "to_id"),
    )

    from_record: str = internal(required=True)
    from_id: int = internal(required=True)
    type: Text = internal(required=True)
    to_record: str = internal(required=True)
    to_id: int = internal(required=True)
