"""Days whose partitions are still to be written anew outlive a killed erasure."""

from datetime import UTC, date, datetime

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.erasure.note import end, noted
from analytics_pipelines.operations.tables import ERASURE

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FIRST, SECOND = date(2026, 11, 19), date(2026, 11, 20)


def test_days_add_up_until_the_erasure_ends(database: Database) -> None:
    with database.writing() as connection:
        assert noted(connection, "shop", "d", {FIRST}, NOW) == {FIRST}
        assert noted(connection, "shop", "d", {SECOND}, NOW) == {FIRST, SECOND}
        assert noted(connection, "shop", "d", (), NOW) == {FIRST, SECOND}
        end(connection, "shop", "d", NOW)
        assert noted(connection, "shop", "d", (), NOW) == set()


def test_other_visitors_and_sites_have_notes_of_their_own(database: Database) -> None:
    with database.writing() as connection:
        noted(connection, "shop", "d", {FIRST}, NOW)
        assert noted(connection, "shop", "e", {SECOND}, NOW) == {SECOND}
        assert noted(connection, "other", "d", (), NOW) == set()
        end(connection, "shop", "e", NOW)
        rows = connection.execute(sa.select(ERASURE).order_by(ERASURE.c.site_id, ERASURE.c.visitor_digest)).all()
    assert [(row.site_id, row.visitor_digest, row.ended_at is None) for row in rows] == [
        ("other", "d", True),
        ("shop", "d", True),
        ("shop", "e", False),
    ]
