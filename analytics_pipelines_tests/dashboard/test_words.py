"""Numbers and times as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics_pipelines.dashboard.words import human_age, human_bytes, human_count, human_day

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (5 * 2**30, "5.0 GiB"), (2**50, "1024.0 TiB")],
)
def test_bytes_have_three_digits_and_a_unit(size, words):
    assert human_bytes(size) == words


def test_counts_have_thousands():
    assert human_count(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (86_400 * 2, "2 days ago"),
    ],
)
def test_ages_are_whole_units(seconds, words):
    assert human_age(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (None, ""),
        (date(2026, 11, 21), "today"),
        (date(2026, 11, 20), "yesterday"),
        (date(2015, 5, 17), "2015-05-17"),
        (date(2026, 11, 22), "2026-11-22"),
    ],
)
def test_near_days_have_names(day, words):
    assert human_day(day, NOW.date()) == words


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (-2048, "-2.0 KiB"),
        (5 * 2**30, "5.0 GiB"),
        (3 * 2**50, "3072.0 TiB"),
    ],
)
def test_bytes_are_told_in_three_digits_and_a_unit(size: int, told: str) -> None:
    assert human_bytes(size) == told
