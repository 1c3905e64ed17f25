"""Whole uploads of Parquet: typed ones, broken ones, hostile ones, and what is left on disk."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.uploads import errors
from analytics_pipelines.datasets.uploads.parquet_upload import is_parquet, read_parquet_upload
from analytics_pipelines.datasets.uploads.upload import UploadedData, uploaded_data
from analytics_pipelines_tests.datasets.uploads.conftest import LIMITS

TABLE = pa.table({"price": [1.5, None, 2.5] * 20, "region": ["north", "south", "south"] * 20, "Region": [1, 2, 3] * 20})


def written(table: pa.Table, **options: Any) -> bytes:
    target = io.BytesIO()
    parquet.write_table(table, target, **options)
    return target.getvalue()


WHOLE = written(TABLE)
NO_TEXT = written(pa.table({"text": ["abcdefgh"]}), use_dictionary=False, compression="none").replace(
    b"abcdefgh", b"ab\xff\xfefgh"
)
Read = Callable[..., UploadedData]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(content: bytes, **limits: int) -> UploadedData:
        source, target = tmp_path / "source", tmp_path / "target"
        source.write_bytes(content)
        target.unlink(missing_ok=True)
        return uploaded_data(read_parquet_upload(str(source), str(target), "data.parquet", replace(LIMITS, **limits)))

    return reading


def test_a_parquet_becomes_what_a_csv_becomes(read: Read, tmp_path: Path) -> None:
    data = read(WHOLE)
    assert (data.row_count, data.column_count, data.filename) == (60, 3, "data.parquet")
    assert [(each.name, each.kind) for each in data.columns] == [
        ("price", ColumnKind.NUMBER),
        ("region", ColumnKind.TEXT),
        ("Region_2", ColumnKind.INTEGER),
    ]
    price, region, _ = data.columns
    assert (price.nulls, price.distinct, price.least, price.most, price.mean) == (20, 2, 1.5, 2.5, 2.0)
    assert (price.examples, region.examples) == (("1.5", "2.5"), ("north", "south"))
    assert [each.name for each in data.renamed] == ["Region_2"]
    kept = parquet.read_table(tmp_path / "target")
    assert kept["region"].to_pylist() == TABLE["region"].to_pylist()
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o600


def test_the_same_parquet_gives_the_same_bytes(read: Read) -> None:
    assert read(WHOLE).sha256 == read(WHOLE).sha256 == read(written(TABLE, compression="gzip")).sha256


@pytest.mark.parametrize(
    ("content", "error", "says", "limits"),
    [
        pytest.param(written(TABLE, compression="brotli"), errors.CompressionRefused, "Brotli", {}, id="Brotli"),
        pytest.param(written(pa.table({"a": [[1]]})), errors.UnusableColumn, "nested", {}, id="a list"),
        pytest.param(written(pa.table({"a": [{"b": 1}]})), errors.UnusableColumn, "'a' is nested", {}, id="a struct"),
        pytest.param(written(pa.table({"a": [b"x"]})), errors.UnusableColumn, "binary", {}, id="bytes"),
        pytest.param(WHOLE, errors.TooManyRows, "rows", {"rows": 59}, id="rows"),
        pytest.param(WHOLE, errors.TooManyRows, "values", {"cells": 179}, id="values"),
        pytest.param(WHOLE, errors.TooManyColumns, "3 columns", {"columns": 2}, id="columns"),
        pytest.param(
            written(pa.table({"a": ["x" * 1000] * 10_000}), use_dictionary=False),
            errors.TooLargeUnpacked,
            "more than is read",
            {"unpacked_bytes": 10**6},
            id="a bomb",
        ),
        pytest.param(written(pa.table({})), errors.EmptyFile, "no column", {}, id="no column"),
        pytest.param(WHOLE[:-8] + bytes(4) + b"PAR1", errors.BrokenParquet, "broken", {}, id="no footer"),
        pytest.param(b"PAR1" + bytes(100) + b"PAR1", errors.BrokenParquet, "broken", {}, id="nothing in it"),
        pytest.param(WHOLE[:4] + bytes(40) + WHOLE[44:], errors.BrokenParquet, "broken", {}, id="pages of zeros"),
        pytest.param(WHOLE[: len(WHOLE) // 2] + WHOLE[-300:], errors.BrokenParquet, "broken", {}, id="its middle gone"),
        pytest.param(b"PARE" + WHOLE[4:-4] + b"PARE", errors.BrokenParquet, "encrypted", {}, id="encrypted"),
        pytest.param(NO_TEXT, errors.BrokenParquet, "broken", {}, id="text that is no UTF-8"),
    ],
)
def test_what_can_not_be_read_is_refused_by_name(read, content, error, says, limits):
    with pytest.raises(error) as told:
        read(content, **limits)
    assert type(told.value) is error
    assert says in told.value.detail


def test_what_is_refused_leaves_nothing(read: Read, tmp_path: Path) -> None:
    with pytest.raises(errors.BrokenParquet) as told:
        read(NO_TEXT)
    assert str(tmp_path) not in str(told.value)
    assert [file.name for file in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(WHOLE, True, id="Parquet"),
        pytest.param(b"PARE" + WHOLE[4:-4] + b"PARE", True, id="encrypted"),
        pytest.param(b"PAR1,PAR2\n1,2\n3,4\n", False, id="a CSV whose first name is PAR1"),
        pytest.param(b"PAR1", False, id="the mark alone"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_parquet_is_known_by_both_of_its_ends(tmp_path, content, expected):
    (tmp_path / "file").write_bytes(content)
    assert is_parquet(tmp_path / "file") is expected
