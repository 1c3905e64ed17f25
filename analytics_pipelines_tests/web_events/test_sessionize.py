from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.web_events.core_events import core_events
from analytics_pipelines.web_events.sessionize import GAP_LIMIT_S, sessionize
from analytics_pipelines.web_events.tables import CORE_EVENTS, RAW_EVENTS, SESSIONS
from analytics_pipelines_tests.web_events.receipts import (
    DAY,
    FIREFOX,
    LIMITS,
    MONDAY,
    EventLake,
    Receipt,
    answers,
    days_between,
    rows_of,
)
from analytics_pipelines_tests.web_events.session_rule import visits_of

TINY = timedelta(microseconds=1)
SIX_HOURS = timedelta(hours=6)
HOURS = st.integers(0, 95)
NUDGES = st.sampled_from([timedelta(0), TINY, -TINY])


@pytest.fixture(scope="module")
def duck() -> Iterator[Duck]:
    found = Duck(LIMITS)
    yield found
    found.close()


def core_days(duck: Duck, receipts: list[Receipt], first: date, last: date) -> dict[date, list[dict[str, Any]]]:
    """The core events of each of these days."""
    raw = rows_of(RAW_EVENTS, (each.row for each in receipts))
    return {day: answers(duck, core_events(raw, day)) for day in days_between(first, last)}


def visits(duck: Duck, receipts: list[Receipt], day: date) -> list[dict[str, Any]]:
    """The visits of `day`, from exactly the three core days that the rule reads."""
    core = core_days(duck, receipts, day - DAY, day + DAY)
    found = answers(duck, sessionize(rows_of(CORE_EVENTS, chain.from_iterable(core.values())), day))
    return sorted(found, key=lambda visit: visit["started_at"])


def at(clock: str, day: int = 0) -> datetime:
    hour, minute, second = clock.split(":")
    return MONDAY + day * DAY + timedelta(hours=int(hour), minutes=int(minute), seconds=float(second))


def views(*times: datetime, **fields: Any) -> list[Receipt]:
    return [Receipt(f"e{number}", time, **fields) for number, time in enumerate(times)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param(["10:00:00"], 1, id="one event is a visit"),
        pytest.param(["10:00:00", "10:30:00"], 1, id="a gap of exactly 30 min joins"),
        pytest.param(["10:00:00", "10:30:01"], 2, id="one second more splits"),
        pytest.param(["10:00:00", "10:30:00.000001"], 2, id="a microsecond more splits"),
        pytest.param(["10:05:00", "10:00:00"], 1, id="late arrivals are put in order"),
        pytest.param(["10:00:00", "10:00:00"], 1, id="two events at once"),
        pytest.param(
            ["10:00:00", "10:20:00", "10:40:00", "11:00:00"], 1, id="it is the gap that counts, not the length"
        ),
        pytest.param(["00:00:00", "23:59:59"], 2, id="both ends of the day"),
    ],
)
def test_a_gap_over_thirty_minutes_starts_a_visit(duck: Duck, times: list[str], expected: int) -> None:
    assert len(visits(duck, views(*map(at, times)), MONDAY.date())) == expected


def test_visitors_and_sites_do_not_mix(duck: Duck) -> None:
    mixed = [
        Receipt("1", at("10:00:00"), visitor_id="a"),
        Receipt("2", at("10:01:00"), visitor_id="b"),
        Receipt("3", at("10:02:00"), visitor_id="a", site_id="t"),
    ]
    assert len(visits(duck, mixed, MONDAY.date())) == 3


def test_a_visit_survives_midnight_and_belongs_to_the_day_it_starts(duck: Duck) -> None:
    night = views(at("23:50:00"), at("00:10:00", 1), at("00:30:00", 1), at("02:00:00", 1))
    (first,) = visits(duck, night, MONDAY.date())
    assert (first["visit_date"], first["events"], first["duration_s"]) == (MONDAY.date(), 3, 40 * 60)
    (second,) = visits(duck, night, MONDAY.date() + DAY)
    assert (second["events"], second["started_at"], second["is_cut"]) == (1, at("02:00:00", 1), False)


