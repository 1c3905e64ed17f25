"""Results are read batch by batch, up to the limit and not further."""

import duckdb
import pytest

from analytics_pipelines.sql_service.encode.reading import Reading, broken_text


def reading(sql, limit):
    return Reading(duckdb.connect().execute(sql), 2048, limit)


def test_a_result_without_an_end_is_read_only_as_far_as_asked():
    numbers = reading("SELECT i FROM range(1000000000000) AS t(i)", 5000)
    assert [batch.num_rows for batch in numbers.batches()] == [2048, 2048, 904]
    assert (numbers.rows, numbers.is_truncated) == (5000, True)


def test_the_last_row_that_may_be_is_no_truncation():
    numbers = reading("SELECT i FROM range(2048) AS t(i)", 2048)
    assert sum(batch.num_rows for batch in numbers.batches()) == 2048
    assert not numbers.is_truncated


def test_an_empty_result_has_a_schema_and_no_batch():
    nothing = reading("SELECT 1 AS a WHERE false", 10)
    assert nothing.schema.names == ["a"]
    assert list(nothing.batches()) == []


def test_errors_of_later_rows_pass():
    failing = reading(
        "SELECT CASE WHEN i > 4000000 THEN error('too far') ELSE i END FROM range(5000000) AS t(i)", 10**7
    )
    with pytest.raises(OSError, match="too far"):
        list(failing.batches())


def test_a_broken_text_says_what_to_do():
    assert "encode" in broken_text().remedy
