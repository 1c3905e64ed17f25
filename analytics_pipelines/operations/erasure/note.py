"""What an erasure has still to do, kept with its deletions: PostgreSQL does not tell where deleted rows were."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.operations.tables import ERASURE


def noted(
    connection: sa.Connection, site_id: str, digest: str, days: Collection[date], at: datetime
) -> frozenset[date]:
    """Note the days of receipt whose partitions held deleted rows; these and those of a try that was killed."""
    columns = ERASURE.c
    theirs = sa.and_(columns.site_id == site_id, columns.visitor_digest == digest)
    before = connection.scalar(sa.select(columns.received_dates).where(theirs)) or []
    found = frozenset(days).union(before)
    new = insert(ERASURE).values(site_id=site_id, visitor_digest=digest, begun_at=at, received_dates=sorted(found))
    changed = {"received_dates": new.excluded.received_dates, "ended_at": None}
    connection.execute(new.on_conflict_do_update(index_elements=["site_id", "visitor_digest"], set_=changed))
    return found


def end(connection: sa.Connection, site_id: str, digest: str, at: datetime) -> None:
    """The erasure is complete, and there is nothing left to write anew."""
    columns = ERASURE.c
    theirs = sa.and_(columns.site_id == site_id, columns.visitor_digest == digest)
    connection.execute(sa.update(ERASURE).where(theirs).values(ended_at=at, received_dates=[]))
