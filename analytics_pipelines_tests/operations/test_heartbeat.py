"""Signs of life."""

from datetime import UTC, datetime, timedelta

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.heartbeat import DAEMON, beat, last_beat

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_the_newest_heartbeat_is_kept(database: Database) -> None:
    assert last_beat(database, DAEMON) is None
    for second in (1, 3, 2):
        beat(database, DAEMON, NOW + timedelta(seconds=second))
    assert last_beat(database, DAEMON) == NOW + timedelta(seconds=3)