def test_a_visit_that_never_pauses_is_cut_after_its_second_day_and_then_daily(duck: Duck) -> None:
    endless = views(*(at("23:45:00") + timedelta(minutes=30) * number for number in range(100)))
    found = [visits(duck, endless, MONDAY.date() + DAY * day) for day in range(4)]
    assert [[(visit["events"], visit["is_cut"]) for visit in day] for day in found] == [
        [(49, False)],
        [],
        [(48, True)],
        [(3, True)],
    ]


def test_a_day_that_begins_late_does_not_cut_the_next(duck: Duck) -> None:
    early = [at("00:30:00", 1) + timedelta(minutes=30) * number for number in range(48)]
    late = [time + TINY for time in early]
    assert [visit["is_cut"] for visit in visits(duck, views(*early), early[-1].date())] == [True]
    assert visits(duck, views(*late), late[-1].date()) == []


def test_a_visit_tells_what_happened_in_it(duck: Duck) -> None:
    receipts = [
        Receipt("1", at("10:00:00"), event_type="hello", payload='{"interactive": false}', session_id="c", path="/x"),
        Receipt("2", at("10:00:04"), path="/in", url=None, referrer="https://else.example/"),
        Receipt("3", at("10:00:09.5"), path="/out?a=1"),
        Receipt("4", at("10:00:09.9"), event_type="click", path="/y"),
    ]
    (visit,) = visits(duck, receipts, MONDAY.date())
    assert visit | {"session_id": ""} == {
        "visit_date": MONDAY.date(),
        "site_id": "s",
        "session_id": "",
        "visitor_id": "v",
        "client_session_id": "c",
        "started_at": at("10:00:00"),
        "ended_at": at("10:00:09.9"),
        "duration_s": 9,
        "pageviews": 2,
        "events": 4,
        "entry_page": "/in",
        "exit_page": "/out",
        "is_bounce": False,
        "is_engaged": True,
        "source": "direct",
        "referrer_host": None,
        "is_bot": False,
        "is_cut": False,
    }


@pytest.mark.parametrize(
    ("receipts", "is_bounce", "is_engaged"),
    [
        pytest.param(views(at("10:00:00")), True, False, id="one page view"),
        pytest.param(views(at("10:00:00"), at("10:00:01")), False, True, id="two page views"),
        pytest.param(views(at("10:00:00"), event_type="click"), True, False, id="one click"),
        pytest.param(
            views(at("10:00:00"), event_type="x", payload='{"interactive":false}'), False, False, id="a beacon"
        ),
        pytest.param(views(at("10:00:00"), at("10:00:10"), event_type="click"), False, True, id="ten seconds"),
        pytest.param(views(at("10:00:00"), at("10:00:09.999999"), event_type="click"), False, False, id="just under"),
    ],
)
def test_bounce_and_engagement(duck: Duck, receipts: list[Receipt], is_bounce: bool, is_engaged: bool) -> None:
    (visit,) = visits(duck, receipts, MONDAY.date())
    assert (visit["is_bounce"], visit["is_engaged"]) == (is_bounce, is_engaged)


@pytest.mark.parametrize(
    ("referrer", "source"),
    [
        pytest.param(None, "direct", id="none"),
        pytest.param("https://WWW.Google.com/search?q=1", "google.com", id="another host"),
        pytest.param("https://shop.example/other", "direct", id="the site itself"),
        pytest.param("nonsense", "direct", id="no address"),
    ],
)
def test_the_source_is_the_host_that_sent_the_visitor(duck: Duck, referrer: str | None, source: str) -> None:
    (visit,) = visits(duck, views(at("10:00:00"), referrer=referrer), MONDAY.date())
    assert visit["source"] == source


