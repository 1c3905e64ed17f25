"""What commits beside PostgreSQL's versions, between the snapshot and the first look at a table."""

import psycopg
import pytest

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.product_export.source.describe import describe
from analytics_pipelines.product_export.source.limits import SourceLimits
from analytics_pipelines.product_export.source.rewritten import TableRewritten, must_be_of_the_snapshot
from analytics_pipelines.product_export.source.session import open_snapshot
from analytics_pipelines.product_export.wishes import TableWish

WISH = TableWish(schema="public", table="parts", name="parts")
TABLES = """
CREATE TABLE parts (id int PRIMARY KEY, label text) PARTITION BY RANGE (id);
CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (100) TO (200);
INSERT INTO parts SELECT n, 'part' FROM generate_series(1, 150) AS n;
"""


@pytest.fixture
def owner(database_urls):
    with psycopg.connect(conninfo(database_urls.owner), autocommit=True) as connection:
        connection.execute(TABLES)
        yield connection


def looked_at_after(owner, database_urls, settings, statement):
    with open_snapshot(conninfo(database_urls.owner), SourceLimits.of(settings)) as snapshot:
        owner.execute(statement)
        table = describe(snapshot.connection, WISH)
        must_be_of_the_snapshot(snapshot.connection, table)
        return snapshot.connection.execute("SELECT count(*) FROM parts").fetchone()[0]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("TRUNCATE parts", id="emptied"),
        pytest.param("TRUNCATE parts_high", id="one of its partitions emptied"),
        pytest.param("ALTER TABLE parts ALTER label TYPE int USING 1", id="written anew with another type"),
    ],
)
def test_a_table_that_was_rewritten_since_the_snapshot_is_refused(owner, database_urls, settings, statement):
    with pytest.raises(TableRewritten, match=r"public\.parts was truncated or rewritten"):
        looked_at_after(owner, database_urls, settings, statement)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM parts", "UPDATE parts SET label = 'x'", "ALTER TABLE parts ADD note text", "VACUUM FREEZE parts_low"],
)
def test_what_keeps_the_old_rows_does_no_harm(owner, database_urls, settings, statement):
    assert looked_at_after(owner, database_urls, settings, statement) == 150
