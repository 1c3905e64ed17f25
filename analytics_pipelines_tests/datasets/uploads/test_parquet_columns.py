"""Columns of Parquet as kinds of datasets: what is kept, what is told, what is refused."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest

from analytics_pipelines.datasets.uploads.errors import BrokenParquet, HoldsNul, LineTooLong, UnusableColumn
from analytics_pipelines.datasets.uploads.parquet_columns import typed_column

MOST_BYTES = 1000
NOON = datetime.fromisoformat("2026-11-20T12:00:00.123456")
MIDNIGHT = datetime.fromisoformat("1970-01-01T00:00:00")


def typed(values: pa.Array) -> tuple[str, list[object], str]:
    found = typed_column("column", pa.chunked_array([values]), MOST_BYTES)
    return found.type, found.values.to_pylist(), found.reason


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(pa.array([1, None], pa.int8()), ("BIGINT", [1, None], ""), id="small integers"),
        pytest.param(pa.array([2**63 - 1], pa.uint64()), ("BIGINT", [2**63 - 1], ""), id="unsigned that fit"),
        pytest.param(pa.array([1.5], pa.float32()), ("DOUBLE", [1.5], ""), id="floats"),
        pytest.param(pa.array([0.5], pa.float16()), ("DOUBLE", [0.5], ""), id="half floats"),
        pytest.param(pa.array([True, None]), ("BOOLEAN", [True, None], ""), id="booleans"),
        pytest.param(pa.array([date(2026, 1, 2)], pa.date64()), ("DATE", [date(2026, 1, 2)], ""), id="days"),
        pytest.param(pa.array([NOON], pa.timestamp("us")), ("TIMESTAMP", [NOON], ""), id="local times"),
        pytest.param(
            pa.array([NOON], pa.timestamp("us", tz="Europe/Berlin")),
            ("TIMESTAMP WITH TIME ZONE", [NOON.replace(tzinfo=UTC)], ""),
            id="moments of another zone",
        ),
        pytest.param(pa.array([MIDNIGHT], pa.timestamp("s")), ("TIMESTAMP", [MIDNIGHT], ""), id="seconds"),
        pytest.param(pa.array(["a", ""], pa.large_string()), ("VARCHAR", ["a", ""], ""), id="long texts"),
        pytest.param(pa.array(["a", "a"]).dictionary_encode(), ("VARCHAR", ["a", "a"], ""), id="a dictionary"),
        pytest.param(pa.array([Decimal(7)], pa.decimal128(9, 0)), ("BIGINT", [7], ""), id="decimals that are whole"),
    ],
)
def test_what_fits_is_kept_as_it_is(values, expected):
    assert typed(values) == expected


@pytest.mark.parametrize(
    ("values", "kind", "kept", "says"),
    [
        pytest.param(pa.array([2**64 - 1], pa.uint64()), "VARCHAR", ["18446744073709551615"], "larger", id="huge"),
        pytest.param(pa.array([1.0, float("nan")]), "DOUBLE", [1.0, None], "1 values are NaN", id="NaN"),
        pytest.param(
            pa.array([Decimal("1.25")], pa.decimal128(10, 2)), "DOUBLE", [1.25], "DECIMAL(10,2)", id="decimals"
        ),
        pytest.param(
            pa.array([Decimal(2**70)], pa.decimal256(60, 0)), "DOUBLE", [float(2**70)], "15 digits", id="wide decimals"
        ),
        pytest.param(
            pa.array([time(1, 2)], pa.time64("us")), "VARCHAR", ["01:02:00.000000"], "times of day", id="time"
        ),
        pytest.param(pa.nulls(2), "VARCHAR", [None, None], "every value is null", id="nothing"),
        pytest.param(pa.array([1], pa.timestamp("ns")), "TIMESTAMP", [MIDNIGHT], "microseconds", id="ns"),
        pytest.param(
            pa.ExtensionArray.from_storage(pa.uuid(), pa.array([UUID(int=5).bytes], pa.binary(16))),
            "VARCHAR",
            [str(UUID(int=5))],
            "",
            id="ids",
        ),
    ],
)
def test_what_changes_is_told(values, kind, kept, says):
    found_kind, found, reason = typed(values)
    assert (found_kind, found) == (kind, kept)
    assert says in reason


@pytest.mark.parametrize(
    ("values", "error", "says"),
    [
        pytest.param(pa.array([b"a"]), UnusableColumn, "no plan can use: binary", id="bytes"),
        pytest.param(pa.array([1], pa.duration("s")), UnusableColumn, "no plan", id="spans"),
        pytest.param(pa.array([[1]]), UnusableColumn, "nested", id="lists"),
        pytest.param(pa.array([3_000_000], pa.date32()), UnusableColumn, "years 1 to 9999", id="a day too far"),
        pytest.param(pa.array([2**62], pa.timestamp("s")), UnusableColumn, "years 1 to 9999", id="a second too far"),
        pytest.param(pa.array([-(2**62)], pa.timestamp("us")), UnusableColumn, "years 1 to 9999", id="long ago"),
        pytest.param(pa.array(["a\x00b"]), HoldsNul, "NUL", id="a NUL"),
        pytest.param(pa.array(["x" * 1001]), LineTooLong, "too long", id="a long value"),
    ],
)
def test_what_no_dataset_can_hold_is_refused_by_the_columns_name(values, error, says):
    with pytest.raises(error, match="'column'") as told:
        typed(values)
    assert says in told.value.detail


def test_a_column_without_rows_has_its_kind():
    assert typed(pa.array([], pa.int32()))[:2] == ("BIGINT", [])


def test_text_that_is_no_utf8_is_told():
    texts = pa.array([b"a\xff"]).view(pa.string())
    with pytest.raises(BrokenParquet, match="none of its type"):
        typed(texts)
