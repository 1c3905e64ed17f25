"""From raw to core: each event once, on the UTC day in which it happened, typed."""

from datetime import date

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import from_file

LATEST_DAYS = 3
"""Days of receipt after the event's own day in which it still counts; later ones stay in raw."""
ROBOT_WORDS = (
    "bot",
    "crawl",
    "spider",
    "slurp",
    "archive",
    "fetch",
    "feed",
    "rss",
    "scan",
    "monitor",
    "uptime",
    "validator",
    "preview",
    "headless",
    "phantomjs",
    "lighthouse",
    "curl/",
    "wget",
    "python",
    "httpx",
    "libwww",
    "java/",
    "okhttp",
    "go-http-client",
    "ruby",
    "perl",
    "php",
    "facebookexternalhit",
    "ezooms",
    "yandex.com/",
    "mediapartners",
)
"""What robots call themselves; a user agent that holds one of the words, in any case, is one."""


def core_events(raw_events: Scan, day: date) -> Select:
    """`core_web__events` of `day` from the raw days `day` to `day` + `LATEST_DAYS`."""
    values = {"day": day, "robot_pattern": "|".join(ROBOT_WORDS)}
    return Select(from_file(__package__, "core_events"), {"raw_web__events": raw_events}, values)
