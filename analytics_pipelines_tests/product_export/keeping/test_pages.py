"""Cursors of the product's lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.product_export.keeping.pages import BadCursor, cursor_at, last_of
from analytics_pipelines.product_export.models import MOST_NUMBER

ASKED = {"list": "users", "q": None}


@given(st.integers(1, MOST_NUMBER), st.text(max_size=5))
def test_a_cursor_names_its_row_to_its_own_question_alone(number, q):
    cursor = cursor_at(number, {"q": q})
    assert last_of(cursor, {"q": q}) == number
    with pytest.raises(BadCursor):
        last_of(cursor, {"q": q + "."})


def test_the_first_page_needs_no_cursor():
    assert last_of(None, ASKED) == 0


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="empty"),
        pytest.param("abc", id="too short"),
        pytest.param("x" * 90, id="too long"),
        pytest.param("é" * 14, id="not ASCII"),
        pytest.param("a", id="no base64"),
        pytest.param(cursor_at(2**32 - 1, ASKED), id="a number that no row has"),
        pytest.param(cursor_at(7, ASKED)[:-1], id="cut"),
        pytest.param("A" + cursor_at(7, ASKED)[1:], id="changed"),
    ],
)
def test_a_text_that_is_no_cursor_is_refused(cursor):
    with pytest.raises(BadCursor, match="first page"):
        last_of(cursor, ASKED)
