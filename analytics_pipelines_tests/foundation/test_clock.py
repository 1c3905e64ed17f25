from datetime import UTC, date, datetime, timedelta, timezone

from analytics_pipelines.foundation.clock import days_between, midnight, now, today


def test_now_is_aware_and_in_utc():
    assert now().tzinfo is UTC
    assert abs(datetime.now(timezone(timedelta(hours=9))) - now()) < timedelta(seconds=5)


def test_today_is_the_day_of_the_clock():
    assert today(lambda: datetime(2024, 2, 29, 23, 59, tzinfo=UTC)) == date(2024, 2, 29)


def test_a_day_begins_at_midnight_in_utc():
    assert midnight(date(2024, 2, 29)) == datetime(2024, 2, 29, tzinfo=UTC)
    assert midnight(date(2024, 2, 29)).tzinfo is UTC


def test_a_range_holds_both_ends():
    assert days_between(date(2024, 2, 28), date(2024, 3, 1)) == [
        date(2024, 2, 28),
        date(2024, 2, 29),
        date(2024, 3, 1),
    ]