def test_a_visit_with_one_event_of_a_robot_is_a_robots(duck: Duck) -> None:
    receipts = [*views(at("10:00:00")), Receipt("r", at("10:01:00"), user_agent=FIREFOX + " Googlebot/2.1")]
    assert [visit["is_bot"] for visit in visits(duck, receipts, MONDAY.date())] == [True]


@st.composite
def coarse_events(draw: st.DrawFn) -> list[Receipt]:
    """Events of few visitors on a grid of hours, some a microsecond off it, with ties."""
    drawn = draw(st.lists(st.tuples(HOURS, NUDGES, st.sampled_from("ab")), min_size=1, max_size=40))
    every = draw(st.sampled_from([None, 2, 6]))
    endless = [(hour, timedelta(0), "a") for hour in range(0, 96, every)] if every else []
    return [
        Receipt(str(number), MONDAY + timedelta(hours=hour) + nudge, visitor_id=visitor)
        for number, (hour, nudge, visitor) in enumerate([*drawn, *endless])
    ]


@settings(max_examples=40, deadline=None)
@given(coarse_events())
def test_three_days_of_events_give_the_visits_that_the_whole_history_gives(duck: Duck, events: list[Receipt]) -> None:
    expected = sorted((v.day, v.session_id, len(v.events), v.is_cut) for v in visits_of(events, SIX_HOURS))
    core = core_days(duck, events, MONDAY.date() - 2 * DAY, MONDAY.date() + 4 * DAY)
    found = []
    for day in list(core)[1:-1]:
        around = rows_of(CORE_EVENTS, chain.from_iterable(core[near] for near in days_between(day - DAY, day + DAY)))
        for visit in answers(duck, sessionize(around, day, gap_limit_s=int(SIX_HOURS.total_seconds()))):
            found.append((visit["visit_date"], visit["session_id"], visit["events"], visit["is_cut"]))
            assert (visit["ended_at"].date() - visit["started_at"].date()).days <= 1
    assert sorted(found) == expected


@st.composite
def late_receipts(draw: st.DrawFn) -> tuple[list[Receipt], list[int]]:
    """Receipts up to three days late in any order, and where to cut them into batches."""
    late = st.tuples(st.integers(0, 2 * 48), st.integers(0, 2), st.sampled_from("ab"))
    drawn = draw(st.lists(late, min_size=2, max_size=20))
    receipts = []
    for number, (slot, days_late, visitor) in enumerate(drawn):
        time = MONDAY + timedelta(minutes=30) * slot
        receipts.append(Receipt(str(number), time, received_at=time + DAY * days_late, visitor_id=visitor))
    order = draw(st.permutations(receipts))
    cuts = draw(st.lists(st.integers(1, len(order) - 1), max_size=2, unique=True))
    return order, sorted(cuts)


@settings(max_examples=8, deadline=None)
@given(late_receipts())
def test_any_order_and_batching_gives_the_bytes_of_one_full_rebuild(
    duck: Duck, drawn: tuple[list[Receipt], list[int]]
) -> None:
    order, cuts = drawn
    with TemporaryDirectory() as folder:
        step_by_step, at_once = (EventLake(Path(folder) / name, duck) for name in ("steps", "once"))
        for first, last in zip([0, *cuts], [*cuts, len(order)], strict=True):
            step_by_step.receive(order[first:last])
        at_once.received = sorted(order, key=lambda each: each.event_id)
        days = days_between(MONDAY.date(), max(each.received_at.date() for each in order))
        at_once.make_raw(days)
        at_once.make_core(days)
        at_once.make_sessions(days)
        for table in (RAW_EVENTS, CORE_EVENTS, SESSIONS):
            assert step_by_step.bytes_of(table) == at_once.bytes_of(table)
        expected = visits_of(order, timedelta(seconds=GAP_LIMIT_S))
        assert sorted(row["session_id"] for row in at_once.rows(SESSIONS)) == sorted(v.session_id for v in expected)
