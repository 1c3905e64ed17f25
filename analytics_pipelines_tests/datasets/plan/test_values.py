"""Values of filters, read as their column holds them."""

from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.plan.values import Unreadable, has_zone, read_value
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.datasets.plan.sales import column

BERLIN = "Europe/Berlin"
WITH_ZONE = "TIMESTAMP WITH TIME ZONE"


@pytest.mark.parametrize(
    ("value", "duckdb_type", "read"),
    [
        (3, "BIGINT", 3),
        (2.5, "BIGINT", 2.5),
        ("3", "BIGINT", 3),
        (" -2.50 ", "DOUBLE", -2.5),
        ("1e3", "DOUBLE", 1000.0),
        ("9" * 39, "HUGEINT", 1e39),
        (True, "BOOLEAN", True),
        ("FALSE", "BOOLEAN", False),
        ("2026-01-31", "DATE", date(2026, 1, 31)),
        ("2026-01-31T00:00:00", "DATE", date(2026, 1, 31)),
        ("2026-01-31", "TIMESTAMP", datetime(2026, 1, 31)),  # noqa: DTZ001 - the column is naive
        ("2026-01-31 12:30:00.25", "TIMESTAMP", datetime(2026, 1, 31, 12, 30, 0, 250_000)),  # noqa: DTZ001 - naive
        ("2026-01-31T12:30:00", WITH_ZONE, datetime(2026, 1, 31, 11, 30, tzinfo=UTC)),
        ("2026-07-31", WITH_ZONE, datetime(2026, 7, 30, 22, tzinfo=UTC)),
        ("2026-01-31T12:30:00-05:00", WITH_ZONE, datetime(2026, 1, 31, 17, 30, tzinfo=UTC)),
        ("2026-01-31T12:30:00Z", WITH_ZONE, datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
        ("3", "VARCHAR", "3"),
        ("' OR 1 = 1", "VARCHAR", "' OR 1 = 1"),
    ],
)
def test_a_value_is_read_as_its_column_holds_it(value: Any, duckdb_type: str, read: Any) -> None:
    found = read_value(value, column("a", duckdb_type), BERLIN)
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(
    ("value", "duckdb_type"),
    [
        ("three", "BIGINT"), ("1_000", "BIGINT"), ("٣", "BIGINT"), ("0x10", "BIGINT"), ("nan", "DOUBLE"), ("inf", "DOUBLE"),
        ("1e999", "DOUBLE"), ("1" * 500, "DOUBLE"), (True, "DOUBLE"), (None, "DOUBLE"), (1, "BOOLEAN"), ("yes", "BOOLEAN"),
        (20260131, "DATE"), ("2026-02-30", "DATE"), ("2026-01-31T00:00:00Z", "DATE"), ("now", "TIMESTAMP"),
        ("2026-01-31T12:00:00+01:00", "TIMESTAMP"), ("9999-12-31T23:59:59-12:00", WITH_ZONE), (1.0, "VARCHAR"),
        ("a", "VARCHAR[]"), (1, "STRUCT(a INTEGER)"),
    ],
)  # fmt: skip
def test_a_value_that_no_value_can_equal_is_told(value: Any, duckdb_type: str) -> None:
    with pytest.raises(Unreadable) as told:
        read_value(value, column("a", duckdb_type), BERLIN)
    assert '"a"' in told.value.detail
    assert told.value.remedy


def test_an_hour_that_was_left_out_is_some_moment_still() -> None:
    read = read_value("2026-03-29T02:30:00", column("a", WITH_ZONE), BERLIN)
    assert read == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_column_has_a_zone_or_none() -> None:
    assert has_zone(column("a", WITH_ZONE))
    assert not has_zone(column("a", "TIMESTAMP"))


@given(number=st.integers(-(2**127), 2**127 - 1) | st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=examples(80), deadline=None)
def test_a_number_equals_itself_written_as_text(number: float) -> None:
    assert read_value(str(number), column("a", "DOUBLE"), "UTC") == pytest.approx(number, rel=1e-15)


@given(moment=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))  # noqa: DTZ001 - naive times are what is read
@settings(max_examples=examples(80), deadline=None)
def test_duckdb_reads_the_same_time_from_the_same_text(moment: datetime) -> None:
    read = read_value(moment.isoformat(), column("a", "TIMESTAMP"), "UTC")
    assert duckdb.execute("SELECT CAST(? AS TIMESTAMP)", [moment.isoformat()]).fetchall() == [(read,)]
