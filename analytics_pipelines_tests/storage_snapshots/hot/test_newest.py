"""The newest snapshot of each share, and scans of exactly the shares of a day."""

from datetime import timedelta

import duckdb

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.hot.newest import newest_shares, scan_newest, scan_of
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, SNAPSHOTS
from analytics_pipelines_tests.storage_snapshots.hot.paper_readable import PaperReadable, rows_of
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node

LATER = DAY + timedelta(days=30)
DAYS = {
    DAY: {"a": Node("/a", "d"), "it's": Node("/it's", "d")},
    LATER: {"a": Node("/a", "d"), "b": Node("/b", "d")},
}


def test_a_share_that_is_no_longer_scanned_keeps_its_last_day():
    with duckdb.connect() as connection:
        readable = PaperReadable(connection, rows_of(DAYS))
        assert newest_shares(readable) == {LATER: ["a", "b"], DAY: ["it's"]}
        found = readable.rows(
            Sql("SELECT share, snapshot_date FROM ({rows})").fill(rows=scan_newest(readable, DIRECTORIES))
        )
    assert sorted(found) == [("a", LATER), ("b", LATER), ("it's", DAY)]


def test_a_scan_of_no_share_has_the_columns_and_no_rows():
    with duckdb.connect() as connection:
        result = connection.execute(scan_of(SNAPSHOTS, {}, lambda _: Sql("never")).text)
        assert [column[0] for column in result.description] == list(SNAPSHOTS.column_names)
        assert result.fetchall() == []
