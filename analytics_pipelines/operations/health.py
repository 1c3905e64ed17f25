"""Whether the database answers and has the tables of this version."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from analytics_pipelines.accounts.tables import METADATA as ACCOUNTS
from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.failures import OUTDATED
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.operations.tables import METADATA as OPERATIONS
from analytics_pipelines.web_events.log_tables import METADATA as WEB_EVENTS

NEEDED = (ACCOUNTS, OPERATIONS, WEB_EVENTS)
"""What collection, run requests and tokens can not do without."""
NOT_MIGRATED = " ".join(OUTDATED[1:])


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """The database as one question found it; latency and version are None when it is away."""

    is_connected: bool
    latency_ms: float | None = None
    version: str | None = None
    is_migrated: bool = False

    @property
    def is_healthy(self) -> bool:
        """Whether requests can be answered from it."""
        return self.is_connected and self.is_migrated

    @property
    def complaint(self) -> str | None:
        """What is wrong and the remedy, where the database itself answers."""
        return NOT_MIGRATED if self.is_connected and not self.is_migrated else None


def probe(door: Callable[[], Database]) -> DatabaseHealth:
    """Ask the database for its version and its tables; never raises for one that is away."""
    started_s = time.perf_counter()
    try:
        with door().reading() as connection:
            version: str = connection.execute(sa.select(sa.func.current_setting("server_version"))).scalar_one()
            latency_ms = round((time.perf_counter() - started_s) * 1000, 3)
            return DatabaseHealth(True, latency_ms, version, is_migrated=_has_tables(connection))
    except (Unavailable, TimedOut):
        return DatabaseHealth(is_connected=False)


def _has_tables(connection: sa.Connection) -> bool:
    query = sa.text(from_file(__package__, "table_columns").text)
    schemas = [str(metadata.schema) for metadata in NEEDED]
    found = {tuple(row) for row in connection.execute(query, {"schemas": schemas})}
    return found.issuperset(_needed())


def _needed() -> Iterator[tuple[str, str, str]]:
    for metadata in NEEDED:
        for table in metadata.tables.values():
            yield from ((str(metadata.schema), table.name, column.name) for column in table.columns)
