"""Signs of life of what works in the background."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.tables import HEARTBEAT

DAEMON = "dagster-daemon"


def beat(database: Database, name: str, now: datetime) -> None:
    """Say that `name` is alive at `now`; an older moment never replaces a newer."""
    new = insert(HEARTBEAT).values(name=name, beaten_at=now)
    latest = func.greatest(HEARTBEAT.c.beaten_at, new.excluded.beaten_at)
    with database.writing() as connection:
        connection.execute(new.on_conflict_do_update(index_elements=["name"], set_={"beaten_at": latest}))


def last_beat(database: Database, name: str) -> datetime | None:
    """When `name` last said that it is alive; None if never."""
    with database.reading() as connection:
        found: datetime | None = connection.execute(
            select(HEARTBEAT.c.beaten_at).where(HEARTBEAT.c.name == name)
        ).scalar_one_or_none()
    return found
