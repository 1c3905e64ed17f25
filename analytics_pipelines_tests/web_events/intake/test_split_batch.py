"""A batch falls into the texts of its events, whatever stands in them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.web_events.intake.split_batch import split_batch
from analytics_pipelines_tests.counts import examples

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from('"\\[]{},:'), max_size=10)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS | st.just("events"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | st.just("events"), inner, max_size=4),
    max_leaves=12,
)
INDENTS = st.sampled_from([None, 1])
MOST = 1000


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(JSON, max_size=5), INDENTS, st.booleans())
def test_a_list_falls_into_its_elements(events: list[object], indent: int | None, is_ascii: bool) -> None:
    pieces = split_batch(json.dumps(events, indent=indent, ensure_ascii=is_ascii).encode(), "events", MOST)
    assert pieces is not None
    assert [json.loads(each) for each in pieces.events] == events
    assert json.loads(pieces.rest) == []


@settings(max_examples=examples(200), deadline=None)
@given(st.dictionaries(TEXTS, JSON, max_size=3), st.lists(JSON, max_size=4), st.dictionaries(TEXTS, JSON), INDENTS)
def test_so_does_the_list_in_an_object(
    before: dict[str, object], events: list[object], after: dict[str, object], indent: int | None
) -> None:
    around = {name: value for name, value in (before | after).items() if name != "events"}
    content = {**{name: around[name] for name in before if name in around}, "events": events, **around}
    pieces = split_batch(json.dumps(content, indent=indent).encode(), "events", MOST)
    assert pieces is not None
    assert [json.loads(each) for each in pieces.events] == events
    assert json.loads(pieces.rest) == {**content, "events": []}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"5", id="a number"),
        pytest.param(b'{"a": [1]}', id="a list of another name"),
        pytest.param(b'{"a": {"events": [1]}}', id="a list further in"),
        pytest.param(b'{"a": "events", "b": [1]}', id="a value of that name"),
        pytest.param(b'{"events": {"0": [1]}}', id="an object"),
        pytest.param(b"[1, 2", id="cut off"),
        pytest.param(b'{"events": [1, 2]', id="cut off behind the list"),
        pytest.param(b"[1]]", id="closed once too often"),
    ],
)
def test_what_holds_no_whole_list_is_none(body: bytes) -> None:
    assert split_batch(body, "events", MOST) is None


@pytest.mark.parametrize(
    ("body", "events", "rest"),
    [
        pytest.param(b'[ {"a": 1} , NaN ]', [b'{"a": 1}', b"NaN"], b"[]", id="nothing that is no JSON is hidden"),
        pytest.param(b"[1,,2]", [b"1", b"", b"2"], b"[]", id="nor a comma too many"),
        pytest.param(
            b'{"events": [1], "events": [2, 3]}', [b"2", b"3"], b'{"events": [1], "events": []}', id="last wins"
        ),
        pytest.param(b"[" * 3000 + b"]" * 3000, [b"[" * 2999 + b"]" * 2999], b"[]", id="however deep"),
    ],
)
def test_pieces_are_as_they_were_written(body: bytes, events: list[bytes], rest: bytes) -> None:
    pieces = split_batch(body, "events", MOST)
    assert pieces is not None
    assert (pieces.events, pieces.rest) == (events, rest)


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=60) | st.text(st.sampled_from('[]{},:"\\ae'), max_size=30).map(str.encode))
def test_no_bytes_break_the_cutting(body: bytes) -> None:
    pieces = split_batch(body, "e", MOST)
    assert pieces is None or len(b"".join(pieces.events)) <= len(body)


@pytest.mark.parametrize("body", [b"[1,2,3,4,5", b'{"events":[1,2,3,4,5], "a": 1}'])
def test_of_more_than_the_most_it_is_told_that_they_are_more(body: bytes) -> None:
    pieces = split_batch(body, "events", 3)
    assert pieces is not None
    assert pieces.events == [b"1", b"2", b"3", b"4"]
