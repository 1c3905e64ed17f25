"""Whatever others wrote, PostgreSQL can hold what we keep of it, and every reader can read it."""

import json

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.kept.storable import storable_json, storable_text
from analytics_pipelines.datasets.tables import JSON


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("price, in €", "price, in €", id="as it is"),
        pytest.param("a\x00b", "a\ufffdb", id="NUL"),
        pytest.param("a\ud800b\udfff", "a\ufffdb\ufffd", id="halves of surrogate pairs"),
        pytest.param("日" * 4001, "日" * 4000, id="too long"),
    ],
)
def test_a_text_is_kept_as_far_as_a_database_can_hold_it(text, kept):
    assert storable_text(text) == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param({"b": [1, 2.5, None, True], "a": "x\x00"}, {"b": [1, 2.5, None, True], "a": "x\x00"}, id="JSON"),
        pytest.param([float("nan"), float("inf"), 1.0], [None, None, 1.0], id="not finite"),
        pytest.param({"a": "\ud800"}, None, id="half of a surrogate pair"),
        pytest.param([2**64], None, id="an integer above 64 bits"),
        pytest.param({1: 2}, None, id="a key that is no text"),
        pytest.param(object(), None, id="no JSON at all"),
    ],
)
def test_json_is_kept_where_every_reader_can_read_it(value, kept):
    assert storable_json(value) == kept


def test_json_that_is_too_deep_or_too_large_is_not_kept():
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    assert storable_json(deep) is None
    assert storable_json("x" * 98, most_bytes=100) == "x" * 98
    assert storable_json("x" * 99, most_bytes=100) is None


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=8,
)


def test_postgresql_gives_back_what_was_kept(database):
    said = sa.select(sa.cast(sa.bindparam("value", type_=JSON), JSON))

    @settings(max_examples=40, deadline=None, database=None)
    @given(JSONS, st.text(st.characters()))
    def holds(value: object, text: str) -> None:
        kept = storable_json(value)
        assert connection.execute(said, {"value": kept}).scalar() == kept
        assert json.dumps(kept, ensure_ascii=False).encode()
        assert connection.execute(sa.select(sa.literal(storable_text(text)))).scalar() == storable_text(text)

    with database.reading() as connection:
        holds()
