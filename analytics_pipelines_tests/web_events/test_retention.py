"""What leaves the log is in the published generation, row by row; everything else stays."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.lease import open_current
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.export_events import raw_events, reopened_events
from analytics_pipelines.web_events.fence import advance, forget, touched
from analytics_pipelines.web_events.log_tables import DROPPED_DAY, EVENT_LOG, FAILED_EVENT, VISITOR_SALT
from analytics_pipelines.web_events.partitions import log_day
from analytics_pipelines.web_events.retention import Dropped, DroppedDay, KeptDay, Reason, drop_exported
from analytics_pipelines.web_events.tables import RAW_EVENTS
from analytics_pipelines_tests.web_events.log_rows import NOON, log_row, put

DAY = NOON.date()
LATER = NOON + timedelta(days=100)
ALL = (DAY - timedelta(days=1), DAY)


class World:
    """A log, a lake and what is published of it."""

    def __init__(self, settings, database, lake) -> None:
        self.settings, self.database, self.lake = settings, database, lake

    def publish(self, *days: date) -> None:
        for day in days:
            self.lake.replace(RAW_EVENTS, day, raw_events(conninfo(self.database.url), day))
        build_generation(self.settings, self.lake, [RAW_EVENTS])
        advance(self.database, NOON, late_event_days=3)
        forget(self.database, touched(self.database))

    def drop(self, before: date = DAY + timedelta(days=1), now: datetime = LATER, keep_days: int = 90) -> Dropped:
        lease = open_current(GenerationFolders.of(self.settings.home), self.settings)
        assert lease is not None
        try:
            return drop_exported(self.database, lease, before, now=now, failed_events_keep_days=keep_days)
        finally:
            lease.close()

    def logged(self) -> int:
        with self.database.reading() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(EVENT_LOG)).scalar_one()

    def recorded(self) -> list[tuple[date, int]]:
        with self.database.reading() as connection:
            return [
                tuple(row) for row in connection.execute(sa.select(DROPPED_DAY.c.received_date, DROPPED_DAY.c.events))
            ]


@pytest.fixture
def world(settings, database, lake) -> World:
    sites.create(database, "s", {}, by="test", at=NOON)
    return World(settings, database, lake)


def test_days_that_are_published_as_they_are_go_and_others_stay(world) -> None:
    put(world.database, log_row("a", NOON - timedelta(days=1)), log_row("b"), log_row("c", NOON + timedelta(days=1)))
    world.publish(*ALL)
    done = world.drop()
    assert done.days == (DroppedDay(ALL[0], 1), DroppedDay(ALL[1], 1))
    assert done.kept == ()
    assert world.logged() == 1
    assert world.recorded() == [(ALL[0], 1), (ALL[1], 1)]
    assert not log_day(world.database, DAY).has_partition
    assert world.drop().days == ()


def test_a_day_that_is_not_published_stays(world) -> None:
    put(world.database, log_row("a"), log_row("b", NOON - timedelta(days=1)))
    world.publish(ALL[0])
    assert world.drop().kept == (KeptDay(DAY, Reason.UNPUBLISHED),)
    assert world.logged() == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("SELECT * REPLACE ('x' AS visitor_id) FROM old", id="another value"),
        pytest.param("SELECT * FROM old WHERE event_id = 'a'", id="a row less"),
        pytest.param(
            "SELECT * FROM old UNION ALL SELECT * REPLACE ('c' AS event_id) FROM old WHERE event_id = 'a'",
            id="one more",
        ),
    ],
)
def test_a_day_that_is_published_otherwise_stays(world, change) -> None:
    put(world.database, log_row("a"), log_row("b"))
    world.publish(DAY)
    world.lake.replace(RAW_EVENTS, DAY, Select(Sql(change), {"old": world.lake.scan(RAW_EVENTS, [DAY])}))
    build_generation(world.settings, world.lake, [RAW_EVENTS])
    assert world.drop().kept == (KeptDay(DAY, Reason.DIFFERENT),)
    assert (world.logged(), world.recorded()) == (2, [])


def test_a_touched_day_stays_until_it_is_made(world) -> None:
    put(world.database, log_row("a"))
    world.publish(DAY)
    with world.database.writing() as connection:
        connection.execute(sa.text("UPDATE web_events.export_watermark SET log_number = 0"))
    advance(world.database, NOON, late_event_days=3)
    assert world.drop().kept == (KeptDay(DAY, Reason.TOUCHED),)


@pytest.mark.parametrize(
    ("retention_days", "is_dropped"),
    [
        pytest.param(None, True, id="no rule of its own"),
        pytest.param(99, True, id="over"),
        pytest.param(100, False, id="the last day"),
        pytest.param(365, False, id="not over"),
    ],
)
def test_a_site_may_keep_its_days_for_longer(world, retention_days, is_dropped) -> None:
    sites.create(world.database, "t", {"retention_days": retention_days}, by="test", at=NOON)
    put(world.database, log_row("a"), log_row("b", site_id="t"))
    world.publish(DAY)
    done = world.drop()
    assert bool(done.days) is is_dropped
    assert done.kept == (() if is_dropped else (KeptDay(DAY, Reason.SITE),))


def test_lines_of_imported_logs_are_left_alone(world) -> None:
    put(world.database, log_row("a"), log_row("b", source="log"))
    world.publish(DAY)
    assert world.drop().kept == (KeptDay(DAY, Reason.IMPORTED),)


def test_a_day_that_somebody_writes_to_stays_and_the_writer_is_not_hurt(world) -> None:
    put(world.database, log_row("a"))
    world.publish(DAY)
    with world.database.engine.begin() as connection:
        connection.execute(sa.insert(EVENT_LOG), log_row("b"))
        assert world.drop().kept == (KeptDay(DAY, Reason.BUSY),)
    assert (world.logged(), world.recorded()) == (2, [])
    assert world.drop().kept == (KeptDay(DAY, Reason.DIFFERENT),)


def test_a_row_that_comes_between_the_look_and_the_lock_keeps_the_day(world, monkeypatch) -> None:
    from analytics_pipelines.web_events import retention

    put(world.database, log_row("a"))
    world.publish(DAY)
    look = retention._in_log

    def looked(database, day):
        found = look(database, day)
        put(database, log_row("b"))
        return found

    monkeypatch.setattr(retention, "_in_log", looked)
    assert world.drop().kept == (KeptDay(DAY, Reason.BUSY),)
    assert (world.logged(), world.recorded()) == (2, [])


def test_a_dropped_day_that_was_reopened_can_be_dropped_again(world) -> None:
    put(world.database, log_row("a"), log_row("b"))
    world.publish(DAY)
    world.drop()
    put(world.database, log_row("late"))
    assert world.drop().kept == (KeptDay(DAY, Reason.DIFFERENT),)
    source = conninfo(world.database.url)
    world.lake.replace(RAW_EVENTS, DAY, reopened_events(source, DAY, world.lake.scan(RAW_EVENTS, [DAY])))
    world.publish()
    assert world.drop().days == (DroppedDay(DAY, 1),)
    assert world.recorded() == [(DAY, 3)]
    assert world.lake.scan(RAW_EVENTS, [DAY]).versions
    assert world.logged() == 0


def test_old_rejects_and_salts_are_deleted(world) -> None:
    moments = [LATER - timedelta(days=days) for days in (0, 9, 11)]
    with world.database.writing() as connection:
        for number, moment in enumerate(moments):
            values = {"failed_id": str(number), "source": "collect", "reason": "r", "detail": "d", "payload": b""}
            connection.execute(sa.insert(FAILED_EVENT), values | {"received_at": moment})
        for days in (-1, 0, 1, 2, 3):
            values = {"salt_date": LATER.date() - timedelta(days=days), "salt": b"x"}
            connection.execute(sa.insert(VISITOR_SALT), values)
    world.publish()
    done = world.drop(keep_days=10)
    assert (done.failed_events, done.salts) == (1, 2)
    with world.database.reading() as connection:
        left = connection.execute(sa.select(VISITOR_SALT.c.salt_date)).scalars().all()
    assert sorted((LATER.astimezone(UTC).date() - each).days for each in left) == [-1, 0, 1]
