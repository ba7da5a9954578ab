"""Companies and other organisations."""

from typing import ClassVar

from crmcli.models.base import (
    About,
    CurrencyCode,
    Day,
    Domain,
    LongText,
    MinorUnits,
    RecordRow,
    Text,
    Virtual,
    Whole,
    Year,
    addresses,
    derived,
    fact,
    internal,
    live_index,
    money,
    part,
    points,
    refers,
    tags,
)


class Company(RecordRow, table=True):
    """A company."""

    __tablename__ = "company"
    __table_args__ = (
        live_index("company", "name_key", "id"),
        live_index("company", "domain"),
        live_index("company", "owner_id"),
        live_index("company", "parent_id"),
        live_index("company", "created_at"),
    )
    about: ClassVar[About] = About(
        noun="company",
        plural="companies",
        letter="o",
        help="A company or another organisation.",
        title="name",
        order=("name_key",),
    )

    name: Text = fact(
        "What it is called.",
        required=True,
        search=True,
        listed=True,
        aliases=(
            "company_name",
            "organization",
            "organisation",
            "account_name",
            "company",
            "organization_name",
            "organisation_name",
        ),
    )
    name_key: str = internal(required=True)
    domain: Domain | None = fact(
        "Its domain on the internet.",
        search=True,
        listed=True,
        aliases=("company_domain_name", "domain_name", "email_domain"),
    )
    industry: Text | None = fact("What it does.", listed=True, aliases=("sector", "branch"))
    size: Whole | None = fact(
        "How many people work there.",
        aliases=("employees", "number_of_employees", "company_size", "headcount"),
    )
    revenue: MinorUnits | None = money(
        "Revenue in a year.", "revenue_currency", aliases=("annual_revenue", "turnover")
    )
    revenue_currency: CurrencyCode | None = internal()
    founded: Year | None = fact("The year it was founded.", aliases=("year_founded",))
    phones: ClassVar[Virtual] = points(
        "phone",
        "Phone numbers.",
        search=True,
        aliases=("phones", "phone_number", "telephone", "tel"),
    )
    emails: ClassVar[Virtual] = points(
        "email",
        "E-mail addresses.",
        search=True,
        aliases=("emails", "e_mail", "mail", "email_address"),
    )
    urls: ClassVar[Virtual] = points(
        "url",
        "Web pages.",
        label="URL",
        aliases=("urls", "website", "web_page", "homepage", "website_url"),
    )
    socials: ClassVar[Virtual] = points(
        "social", "Social profiles.", aliases=("socials", "linkedin", "twitter", "profile")
    )
    postal: ClassVar[Virtual] = addresses(
        "Postal addresses.", aliases=("addresses", "postal_address", "location")
    )
    street: ClassVar[Virtual] = part(
        "street", "text", "Street and number.", aliases=("street_address", "address_line_1")
    )
    city: ClassVar[Virtual] = part(
        "city", "text", "City.", search=True, listed=True, aliases=("town", "locality")
    )
    region: ClassVar[Virtual] = part(
        "region",
        "text",
        "State or region.",
        aliases=("state", "province", "county", "state_region"),
    )
    postcode: ClassVar[Virtual] = part(
        "postcode", "text", "Postal code.", aliases=("zip", "postal_code", "zip_code", "zipcode")
    )
    country: ClassVar[Virtual] = part(
        "country", "country", "Country.", listed=True, aliases=("country_region", "nation")
    )
    parent_id: int | None = refers(
        "The company it belongs to.",
        "company",
        "company",
        create=True,
        aliases=("parent_company", "parent_account"),
    )
    owner_id: int | None = refers(
        "Who looks after it.",
        "user",
        "app_user",
        listed=True,
        aliases=("company_owner", "account_owner", "assigned_to"),
    )
    source_id: int | None = refers(
        "Where it came from.", "source", "source", create=True, aliases=("lead_source",)
    )
    tagged: ClassVar[Virtual] = tags()
    confirmed_on: Day | None = fact(
        "When somebody last said that all of it is right.",
        name="confirmed",
        past=True,
        aliases=("checked", "verified"),
    )
    notes: LongText | None = fact(
        "Anything worth knowing.",
        search=True,
        aliases=("note", "comment", "comments", "description", "remarks"),
    )
    people: ClassVar[Virtual] = derived(
        "integer",
        "(SELECT count(*) FROM contact c WHERE c.company_id = t.id AND c.deleted_at IS NULL)",
        "How many contacts work there.",
    )
