"""Answers against counting in plain Python: drawn traffic, drawn questions."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.web_events.ask import answer as answers
from analytics_pipelines.web_events.ask.answer import answer
from analytics_pipelines.web_events.ask.errors import BadPattern, TooManyDays
from analytics_pipelines.web_events.ask.parse import Asked, question_of
from analytics_pipelines.web_events.ask.rules import must_be_defined
from analytics_pipelines.web_events.ask.vocabulary import COLUMNS, METRICS, OPERATORS
from analytics_pipelines.web_events.sites import UnknownSite
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.web_events.ask.lease_of_traffic import TrafficLease
from analytics_pipelines_tests.web_events.ask.plain_answer import PlainAnswer
from analytics_pipelines_tests.web_events.table_rows import LIMITS
from analytics_pipelines_tests.web_events.traffic import DAY, TURNS, ZONES, Hit, Traffic, traffic_around

NOW = datetime(2026, 7, 3, 12, tzinfo=UTC)
CLAUSES = {
    "event:page": ["/a", "/b", "/B", "(not set)"],
    "event:name": ["pageview", "click", "signup", "SIGNUP"],
    "event:hostname": ["shop", "shop.example", "(not set)"],
    "event:goal": ["signup", "order", "(not set)"],
    "visit:source": ["Google", "google", "direct", "news"],
    "visit:referrer": ["google", "Direct / None"],
    "visit:country": ["DE", "(not set)"],
    "visit:utm_medium": ["cpc", "(not set)"],
}
TIMES = ["time:hour", "time:day", "time:week", "time:month"]
FILTERED = sorted(COLUMNS)


@pytest.fixture(scope="module")
def duck() -> Any:
    found = Duck(LIMITS)
    yield found
    found.close()


def modifiers(operator: str) -> st.SearchStrategy[list[Any]]:
    sensitive = st.fixed_dictionaries({"case_sensitive": st.booleans()})
    return st.just([]) if operator.startswith("matches") else st.lists(sensitive, max_size=1)


@st.composite
def leaf(draw: st.DrawFn) -> list[Any]:
    dimension, operator = draw(st.sampled_from(FILTERED)), draw(st.sampled_from(OPERATORS))
    clauses = draw(
        st.lists(st.sampled_from(CLAUSES.get(dimension, ["/a", "Firefox", "a", "1"])), min_size=1, max_size=3)
    )
    return [operator, dimension, clauses, *draw(modifiers(operator))]


FILTERS = st.recursive(
    leaf(),
    lambda parts: st.one_of(
        parts.map(lambda part: ["not", part]),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(parts, min_size=1, max_size=3)).map(list),
    ),
    max_leaves=4,
)


def is_defined(asked: Asked) -> bool:
    try:
        must_be_defined(question_of(asked))
    except AnalyticsError:
        return False
    return True


@st.composite
def queries(draw: st.DrawFn, day: date) -> Asked:
    first = day + DAY * draw(st.integers(-2, 1))
    return Asked(
        site_id=draw(st.sampled_from(sorted(ZONES))),
        metrics=draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=4, unique=True)),
        date_range=[first.isoformat(), (first + DAY * draw(st.integers(0, 3))).isoformat()],
        dimensions=draw(st.lists(st.sampled_from([*FILTERED, *TIMES]), max_size=3, unique=True)),
        filters=draw(st.lists(FILTERS, max_size=2)),
        has_bots=draw(st.booleans()),
        has_total_rows=True,
    )


def in_some_order(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (row[1], str(row[0])))


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_an_answer_is_what_plain_counting_gives(duck: Duck, data: st.DataObject) -> None:
    day = data.draw(st.sampled_from(TURNS))
    asked = data.draw(queries(day).filter(is_defined))
    traffic = data.draw(traffic_around(day, sites=[asked.site_id]))
    first, last = (date.fromisoformat(each) for each in asked.date_range)
    plain = PlainAnswer(traffic, asked.site_id, first, last, has_bots=asked.has_bots)
    expected = plain.rows(asked.metrics, asked.dimensions, asked.filters)
    found = answer(TrafficLease(duck, traffic), asked, NOW)
    assert in_some_order([(row.metrics, row.dimensions) for row in found.results]) == in_some_order(expected)
    assert found.total_rows == len(expected)


def asked(**given: Any) -> Asked:
    chosen = {"site_id": "utc", "metrics": ["visitors"], "date_range": ["2026-07-01", "2026-07-02"]} | given
    return Asked(**chosen)


def rows(duck: Duck, hits: list[Hit], **given: Any) -> list[Any]:
    found = answer(TrafficLease(duck, Traffic.of(hits)), asked(**given), NOW)
    return [(*row.dimensions, *row.metrics) for row in found.results]


def at(text: str) -> datetime:
    return datetime.fromisoformat("2026-07-" + text).replace(tzinfo=UTC)


def test_a_named_visitor_of_two_days_is_one_and_a_derived_one_two(duck: Duck) -> None:
    hits = [
        Hit(1, "anna", at("01T12")),
        Hit(2, "anna", at("02T12")),
        Hit(3, "dora", at("01T12")),
        Hit(4, "dora", at("02T12")),
    ]
    assert rows(duck, hits) == [(3,)]
    assert rows(duck, hits, dimensions=["time:day"]) == [("2026-07-01", 2), ("2026-07-02", 2)]


def test_bounces_of_a_page_are_those_of_visits_that_began_there(duck: Duck) -> None:
    hits = [
        Hit(1, "anna", at("01T12:00"), path="/b"),
        Hit(2, "anna", at("01T12:05"), path="/a"),
        Hit(3, "ben", at("01T12:00"), path="/a"),
    ]
    assert rows(duck, hits, metrics=["bounce_rate", "visits"], filters=[["is", "event:page", ["/a"]]]) == [(100.0, 2)]
    by_page = rows(
        duck, hits, metrics=["visits", "bounce_rate"], dimensions=["event:page"], order_by=[["event:page", "asc"]]
    )
    assert by_page == [("/a", 2, 100.0), ("/b", 1, 0.0)]


def test_conversions_are_a_share_of_all_visitors(duck: Duck) -> None:
    hits = [
        Hit(1, "anna", at("01T12:00")),
        Hit(2, "anna", at("01T12:05"), event_type="signup"),
        Hit(3, "ben", at("01T12:00")),
        Hit(4, "carl", at("01T12:00"), event_type="no goal"),
    ]
    metrics = ["visitors", "conversion_rate"]
    assert rows(duck, hits, metrics=metrics, dimensions=["event:goal"]) == [("signup", 1, 33.33)]
    assert rows(duck, hits, metrics=metrics, filters=[["is", "event:goal", ["signup"]]]) == [(1, 33.33)]


def test_two_times_cut_a_day_exactly(duck: Duck) -> None:
    hits = [Hit(number, f"p{number}", at("01T12:00") + timedelta(minutes=number)) for number in range(5)]
    span = ["2026-07-01T14:01:00+02:00", "2026-07-01T12:03:00Z"]
    assert rows(duck, hits, metrics=["visitors", "visits"], date_range=span) == [(3, 3)]


def test_rows_are_ordered_paged_and_counted(duck: Duck) -> None:
    hits = [Hit(number, "anna", at("01T12"), path=f"/{number % 3}") for number in range(7)]
    given = {"metrics": ["events"], "dimensions": ["event:page"], "has_total_rows": True}
    lease = TrafficLease(duck, Traffic.of(hits))
    found = answer(lease, asked(**given, limit=1, offset=1), NOW)
    assert [(row.dimensions, row.metrics) for row in found.results] == [(["/1"], [2])]
    assert found.total_rows == 3
    beyond = answer(lease, asked(**given, offset=5), NOW)
    assert (beyond.results, beyond.total_rows) == ([], 3)
    assert rows(duck, hits, metrics=["events"], dimensions=["event:page"], order_by=[["event:page", "desc"]]) == [
        ("/2", 2),
        ("/1", 2),
        ("/0", 3),
    ]


def test_time_alone_is_resolved_and_its_labels_tell_the_quiet_days(duck: Duck) -> None:
    hits = [Hit(1, "anna", at("01T12"))]
    wanted = asked(
        dimensions=["time"], order_by=[["time", "desc"]], has_time_labels=True, date_range=["2026-06-30", "2026-07-02"]
    )
    found = answer(TrafficLease(duck, Traffic.of(hits)), wanted, NOW)
    assert found.question.dimensions == ("time:day",)
    assert [row.dimensions for row in found.results] == [["2026-07-01"]]
    assert found.time_labels == ["2026-06-30", "2026-07-01", "2026-07-02"]


def test_seven_days_read_nine_days_of_events_and_ten_of_visits(duck: Duck) -> None:
    lease = TrafficLease(duck, Traffic.of([Hit(1, "anna", at("01T12"))]))
    answer(lease, asked(date_range=["2026-07-01", "2026-07-07"]), NOW)
    assert lease.scanned["core_web__events"] == (date(2026, 6, 30), date(2026, 7, 8))
    assert lease.scanned["core_web__sessions"] == (date(2026, 6, 29), date(2026, 7, 8))


@pytest.mark.parametrize("pattern", ["(", "a{2,1}", "(?=look)", "(a{1000}){1000}"])
def test_a_pattern_that_does_not_compile_is_named(duck: Duck, pattern: str) -> None:
    with pytest.raises(BadPattern) as raised:
        rows(duck, [Hit(1, "anna", at("01T12"))], filters=[["not", ["matches_not", "event:page", ["ok", pattern]]]])
    assert pattern in raised.value.detail


def test_a_site_without_data_is_unknown(duck: Duck) -> None:
    with pytest.raises(UnknownSite, match="nobody"):
        rows(duck, [Hit(1, "anna", at("01T12"))], site_id="nobody")


def test_too_many_days_with_data_are_refused(duck: Duck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_DAYS", 1)
    with pytest.raises(TooManyDays):
        rows(duck, [Hit(1, "anna", at("01T12")), Hit(2, "anna", at("02T12"))])


def test_days_before_the_first_are_quiet(duck: Duck) -> None:
    quiet = rows(
        duck,
        [Hit(1, "anna", at("01T12"))],
        metrics=["visitors", "visits", "bounce_rate", "percentage"],
        date_range=["1970-01-01", "1970-01-01"],
    )
    assert quiet == [(0, 0, None, None)]
