from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.web_events.sessionize import GAP_LIMIT_S
from analytics_pipelines.web_events.tables import DAILY_METRICS
from analytics_pipelines_tests.web_events.receipts import DAY, FIREFOX, LIMITS, MONDAY, EventLake, Receipt, days_between
from analytics_pipelines_tests.web_events.session_rule import Visit, visits_of

DAYS = days_between(MONDAY.date(), MONDAY.date() + DAY)
ROBOT = "Googlebot/2.1"


@pytest.fixture(scope="module")
def duck() -> Any:
    found = Duck(LIMITS)
    yield found
    found.close()


def metrics(duck: Duck, receipts: list[Receipt]) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        lake = EventLake(Path(folder), duck)
        lake.receive(receipts)
        lake.make_metrics(DAYS)
        return lake.rows(DAILY_METRICS)


def plain_metrics(receipts: list[Receipt]) -> list[dict[str, Any]]:
    """The same by plain counting."""
    visits = visits_of(receipts, timedelta(seconds=GAP_LIMIT_S))
    people = [each for each in receipts if each.user_agent == FIREFOX]
    groups = sorted({(each.event_at.date(), each.site_id) for each in people})
    return [
        {
            "metric_date": day,
            "site_id": site,
            **_hits([each for each in people if (each.event_at.date(), each.site_id) == (day, site)]),
            **_visits([v for v in visits if (v.day, v.events[0].site_id) == (day, site) and _is_human(v)]),
        }
        for day, site in groups
    ]


def _is_human(visit: Visit) -> bool:
    return all(event.user_agent == FIREFOX for event in visit.events)


def _hits(events: list[Receipt]) -> dict[str, Any]:
    views = [each for each in events if each.event_type == "pageview"]
    return {"visitors": len({each.visitor_id for each in events}), "pageviews": len(views), "events": len(events)}


def _visits(visits: list[Visit]) -> dict[str, Any]:
    durations = [int((v.events[-1].event_at - v.events[0].event_at).total_seconds()) for v in visits]
    views = sum(event.event_type == "pageview" for v in visits for event in v.events)
    bounces = sum(len(v.events) == 1 for v in visits)
    return {
        "visits": len(visits),
        "views_per_visit": _rounded(views, len(visits)),
        "bounce_rate_pct": _rounded(100 * bounces, len(visits)),
        "visit_duration_s": _rounded(sum(durations), len(visits)),
        "median_duration_s": float(median(durations)) if durations else None,
    }


def _rounded(total: int, by: int) -> float | None:
    return float((Decimal(total) / by).quantize(Decimal("0.01"), ROUND_HALF_UP)) if by else None


EVENTS = st.tuples(
    st.integers(0, 2 * 24 * 60 - 1),
    st.sampled_from("abc"),
    st.sampled_from("st"),
    st.sampled_from(["pageview", "pageview", "click"]),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=40))
def test_metrics_are_what_plain_counting_gives(duck: Duck, drawn: list[tuple[int, str, str, str]]) -> None:
    receipts = [
        Receipt(
            str(number),
            MONDAY + timedelta(minutes=minute),
            visitor_id=visitor,
            site_id=site,
            event_type=kind,
            user_agent=ROBOT if visitor == "c" else FIREFOX,
        )
        for number, (minute, visitor, site, kind) in enumerate(drawn)
    ]
    assert metrics(duck, receipts) == plain_metrics(receipts)


def test_a_day_that_only_sees_the_end_of_a_visit_has_events_and_no_visits(duck: Duck) -> None:
    midnight = MONDAY + DAY
    found = metrics(duck, [Receipt("1", midnight - timedelta(minutes=5)), Receipt("2", midnight)])
    assert [(row["visits"], row["events"], row["bounce_rate_pct"]) for row in found] == [(1, 1, 0.0), (0, 1, None)]
    assert found[0]["views_per_visit"] == 2.0


def test_shares_are_rounded_half_up(duck: Duck) -> None:
    bounces = [Receipt(f"b{number}", MONDAY, visitor_id=f"b{number}") for number in range(5)]
    pairs = [
        Receipt(f"{part}{number}", MONDAY + timedelta(seconds=part), visitor_id=f"p{number}")
        for number in range(11)
        for part in range(2)
    ]
    (row,) = metrics(duck, bounces + pairs)
    assert (row["visits"], row["bounce_rate_pct"], row["views_per_visit"]) == (16, 31.25, 1.69)
    assert (row["visit_duration_s"], row["median_duration_s"]) == (0.69, 1.0)


def test_a_site_with_robots_only_has_no_metrics(duck: Duck) -> None:
    assert metrics(duck, [Receipt("1", MONDAY, user_agent=ROBOT)]) == []
