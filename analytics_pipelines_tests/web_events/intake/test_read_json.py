"""Two parsers, one meaning: what the fast one takes is what the careful one gives."""

import json
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics_pipelines.web_events.event import Rejected
from analytics_pipelines.web_events.intake.read_json import (
    MOST_DEPTH,
    Unparsable,
    must_be_storable,
    must_not_be_deep,
    read_carefully,
    read_fast,
    written,
)
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.web_events.poison import REJECTED

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def nested(levels: int) -> list[object]:
    value: list[object] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@settings(max_examples=examples(200), deadline=None)
@given(JSON, st.booleans())
@example(2**64, False)
@example(-(2**63) - 1, False)
@example("\x00", True)
@example(-0.0, True)
def test_what_is_read_fast_is_what_is_read_with_care(value: object, is_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    try:
        fast = read_fast(text)
    except ValueError:
        return
    careful = read_carefully(text)
    must_be_storable(careful)
    assert json.dumps(fast) == json.dumps(careful)


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**30, 10**999])
def test_long_integers_stay_what_they_are(number: int) -> None:
    text = str(number).encode()
    with pytest.raises(ValueError, match="plain"):
        read_fast(text)
    assert read_carefully(text) == number
    assert written({"a": [number, "ä"]}) == '{"a":[' + str(number) + ',"ä"]}'


@pytest.mark.parametrize(("body", "status", "reason"), REJECTED)
def test_poison_is_never_read_fast(body: bytes, status: int, reason: str) -> None:
    if reason in {"too_deep", "wrong_type", "too_long", "too_large", "not_an_object"}:
        return
    with pytest.raises(ValueError):  # noqa: PT011 - the parser's own words
        read_fast(body)
    with pytest.raises(Rejected) as caught:
        must_be_storable(read_carefully(body))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("body", "is_unparsable"),
    [
        pytest.param(b"{", True, id="no JSON at all"),
        pytest.param(b'"\xff"', True, id="no text"),
        pytest.param(b'{"a": NaN}', False, id="a constant that Python knows"),
        pytest.param(b'{"a": 1e999}', False, id="too large a number"),
    ],
)
def test_text_that_is_not_json_is_told_from_values_that_can_not_be_kept(body: bytes, is_unparsable: bool) -> None:
    with pytest.raises(Rejected) as caught:
        read_carefully(body)
    assert isinstance(caught.value, Unparsable) is is_unparsable


@pytest.mark.parametrize(("levels", "is_deep"), [(MOST_DEPTH, False), (MOST_DEPTH + 1, True), (500, True)])
def test_levels_are_counted(levels: int, is_deep: bool) -> None:
    value = nested(levels)
    for check in (must_be_storable, lambda each: must_not_be_deep(each, written(each))):
        if is_deep:
            with pytest.raises(Rejected) as caught:
                check(value)
            assert caught.value.reason == "too_deep"
        else:
            check(value)


def test_many_levels_beside_each_other_are_not_deep() -> None:
    value = [[1] for _ in range(1000)]
    must_not_be_deep(value, written(value))


def test_small_numbers_are_kept() -> None:
    assert read_fast(b"[5e-324, 1e308, -0.0]") == [5e-324, 1e308, -0.0]
    assert math.copysign(1, read_carefully(b"-0.0")) == -1.0
