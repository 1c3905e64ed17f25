"""Imaginary visitors of an imaginary shop: the same ones for the same day, so that a second demo adds nothing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

VISITORS = 120
LOOKBACK = timedelta(hours=36)
CURIOUS_STEPS = 3
SHARE_BUYING = 0.4
HOST = "https://shop.example"
PAGES = ("/", "/products", "/products/lamp", "/products/desk", "/products/chair", "/pricing", "/about", "/blog/oak")
REFERRERS = (None, None, "https://www.google.com/", "https://duckduckgo.com/", "https://news.ycombinator.com/item")
CAMPAIGNS = (None, None, None, {"source": "newsletter", "medium": "email", "campaign": "autumn"})
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.1 Safari/605.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
)
AGENT_WEIGHTS = (40, 20, 20, 17, 3)


@dataclass(frozen=True, slots=True)
class Request:
    """One `POST /collect` as a browser would send it."""

    body: dict[str, object]
    agent: str


def requests(site: str, now: datetime) -> list[Request]:
    """Everything the visitors send, in the order in which it happened; `now` bounds it above."""
    dice = random.Random(f"{site} {now.date()}")  # noqa: S311 - a repeatable script, no secret
    made = [request for number in range(VISITORS) for request in _visitor(dice, site, now, number)]
    return sorted(made, key=lambda request: (str(request.body["timestamp"]), str(request.body["eventId"])))


def _visitor(dice: random.Random, site: str, now: datetime, number: int) -> Iterator[Request]:
    agent = dice.choices(AGENTS, AGENT_WEIGHTS)[0]
    visits = dice.choices((1, 2, 3), (70, 22, 8))[0]
    for visit in range(visits):
        started_at = now - LOOKBACK * dice.random()
        name = f"{now.date()}-{number:03}-{visit}"
        yield from (Request({"siteId": site, **body}, agent) for body in _visit(dice, name, started_at, now))


def _visit(dice: random.Random, name: str, at: datetime, now: datetime) -> Iterator[dict[str, object]]:
    referrer, campaign = dice.choice(REFERRERS), dice.choice(CAMPAIGNS)
    visitor, _, _ = name.rpartition("-")
    for step in range(dice.choices((1, 2, 3, 5, 8), (38, 24, 18, 14, 6))[0]):
        path = dice.choice(PAGES)
        body: dict[str, object] = {
            "eventType": "add_to_cart" if step >= CURIOUS_STEPS and dice.random() < SHARE_BUYING else "pageview",
            "eventId": f"demo-{name}-{step}",
            "visitorId": "visitor-" + visitor,
            "timestamp": min(at, now).isoformat(),
            "url": HOST + path,
            "path": path,
            "title": path.strip("/").title() or "Home",
        }
        if step == 0 and referrer:
            body["referrer"] = referrer
        if step == 0 and campaign:
            body["attribution"] = {"utmParams": campaign}
        yield body
        at += timedelta(seconds=dice.uniform(5, 400))
