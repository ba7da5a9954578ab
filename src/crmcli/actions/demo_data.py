"""The rows of the demo: a year in the life of a team of four, the same for the same day.

`rows(env)` gives them by table, in the order in which they are to be inserted. Days are relative
to today; moments are in working hours of the user's time zone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from random import Random
from typing import Any, TypeAlias

from crmcli import values
from crmcli.actions import demo_words as words
from crmcli.actions.demo_words import Place
from crmcli.values import Env
from crmcli.values.calendar import at_local, moment_text
from crmcli.values.text import sort_key

Row: TypeAlias = "dict[str, Any]"

COMPANIES, CONTACTS, ACTIVITIES = 200, 600, 2000
WON, LOST, OPEN, PARTNERS = 54, 34, 48, 14  # deals: 150
_YEAR = 365

# The default pipeline's stages as `crmcli.store.schema` makes them, by id.
_NEW, _NEGOTIATION, _SALES_WON, _SALES_LOST = 1, 4, 5, 6
_ROT_DAYS = {1: 14, 2: 21, 3: 21, 4: 14}
_PARTNER_STAGES = (
    ("Contacted", "open", 20, 30),
    ("Terms", "open", 60, 21),
    ("Waiting", "on hold", 30, None),
    ("Signed", "won", 100, None),
    ("Declined", "lost", 0, None),
)
_CONTACTED, _TERMS, _WAITING, _SIGNED, _DECLINED = 7, 8, 9, 10, 11
_CLOSED = (_SALES_WON, _SALES_LOST, _SIGNED, _DECLINED)


def rows(env: Env) -> dict[str, list[Row]]:
    """All rows by table; ids are given."""
    return _Story(env).tell()


class _Story:
    """The demo while it is made up."""

    def __init__(self, env: Env) -> None:
        self.env = env
        self.random = Random(1815)  # noqa: S311 - the same story each time
        self.tables: dict[str, list[Row]] = {}
        self.place_of: dict[int, Place] = {}  # of each company
        self.stems: dict[int, str] = {}  # its name without what it does and its legal form
        self.people: dict[int, list[int]] = {}  # the contacts of each company

    def tell(self) -> dict[str, list[Row]]:
        """Everything, in an order in which rows refer to earlier ones only."""
        self.household()
        self.companies()
        self.contacts()
        self.points_and_addresses()
        self.deals()
        self.activities()
        self.tasks()
        self.tags_and_links()
        return self.tables

    # --- tools

    def add(self, table: str, **row: Any) -> int:
        """A row of `table`; returns its id."""
        made = self.tables.setdefault(table, [])
        row["id"] = row.get("id") or len(made) + 1
        made.append(row)
        return int(row["id"])

    def record(self, table: str, made: str, **row: Any) -> int:
        """A row of a record type, made at the moment `made`."""
        if "name" in row:
            row["name_key"] = sort_key(row["name"])
        elif table == "deal":
            row["title_key"] = sort_key(row["title"])
        return self.add(table, created_at=made, updated_at=made, version=1, **row)

    def day(self, ago: int, *, working: bool = True) -> date:
        """The day `ago` days before today, off the weekend: the Friday before, ahead the Monday."""
        day = self.env.today - timedelta(days=ago)
        over = max(day.weekday() - 4, 0) if working else 0
        return day - timedelta(days=over) if ago >= 0 else day + timedelta(days=-over % 3)

    def moment(self, ago: int) -> str:
        """A moment in the working hours of that day."""
        return self.at(self.day(ago), self.random.randrange(8 * 60, 18 * 60, 5))

    def at(self, day: date, minutes: int) -> str:
        """The stored moment `minutes` after midnight."""
        return moment_text(at_local(day, time(minutes // 60, minutes % 60), self.env.zone))

    def pick(self, options: Sequence[Any]) -> Any:
        """One of several."""
        return self.random.choice(options)

    def chance(self, percent: int) -> bool:
        """True so many times of a hundred."""
        return self.random.randrange(100) < percent

    # --- the household

    def household(self) -> None:
        """The team, the second pipeline, sources and tags."""
        start = self.moment(_YEAR + 30)
        for name, full in words.TEAM:
            mail = f"{name}@crm.example"
            self.record("app_user", start, name=name, full_name=full, email=mail, active=1)
        self.record("pipeline", start, id=2, name="Partners", position=2, is_default=0)
        for place, (name, kind, chance, rots) in enumerate(_PARTNER_STAGES, 1):
            self.record(
                "stage", start, id=_CONTACTED + place - 1, name=name, pipeline_id=2,
                position=place, type=kind, probability=chance, rot_days=rots,
            )  # fmt: skip
        for name in words.SOURCES:
            self.record("source", start, name=name)
        for name in words.TAGS:
            self.record("tag", start, name=name)

    # --- companies and contacts

    def companies(self) -> None:
        """Companies in several countries, most of them small."""
        names = self.company_names()
        for id in range(1, COMPANIES + 1):
            place = self.random.choices(words.PLACES, [p.weight for p in words.PLACES])[0]
            industry, kinds = self.pick(words.INDUSTRIES)
            name, domain = next(names[place.country == "JP"])
            kind = "" if place.country == "JP" else f" {self.pick(kinds)}"
            size = self.pick(words.SIZES)
            self.place_of[id], self.stems[id] = place, name
            self.record(
                "company",
                self.moment(self.random.randrange(_YEAR - 60, _YEAR + 30)),
                name=_named(f"{name}{kind}", self.pick(place.legal)),
                domain=domain + kind.strip().lower() + ".example",
                industry=industry,
                size=size,
                revenue=size * self.random.randrange(60, 240) * 100_000,
                revenue_currency=place.currency,
                founded=self.random.randrange(1948, 2022),
                owner_id=self.random.randrange(1, 5),
                source_id=self.random.randrange(1, len(words.SOURCES) + 1),
                parent_id=None if id < 20 or not self.chance(4) else self.random.randrange(1, 20),
            )

    def company_names(self) -> dict[bool, Iterator[tuple[str, str]]]:
        """Names and the beginnings of domains, each once: Japanese ones, and others."""
        stems = list(words.STEMS)
        self.random.shuffle(stems)
        doubles = [(f"{a} & {b}", f"{a}{b}".lower()) for a, b in itertools.pairwise(stems)]
        plain = [(stem, stem.lower()) for stem in stems]
        more = [(f"{a} {b}", f"{a}-{b}".lower()) for a, b in zip(stems, stems[2:], strict=False)]
        japanese = [(stem, f"example-jp-{place}") for place, stem in enumerate(self.japanese(), 1)]
        return {True: iter(japanese), False: iter([*plain, *doubles, *more])}

    def japanese(self) -> list[str]:
        """More Japanese names than are needed, the short ones first."""
        stems = words.JAPANESE_STEMS
        return [*stems, *(a + b for a in stems for b in ("商事", "製作所", "物産"))]

    def contacts(self) -> None:
        """Contacts, at least one at each company."""
        ids = [*range(1, COMPANIES + 1), *self.random.choices(range(1, COMPANIES // 2), k=370)]
        ids += [0] * (CONTACTS - len(ids))  # a few belong to no company
        taken: set[str] = set()
        for company in ids:
            place = self.place_of.get(company, words.PLACES[0])
            id = self.contact(company, place, taken)
            self.people.setdefault(company, []).append(id)

    def contact(self, company: int, place: Place, taken: set[str]) -> int:
        """One person."""
        first, last = self.person(place, taken)
        title, department = self.pick(words.ROLES)
        made = self.tables["company"][company - 1] if company else {}
        return self.record(
            "contact",
            self.moment(self.random.randrange(5, _YEAR)),
            name=f"{last} {first}" if place.country == "JP" else f"{first} {last}",
            first_name=first,
            last_name=last,
            title=title if company else None,
            department=department if company else None,
            company_id=company or None,
            status="lead",
            owner_id=made.get("owner_id") or self.random.randrange(1, 5),
            source_id=made.get("source_id") or self.random.randrange(1, len(words.SOURCES) + 1),
            birthday=self.birthday(),
            language=place.language,
            time_zone=place.zone,
            keep_in_touch=self.pick((60, 90, 180)) if self.chance(6) else None,
            do_not_contact=int(self.chance(2)),
            notes=self.pick(words.NOTES) if self.chance(12) else None,
        )

    def person(self, place: Place, taken: set[str]) -> tuple[str, str]:
        """A first and a last name that nobody else has."""
        while True:
            first, last = self.pick(place.first.split()), self.pick(place.last.split())
            if place.country == "JP" or f"{first} {last}" not in taken:
                taken.add(f"{first} {last}")
                return first, last

    def birthday(self) -> str | None:
        """Known of some, without the year of a few."""
        if not self.chance(15):
            return None
        born = date(self.random.randrange(1958, 2000), 1, 1) + timedelta(self.random.randrange(365))
        return f"-{born.isoformat()[4:]}" if self.chance(30) else born.isoformat()

    # --- how to reach them

    def points_and_addresses(self) -> None:
        """E-mails, phones, web pages and postal addresses."""
        seen: set[str] = set()
        for id, company in enumerate(self.tables["company"], 1):
            place = self.place_of[id]
            phone = self.address(place, company_id=id)
            self.point("url", f"https://www.{company['domain']}", None, company_id=id)
            if phone:
                self.point("phone", self.number(phone, seen), "work", company_id=id)
        for id, contact in enumerate(self.tables["contact"], 1):
            self.reach(id, contact, seen)

    def reach(self, id: int, contact: Row, seen: set[str]) -> None:
        """The points of one contact."""
        company = contact["company_id"]
        place = self.place_of.get(company, words.PLACES[0])
        domain = self.tables["company"][company - 1]["domain"] if company else "mail.example"
        local = f"c{id}" if place.country == "JP" else _mailbox(contact)
        if f"{local}@{domain}" in seen:
            local += str(id)
        seen.add(f"{local}@{domain}")
        self.point("email", f"{local}@{domain}", "work", contact_id=id)
        if self.chance(12):
            self.point("email", f"{local}{id}@home.example", "home", primary=0, contact_id=id)
        if place.mobile and self.chance(70):
            self.point("phone", self.number(place.mobile, seen), "mobile", contact_id=id)
        if self.chance(20) and place.country != "JP":
            handle = f"https://www.linkedin.com/in/{local}-{id}-example"
            self.point("social", handle, "linkedin", contact_id=id)
        if not company:
            self.address(place, contact_id=id)

    def point(
        self, kind: str, text: str, label: str | None, *, primary: int = 1, **holder: int
    ) -> None:
        """One e-mail, phone, web page or profile."""
        value = str(values.parse(kind, text, self.env))
        self.add(
            "contact_point", kind=kind, label=label, value=value, key=values.key(kind, value),
            is_primary=primary, valid=1, **holder,
        )  # fmt: skip

    def number(self, pattern: str, seen: set[str]) -> str:
        """A number of a range for fiction; while there are any, one that nobody has yet."""
        for _try in range(100):
            text = self.written(pattern)
            if text not in seen:
                break
        seen.add(text)
        return text

    def written(self, pattern: str) -> str:
        """The pattern with a digit for each # and a letter for each ?."""
        signs = {"#": "0123456789", "?": "ABDEFGHJ"}
        return "".join(self.pick(signs.get(sign, sign)) for sign in pattern)

    def address(self, place: Place, **holder: int) -> str:
        """A street and a city; returns how telephone numbers there look."""
        city, region, post, phone = self.random.choice(place.cities)
        number = self.random.randrange(1, 180)
        before = place.country in ("US", "GB", "FR", "AU")
        street = self.pick(place.streets)
        self.add(
            "address",
            label="office" if "company_id" in holder else "home",
            street=f"{number} {street}" if before else f"{street} {number}",
            city=city,
            city_key=sort_key(city),
            region=region,
            postcode=self.written(post),
            country=place.country,
            is_primary=1,
            **holder,
        )
        return phone

    # --- deals

    def deals(self) -> None:
        """Deals won and lost over the year, open ones at all stages, some of them neglected."""
        kinds = ["won"] * WON + ["lost"] * LOST + ["open"] * OPEN + ["partner"] * PARTNERS
        self.random.shuffle(kinds)
        starts = [self.beginning(kind) for kind in kinds]
        for ago, kind in sorted(zip(starts, kinds, strict=True), reverse=True):
            self.deal(ago, kind)

    def beginning(self, kind: str) -> int:
        """How many days ago a deal was made."""
        if kind in ("won", "lost"):
            return self.random.randrange(30, _YEAR)
        return self.random.randrange(3, 120 if kind == "open" else 200)

    def deal(self, ago: int, kind: str) -> None:
        """One deal with its history."""
        company = self.random.randrange(1, 121)
        path = self.path(kind)
        steps = self.steps(ago, path, closed=kind in ("won", "lost"))
        products = words.PARTNER_PRODUCTS if kind == "partner" else words.PRODUCTS
        last_stage, entered = path[-1], steps[-1]
        is_closed = last_stage in _CLOSED
        made = self.moment(steps[0])
        since = max(made, self.moment(entered)) if len(path) > 1 else made
        id = self.record(
            "deal",
            made,
            title=f"{self.stems[company]} {self.pick(products)}",
            value=self.value(),
            currency="GBP" if self.place_of[company].country == "GB" else self.env.currency,
            stage_id=last_stage,
            probability=self.pick((40, 60, 90)) if not is_closed and self.chance(10) else None,
            expected_close=self.expected(entered, is_closed=is_closed),
            company_id=company,
            contact_id=self.people[company][0],
            owner_id=self.tables["company"][company - 1]["owner_id"],
            source_id=self.tables["company"][company - 1]["source_id"],
            lost_reason=self.pick(words.LOST_REASONS)
            if last_stage in (_SALES_LOST, _DECLINED)
            else None,
            stage_since=since,
            closed_at=since if is_closed else None,
        )
        self.history(id, path, steps, made)
        self.standing(company, last_stage)
        self.roles(id, company)

    def path(self, kind: str) -> list[int]:
        """The stages that a deal went through."""
        if kind == "partner":
            return [_CONTACTED, _TERMS, self.pick((_WAITING, _SIGNED, _DECLINED))][
                : self.random.randrange(1, 4)
            ]
        if kind == "won":
            return [stage for stage in range(_NEW, _NEGOTIATION + 1) if stage == _NEW or
                    self.chance(88)] + [_SALES_WON]  # fmt: skip
        reached = self.random.choices((1, 2, 3, 4), (20, 28, 30, 22))[0]
        return [*range(_NEW, reached + 1), *([_SALES_LOST] if kind == "lost" else [])]

    def steps(self, ago: int, path: list[int], *, closed: bool) -> list[int]:
        """How many days ago each stage was entered."""
        if closed:
            took = self.random.randrange(12, min(max(ago - 1, 13), 95))
            cuts = sorted(self.random.randrange(took) for _stage in path[1:-1])
            return [ago, *(ago - cut for cut in cuts), ago - took]
        rots = _ROT_DAYS.get(path[-1], 25)
        # Three of ten have been left alone for too long.
        entered = rots + self.random.randrange(1, 20) if self.chance(30) else self.pick(range(rots))
        entered = min(max(entered, 1), ago)
        between = sorted(
            (self.random.randrange(entered, ago + 1) for _stage in path[1:-1]), reverse=True
        )
        return [ago, *between, entered] if len(path) > 1 else [entered]

    def expected(self, entered: int, *, is_closed: bool) -> str | None:
        """When the deal should be decided: for some open ones that has passed."""
        if is_closed:
            return self.day(max(entered + self.random.randrange(-10, 15), 0)).isoformat()
        if self.chance(8):
            return None
        ahead = -self.random.randrange(2, 20) if self.chance(16) else self.random.randrange(3, 110)
        return self.day(-ahead).isoformat()

    def value(self) -> int:
        """An amount in cents: many small ones, a few large ones."""
        return int(self.random.lognormvariate(9.1, 0.8) // 100) * 10_000 + 50_000

    def history(self, deal: int, path: list[int], steps: list[int], made: str) -> None:
        """The moves of a deal, none before it was made or after the next one."""
        last = self.tables["deal"][deal - 1]["stage_since"]
        earlier: int | None = None
        at = made
        for place, (stage, ago) in enumerate(zip(path, steps, strict=True)):
            if place:
                at = min(max(at, self.moment(ago)), last)
            if place == len(path) - 1:
                at = last
            self.add(
                "stage_change", deal_id=deal, stage_id=stage, from_id=earlier, at=at,
                user_id=self.tables["deal"][deal - 1]["owner_id"],
            )  # fmt: skip
            earlier = stage

    def standing(self, company: int, stage: int) -> None:
        """The status of a company's people, as its deals say."""
        status = {_SALES_WON: "customer", _SALES_LOST: "lost"}.get(stage, "qualified")
        for contact in self.people[company][:3]:
            row = self.tables["contact"][contact - 1]
            if row["status"] != "customer":
                row["status"] = status

    def roles(self, deal: int, company: int) -> None:
        """Others who take part in a deal."""
        for contact in self.people[company][1 : self.random.randrange(1, 4)]:
            self.add(
                "deal_contact", deal_id=deal, contact_id=contact, label=self.pick(words.DEAL_ROLES)
            )

    # --- activities and tasks

    def activities(self) -> None:
        """What was logged over the year, and the meetings of today and of the next weeks."""
        kinds = words.ACTIVITIES
        planned = [self.day(-ahead) for ahead in (*range(1, 12), *range(2, 8))]
        today = self.env.today
        for minutes in (9 * 60 + 30, 11 * 60, 14 * 60, 16 * 60 + 30):
            self.activity(kinds[2], self.at(today, minutes), planned=1)
        for day in planned:
            self.activity(kinds[2], self.at(max(day, today + timedelta(1)), 600), planned=1)
        past = sorted(
            (int(_YEAR * self.random.random() ** 1.3) + 1 for _n in range(ACTIVITIES - 21)),
            reverse=True,
        )
        for ago in past:
            kind = self.random.choices(kinds, [kind[1] for kind in kinds])[0]
            self.activity(kind, self.moment(ago), planned=0)

    def activity(self, kind: Any, at: str, *, planned: int) -> None:
        """One activity with a contact, mostly of those whom there is business with."""
        name, _weight, minutes, subjects, outcomes = kind
        company = self.random.randrange(1, 121 if self.chance(80) else COMPANIES + 1)
        people = self.people[company]
        contact = people[0] if self.chance(50) else self.pick(people)
        deal = self.running_deal(company, at)
        made = self.moment(1) if planned else at
        id = self.record(
            "activity",
            made,
            type=name,
            subject=self.pick(subjects),
            at=at,
            planned=planned,
            company_id=company,
            deal_id=deal,
            owner_id=self.tables["company"][company - 1]["owner_id"],
            direction=self.pick(("in", "out", "out"))
            if name in ("call", "email", "chat")
            else None,
            duration=self.random.randrange(minutes[0], minutes[1], 5) if minutes else None,
            outcome=self.pick(outcomes) if outcomes and not planned else None,
        )
        others = [other for other in people if other != contact]
        with_others = self.random.sample(others, 1) if others and self.chance(15) else []
        for person in (contact, *with_others):
            self.add("activity_participant", activity_id=id, contact_id=person)

    def running_deal(self, company: int, at: str) -> int | None:
        """A deal of the company that was under way at that moment."""
        for deal in self.tables["deal"]:
            if deal["company_id"] == company and deal["created_at"] <= at <= (
                deal["closed_at"] or "9999"
            ):
                return int(deal["id"])
        return None

    def tasks(self) -> None:
        """Next steps of most open deals, other things to do, and what was done."""
        for deal in self.tables["deal"]:
            if deal["stage_id"] not in _CLOSED and self.chance(72):
                self.task(self.due(), deal)
        for ahead in (*[0] * 6, *[-3, -1, -6, -2, -9], *range(1, 30)):
            self.task(ahead, None)
        for deal in self.random.sample(self.tables["deal"], 90):
            self.task(-self.random.randrange(3, 200), deal, is_done=True)

    def due(self) -> int:
        """In how many days a next step is due: some are overdue, some due today."""
        return self.random.choices(
            (-self.random.randrange(1, 12), 0, self.random.randrange(1, 21)), (14, 10, 76)
        )[0]

    def task(self, ahead: int, deal: Row | None, *, is_done: bool = False) -> None:
        """One task; a few have a time of day."""
        company = deal["company_id"] if deal else self.random.randrange(1, 121)
        due_day = self.day(-ahead, working=ahead > 0)
        timed = ahead > 0 and self.chance(25)
        finished = self.moment(-ahead) if is_done else None
        self.record(
            "task",
            self.moment(max(-ahead, 0) + self.random.randrange(2, 9)),
            title=self.pick(words.TASKS),
            due=self.at(due_day, self.pick((570, 600, 840))) if timed else due_day.isoformat(),
            status="done" if is_done else "open",
            priority=self.random.choices(("normal", "high", "low"), (75, 18, 7))[0],
            contact_id=self.people[company][0],
            company_id=company,
            deal_id=deal["id"] if deal else None,
            owner_id=self.tables["company"][company - 1]["owner_id"],
            done_at=finished,
        )

    # --- tags and links

    def tags_and_links(self) -> None:
        """Who bears which tag; who reports to or was sent by whom."""
        for noun, percent in (("contact", 35), ("company", 20), ("deal", 15)):
            for row in self.tables[noun]:
                if self.chance(percent):
                    picked = self.random.sample(range(1, len(words.TAGS) + 1), self.pick((1, 1, 2)))
                    for tag in picked:
                        self.add("tagging", tag_id=tag, record=noun, record_id=row["id"])
        for company, people in self.people.items():
            if company and len(people) > 2:
                self.link(people[1], "reports-to", people[0])
        for one, other in zip(range(1, 60, 4), range(200, 260, 4), strict=True):
            self.link(one, "referred-by", other)

    def link(self, one: int, kind: str, other: int) -> None:
        """A link between two contacts."""
        self.add(
            "link", from_record="contact", from_id=one, type=kind, to_record="contact", to_id=other
        )


def _named(name: str, legal: str) -> str:
    if legal == "株式会社":
        return f"{legal}{name}"
    return f"{name} {legal}".strip()


def _mailbox(contact: Row) -> str:
    """ada.lovelace"""
    return sort_key(f"{contact['first_name']}.{contact['last_name']}").replace("ß", "ss")
