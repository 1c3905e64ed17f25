"""The imaginary visitors are the same for the same day, and stay in the past."""

from datetime import UTC, datetime, timedelta

from analytics_pipelines.cli.demo.visitors import LOOKBACK, requests

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)


def test_the_same_day_gives_the_same_event_ids() -> None:
    morning, evening = (
        sorted(str(each.body["eventId"]) for each in requests("demo", NOON + timedelta(hours=hours)))
        for hours in (-6, 6)
    )
    assert morning == evening
    assert len(set(morning)) == len(morning) > 200


def test_another_day_brings_other_events() -> None:
    today, tomorrow = (
        {each.body["eventId"] for each in requests("demo", NOON + timedelta(days=days))} for days in (0, 1)
    )
    assert not today & tomorrow


def test_nothing_happens_in_the_future_or_before_the_lookback() -> None:
    times = [datetime.fromisoformat(str(each.body["timestamp"])) for each in requests("demo", NOON)]
    assert NOON - LOOKBACK <= min(times) <= max(times) <= NOON
    assert times == sorted(times)
