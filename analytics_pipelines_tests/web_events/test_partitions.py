from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.failures import RightMissing
from analytics_pipelines.web_events.log_tables import DROPPED_DAY
from analytics_pipelines.web_events.partitions import LogDay, create_partitions, log_day

PARTITIONS = sa.text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'web_events.event_log'::regclass")


def test_partitions_are_made_once_whoever_asks(database: Database) -> None:
    days = [date(2015, 5, 17), date(1999, 12, 31), date(2015, 5, 17)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: create_partitions(database, days), range(8)))
    with database.reading() as connection:
        assert connection.scalar(PARTITIONS) == 2


def test_the_role_that_asks_for_partitions_can_make_no_other_table(database: Database) -> None:
    with pytest.raises(RightMissing), database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE web_events.mine (id integer)"))


def test_a_day_of_the_log_tells_its_partition_and_whether_it_was_dropped(database: Database) -> None:
    day, other = date(2026, 3, 5), date(2026, 3, 6)
    assert log_day(database, day) == LogDay(has_partition=False, is_dropped=False)
    create_partitions(database, [day])
    assert log_day(database, day) == LogDay(has_partition=True, is_dropped=False)
    with database.writing() as connection:
        values = {"received_date": day, "events": 1, "checksum": "1", "dropped_at": datetime(2026, 4, 1, tzinfo=UTC)}
        connection.execute(sa.insert(DROPPED_DAY).values(values))
        connection.execute(sa.select(sa.func.web_events.drop_partition(day)))
    assert log_day(database, day) == LogDay(has_partition=False, is_dropped=True)
    assert log_day(database, other) == LogDay(has_partition=False, is_dropped=False)
