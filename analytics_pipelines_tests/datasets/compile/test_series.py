from datetime import UTC, datetime, timedelta

import pytest

from analytics_pipelines.datasets.compile import series as module
from analytics_pipelines.datasets.compile.series import DuplicateTimes, TimeOutOfRange, TooManyPoints, series
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of

AT_HALF_HOURS = """
SELECT TIMESTAMPTZ '2024-10-26 22:00:00+00' + to_minutes(CAST(30 * i AS INTEGER)) AS moment, CAST(i AS DOUBLE) AS x
FROM range(12) AS r(i) ORDER BY i DESC
"""


def forecast(column="moment", **fields):
    return plan_of(operation="forecast", time_column=column, target_column="x", **fields)


def test_points_are_in_the_order_of_time_and_moments_in_utc(cursor):
    found = series(cursor, forecast(timezone="Europe/Berlin"), subject_of(cursor, AT_HALF_HOURS))
    assert found.at[:2] == (datetime(2024, 10, 26, 22, tzinfo=UTC), datetime(2024, 10, 26, 22, 30, tzinfo=UTC))
    assert found.values.tolist() == [float(each) for each in range(12)]
    assert {each.tzinfo for each in found.at} == {UTC}


def test_hours_when_clocks_go_back_stay_an_hour_apart(cursor):
    found = series(cursor, forecast(bucket="hour", timezone="Europe/Berlin"), subject_of(cursor, AT_HALF_HOURS))
    assert {later - earlier for earlier, later in zip(found.at, found.at[1:], strict=False)} == {timedelta(hours=1)}
    assert found.values.tolist() == [0.5, 2.5, 4.5, 6.5, 8.5, 10.5]


@pytest.mark.parametrize(
    ("measures", "expected"), [([], 5.5), ([{"operation": "sum"}], 66.0), ([{"operation": "max"}], 11.0)]
)
def test_a_bucket_is_its_mean_unless_the_plan_says_otherwise(cursor, measures, expected):
    found = series(cursor, forecast(bucket="year", measures=measures), subject_of(cursor, AT_HALF_HOURS))
    assert found.values.tolist() == [expected]
    assert found.at == (datetime.fromisoformat("2024-01-01"),)


def test_rows_without_a_time_or_a_value_are_left_out(cursor):
    query = """
    SELECT UNNEST([DATE '2024-05-01', NULL, 'infinity', '2024-05-02', '2024-05-03']) AS day,
        UNNEST([1, 2, 3, CAST('NaN' AS DOUBLE), NULL]) AS x
    """
    for bucket in (None, "day"):
        found = series(cursor, forecast("day", bucket=bucket), subject_of(cursor, query))
        assert found.at == (datetime.fromisoformat("2024-05-01"),)
        assert found.values.tolist() == [1.0]


def test_times_that_come_twice_are_named_with_the_remedy(cursor):
    query = "SELECT UNNEST([DATE '2024-05-01', '2024-05-02', '2024-05-02']) AS day, UNNEST([1, 2, 3]) AS x"
    with pytest.raises(DuplicateTimes, match=r"2024-05-02T00:00:00 comes more than once.*Give a bucket"):
        series(cursor, forecast("day"), subject_of(cursor, query))


def test_too_long_a_series_and_times_beyond_the_calendar_are_refused(cursor, monkeypatch):
    with pytest.raises(TimeOutOfRange, match="years 1 to 9999"):
        series(cursor, forecast("day"), subject_of(cursor, "SELECT DATE '20000-01-01' AS day, 1 AS x"))
    monkeypatch.setattr(module, "MOST_POINTS", 11)
    for bucket in (None, "minute"):
        with pytest.raises(TooManyPoints, match="Limit: 11 points"):
            series(cursor, forecast(bucket=bucket), subject_of(cursor, AT_HALF_HOURS))


DAYS_OF_SUMMER = "SELECT DATE '2024-04-01' + CAST(i AS INTEGER) AS day, 10 AS x FROM range({days}) AS r(i)"


@pytest.mark.parametrize(
    ("days", "operation", "warns"),
    [(91, "sum", False), (125, "sum", True), (125, "count", True), (125, "mean", False)],
)
def test_a_last_bucket_that_is_a_part_of_one_is_said_where_it_counts_for_less(cursor, days, operation, warns):
    plan = forecast("day", bucket="month", measures=[{"operation": operation}])
    found = series(cursor, plan, subject_of(cursor, DAYS_OF_SUMMER.format(days=days)))
    assert [said.partition(" and seems")[0] for said in found.warnings] == (
        ["The last month ends with 2024-08-03T00:00:00"] if warns else []
    )
    assert all("Filter day to before 2024-08-01T00:00:00" in said for said in found.warnings)


@pytest.mark.parametrize(("operation", "expected"), [("count", [1.0, 0.0, 0.0, 2.0]), ("sum", [1.0, 5.0])])
def test_a_bucket_without_rows_counts_as_none_and_is_no_sum(cursor, operation, expected):
    query = """
    SELECT UNNEST([TIMESTAMPTZ '2024-10-26 23:30:00+00', '2024-10-27 02:10:00+00', '2024-10-27 02:20:00+00']) AS moment,
        UNNEST([1, 2, 3]) AS x
    """
    plan = forecast(bucket="hour", timezone="Europe/Berlin", measures=[{"operation": operation}])
    assert series(cursor, plan, subject_of(cursor, query)).values.tolist() == expected


def test_hours_far_apart_are_no_series_of_counts(cursor):
    query = "SELECT UNNEST([TIMESTAMP '1900-01-01', '2024-01-01']) AS at, 1 AS x"
    with pytest.raises(TooManyPoints):
        series(cursor, forecast("at", bucket="hour", measures=[{"operation": "count"}]), subject_of(cursor, query))
