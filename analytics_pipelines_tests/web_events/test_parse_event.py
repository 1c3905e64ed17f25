import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.web_events.event import Event, Rejected, Sender
from analytics_pipelines.web_events.parse_event import parse_event
from analytics_pipelines_tests.web_events.poison import REJECTED

NOW = datetime(2026, 3, 5, tzinfo=UTC)
NOBODY = Sender(None, None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(["eventId", "siteId", "timestamp", "sentAt", "url", "title", "visitorId", "properties"])


@pytest.mark.parametrize(("body", "status", "reason"), REJECTED)
def test_poison_is_rejected_for_its_reason(body: bytes, status: int, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_event(body, NOBODY, NOW)
    assert caught.value.reason == reason


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(FIELDS | st.text(), JSON, max_size=6))
def test_any_json_is_an_event_or_is_rejected(content: dict[str, object]) -> None:
    try:
        event = parse_event(json.dumps(content).encode(), NOBODY, NOW)
    except Rejected:
        return
    assert isinstance(event, Event)
    assert event.event_id
    json.dumps(event.payload, allow_nan=False, ensure_ascii=False).encode()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_are_rejected(body: bytes) -> None:
    with suppress(Rejected):
        assert parse_event(body, NOBODY, NOW).event_id
