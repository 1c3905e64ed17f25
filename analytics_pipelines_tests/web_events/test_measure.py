"""The figures of a site's local day, against plain counting."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.foundation.select import Select, cast_to
from analytics_pipelines.web_events.measure import NEW_AFTER_DAYS, daily_figures
from analytics_pipelines.web_events.tables import DAILY_METRICS, VISITORS
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.web_events.table_rows import LIMITS, answers, rows_of
from analytics_pipelines_tests.web_events.traffic import DAY, TURNS, ZONES, Hit, Traffic, Visit, name_of, traffic_around

JULY = date(2026, 7, 1)
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def duck() -> Any:
    found = Duck(LIMITS)
    yield found
    found.close()


def metrics(duck: Duck, traffic: Traffic, day: date) -> list[dict[str, Any]]:
    window = day - DAY, day + DAY
    days = [day - DAY * back for back in range(NEW_AFTER_DAYS + 1)]
    visitors = rows_of(VISITORS, (row for each in days for row in visitor_rows(traffic, each)))
    select = daily_figures(traffic.events(*window), traffic.sessions(*window), visitors, traffic.sites(*window), day)
    return answers(duck, Select(cast_to(DAILY_METRICS, select.sql), select.reads, select.values))


def visitor_rows(traffic: Traffic, day: date) -> list[dict[str, Any]]:
    """Rows of `core_web__visitors`, as test_daily_visitors.py holds them; their counts do not matter here."""
    return [
        {"metric_date": day, "site_id": site, "visitor_id": name, "pageviews": 0, "events": 1}
        for site in ZONES
        for name in sorted(names(traffic, site, day))
    ]


def names(traffic: Traffic, site: str, day: date) -> set[str]:
    hits = traffic.people_of(site, day)
    return {name_of(hit, hits) for hit in hits}


def plain_metrics(traffic: Traffic, day: date) -> list[dict[str, Any]]:
    """The same by plain counting."""
    return [
        {"metric_date": day, "site_id": site, **of_people(traffic, site, day), **of_visits(traffic.begun_on(site, day))}
        for site in sorted(ZONES)
        if traffic.people_of(site, day)
    ]


def of_people(traffic: Traffic, site: str, day: date) -> dict[str, Any]:
    hits = traffic.people_of(site, day)
    before = {name for back in range(1, NEW_AFTER_DAYS + 1) for name in names(traffic, site, day - DAY * back)}
    now = names(traffic, site, day)
    return {
        "visitors": len({hit.person for hit in hits}),
        "new_visitors": len(now - before),
        "returning_visitors": len(now & before),
        "pageviews": sum(hit.is_pageview for hit in hits),
        "events": len(hits),
    }


def of_visits(visits: list[Visit]) -> dict[str, Any]:
    durations = sorted(visit.duration_s for visit in visits)
    return {
        "visits": len(visits),
        "views_per_visit": rounded(sum(len(visit.pages) for visit in visits), len(visits)),
        "bounce_rate_pct": rounded(100 * sum(visit.is_bounce for visit in visits), len(visits)),
        "visit_duration_s": rounded(sum(durations), len(visits)),
        "median_duration_s": float(median(durations)) if durations else None,
        "p90_duration_s": float(durations[ceil(Decimal("0.9") * len(durations)) - 1]) if durations else None,
    }


def rounded(total: int, by: int) -> float | None:
    return float((Decimal(total) / by).quantize(Decimal("0.01"), ROUND_HALF_UP)) if by else None


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_metrics_of_a_local_day_are_what_plain_counting_gives(duck: Duck, data: st.DataObject) -> None:
    day = data.draw(st.sampled_from(TURNS))
    traffic = data.draw(traffic_around(day))
    assert metrics(duck, traffic, day) == plain_metrics(traffic, day)


def test_a_day_that_only_sees_the_end_of_a_visit_has_events_and_no_visits(duck: Duck) -> None:
    midnight = datetime(2026, 7, 1, tzinfo=UTC)
    traffic = Traffic.of([Hit(1, "anna", midnight - timedelta(minutes=5)), Hit(2, "anna", midnight)])
    (before,), (after,) = metrics(duck, traffic, JULY - DAY), metrics(duck, traffic, JULY)
    assert (before["visits"], before["events"], before["views_per_visit"]) == (1, 1, 2.0)
    assert (after["visits"], after["events"], after["bounce_rate_pct"], after["p90_duration_s"]) == (0, 1, None, None)


def test_shares_are_rounded_half_up(duck: Duck) -> None:
    bounces = [Hit(number, f"b{number}", NOON) for number in range(5)]
    pairs = [
        Hit(10 + 2 * number + part, f"p{number}", NOON + timedelta(seconds=part))
        for number in range(11)
        for part in range(2)
    ]
    (row,) = metrics(duck, Traffic.of(bounces + pairs), JULY)
    assert (row["visits"], row["bounce_rate_pct"], row["views_per_visit"]) == (16, 31.25, 1.69)
    assert (row["visit_duration_s"], row["median_duration_s"], row["p90_duration_s"]) == (0.69, 1.0, 1.0)


@pytest.mark.parametrize(
    ("durations", "middle", "ninth"),
    [
        pytest.param([7], 7.0, 7.0, id="one visit"),
        pytest.param([0, 5], 2.5, 5.0, id="two visits"),
        pytest.param([0, 0, 9], 0.0, 9.0, id="zeros count"),
        pytest.param(list(range(1, 11)), 5.5, 9.0, id="ten visits"),
        pytest.param(list(range(1, 12)), 6.0, 10.0, id="eleven visits"),
    ],
)
def test_median_and_ninth_tenth_are_exact(duck: Duck, durations: list[int], middle: float, ninth: float) -> None:
    hits = [
        Hit(2 * number + part, f"p{number}", NOON + timedelta(seconds=part * duration), event_type="ping")
        for number, duration in enumerate(durations)
        for part in range(2)
    ]
    (row,) = metrics(duck, Traffic.of(hits), JULY)
    assert (row["median_duration_s"], row["p90_duration_s"]) == (middle, ninth)


@pytest.mark.parametrize(("back", "is_new"), [(1, False), (30, False), (31, True)])
def test_a_visitor_is_new_who_was_not_seen_on_the_thirty_days_before(duck: Duck, back: int, is_new: bool) -> None:
    traffic = Traffic.of([Hit(1, "anna", NOON - DAY * back), Hit(2, "anna", NOON)])
    (row,) = metrics(duck, traffic, JULY)
    assert (row["new_visitors"], row["returning_visitors"]) == (int(is_new), int(not is_new))


def test_a_site_with_robots_only_has_no_metrics(duck: Duck) -> None:
    assert metrics(duck, Traffic.of([Hit(1, "anna", NOON, is_bot=True)]), JULY) == []
