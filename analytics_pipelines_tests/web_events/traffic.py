"""Drawn traffic with true people behind it: rows of the core tables, and what plain counting makes of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from analytics_pipelines.foundation.select import ArrowRows
from analytics_pipelines.web_events.tables import CORE_EVENTS, SESSIONS, SITES
from analytics_pipelines_tests.web_events.table_rows import rows_of

DAY = timedelta(days=1)
GAP = timedelta(minutes=30)
ZONES = {
    "utc": "UTC",
    "first": "Pacific/Kiritimati",
    "last": "Etc/GMT+12",
    "half": "Asia/Kolkata",
    "berlin": "Europe/Berlin",
    "havana": "America/Havana",
}
TURNS = (date(2026, 3, 8), date(2026, 3, 29), date(2026, 7, 1), date(2026, 10, 25), date(2026, 11, 1))
"""Days around which clocks are changed: in Havana at midnight (one day without 00:00, one with two), in Berlin at night."""
CONVERSIONS = ("signup", "order")


@dataclass(frozen=True)
class Hit:
    """One event; people whose name begins with `d` are known by a hash that changes each UTC day."""

    number: int
    person: str
    at: datetime
    site: str = "utc"
    event_type: str = "pageview"
    path: str | None = "/a"
    host: str | None = "shop.example"
    is_bot: bool = False
    source: str = "direct"
    medium: str | None = None

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def is_pageview(self) -> bool:
        return self.event_type == "pageview"

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(ZONES[self.site])).replace(tzinfo=None)

    @property
    def row(self) -> dict[str, Any]:
        return {
            "event_date": self.day,
            "site_id": self.site,
            "event_id": str(self.number),
            "event_at": self.at,
            "received_at": self.at,
            "event_type": self.event_type,
            "visitor_id": visitor_id(self.person, self.day),
            "visitor_id_before": visitor_id(self.person, self.day - DAY) if self.person.startswith("d") else None,
            "host": self.host,
            "path": self.path,
            "source": "another",
            "channel": "Another",
            "device": "desktop",
            "is_pageview": self.is_pageview,
            "is_interactive": True,
            "is_bot": self.is_bot,
            "intake": "collect",
            "payload": "{}",
            "flags": "",
        }


@dataclass(frozen=True)
class Visit:
    """Events of one person with no long pause between them."""

    hits: tuple[Hit, ...]

    @property
    def first(self) -> Hit:
        return self.hits[0]

    @property
    def pages(self) -> list[str | None]:
        return [hit.path for hit in self.hits if hit.is_pageview]

    @property
    def is_bot(self) -> bool:
        return any(hit.is_bot for hit in self.hits)

    @property
    def is_bounce(self) -> bool:
        return len(self.hits) == 1

    @property
    def duration_s(self) -> int:
        return int((self.hits[-1].at - self.first.at).total_seconds())

    @property
    def dimensions(self) -> dict[str, str | None]:
        return {
            "entry_page": self.pages[0] if self.pages else None,
            "exit_page": self.pages[-1] if self.pages else None,
            "source": self.first.source,
            "medium": self.first.medium,
            "campaign": "autumn" if self.first.medium == "cpc" else None,
            "channel": "Direct" if self.first.source == "direct" else "Referral",
            "referrer": None if self.first.source == "direct" else self.first.source.lower(),
            "country": "DE" if self.first.host else None,
            "device": "mobile" if self.first.number % 2 else "desktop",
            "browser": "Firefox" if self.first.number % 3 else None,
            "os": "Linux",
        }

    @property
    def row(self) -> dict[str, Any]:
        dimensions = self.dimensions
        return {
            "visit_date": self.first.day,
            "site_id": self.first.site,
            "session_id": "visit of " + str(self.first.number),
            "visitor_id": self.first.row["visitor_id"],
            "visitor_id_before": self.first.row["visitor_id_before"],
            "started_at": self.first.at,
            "ended_at": self.hits[-1].at,
            "duration_s": self.duration_s,
            "pageviews": len(self.pages),
            "events": len(self.hits),
            "conversions": 0,
            **{name: value for name, value in dimensions.items() if name != "referrer"},
            "referrer_host": dimensions["referrer"],
            "is_bounce": self.is_bounce,
            "is_engaged": False,
            "is_bot": self.is_bot,
            "is_cut": False,
        }


@dataclass(frozen=True)
class Traffic:
    """All events of all sites and the visits that they make."""

    hits: tuple[Hit, ...]
    visits: tuple[Visit, ...]

    @staticmethod
    def of(hits: Iterable[Hit]) -> "Traffic":
        ordered = sorted(hits, key=lambda hit: (hit.at, hit.number))
        people = sorted({(hit.site, hit.person) for hit in ordered})
        visits = [v for who in people for v in visits_of([hit for hit in ordered if (hit.site, hit.person) == who])]
        return Traffic(tuple(ordered), tuple(visits))

    def events(self, first: date, last: date) -> ArrowRows:
        """`core_web__events` of these UTC days."""
        return rows_of(CORE_EVENTS, (hit.row for hit in self.hits if first <= hit.day <= last))

    def sessions(self, first: date, last: date) -> ArrowRows:
        """`core_web__sessions` of these UTC days."""
        return rows_of(SESSIONS, (visit.row for visit in self.visits if first <= visit.first.day <= last))

    def sites(self, first: date, last: date) -> ArrowRows:
        """`core_web__sites` of these UTC days."""
        found = sorted({(hit.day, hit.site) for hit in self.hits if first <= hit.day <= last})
        return rows_of(SITES, (site_row(day, site) for day, site in found))

    def people_of(self, site: str, day: date) -> list[Hit]:
        """Events of a site's local day, without robots."""
        return [hit for hit in self.hits if hit.site == site and hit.local.date() == day and not hit.is_bot]

    def begun_on(self, site: str, day: date) -> list[Visit]:
        """Visits that began on a site's local day, without robots."""
        return [v for v in self.visits if v.first.site == site and v.first.local.date() == day and not v.is_bot]

    def visit_of(self, hit: Hit) -> Visit:
        """The visit that an event belongs to."""
        return next(visit for visit in self.visits if hit in visit.hits)


