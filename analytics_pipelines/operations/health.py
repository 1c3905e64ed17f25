"""Whether the database answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.database import Database


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """The database as one question found it; latency and version are None when it is away."""

    is_connected: bool
    latency_ms: float | None = None
    version: str | None = None


def probe(door: Callable[[], Database]) -> DatabaseHealth:
    """Ask the database for its version; never raises for one that is away."""
    started_s = time.perf_counter()
    try:
        with door().reading() as connection:
            version: str = connection.execute(select(func.current_setting("server_version"))).scalar_one()
    except (Unavailable, TimedOut):
        return DatabaseHealth(is_connected=False)
    return DatabaseHealth(True, round((time.perf_counter() - started_s) * 1000, 3), version)
