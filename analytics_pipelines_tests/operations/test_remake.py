"""Which run requests follow from what was touched: exactly those, once each, until they have succeeded."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql, joined, name
from analytics_pipelines.operations import remake
from analytics_pipelines.operations.remake import ASSETS, plan
from analytics_pipelines.operations.requests import RunRequest, State, Wish, advance, create
from analytics_pipelines.operations.tables import REMAKE_DAY
from analytics_pipelines.operations.wish import Bounds
from analytics_pipelines.web_events import fence, sites
from analytics_pipelines.web_events.fence import touched
from analytics_pipelines.web_events.tables import DAILY_METRICS, VISITORS
from analytics_pipelines.web_events.windows import OF_METRICS
from analytics_pipelines_tests.web_events.log_rows import log_row, put
from analytics_pipelines_tests.web_events.receipts import rows_of

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BOUNDS = Bounds(date(2026, 1, 1), date(2026, 12, 31))


class Platform:
    """The database, a lake, a clock, and a daemon that does as it is told."""

    def __init__(self, database: Database, lake: Lake) -> None:
        self.database, self.lake, self.now = database, lake, NOON

    def receive(self, event_id: str, received_at: datetime = NOON, **given: Any) -> None:
        put(self.database, log_row(event_id, received_at, **given))

    def tick(self) -> list[RunRequest]:
        fence.advance(self.database, self.now, late_event_days=3)
        return plan(self.database, self.lake, self.now, bounds=BOUNDS, late_event_days=3)

    def asked(self) -> list[tuple[int, int]]:
        """Days of March that a tick asks for, of all our tables."""
        found = self.tick()
        assert all(each.wish.assets == ASSETS and each.requested_by == "touched_days" for each in found)
        return [_days(each) for each in found]

    def end(self, request: RunRequest, state: State = State.SUCCEEDED) -> None:
        advance(self.database, request.id, state, now=self.now, run_id="run")


def _days(request: RunRequest) -> tuple[int, int]:
    assert {request.wish.first_date.month, request.wish.last_date.month} == {3}
    return request.wish.first_date.day, request.wish.last_date.day


def test_planners_at_the_same_time_ask_once(platform: Platform) -> None:
    platform.receive("a")
    fence.advance(platform.database, platform.now, late_event_days=3)
    with ThreadPoolExecutor(4) as planners:
        planning = [
            planners.submit(plan, platform.database, platform.lake, NOON, bounds=BOUNDS, late_event_days=3)
            for _ in range(4)
        ]
    assert len([request for each in planning for request in each.result()]) == 1


@pytest.fixture
def platform(database: Database, lake: Lake) -> Platform:
    sites.create(database, "s", {}, by="test", at=NOON)
    return Platform(database, lake)


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        pytest.param(NOON, [(14, 16)], id="now"),
        pytest.param(NOON - DAY, [(13, 15)], id="yesterday"),
        pytest.param(NOON - 2 * DAY, [(12, 15)], id="two days late"),
        pytest.param(NOON - 3 * DAY, [(11, 15)], id="as late as may be"),
        pytest.param(NOON - 4 * DAY, [(15, 15)], id="too late to count"),
    ],
)
def test_a_late_event_makes_exactly_the_days_that_it_touches(platform, happened, expected) -> None:
    platform.receive("e", event_at=happened)
    assert platform.asked() == expected


def test_nothing_new_asks_for_nothing(platform) -> None:
    assert platform.asked() == []
    platform.receive("e")
    (request,) = platform.tick()
    assert platform.asked() == []
    platform.end(request)
    assert platform.asked() == []
    assert touched(platform.database) == []
    with platform.database.reading() as connection:
        assert connection.execute(sa.select(REMAKE_DAY)).all() == []


def test_events_days_apart_are_two_requests(platform) -> None:
    platform.receive("a")
    platform.receive("b", NOON - 10 * DAY)
    assert platform.asked() == [(4, 6), (14, 16)]


def test_a_changed_site_makes_exactly_its_days(platform) -> None:
    platform.receive("a", NOON)
    platform.receive("b", NOON - 10 * DAY, site_id="t")
    for request in platform.tick():
        platform.end(request)
    sites.change(platform.database, "s", {"gap_limit_s": 60}, by="test", at=NOON)
    assert platform.asked() == [(14, 16)]


def test_a_day_touched_while_it_is_made_is_asked_for_again_afterwards(platform) -> None:
    platform.receive("a")
    (request,) = platform.tick()
    advance(platform.database, request.id, State.RUNNING, now=NOON, run_id="run")
    platform.receive("b")
    assert platform.asked() == []
    platform.end(request)
    assert platform.asked() == [(14, 16)]


def test_days_that_anybody_has_asked_for_wait_until_that_is_closed(platform) -> None:
    days = (NOON.date() - 30 * DAY, NOON.date() - DAY)
    theirs = create(platform.database, Wish((), *days), requested_by="anna", now=NOON)
    other = Wish(("raw_fs__entries",), *days)
    create(platform.database, other, requested_by="anna", now=NOON)
    platform.receive("a")
    platform.receive("b", NOON + 10 * DAY)
    assert platform.asked() == [(24, 26)]
    platform.end(theirs)
    assert platform.asked() == [(14, 16)]


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_a_failure_is_asked_for_again_later_each_time(platform, state) -> None:
    platform.receive("a")
    waits: list[int] = []
    (request,) = platform.tick()
    for _ in range(8):
        platform.end(request, state)
        ended, found = platform.now, platform.tick()
        while not found:
            platform.now += timedelta(minutes=1)
            found = platform.tick()
        waits.append((platform.now - ended) // timedelta(minutes=1))
        (request,) = found
        assert _days(request) == (14, 16)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.long
def test_a_day_that_can_not_be_made_ends_up_alone(platform) -> None:
    """Every request that holds the 5th fails, all others succeed."""
    for number in range(0, 60, 2):
        platform.receive(str(number), datetime(2026, 3, 5, 12, tzinfo=UTC) + number * DAY)
    poisoned = date(2026, 3, 5)
    for _ in range(300):
        for request in platform.tick():
            holds = request.wish.first_date <= poisoned <= request.wish.last_date
            platform.end(request, State.FAILED if holds else State.SUCCEEDED)
        platform.now += timedelta(minutes=1)
    assert {each.day for each in touched(platform.database)} <= {poisoned, poisoned + 2 * DAY}


def test_a_request_that_is_lost_is_asked_for_again(platform) -> None:
    platform.receive("a")
    (request,) = platform.tick()
    with platform.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM operations.run_request"))
    platform.tick()
    platform.now += timedelta(hours=1)
    assert platform.asked() == [_days(request)]


def test_days_without_a_partition_wait_for_one(platform) -> None:
    platform.receive("a", datetime(2025, 12, 31, 12, tzinfo=UTC), source="log")
    platform.receive("b")
    assert platform.asked() == [(14, 16)]


def test_a_long_log_is_asked_for_in_parts_one_after_the_other(platform, monkeypatch) -> None:
    monkeypatch.setattr(remake, "MOST_DAYS", 40)
    days = [datetime(2026, 1, 10, 12, tzinfo=UTC) + number * DAY for number in range(0, 60, 2)]
    platform.lake.days(VISITORS)
    for number, moment in enumerate(days):
        platform.receive(str(number), moment)
    asked: list[Wish] = []
    while found := platform.tick():
        (request,) = found
        asked.append(request.wish)
        platform.end(request)
    assert asked[0].first_date == date(2026, 1, 9)
    assert asked[-1].last_date == date(2026, 3, 10)
    assert all((each.last_date - each.first_date).days < 40 for each in asked)
    assert touched(platform.database) == []


def metrics(lake: Lake, day: date) -> None:
    """The day's metrics, as made of what the lake holds now."""
    columns = joined(Sql("NULL AS {name}").fill(name=name(column)) for column in DAILY_METRICS.column_names)
    reads = {each.table.name: lake.scan(each.table, each.around(day)) for each in OF_METRICS}
    lake.replace(DAILY_METRICS, day, Select(Sql("SELECT {columns} WHERE false").fill(columns=columns), reads))


