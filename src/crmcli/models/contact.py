"""People: customers, prospects, and leads (contacts whose status is `lead`)."""

from typing import ClassVar

from crmcli.models.base import (
    About,
    Birthday,
    Choice,
    Day,
    Days,
    Language,
    LongText,
    Name,
    RecordRow,
    Text,
    Virtual,
    YesNo,
    Zone,
    addresses,
    derived,
    fact,
    internal,
    live_index,
    part,
    points,
    refers,
    tags,
)

STATUSES = ("lead", "qualified", "customer", "former", "lost")


class Contact(RecordRow, table=True):
    """A person."""

    __tablename__ = "contact"
    __table_args__ = (
        live_index("contact", "name_key", "id"),
        live_index("contact", "company_id", "name_key"),
        live_index("contact", "owner_id"),
        live_index("contact", "status", "name_key"),
        live_index("contact", "keep_in_touch", given="keep_in_touch"),
        live_index("contact", "created_at"),
    )
    about: ClassVar[About] = About(
        noun="contact",
        plural="contacts",
        letter="c",
        help="A person: a customer, a prospect or a lead.",
        title="name",
        order=("name_key",),
    )

    name: Name = fact(
        "The full name, as people say it.",
        required=True,
        search=True,
        listed=True,
        aliases=("full_name", "display_name", "contact_name", "contact"),
    )
    name_key: str = internal(required=True)
    prefix: Text | None = fact("Title before the name.", aliases=("name_prefix", "salutation"))
    first_name: Text | None = fact(
        "Given name.", aliases=("first", "given_name", "forename", "firstname")
    )
    middle_name: Text | None = fact("Middle names.", aliases=("middle", "additional_name"))
    last_name: Text | None = fact(
        "Family name.", aliases=("last", "surname", "family_name", "lastname")
    )
    suffix: Text | None = fact("What follows the name.", aliases=("name_suffix",))
    preferred_name: Text | None = fact(
        "What they are called.", search=True, aliases=("nickname", "known_as", "goes_by")
    )
    emails: ClassVar[Virtual] = points(
        "email",
        "E-mail addresses.",
        search=True,
        listed=True,
        aliases=("emails", "e_mail", "mail", "email_address", "e_mail_address"),
    )
    phones: ClassVar[Virtual] = points(
        "phone",
        "Phone numbers.",
        search=True,
        listed=True,
        aliases=("phones", "phone_number", "telephone", "tel", "mobile"),
    )
    company_id: int | None = refers(
        "The company they work for.",
        "company",
        "company",
        search=True,
        listed=True,
        create=True,
        aliases=("organization", "organisation", "employer", "company_name", "account", "org"),
    )
    title: Text | None = fact(
        "Job title.", search=True, aliases=("job_title", "position", "role", "job")
    )
    department: Text | None = fact("Department.")
    status: Choice = fact(
        "Where they stand: lead, qualified, customer, former or lost.",
        default="lead",
        choices=STATUSES,
        check="status",
        listed=True,
        aliases=("contact_status", "lead_status", "lifecycle_stage"),
    )
    owner_id: int | None = refers(
        "Who looks after them.",
        "user",
        "app_user",
        listed=True,
        aliases=("contact_owner", "lead_owner", "account_owner", "assigned_to"),
    )
    source_id: int | None = refers(
        "Where they came from.",
        "source",
        "source",
        create=True,
        aliases=("lead_source", "original_source"),
    )
    tagged: ClassVar[Virtual] = tags()
    postal: ClassVar[Virtual] = addresses(
        "Postal addresses.", aliases=("addresses", "postal_address", "location")
    )
    street: ClassVar[Virtual] = part(
        "street", "text", "Street and number.", aliases=("street_address", "address_line_1")
    )
    city: ClassVar[Virtual] = part(
        "city", "text", "City.", search=True, aliases=("town", "locality", "suburb")
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
        "country", "country", "Country.", aliases=("country_region", "nation")
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
    birthday: Birthday | None = fact(
        "Date of birth, with or without the year.",
        past=True,
        aliases=("date_of_birth", "birth_date", "dob", "born"),
    )
    language: Language | None = fact("Preferred language.", aliases=("preferred_language",))
    time_zone: Zone | None = fact("Their time zone.", aliases=("timezone", "tz"))
    keep_in_touch: Days | None = fact(
        "How long may pass between two talks.", aliases=("cadence", "keep_in_touch_interval")
    )
    do_not_contact: YesNo = fact("Must not be contacted.", default=0)
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
    last_contact: ClassVar[Virtual] = derived(
        "moment",
        # CROSS JOIN: from the few activities of the contact, never from all that took place.
        "(SELECT max(a.at) FROM activity_participant p CROSS JOIN activity a"
        " WHERE a.id = p.activity_id AND p.contact_id = t.id AND p.deleted_at IS NULL"
        " AND a.deleted_at IS NULL AND a.planned = 0 AND a.type <> 'note')",
        "When somebody last talked with them.",
        aliases=("last_contacted", "last_activity"),
    )