def visits_of(hits: Sequence[Hit]) -> list[Visit]:
    """The visits of one person; none outlives two UTC days."""
    found: list[list[Hit]] = []
    for hit in hits:
        if not found or hit.at - found[-1][-1].at > GAP or hit.day - found[-1][0].day > DAY:
            found.append([])
        found[-1].append(hit)
    return [Visit(tuple(each)) for each in found]


def visitor_id(person: str, day: date) -> str:
    return f"{person} of {day}" if person.startswith("d") else person


def site_row(day: date, site: str) -> dict[str, Any]:
    return {
        "event_date": day,
        "site_id": site,
        "name": site,
        "timezone": ZONES[site],
        "gap_limit_s": 1800,
        "conversion_events": '["signup", "order"]',
    }


def name_of(hit: Hit, hits: Iterable[Hit]) -> str:
    """The visitor's id on that local day: the first UTC day's where the person came on both."""
    days = {other.day for other in hits if (other.site, other.person) == (hit.site, hit.person)}
    return visitor_id(hit.person, hit.day - DAY if hit.day - DAY in days else hit.day)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


AROUND_MIDNIGHT = [-50, -25, -5, 0, 5, 25, 50]
MINUTES = st.one_of(
    st.sampled_from([*AROUND_MIDNIGHT, *(24 * 60 + minute for minute in AROUND_MIDNIGHT)]),
    st.integers(-36 * 60, 60 * 60),
    st.sampled_from(range(-60, 24 * 60 + 61, 10)),
)


@st.composite
def traffic_around(draw: st.DrawFn, day: date, sites: Sequence[str] = tuple(ZONES), most: int = 30) -> Traffic:
    """Traffic of the days around `day`, with people who walk over midnights."""
    drawn = st.tuples(
        st.sampled_from(["anna", "ben", "dora", "dirk"]),
        MINUTES,
        st.sampled_from(sites),
        st.sampled_from(["pageview", "pageview", "click", "signup"]),
        st.sampled_from(["/a", "/b", "/B", None]),
        st.sampled_from(["shop.example", None]),
        st.sampled_from([False] * 9 + [True]),
        st.sampled_from(["direct", "Google", "news.example"]),
        st.sampled_from([None, "cpc", ""]),
    )
    rows = draw(st.lists(drawn, min_size=1, max_size=most))
    return Traffic.of(
        Hit(number, person, midnight(day) + timedelta(minutes=minute), site, kind, path, host, bot, source, medium)
        for number, (person, minute, site, kind, path, host, bot, source, medium) in enumerate(rows)
    )
