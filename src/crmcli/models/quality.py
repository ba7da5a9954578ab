"""The log of how clean the data was."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class QualityScore(SQLModel, table=True):
    """The last audit of a day for one record type: how many records, and what they scored.

    The measures are tenths of a per cent, from 0 to 1000; `score` is their mean.
    """

    __tablename__ = "quality_score"
    __table_args__ = (UniqueConstraint("record", "day", name="uq_quality_score"),)

    id: int | None = Field(default=None, primary_key=True)
    day: str
    record: str
    records: int
    completeness: int
    validity: int
    uniqueness: int
    freshness: int
    consistency: int
    score: int
