"""Arrow streams and Parquet files are written while the rows come."""

import io

import pyarrow.parquet as pq
import pytest

from analytics_pipelines.sql_service.encode.columnar import GROUP_ROWS
from analytics_pipelines.sql_service.messages import Format
from analytics_pipelines_tests.sql_service.encode.answers import Answers

ROWS = 400_000
SQL = "FROM range(" + str(ROWS) + ") AS t(i)"


@pytest.fixture(scope="module")
def answers():
    return Answers()


@pytest.mark.parametrize("target", [Format.ARROW, Format.PARQUET])
def test_the_first_part_comes_before_the_last_row_is_read(answers, target):
    encoding = answers.encoding(SQL, target, ROWS)
    parts = encoding.parts()
    next(parts)
    assert encoding.rows < ROWS
    assert sum(1 for _ in parts) > 1
    assert encoding.rows == ROWS


def test_groups_of_rows_are_bounded_and_compressed(answers):
    file = pq.ParquetFile(io.BytesIO(answers.content(SQL, Format.PARQUET, ROWS)))
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    assert len(groups) > 2
    assert max(group.num_rows for group in groups) < GROUP_ROWS + 20_000
    assert {group.column(0).compression for group in groups} == {"ZSTD"}


@pytest.mark.parametrize("target", [Format.ARROW, Format.PARQUET])
def test_an_answer_without_rows_has_its_columns(answers, target):
    sql = "SELECT 1 AS a, INTERVAL 1 DAY AS b WHERE false"
    table = answers.arrow(sql) if target is Format.ARROW else answers.parquet(sql)
    assert (table.num_rows, table.column_names) == (0, ["a", "b"])


def test_texts_of_more_than_ascii_are_taken(answers):
    assert answers.arrow("SELECT 'é' AS a, ['ü'] AS b")["a"].to_pylist() == ["é"]
