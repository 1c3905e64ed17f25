from datetime import UTC, datetime

from analytics_pipelines.storage_snapshots.rollup.computed import NEVER
from analytics_pipelines.storage_snapshots.rollup.measures import (
    BROKEN,
    MODIFIED,
    PLAIN,
    SIZE,
    bytes_each,
    flags_each,
    times_each,
)
from analytics_pipelines_tests.storage_snapshots import paper
from analytics_pipelines_tests.storage_snapshots.paper import Leaf, folder


def test_columns_come_in_the_order_of_the_rows(lake):
    at = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    root = folder("r", Leaf("a", "l", -5), Leaf("b", "s", None, error="EIO"), Leaf("c", "f", 3, modified_at=at))
    with paper.scanned(paper.entries_of({"s": root})) as scan, lake.duck.cursor() as cursor:
        scan.mount(cursor, "entries")
        assert bytes_each(cursor, SIZE).tolist() == [0, 0, 0, 3]
        assert times_each(cursor, MODIFIED).tolist() == [NEVER, NEVER, NEVER, 1_000_000]
        assert flags_each(cursor, PLAIN).tolist() == [False, True, False, True]
        assert flags_each(cursor, BROKEN).tolist() == [False, False, True, False]
