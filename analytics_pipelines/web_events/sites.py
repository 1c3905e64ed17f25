"""Sites that events may belong to."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.web_events.tables import SITE
from analytics_pipelines.web_events.visitors import SECRET_BYTES


def is_known(connection: sa.Connection, site_id: str) -> bool:
    """Whether the site is registered."""
    return connection.scalar(sa.select(SITE.c.site_id).where(SITE.c.site_id == site_id)) is not None


def register(connection: sa.Connection, site_id: str, at: datetime) -> None:
    """Register the site under its id as name, in UTC; one that exists is left as it is."""
    values = {"site_id": site_id, "name": site_id, "visitor_key": secrets.token_bytes(SECRET_BYTES), "created_at": at}
    connection.execute(insert(SITE).values(values).on_conflict_do_nothing())


def visitor_key(connection: sa.Connection, site_id: str) -> bytes:
    """The secret under which the visitors in the site's logs are hashed."""
    key: bytes = connection.execute(sa.select(SITE.c.visitor_key).where(SITE.c.site_id == site_id)).scalar_one()
    return key
