"""Daily partitions of the event log, made when the first event of a day asks for one."""

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database


def create_partitions(database: Database, days: Iterable[date]) -> None:
    """Make the partitions of these days of receipt that do not exist.

    In a transaction of its own: one that has written to the log and then asks for the stronger lock could
    deadlock with another.
    """
    with database.writing() as connection:
        for day in sorted(set(days)):
            connection.execute(sa.select(sa.func.web_events.create_partition(day)))
