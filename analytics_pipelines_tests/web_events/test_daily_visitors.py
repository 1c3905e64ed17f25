"""Who visited on a site's local day, against counting the true people one by one."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.foundation.select import Select, cast_to
from analytics_pipelines.web_events.daily_visitors import daily_visitors
from analytics_pipelines.web_events.tables import VISITORS
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.web_events.table_rows import LIMITS, answers
from analytics_pipelines_tests.web_events.traffic import DAY, TURNS, ZONES, Hit, Traffic, name_of, traffic_around


@pytest.fixture(scope="module")
def duck() -> Any:
    found = Duck(LIMITS)
    yield found
    found.close()


def visitors(duck: Duck, traffic: Traffic, day: date) -> list[dict[str, Any]]:
    window = day - DAY, day + DAY
    select = daily_visitors(traffic.events(*window), traffic.sites(*window), day)
    return answers(duck, Select(cast_to(VISITORS, select.sql), select.reads, select.values))


def plain_visitors(traffic: Traffic, day: date) -> list[dict[str, Any]]:
    found = []
    for site in sorted(ZONES):
        hits = traffic.people_of(site, day)
        events = Counter(name_of(hit, hits) for hit in hits)
        views = Counter(name_of(hit, hits) for hit in hits if hit.is_pageview)
        found += [
            {
                "metric_date": day,
                "site_id": site,
                "visitor_id": name,
                "pageviews": views[name],
                "events": events[name],
            }
            for name in sorted(events)
        ]
    return found


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_visitors_of_a_local_day_are_what_plain_counting_gives(duck: Duck, data: st.DataObject) -> None:
    day = data.draw(st.sampled_from(TURNS))
    traffic = data.draw(traffic_around(day))
    assert visitors(duck, traffic, day) == plain_visitors(traffic, day)
    for site in ZONES:
        people = {hit.person for hit in traffic.people_of(site, day)}
        assert len([row for row in visitors(duck, traffic, day) if row["site_id"] == site]) == len(people)


@pytest.mark.parametrize(
    ("site", "day", "first", "last"),
    [
        pytest.param("utc", date(2026, 7, 1), "07-01T00:00", "07-01T23:59", id="UTC"),
        pytest.param("first", date(2026, 7, 1), "06-30T10:00", "07-01T09:59", id="UTC+14"),
        pytest.param("last", date(2026, 7, 1), "07-01T12:00", "07-02T11:59", id="UTC-12"),
        pytest.param("half", date(2026, 7, 1), "06-30T18:30", "07-01T18:29", id="half an hour"),
        pytest.param("berlin", date(2026, 3, 29), "03-28T23:00", "03-29T21:59", id="a day of 23 hours"),
        pytest.param("berlin", date(2026, 10, 25), "10-24T22:00", "10-25T22:59", id="a day of 25 hours"),
        pytest.param("havana", date(2026, 3, 8), "03-08T05:00", "03-09T03:59", id="a day without midnight"),
        pytest.param("havana", date(2026, 11, 1), "11-01T04:00", "11-02T04:59", id="a day with two midnights"),
    ],
)
def test_a_local_day_holds_its_first_and_last_minute_and_no_other(
    duck: Duck, site: str, day: date, first: str, last: str
) -> None:
    begin, end = (datetime.fromisoformat(f"2026-{text}:00").replace(tzinfo=UTC) for text in (first, last))
    minute = timedelta(minutes=1)
    hits = [begin - minute, begin, end, end + minute]
    traffic = Traffic.of(Hit(number, f"p{number}", at, site) for number, at in enumerate(hits))
    assert [row["visitor_id"] for row in visitors(duck, traffic, day)] == ["p1", "p2"]


def test_a_site_without_settings_counts_in_utc(duck: Duck) -> None:
    day = date(2026, 7, 1)
    traffic = Traffic.of([Hit(1, "anna", datetime(2026, 7, 1, 23, tzinfo=UTC), "first")])
    window = day - DAY, day + DAY
    found = answers(duck, daily_visitors(traffic.events(*window), Traffic.of([]).sites(*window), day))
    assert [row["visitor_id"] for row in found] == ["anna"]


def test_a_derived_visitor_who_comes_on_both_utc_days_of_a_local_day_is_one(duck: Duck) -> None:
    day = date(2026, 7, 1)
    evening, morning = datetime(2026, 6, 30, 20, tzinfo=UTC), datetime(2026, 7, 1, 4, tzinfo=UTC)
    traffic = Traffic.of([Hit(1, "dora", evening, "half"), Hit(2, "dora", morning, "half", "click")])
    (row,) = visitors(duck, traffic, day)
    assert (row["visitor_id"], row["pageviews"], row["events"]) == ("dora of 2026-06-30", 1, 2)
