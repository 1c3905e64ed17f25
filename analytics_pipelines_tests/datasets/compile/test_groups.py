import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from analytics_pipelines.datasets.compile.aggregate import aggregate
from analytics_pipelines.datasets.compile.groups import groups_of, told
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of

BERLIN = ZoneInfo("Europe/Berlin")
HALF_HOURS = """
SELECT TIMESTAMPTZ '{first} 00:00:00+00' + to_minutes(30 * i) AS moment, CAST(i AS DOUBLE) AS x
FROM range({count}) AS r(i)
"""


def counted_by(cursor, query, column, bucket, timezone="UTC"):
    plan = plan_of(operation="count", time_column=column, bucket=bucket, timezone=timezone)
    return dict(aggregate(cursor, plan, subject_of(cursor, query)).rows)


@pytest.mark.parametrize(
    ("first", "day", "half_hours"),
    [
        ("2024-03-30", date(2024, 3, 31), 46),
        ("2024-10-26", date(2024, 10, 27), 50),
        ("2024-05-05", date(2024, 5, 6), 48),
    ],
)
def test_a_day_is_as_long_as_the_zone_has_it(cursor, first, day, half_hours):
    query = HALF_HOURS.format(first=first, count=200)
    assert counted_by(cursor, query, "moment", "day", "Europe/Berlin")[day] == half_hours


def test_an_hour_that_comes_twice_is_two_spans(cursor):
    query = HALF_HOURS.format(first="2024-10-27", count=6)
    found = counted_by(cursor, query, "moment", "hour", "Europe/Berlin")
    told_as = [each.isoformat() for each in found]
    assert told_as == ["2024-10-27T02:00:00+02:00", "2024-10-27T02:00:00+01:00", "2024-10-27T03:00:00+01:00"]
    assert set(found.values()) == {2}


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize("bucket", ["hour", "day", "week", "month", "quarter", "year"])
def test_spans_equal_those_of_python_in_every_zone(cursor, zone, bucket):
    query = HALF_HOURS.format(first="2024-09-15", count=5000)
    found = counted_by(cursor, query, "moment", bucket, zone)
    expected: dict[object, int] = {}
    for number in range(5000):
        local = (datetime(2024, 9, 15, tzinfo=UTC) + timedelta(minutes=30 * number)).astimezone(ZoneInfo(zone))
        key = span_of(local, bucket)
        expected[key] = expected.get(key, 0) + 1
    assert {as_key(each): count for each, count in found.items()} == expected


def as_key(told_as):
    return told_as.astimezone(UTC) if isinstance(told_as, datetime) else told_as


def span_of(local, bucket):
    if bucket == "hour":
        offset = local.utcoffset()
        wall = (local.replace(tzinfo=None)).replace(minute=0)
        return (wall - offset).replace(tzinfo=UTC)
    day = local.date()
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}
    if bucket in month:
        return date(day.year, month[bucket], 1)
    return day - timedelta(days=day.weekday() if bucket == "week" else 0)


def test_days_and_times_without_a_zone_stay_what_they_are(cursor):
    query = "SELECT DATE '2024-03-31' AS day, TIMESTAMP '2024-03-31 02:30:00' AS at"
    assert counted_by(cursor, query, "day", "day", "Europe/Berlin") == {date(2024, 3, 31): 1}
    assert counted_by(cursor, query, "at", "hour", "Europe/Berlin") == {
        datetime.fromisoformat("2024-03-31T02:00:00"): 1
    }
    assert counted_by(cursor, query, "at", "week", "Europe/Berlin") == {date(2024, 3, 25): 1}


def test_missing_and_infinite_times_are_one_span_that_comes_last(cursor):
    query = "SELECT UNNEST([NULL, TIMESTAMPTZ 'infinity', TIMESTAMPTZ '2024-05-01 00:00:00+00']) AS at"
    assert list(counted_by(cursor, query, "at", "day", "Europe/Berlin").items()) == [(date(2024, 5, 1), 1), (None, 2)]


def test_a_subject_without_times_has_no_spans(cursor):
    query = "SELECT CAST(NULL AS TIMESTAMPTZ) AS at WHERE false"
    assert counted_by(cursor, query, "at", "day", "Europe/Berlin") == {}


def test_groups_of_any_kind_come_in_order_with_missing_ones_last(cursor):
    query = """
    SELECT UNNEST([1.5, CAST('NaN' AS DOUBLE), NULL, -0.0, 0.0, 'Infinity']) AS x,
        UNNEST([true, false, NULL, true, true, true]) AS b,
        UNNEST([CAST('1.10' AS DECIMAL(5, 2)), NULL, NULL, NULL, NULL, NULL]) AS price,
        UNNEST([TIMESTAMPTZ '2024-05-01 00:00:00+00', NULL, NULL, NULL, NULL, NULL]) AS moment
    """
    subject = subject_of(cursor, query)

    def groups(column):
        plan = plan_of(operation="count", group_by=[column], timezone="Europe/Berlin")
        return list(aggregate(cursor, plan, subject).rows)

    assert groups("x") == [(0.0, 2), (1.5, 1), ("Infinity", 1), (None, 2)]
    assert groups("b") == [(False, 1), (True, 4), (None, 1)]
    assert groups("price") == [(1.1, 1), (None, 5)]
    assert groups("moment") == [(datetime(2024, 5, 1, 2, tzinfo=BERLIN), 1), (None, 5)]


def test_the_span_comes_after_the_columns_in_a_row_and_first_in_the_order(cursor):
    query = "SELECT i % 2 AS g, DATE '2024-05-01' + CAST(i // 2 AS INTEGER) AS day FROM range(4) AS r(i)"
    plan = plan_of(operation="count", group_by=["g"], time_column="day", bucket="day")
    subject = subject_of(cursor, query)
    assert [each.column.name for each in groups_of(cursor, plan, subject)] == ["g", "day"]
    first, second = date(2024, 5, 1), date(2024, 5, 2)
    assert aggregate(cursor, plan, subject).rows == ((0, first, 1), (1, first, 1), (0, second, 1), (1, second, 1))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (True, True), (Decimal("1.5"), 1.5), (b"x", "b'x'"), (math.inf, math.inf), (date.max, date.max)],
)
def test_a_value_is_told_as_json_can_hold_it(value, expected):
    assert told(value) == expected


@pytest.mark.parametrize("column", ["moment", "clock"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_times_that_python_does_not_have_are_told_as_text(cursor, column, zone):
    query = """
    SELECT TIMESTAMPTZ '20000-06-01 12:00:00+00' AS moment, TIMESTAMP '20000-06-01 12:00:00' AS clock
    UNION ALL SELECT TIMESTAMPTZ '0044-03-15 (BC) 12:00:00+00', TIMESTAMP '0044-03-15 (BC) 12:00:00'
    """
    days = {"0044-03-15 (BC)": 1, "20000-06-01": 1}
    assert counted_by(cursor, query, column, "day", zone) == days
    assert list(counted_by(cursor, query, column, "hour", zone).values()) == [1, 1]
