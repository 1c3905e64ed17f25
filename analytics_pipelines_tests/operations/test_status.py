"""What the last heartbeat says of the daemon."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics_pipelines.operations.status import daemon

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age_s", "answers", "message"),
    [
        pytest.param(None, False, "No daemon has answered yet. ", id="never"),
        pytest.param(0, True, "The daemon answers.", id="now"),
        pytest.param(-3, True, "The daemon answers.", id="a clock ahead of ours"),
        pytest.param(60, True, "The daemon answers.", id="exactly a minute ago"),
        pytest.param(61, False, "No daemon has answered since 2026-11-21T09:28:59+00:00. ", id="longer ago"),
    ],
)
def test_silence_of_over_a_minute_is_said_aloud(age_s, answers, message) -> None:
    found = daemon(None if age_s is None else NOW - timedelta(seconds=age_s), NOW)
    assert found.is_answering is answers
    assert found.message.startswith(message)
    assert found.age_s == (None if age_s is None else max(age_s, 0))
