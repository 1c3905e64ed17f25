"""Visitors who are erased and never taken again; the list holds keyed hashes, so that it names nobody."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.web_events.event_ids import digest
from analytics_pipelines.web_events.log_tables import SUPPRESSED_VISITOR


def digest_of(visitor_key: bytes, site_id: str, visitor_id: str) -> str:
    """What stands in the list for a visitor: 32 hexadecimal digits, keyed with the site's `visitor_key`."""
    return digest(site_id.encode(), visitor_id.encode(), key=visitor_key)


def suppress(
    connection: sa.Connection, site_id: str, visitor_key: bytes, visitor_ids: Collection[str], at: datetime
) -> int:
    """Put the visitors on the list, within the caller's transaction; how many were not on it."""
    digests = sorted({digest_of(visitor_key, site_id, visitor_id) for visitor_id in visitor_ids})
    if not digests:
        return 0
    rows = [{"site_id": site_id, "visitor_digest": each, "suppressed_at": at} for each in digests]
    new = insert(SUPPRESSED_VISITOR).values(rows).on_conflict_do_nothing()
    return len(connection.execute(new.returning(SUPPRESSED_VISITOR.c.visitor_digest)).all())


def suppressed_digests(connection: sa.Connection, site_id: str) -> frozenset[str]:
    """Every digest on the site's list."""
    listed = sa.select(SUPPRESSED_VISITOR.c.visitor_digest).where(SUPPRESSED_VISITOR.c.site_id == site_id)
    return frozenset(connection.scalars(listed))


def is_suppressed(digests: Collection[str], visitor_key: bytes, site_id: str, visitor_id: str | None) -> bool:
    """Whether the visitor stands in the list that `suppressed_digests` gave; nobody does in an empty one."""
    return bool(digests) and visitor_id is not None and digest_of(visitor_key, site_id, visitor_id) in digests
