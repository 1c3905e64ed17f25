import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.lake.stage import ROW_GROUP_ROWS
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql, joined, name
from analytics_pipelines_tests.foundation.lake.example import ARROW, DAY, READINGS, generated


def test_a_staged_file_is_outside_the_lake_and_gone_when_nobody_published_it(lake):
    with lake.stage(READINGS, DAY, generated(1)) as work:
        assert work.file.is_file()
        assert lake.root not in work.file.parents
    assert not work.file.exists()
    assert lake.days(READINGS) == []


def test_the_file_is_zstd_in_explicit_row_groups_with_the_declared_types(lake):
    rows = ROW_GROUP_ROWS * 2 + 1
    with lake.stage(READINGS, DAY, generated(1, rows=rows)) as work:
        metadata = pq.read_metadata(work.file)
        assert pq.read_schema(work.file).remove_metadata() == ARROW
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == [ROW_GROUP_ROWS, ROW_GROUP_ROWS, 1]
    assert {group.column(0).compression for group in groups} == {"ZSTD"}


def test_columns_are_cast_and_put_in_the_declared_order(lake):
    text = Sql("SELECT '7' AS reading_id, '2024-02-29' AS reading_date, * FROM (SELECT {nulls})")
    nulls = joined(Sql("NULL AS {name}").fill(name=name(column)) for column in reversed(ARROW.names[2:]))
    with lake.stage(READINGS, DAY, Select(text.fill(nulls=nulls))) as work:
        assert pq.read_table(work.file, partitioning=None).to_pylist()[0]["reading_id"] == 7


def test_a_query_may_end_with_a_comment(lake):
    query = Sql(generated(1).sql.text.rstrip() + "\n-- in no order that matters")
    with lake.stage(READINGS, DAY, Select(query, values=generated(1).values)) as work:
        assert work.manifest.rows > 0


def test_a_query_that_fails_leaves_nothing_behind(lake):
    broken = Select(Sql("SELECT error('no such luck') AS reading_id"))
    with pytest.raises(duckdb.Error), lake.stage(READINGS, DAY, broken):
        pass
    assert list(lake._staging.iterdir()) == []


def test_every_broken_rule_is_named_at_once(lake):
    rows = ArrowRows(pa.Table.from_pylist([{}, {}], ARROW))
    select = Select(Sql("SELECT * FROM given"), reads={"given": rows})
    with lake.stage(READINGS, DAY, select) as work, pytest.raises(CheckFailed) as caught:
        work.must_pass()
    assert "key_is_unique (reading_id: 1 keys more than once)" in caught.value.detail
    assert "no_nulls (reading_date: 2 nulls, reading_id: 2 nulls)" in caught.value.detail
    assert caught.value.remedy == "The old partition stays readable."
