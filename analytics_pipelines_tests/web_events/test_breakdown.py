"""The figures of a local day by each dimension, against plain counting."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.foundation.select import Select, cast_to
from analytics_pipelines.web_events.breakdown import OF_EVENTS, OF_VISITS, daily_breakdown
from analytics_pipelines.web_events.tables import DAILY_BREAKDOWN, DIMENSIONS
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.web_events.table_rows import LIMITS, answers
from analytics_pipelines_tests.web_events.traffic import DAY, TURNS, ZONES, Hit, Traffic, Visit, traffic_around

JULY = date(2026, 7, 1)
MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def duck() -> Any:
    found = Duck(LIMITS)
    yield found
    found.close()


def breakdown(duck: Duck, traffic: Traffic, day: date) -> list[dict[str, Any]]:
    events, sites = traffic.events(day - DAY, day + DAY), traffic.sites(day - DAY, day + DAY)
    select = daily_breakdown(events, traffic.sessions(day - 2 * DAY, day + DAY), sites, day)
    return answers(duck, Select(cast_to(DAILY_BREAKDOWN, select.sql), select.reads, select.values))


def plain_breakdown(traffic: Traffic, day: date) -> list[dict[str, Any]]:
    """The same by plain counting."""
    return [
        {"metric_date": day, "site_id": site, "dimension": dimension, "value": value, **figures}
        for site in sorted(ZONES)
        for dimension in sorted(DIMENSIONS)
        for value, figures in sorted(plain_figures(traffic, site, day, dimension).items())
    ]


def plain_figures(traffic: Traffic, site: str, day: date, dimension: str) -> dict[str, dict[str, int]]:
    hits = [(hit, traffic.visit_of(hit)) for hit in traffic.people_of(site, day)]
    begun = traffic.begun_on(site, day)
    if dimension in OF_EVENTS:
        kept = [hit.path or "" if dimension == "page" else hit.event_type for hit, _ in hits]
        visits = [(value, visit) for value, (_, visit) in zip(kept, hits, strict=True) if not visit.is_bot]
    else:
        kept = [visit.dimensions[dimension] or "" for _, visit in hits]
        visits = [(visit.dimensions[dimension] or "", visit) for visit in begun]
    found = {}
    for value in {*kept, *(each for each, _ in visits)}:
        with_it = [hit for each, (hit, _) in zip(kept, hits, strict=True) if each == value]
        found[value] = counted(with_it, {visit for each, visit in visits if each == value})
    return found


def counted(hits: list[Hit], visits: set[Visit]) -> dict[str, int]:
    return {
        "visitors": len({hit.person for hit in hits}),
        "visits": len(visits),
        "pageviews": sum(hit.is_pageview for hit in hits),
        "events": len(hits),
        "bounces": sum(visit.is_bounce for visit in visits),
        "duration_s": sum(visit.duration_s for visit in visits),
    }


@settings(max_examples=examples(40), deadline=None)
@given(st.data())
def test_each_dimension_of_a_local_day_is_what_plain_counting_gives(duck: Duck, data: st.DataObject) -> None:
    day = data.draw(st.sampled_from(TURNS))
    traffic = data.draw(traffic_around(day))
    assert breakdown(duck, traffic, day) == plain_breakdown(traffic, day)


def test_every_declared_dimension_is_counted_by_event_or_by_visit() -> None:
    assert {*OF_EVENTS, *OF_VISITS} == set(DIMENSIONS)
    assert not {*OF_EVENTS} & {*OF_VISITS}


def value_of(rows: list[dict[str, Any]], dimension: str) -> dict[str, tuple[int, ...]]:
    return {
        row["value"]: (row["visitors"], row["visits"], row["events"], row["bounces"])
        for row in rows
        if row["dimension"] == dimension
    }


@pytest.mark.parametrize("person", ["anna", "dora"])
def test_a_visit_over_midnight_keeps_its_source_and_counts_once(duck: Duck, person: str) -> None:
    traffic = Traffic.of(
        [
            Hit(1, person, MIDNIGHT - timedelta(minutes=5), source="Google"),
            Hit(2, person, MIDNIGHT + timedelta(minutes=5), path="/b"),
        ]
    )
    before, after = breakdown(duck, traffic, JULY - DAY), breakdown(duck, traffic, JULY)
    assert value_of(before, "source") == {"Google": (1, 1, 1, 0)}
    assert value_of(after, "source") == {"Google": (1, 0, 1, 0)}
    assert value_of(after, "page") == {"/b": (1, 1, 1, 0)}


def test_an_event_far_into_a_visit_of_the_day_before_the_window_is_placed(duck: Duck) -> None:
    """East of UTC a local day begins on the UTC day before, and the visit may have begun on the one before that."""
    start = MIDNIGHT - DAY - timedelta(minutes=10)
    hits = [
        Hit(number, "anna", start + timedelta(minutes=29) * number, "first", source="Google") for number in range(25)
    ]
    rows = breakdown(duck, Traffic.of(hits), JULY)
    assert set(value_of(rows, "source")) == {"Google"}


def test_a_day_of_robots_has_no_breakdown(duck: Duck) -> None:
    assert breakdown(duck, Traffic.of([Hit(1, "anna", MIDNIGHT, is_bot=True)]), JULY) == []
