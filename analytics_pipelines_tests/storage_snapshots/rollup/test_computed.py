from datetime import date

import pyarrow as pa

from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.rollup.computed import LARGEST, Computed, column_of, flags, numbers


def test_rows_are_computed_of_the_views_that_are_mounted_before(lake):
    doubled = Computed(lambda cursor: cursor.execute("SELECT 2 * number AS twice FROM given").to_arrow_table())
    given = ArrowRows(pa.table({"number": [1, 2]}))
    select = Select(Sql("SELECT sum(twice) FROM doubled"), reads={"given": given, "doubled": doubled})
    with lake.duck.cursor() as cursor:
        select.mount(cursor)
        assert cursor.execute(select.sql.text).fetchall() == [(6,)]


def test_times_before_1970_and_unknown_ones_become_integers(lake):
    query = Sql("SELECT unnest([TIMESTAMPTZ '1969-12-31 23:59:59Z', NULL, TIMESTAMPTZ '1970-01-01 00:00:01Z'])")
    with lake.duck.cursor() as cursor:
        assert numbers(column_of(cursor, query), null=LARGEST).tolist() == [-1_000_000, LARGEST, 1_000_000]


def test_columns_of_several_pieces_become_one(lake):
    with lake.duck.cursor() as cursor:
        found = column_of(cursor, Sql("SELECT range % 3 = 0 FROM range(10000)"))
    assert flags(found).tolist() == [number % 3 == 0 for number in range(10000)]


def test_a_computation_adds_no_version_of_its_own():
    assert Computed(lambda _: pa.table({"day": [date(2026, 3, 1)]})).versions == ()