def visitors(lake: Lake, day: date, *ids: str) -> None:
    rows = [{"metric_date": day, "site_id": "s", "visitor_id": each, "pageviews": 1, "events": 1} for each in ids]
    lake.replace(VISITORS, day, Select(Sql("SELECT * FROM given"), {"given": rows_of(VISITORS, rows)}))


def test_later_metrics_are_asked_for_where_an_old_day_got_a_new_visitor(platform) -> None:
    today = NOON.date()
    visitors(platform.lake, today, "a")
    for number in (1, 2, 5, 30, 31):
        metrics(platform.lake, today + number * DAY)
    platform.receive("e")
    (request,) = platform.tick()
    visitors(platform.lake, today, "a", "b")
    metrics(platform.lake, today + DAY)
    platform.end(request)
    later = platform.tick()
    assert [each.wish for each in later] == [
        Wish((DAILY_METRICS.name,), day, day) for day in (today + number * DAY for number in (2, 5, 30))
    ]
    for each in later:
        metrics(platform.lake, each.wish.first_date)
        platform.end(each)
    assert platform.tick() == []


def test_later_metrics_are_left_alone_where_the_visitors_are_the_same(platform) -> None:
    today = NOON.date()
    visitors(platform.lake, today, "a")
    for number in (2, 5, 30):
        metrics(platform.lake, today + number * DAY)
    platform.receive("e")
    (request,) = platform.tick()
    visitors(platform.lake, today, "a")
    platform.end(request)
    assert platform.tick() == []


def test_later_metrics_that_failed_are_asked_for_until_they_are_up_to_date(platform) -> None:
    today = NOON.date()
    metrics(platform.lake, today + 5 * DAY)
    platform.receive("e")
    (request,) = platform.tick()
    visitors(platform.lake, today, "a")
    platform.end(request)
    (later,) = platform.tick()
    platform.end(later, State.FAILED)
    assert platform.tick() == []
    platform.now += timedelta(minutes=1)
    (again,) = platform.tick()
    assert again.wish == later.wish
    platform.end(again)
    (third,) = platform.tick()
    assert third.wish == later.wish
    metrics(platform.lake, today + 5 * DAY)
    platform.end(third)
    assert platform.tick() == []
