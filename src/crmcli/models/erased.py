"""What an erased person was reached by, kept so that nobody adds them again without knowing."""

from sqlmodel import Field, SQLModel


class Erased(SQLModel, table=True):
    """An e-mail or phone as a keyed hash: it tells that somebody was erased, and not who.

    The key is drawn for each database and kept in `meta`.
    """

    __tablename__ = "erased"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
