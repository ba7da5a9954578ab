"""How somebody can be reached: e-mails, phones, URLs, social profiles, and postal addresses.

They belong to a contact or to a company, each has a label, and one of each kind is primary.
"""

from sqlalchemy import CheckConstraint

from crmcli.models.base import Country, Row, Text, YesNo, gone_index, internal, live_index

KINDS = ("email", "phone", "url", "social")
_ONE_HOLDER = "(contact_id IS NULL) <> (company_id IS NULL)"


class ContactPoint(Row, table=True):
    """One e-mail, phone, URL or social profile.

    `value` is the normalised form, or what was typed where `valid` is 0; `key` is what it is
    matched by; `label` is its use (work, home, mobile), for a social profile the network.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        CheckConstraint(_ONE_HOLDER, name="ck_holder"),
        CheckConstraint("kind IN ('email', 'phone', 'url', 'social')", name="ck_kind"),
        live_index("contact_point", "key", "kind"),
        live_index("contact_point", "contact_id", "kind", given="contact_id"),
        live_index("contact_point", "company_id", "kind", given="company_id"),
        gone_index("contact_point", "contact_id"),
        gone_index("contact_point", "company_id"),
    )

    contact_id: int | None = internal(foreign="contact.id")
    company_id: int | None = internal(foreign="company.id")
    kind: str = internal(required=True)
    label: Text | None = internal()
    value: Text = internal(required=True)
    key: str = internal(required=True)
    is_primary: YesNo = internal(0)
    valid: YesNo = internal(1)


class Address(Row, table=True):
    """One postal address."""

    __tablename__ = "address"
    __table_args__ = (
        CheckConstraint(_ONE_HOLDER, name="ck_holder"),
        live_index("address", "contact_id", given="contact_id"),
        live_index("address", "company_id", given="company_id"),
        gone_index("address", "contact_id"),
        gone_index("address", "company_id"),
        live_index("address", "city_key", given="city_key"),
    )

    contact_id: int | None = internal(foreign="contact.id")
    company_id: int | None = internal(foreign="company.id")
    label: Text | None = internal()
    street: Text | None = internal()
    city: Text | None = internal()
    city_key: str | None = internal()
    region: Text | None = internal()
    postcode: Text | None = internal()
    country: Country | None = internal()
    is_primary: YesNo = internal(0)
