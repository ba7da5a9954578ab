"""What other programs call our records, so that their files find them again."""

from crmcli.models.base import Row, Text, gone_index, internal, live_index


class ExternalId(Row, table=True):
    """The id that another program gave to a record.

    `system` names the program (hubspot, pipedrive), `record` the noun of the record's type. A
    record may have several ids in one program, as after a merge. The same id may belong to a
    deleted record and to a later one; the one that is not deleted counts.
    """

    __tablename__ = "external_id"
    __table_args__ = (
        live_index("external_id", "key", "record", "system"),
        live_index("external_id", "record_id", "record"),
        gone_index("external_id", "record_id", "record"),
    )

    system: Text = internal(required=True)
    record: str = internal(required=True)
    record_id: int = internal(required=True)
    key: Text = internal(required=True)
