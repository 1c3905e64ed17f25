"""The one place that asks what time it is, so that tests can say."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today(clock: Clock = now) -> date:
    """The UTC day that `clock` is in."""
    return clock().date()


def midnight(day: date) -> datetime:
    """The moment with which the UTC day begins, aware."""
    return datetime.combine(day, time(), UTC)


def days_between(first: date, last: date) -> list[date]:
    """All days from `first` to `last`, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
