"""One snapshot of the source that all tables of a run are read in, held open by one connection."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import dict_row

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.product_export.source.failures import AGAIN, SnapshotTooOld, of_connecting, source_errors
from analytics_pipelines.product_export.source.limits import SourceLimits, guarded
from analytics_pipelines.product_export.source.moment import Moment

__all__ = ["OpenSnapshot", "SnapshotTooOld", "SourceLimits", "guarded", "open_snapshot"]

HAS_TRANSACTION_TIMEOUT = 170_000
GRACE_S = 5.0
"""The server ends a transaction so much later than we do, so that ours is the clearer error."""
CAPPED = Sql("SELECT set_config('transaction_timeout', %(milliseconds)s, true)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSnapshot:
    """A snapshot for as long as the block of `open_snapshot` runs."""

    connection: psycopg.Connection
    """REPEATABLE READ, READ ONLY, in the snapshot: what it reads is of the same moment as all else."""
    exported_id: str
    """What other connections import: `SET TRANSACTION SNAPSHOT`."""
    moment: Moment
    max_age_s: float
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    opened_at_s: float

    def must_be_young(self) -> None:
        """Raises `SnapshotTooOld` once the snapshot has lived longer than it may."""
        if self.clock() - self.opened_at_s > self.max_age_s:
            raise SnapshotTooOld(
                "The export takes longer than its snapshot may live.",
                limit=f"{self.max_age_s:g} s",
                remedy="Raise EXPORT_SNAPSHOT_MAX_AGE_S, or export fewer tables at once.",
            )


@contextmanager
def open_snapshot(
    conninfo: str, limits: SourceLimits, *, clock: Callable[[], float] = time.monotonic
) -> Iterator[OpenSnapshot]:
    """A snapshot of the source, exported so that others may read in it too; ends with the block.

    Raises `WrongDatabaseUrl` or `Unavailable` when the source can not be reached; errors of psycopg and DuckDB in the
    block become those of `source_errors`. No lock stronger than ACCESS SHARE is taken, and nothing is written.
    """
    connection = connected(conninfo, limits)
    try:
        with source_errors():
            opened_at_s = clock()
            yield _opened(connection, limits, clock, opened_at_s)
    finally:
        with suppress(psycopg.Error):
            connection.close()


def connected(conninfo: str, limits: SourceLimits) -> psycopg.Connection:
    """A guarded connection that has not begun its transaction; raises `WrongDatabaseUrl` or `Unavailable`."""
    try:
        connection = psycopg.connect(guarded(conninfo, limits))
    except psycopg.Error as error:
        raise of_connecting(error) from None
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    # A plan of few rows that is kept for the sixth run of a statement would not fit the next table.
    connection.prepare_threshold = None
    return connection


def _opened(
    connection: psycopg.Connection, limits: SourceLimits, clock: Callable[[], float], opened_at_s: float
) -> OpenSnapshot:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(from_file(__package__, "opened_snapshot").text.encode()).fetchone()
        if found is None:
            raise Unavailable("The source did not say which moment it is at.", remedy=AGAIN)
        if found["server_version"] >= HAS_TRANSACTION_TIMEOUT:
            milliseconds = str(round((limits.snapshot_max_age_s + GRACE_S) * 1000))
            cursor.execute(CAPPED.text.encode(), {"milliseconds": milliseconds})
    exported_id = found.pop("exported_id")
    return OpenSnapshot(
        connection=connection,
        exported_id=exported_id,
        moment=Moment(**found),
        max_age_s=limits.snapshot_max_age_s,
        clock=clock,
        opened_at_s=opened_at_s,
    )
