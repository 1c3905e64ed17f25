"""Rows are turned into Python's values in bounded slices."""

import pyarrow as pa

from analytics_pipelines.sql_service.encode.json_rows import MOST_CELLS, MOST_SLICE_BYTES, slices, values_of
from analytics_pipelines.sql_service.encode.types import type_of
from analytics_pipelines.sql_service.messages import Format
from analytics_pipelines_tests.sql_service.encode.answers import Answers


def test_slices_of_wide_batches_are_short():
    batch = pa.record_batch([pa.array(range(1000))] * 1000, [str(number) for number in range(1000)])
    parts = list(slices(batch))
    assert sum(part.num_rows for part in parts) == 1000
    assert max(part.num_rows * part.num_columns for part in parts) <= MOST_CELLS


def test_slices_of_long_texts_are_short():
    batch = pa.record_batch([pa.array(["x" * 10**6] * 20)], ["a"])
    parts = list(slices(batch))
    assert sum(part.num_rows for part in parts) == 20
    assert max(part.num_rows for part in parts) * 10**6 <= MOST_SLICE_BYTES


def test_numbers_with_nulls_stay_exact():
    assert values_of(pa.array([1, None, 2**53]), type_of("BIGINT")) == [1, None, "9007199254740992"]
    assert values_of(pa.array([0.5, None, float("inf")]), type_of("DOUBLE")) == [0.5, None, "Infinity"]
    assert values_of(pa.array([1e308, 1e308]), type_of("DOUBLE")) == [1e308, 1e308]


def test_answers_without_rows_and_of_many_batches_are_whole():
    answers = Answers()
    content = answers.content("SELECT 1 AS a, 1.5 AS b WHERE false", Format.JSON)
    assert content == b'"data":[],"columns":[{"name":"a","type":"INTEGER"},{"name":"b","type":"DECIMAL(2,1)"}]'
    rows = answers.json("SELECT i, 'é' || i FROM range(30000) AS t(i)")
    assert rows == [[str(number), "é" + str(number)] for number in range(30_000)]
