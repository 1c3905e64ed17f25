"""Any body is events, or is rejected for a typed reason; nothing else comes of it."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, MOST_EVENTS, Rejected
from analytics_pipelines.web_events.intake.read_event import Body, read_body, read_event
from analytics_pipelines.web_events.intake.read_json import Unparsable
from analytics_pipelines.web_events.intake.receipts import Receipt
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.web_events.poison import ODD, REJECTED

NOW = datetime(2026, 3, 5, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(["eventId", "siteId", "timestamp", "sentAt", "url", "title", "visitorId", "properties"])


def receipts_of(body: bytes) -> list[Receipt]:
    """The events of the body; raises what the first bad one is rejected for."""
    found = []
    for each in read_body(body).events:
        if each.rejected is not None:
            raise each.rejected
        assert each.content is not None
        found.append(read_event(each.content, NOW, "collect"))
    return found


@pytest.mark.parametrize(("body", "status", "reason"), REJECTED)
def test_poison_is_rejected_for_its_reason(body: bytes, status: int, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        receipts_of(body)
    assert caught.value.reason == reason


@pytest.mark.parametrize("content", ODD)
def test_what_looks_odd_is_an_event(content: dict[str, object]) -> None:
    (receipt,) = receipts_of(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
    rest = {name: value for name, value in content.items() if name in "abcd"}
    assert json.loads(receipt.payload) == rest


@settings(max_examples=examples(150), deadline=None)
@given(st.dictionaries(FIELDS | st.text(), JSON, max_size=6))
def test_any_json_is_an_event_or_is_rejected(content: dict[str, object]) -> None:
    with suppress(Rejected):
        for receipt in receipts_of(json.dumps(content).encode()):
            assert receipt.event_id
            json.loads(receipt.payload.encode(), parse_constant=pytest.fail)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(st.binary(max_size=30), max_size=4).map(lambda each: b"[" + b",".join(each) + b"]")
)
def test_any_bytes_are_events_or_are_rejected(body: bytes) -> None:
    with suppress(Rejected):
        for receipt in receipts_of(body):
            assert receipt.event_id


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.dictionaries(FIELDS | st.text(), JSON, max_size=3), max_size=4), st.booleans())
def test_events_are_read_alike_beside_poison_and_alone(events: list[dict[str, object]], is_listed: bool) -> None:
    def read(contents: list[object]) -> Body:
        return read_body(json.dumps(contents if is_listed else {"events": contents, "a": 1}).encode())

    poisoned = read([*events, {"poison": "\x00"}])
    assert [each.rejected and each.rejected.reason for each in poisoned.events][-1] == "text_not_storable"
    for alone, beside in zip(read(events).events, poisoned.events, strict=False):
        assert alone.rejected == beside.rejected or str(alone.rejected) == str(beside.rejected)
        assert json.dumps(alone.content) == json.dumps(beside.content)


@pytest.mark.parametrize(
    ("body", "is_batch", "events", "around"),
    [
        pytest.param(b"{}", False, [{}], {}, id="one event"),
        pytest.param(b"[]", True, [], {}, id="an empty list"),
        pytest.param(b'[{"a": 1}, {}]', True, [{"a": 1}, {}], {}, id="a list"),
        pytest.param(b'{"events": [{"a": 1}], "sentAt": "x"}', True, [{"a": 1}], {"sentAt": "x"}, id="an object"),
        pytest.param(b'{"events": {"a": 1}}', False, [{"events": {"a": 1}}], {}, id="an event with such a field"),
        pytest.param(b'[{"events": []}]', True, [{"events": []}], {}, id="within a list it is a field"),
    ],
)
def test_events_come_alone_or_in_lists(body: bytes, is_batch: bool, events: list[object], around: object) -> None:
    for each in (body, b"\xef\xbb\xbf" + body):
        found = read_body(each)
        assert (found.is_batch, [event.content for event in found.events]) == (is_batch, events)
        assert {name: value for name, value in found.around.items() if name != "events"} == around


def test_a_list_of_another_name_is_read_where_it_is_asked_for() -> None:
    body = b'{"batch": [{"a": 1}]}'
    assert not read_body(body).is_batch
    assert read_body(body, name="batch").events[0].content == {"a": 1}


@pytest.mark.parametrize(
    ("body", "is_syntax"),
    [
        pytest.param(b'[{"a": 1}, {"b": }]', True, id="an element that is no JSON"),
        pytest.param(b'[{"a": NaN}, {"b": 1}]', False, id="an element with a constant of other languages"),
        pytest.param(b"[x" + b"x" * MOST_EVENT_BYTES + b"]", False, id="a large element is not looked at"),
        pytest.param(b'{"a": "' + b"x" * MOST_EVENT_BYTES, True, id="a large event that does not end"),
    ],
)
def test_broken_syntax_breaks_the_whole_body(body: bytes, is_syntax: bool) -> None:
    if is_syntax:
        with pytest.raises(Unparsable):
            read_body(body)
    else:
        assert read_body(body).is_batch


@pytest.mark.parametrize("poison", [b"", b'"\\u0000"'])
def test_a_batch_has_a_most_of_events(poison: bytes) -> None:
    most = [b"1"] * (MOST_EVENTS - 1)
    assert len(read_body(b"[" + b",".join([*most, poison or b"1"]) + b"]").events) == MOST_EVENTS
    with pytest.raises(Rejected) as caught:
        read_body(b"[" + b",".join([*most, b"1", poison or b"1"]) + b"]")
    assert caught.value.reason == "many_events"


def test_a_large_event_of_a_batch_is_measured_alone() -> None:
    sizes = [MOST_EVENT_BYTES, MOST_EVENT_BYTES + 1]
    events = [{"a": "x" * (size - len('{"a":""}'))} for size in sizes]
    for poison in ([], ["\x00"]):
        body = json.dumps([*events, *poison], separators=(",", ":")).encode()
        found = read_body(body).events
        assert [each.rejected.reason.value if each.rejected else None for each in found[:2]] == [None, "too_large"]


def test_what_was_rejected_is_kept_as_it_came_or_written_anew() -> None:
    assert read_body(b'[{"a":  1}]').events[0].as_received == b'{"a":1}'
    assert read_body(b'[{"a":  "\\u0000"}]').events[0].as_received == b'{"a":  "\\u0000"}'
    assert read_body(b'{"a":  1}').events[0].as_received == b'{"a":  1}'


@pytest.mark.parametrize(
    ("given", "event_at", "sent_at", "flags", "payload"),
    [
        pytest.param({}, NOW, None, (), {}, id="nothing"),
        pytest.param({"timestamp": "x"}, NOW, None, ("timestamp_unparsable",), {"timestamp": "x"}, id="no time"),
        pytest.param({"sentAt": 5}, NOW, None, ("sent_at_unparsable",), {"sentAt": 5}, id="no time of sending"),
        pytest.param(
            {"timestamp": "x", "sentAt": "y"},
            NOW,
            None,
            ("timestamp_unparsable", "sent_at_unparsable"),
            {"timestamp": "x", "sentAt": "y"},
            id="neither",
        ),
        pytest.param({"sentAt": "2026-03-05"}, NOW, None, (), {}, id="a time of sending alone says nothing"),
    ],
)
def test_times_that_can_not_be_read_are_flagged_and_kept(
    given: dict[str, object], event_at: datetime, sent_at: datetime | None, flags: tuple[str, ...], payload: object
) -> None:
    receipt = read_event(given, NOW, "pixel")
    assert (receipt.event_at, receipt.sent_at, receipt.flags, receipt.source) == (event_at, sent_at, flags, "pixel")
    assert json.loads(receipt.payload) == payload


def test_a_body_that_would_take_long_to_look_through_is_rejected() -> None:
    rows = b"[" + b",".join([b"[" + b",".join([b"{}"] * 98) + b"]"] * 1000) + b"]"
    assert len(read_body(rows).events) == 1000
    with pytest.raises(Rejected) as caught:
        read_body(rows.replace(b"{}", b"[{}]", 1100))
    assert caught.value.reason == "too_deep"
