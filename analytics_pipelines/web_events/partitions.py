"""Daily partitions of the event log, made when the first event of a day asks for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.log_tables import DROPPED_DAY


def create_partitions(database: Database, days: Iterable[date]) -> None:
    """Make the partitions of these days of receipt that do not exist.

    In a transaction of its own: one that has written to the log and then asks for the stronger lock could
    deadlock with another.
    """
    with database.writing() as connection:
        for day in sorted(set(days)):
            connection.execute(sa.select(sa.func.web_events.create_partition(day)))


@dataclass(frozen=True, slots=True)
class LogDay:
    """A day of receipt in the log: whether it has a partition, and whether events of it live in the lake alone."""

    has_partition: bool
    is_dropped: bool


def log_day(database: Database, day: date) -> LogDay:
    """How the log holds that day. Raises `Unavailable`."""
    partition = sa.func.to_regclass(partition_name(day))
    dropped = sa.exists().where(DROPPED_DAY.c.received_date == day)
    with database.reading() as connection:
        return LogDay(*connection.execute(sa.select(partition.is_not(None), dropped)).one())


def partition_name(day: date) -> str:
    """The partition's name as `web_events.create_partition` gives it."""
    return "web_events.event_log_" + day.strftime("%Y%m%d")
