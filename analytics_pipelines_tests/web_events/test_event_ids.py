from datetime import UTC, datetime, timedelta
from uuid import UUID

from analytics_pipelines.web_events.event_ids import digest, uuid7

NOW = datetime(2026, 3, 5, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_uuid7_says_its_millisecond_and_sorts_by_it() -> None:
    earlier, later = uuid7(NOW), uuid7(NOW + timedelta(milliseconds=1))
    assert UUID(earlier).version == 7
    assert UUID(earlier).variant == "specified in RFC 4122"
    assert UUID(earlier).int >> 80 == int(NOW.timestamp() * 1000)
    assert earlier < later
    assert uuid7(NOW) != uuid7(NOW)


def test_parts_are_not_mixed_up_in_a_digest() -> None:
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
    assert digest(b"a", key=b"k") != digest(b"a")
    assert digest(b"a") == digest(b"a")
