"""Who is on a site now: the last minutes of the event log, before anything is exported."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.enrich.agents import ROBOT_WORDS
from analytics_pipelines.web_events.site_settings import is_site_id
from analytics_pipelines.web_events.sites import UnknownSite, is_known

FEW_MINUTES, MANY_MINUTES = 5, 30
MOST_PAGES = 10


@dataclass(frozen=True, slots=True)
class Minutes:
    """What came in the last minutes; page views are among the events."""

    visitors: int
    pageviews: int
    events: int


@dataclass(frozen=True, slots=True)
class LivePage:
    """A page of the last half hour."""

    page: str
    visitors: int
    pageviews: int


@dataclass(frozen=True, slots=True)
class Live:
    """The last 5 and 30 minutes by receipt, and the pages most viewed in the latter, at most `MOST_PAGES`."""

    few: Minutes
    many: Minutes
    pages: list[LivePage]


def realtime(database: Database, site_id: str, now: datetime) -> Live:
    """Traffic of the site up to `now`, without robots that say so. Raises `UnknownSite`, `Unavailable`.

    It reads the partitions of the last half hour alone: today's, and just after midnight UTC yesterday's too.
    """
    with database.reading() as connection:
        if not (is_site_id(site_id) and is_known(connection, site_id)):
            raise UnknownSite("There is no site of that id.", remedy="GET /api/v1/web/sites lists them.")
        total, *pages = connection.execute(sa.text(question()), values_of(site_id, now)).all()
    return Live(
        few=Minutes(total.late_visitors, total.late_pageviews, total.late_events),
        many=Minutes(total.visitors, total.pageviews, total.events),
        pages=[LivePage(each.page, each.visitors, each.pageviews) for each in pages],
    )


def question() -> str:
    """The SQL."""
    return from_file(__package__, "realtime").text


def values_of(site_id: str, now: datetime) -> dict[str, object]:
    """The values bound in it."""
    return {
        "site": site_id,
        "now": now,
        "since": now - timedelta(minutes=MANY_MINUTES),
        "lately": now - timedelta(minutes=FEW_MINUTES),
        "robots": "|".join(re.escape(word) for word in ROBOT_WORDS),
        "rows": MOST_PAGES + 1,
    }
