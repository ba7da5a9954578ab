"""The words that the demo is made of. All people and companies are invented.

Telephone numbers are from the ranges that the authorities keep for fiction (555-01xx in North
America, and those of Ofcom, BNetzA, Arcep, ACMA, PTS); domains end in `.example` (RFC 2606).
"""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A country: its cities (with region, postcode, telephone number), its people.

    In numbers and postcodes, # stands for a digit and ? for a letter. weight: how many of a
    hundred companies are there.
    """

    country: str
    zone: str
    language: str
    currency: str
    legal: tuple[str, ...]
    cities: tuple[tuple[str, str | None, str, str], ...]
    mobile: str
    first: str
    last: str
    streets: tuple[str, ...]
    weight: int


TEAM = (
    ("ada", "Ada Lindqvist"),
    ("grace", "Grace Okafor"),
    ("linus", "Linus Brandt"),
    ("margaret", "Margaret Doyle"),
)

PLACES = (
    Place(
        "US", "America/New_York", "en", "USD", ("Inc", "LLC", "Group", ""),
        (
            ("New York", "NY", "100##", "+121255501##"),
            ("Chicago", "IL", "606##", "+131255501##"),
            ("Boston", "MA", "021##", "+161755501##"),
            ("Austin", "TX", "787##", "+151255501##"),
            ("Seattle", "WA", "981##", "+120655501##"),
        ),
        "+191755501##",
        "Amelia Brandon Carla Derek Elena Felix Gloria Hector Irene Jamal Kendra Leo Monique Nolan "
        "Olivia Preston Quinn Renee Silas Tamara Ulysses Vanessa Wendell Ximena Yolanda Zachary",
        "Ashby Barlow Castellano Dunmore Ellery Farrow Garrison Holloway Ibarra Jessup Kirkland "
        "Lattimore Mercado Norwood Okonkwo Pemberton Quigley Radcliffe Sandoval Thackeray Vance "
        "Whitcomb Yarrow",
        ("Maple Street", "Harbor Avenue", "5th Street", "Union Square", "Market Street"),
        34,
    ),
    Place(
        "GB", "Europe/London", "en", "GBP", ("Ltd", "& Sons", "Partners", ""),
        (
            ("London", None, "EC1A #B?", "+442079460###"),
            ("Manchester", None, "M# #A?", "+441614960###"),
            ("Edinburgh", None, "EH# #B?", "+441314960###"),
            ("Bristol", None, "BS# #D?", "+441174960###"),
        ),
        "+447700900###",
        "Alistair Beatrix Callum Daphne Edmund Fiona Gareth Harriet Imogen Jasper Kirsty Lachlan "
        "Maeve Nigel Ottilie Percy Rosalind Saoirse Tobias Winifred",
        "Ainsworth Blackwood Cartwright Dalrymple Entwistle Fairfax Goldsworthy Hargreaves Inglis "
        "Kettlewell Lockhart Merryweather Northcott Ormsby Penhaligon Ravenscroft Stapleton "
        "Thistlewood Wetherby",
        ("High Street", "Station Road", "Victoria Road", "Mill Lane", "King's Parade"),
        16,
    ),
    Place(
        "DE", "Europe/Berlin", "de", "EUR", ("GmbH", "AG", "GmbH & Co. KG", ""),
        (
            ("Berlin", None, "101##", "+493023125###"),
            ("Hamburg", None, "200##", "+494066969###"),
            ("München", "Bayern", "803##", "+498999998###"),
            ("Köln", None, "506##", "+492214710###"),
            ("Frankfurt am Main", "Hessen", "603##", "+496990009###"),
        ),
        "+49176040690##",
        "Anneliese Bernd Charlotte Dieter Elke Friedrich Greta Hannes Ilse Jürgen Katharina Lukas "
        "Marlene Norbert Ottilie Paul Renate Sören Theresa Uwe Wiebke",
        "Ackermann Böhme Carstens Dörfler Eichhorn Falkenberg Grünwald Hagedorn Jäger Köhler "
        "Lindenthal Möllers Nachtweih Oppermann Pfeiffer Rautenberg Schönfeld Tiedemann Wächter",
        ("Lindenstraße", "Hafenweg", "Am Markt", "Schillerplatz", "Bahnhofstraße"),
        20,
    ),
    Place(
        "FR", "Europe/Paris", "fr", "EUR", ("SARL", "SA", "et Fils", ""),
        (
            ("Paris", None, "7500#", "+3319900####"),
            ("Lyon", None, "6900#", "+3346571####"),
            ("Nantes", None, "4400#", "+3326191####"),
            ("Bordeaux", None, "3300#", "+3353649####"),
        ),
        "+3363998####",
        "Adèle Baptiste Clémence Damien Élodie Fabrice Gaëlle Hugo Inès Julien Lucie Mathis Noémie "
        "Océane Pascal Romane Sylvain Théo Valérie",
        "Arnoux Beaumont Chastain Delacroix Escoffier Fontenay Garnier Hébrard Jourdain Lacombe "
        "Marchand Neuville Pelletier Rousselot Saint-Clair Thibault Vasseur",
        ("rue des Lilas", "avenue Victor-Hugo", "quai du Port", "place du Marché"),
        12,
    ),
    Place(
        "SE", "Europe/Stockholm", "sv", "EUR", ("AB", ""),
        (
            ("Stockholm", None, "111 ##", "+468465004##"),
            ("Göteborg", None, "411 ##", "+463139006##"),
        ),
        "+467017406##",
        "Astrid Björn Elin Fredrik Göran Hedda Ingrid Johan Linnea Måns Nils Saga Tove Viggo",
        "Ahlström Bergqvist Dahlgren Ekström Forsberg Hallberg Lundmark Nyström Sjögren Åkerman",
        ("Storgatan", "Hamngatan", "Kungsgatan"),
        7,
    ),
    Place(
        "AU", "Australia/Sydney", "en", "USD", ("Pty Ltd", ""),
        (
            ("Sydney", "NSW", "20##", "+6125550####"),
            ("Melbourne", "VIC", "30##", "+6135550####"),
        ),
        "",
        "Banjo Chloe Darcy Evie Finn Georgia Hamish Isla Kieran Lachie Matilda Toby",
        "Appleby Brannigan Coolidge Drummond Finlayson Gillespie Hewson Kavanagh Mulligan Prescott",
        ("George Street", "Collins Street", "Harbour Road"),
        7,
    ),
    Place(
        "JP", "Asia/Tokyo", "ja", "USD", ("株式会社",),
        (("東京", None, "100-00##", ""), ("大阪", None, "530-00##", "")),
        "",
        "花子 太郎 美咲 健太 由紀 大輔 さくら 翔",
        "佐藤 鈴木 高橋 田中 渡辺 伊藤 山本",
        ("丸の内", "梅田"),
        4,
    ),
)  # fmt: skip

# Names of companies: one word of the first list, one of an industry.
STEMS = (
    "Alder",
    "Amber",
    "Anchor",
    "Arbor",
    "Aspen",
    "Beacon",
    "Birch",
    "Blaufeld",
    "Bramble",
    "Bright",
    "Briar",
    "Cascade",
    "Cedar",
    "Clover",
    "Copper",
    "Coral",
    "Crescent",
    "Delta",
    "Dover",
    "Ember",
    "Evergreen",
    "Falcon",
    "Fern",
    "Flint",
    "Garnet",
    "Glade",
    "Granite",
    "Halden",
    "Harbor",
    "Hazel",
    "Heron",
    "Horizon",
    "Indigo",
    "Iris",
    "Juniper",
    "Kestrel",
    "Keystone",
    "Lantern",
    "Larch",
    "Laurel",
    "Lumen",
    "Lynx",
    "Maple",
    "Meridian",
    "Mistral",
    "Nimbus",
    "Nordlicht",
    "Oakline",
    "Onyx",
    "Orchard",
    "Osprey",
    "Palisade",
    "Pebble",
    "Pinecrest",
    "Pollux",
    "Quarry",
    "Quill",
    "Raven",
    "Redwood",
    "Ridge",
    "Rowan",
    "Saffron",
    "Sequoia",
    "Silverline",
    "Solstice",
    "Spruce",
    "Sterling",
    "Summit",
    "Sundial",
    "Tamarack",
    "Teal",
    "Thornfield",
    "Tidewater",
    "Timber",
    "Umber",
    "Vale",
    "Verdant",
    "Vesper",
    "Willow",
    "Wren",
    "Yarrow",
    "Zephyr",
)
JAPANESE_STEMS = ("青空", "桜木", "若葉", "星野", "白山", "清流", "光陽", "大樹", "北斗", "朝日野")
INDUSTRIES = (
    ("Logistics", ("Logistics", "Freight", "Shipping")),
    ("Software", ("Software", "Systems", "Data", "Labs")),
    ("Manufacturing", ("Works", "Tools", "Robotics")),
    ("Food", ("Foods", "Kitchens", "Bakeries")),
    ("Health", ("Health", "Clinics", "Diagnostics")),
    ("Construction", ("Builders", "Homes", "Engineering")),
    ("Retail", ("Outfitters", "Market", "Trading")),
    ("Energy", ("Energy", "Solar", "Power")),
    ("Education", ("Academy", "Learning", "Press")),
    ("Finance", ("Capital", "Insurance", "Advisors")),
)
SIZES = (4, 9, 14, 22, 35, 48, 70, 110, 180, 260, 420, 900, 2400)

ROLES = (
    ("Chief Executive", "Management"),
    ("Head of Operations", "Operations"),
    ("Purchasing Manager", "Purchasing"),
    ("IT Manager", "IT"),
    ("Office Manager", "Administration"),
    ("Head of Finance", "Finance"),
    ("Project Lead", "Operations"),
    ("Marketing Manager", "Marketing"),
    ("Plant Manager", "Production"),
    ("Systems Administrator", "IT"),
)
SOURCES = ("Website", "Referral", "Trade fair", "Newsletter", "Cold call", "Partner")
TAGS = ("vip", "newsletter", "press", "early-adopter", "reference", "price-sensitive", "fair-2025")
LOST_REASONS = (
    "price",
    "chose a competitor",
    "no budget",
    "no answer",
    "timing",
    "missing feature",
)
PRODUCTS = (
    "annual licence", "pilot project", "renewal", "rollout", "extra seats", "training days",
    "support contract", "migration", "starter package", "integration",
)  # fmt: skip
PARTNER_PRODUCTS = ("reseller agreement", "referral agreement", "joint webinar", "co-marketing")
DEAL_ROLES = ("decision maker", "champion", "buyer", "user", "technical contact")

# Activities: type, how often of 100, direction where it has one, minutes, subjects, outcomes.
ACTIVITIES = (
    ("call", 30, (5, 35), (
        "first call", "questions about the offer", "agreed on next steps", "checked in",
        "talked about the budget", "asked for a reference", "went through open points",
    ), ("reached", "left a message", "call back later", "no answer")),
    ("email", 38, None, (
        "sent the offer", "answered questions", "sent the slides", "thanked for the meeting",
        "asked about timing", "sent the contract", "confirmed the date",
    ), ("sent", "answered")),
    ("meeting", 14, (30, 90), (
        "demo", "kick-off", "workshop on requirements", "contract talk", "quarterly review",
    ), ("went well", "needs another round", "agreed")),
    ("note", 10, None, (
        "new office opened", "budget is decided in autumn", "uses a spreadsheet today",
        "prefers short e-mails", "met at the fair",
    ), ()),
    ("chat", 5, (5, 15), ("quick question", "asked for an invoice copy"), ("answered",)),
    ("visit", 3, (60, 180), ("visited the plant", "visited the office"), ("went well",)),
)  # fmt: skip
TASKS = (
    "call back", "send the offer", "send the contract", "prepare the demo", "ask for feedback",
    "check the requirements", "arrange a meeting", "follow up on the offer", "send references",
    "update the forecast",
)  # fmt: skip
NOTES = (
    "Prefers to be called in the morning.",
    "Met at the trade fair; asked for a trial.",
    "Very thorough, wants everything in writing.",
    "Likes sailing. Two children.",
    "Decides together with the head of finance.",
)
