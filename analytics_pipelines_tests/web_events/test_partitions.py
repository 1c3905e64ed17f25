from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.failures import RightMissing
from analytics_pipelines.web_events.partitions import create_partitions

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
