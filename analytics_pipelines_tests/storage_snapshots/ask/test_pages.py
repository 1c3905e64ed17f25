from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.pages import (
    BadCursor,
    CursorOutdated,
    CursorTooLong,
    Pages,
    fingerprint,
)

ASKED = {"q": "report", "share": "home"}
PAGES = Pages.of("g1", ASKED)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300)
KEYS = st.tuples(
    st.none() | TEXT,
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.dates(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
KINDS = (str, int, date, datetime, float)


@given(KEYS)
def test_a_cursor_gives_back_the_very_key_it_was_made_of(key):
    assert PAGES.after(PAGES.cursor_at(key), KINDS) == key


def test_the_first_page_has_no_key():
    assert PAGES.after(None, KINDS) is None


def test_a_cursor_of_another_question_is_refused():
    cursor = PAGES.cursor_at(("a",))
    with pytest.raises(BadCursor, match="another question"):
        Pages.of("g1", ASKED | {"q": "reports"}).after(cursor, (str,))


def test_a_cursor_of_another_generation_says_to_begin_anew():
    cursor = PAGES.cursor_at(("a",))
    with pytest.raises(CursorOutdated, match="without `cursor`"):
        Pages.of("g2", ASKED).after(cursor, (str,))


def test_the_order_of_what_is_asked_changes_no_fingerprint():
    assert fingerprint({"a": 1, "b": date(2026, 1, 1)}) == fingerprint({"b": date(2026, 1, 1), "a": 1})


def forged(last: object) -> str:
    return urlsafe_b64encode(orjson.dumps([PAGES.generation, PAGES.question, last])).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="empty"),
        pytest.param("a", id="no base64"),
        pytest.param("é", id="not ascii"),
        pytest.param("e30", id="another shape"),
        pytest.param("bm8", id="no json"),
        pytest.param("W" * 40_000, id="too long"),
        pytest.param(forged([]), id="no key"),
        pytest.param(forged(["a", 1]), id="a part too many"),
        pytest.param(forged([True]), id="a truth for a number"),
        pytest.param(forged(["1"]), id="a text for a number"),
        pytest.param(forged([2**63]), id="past 64 bits"),
        pytest.param(forged([{"at": "2026-01-01"}]), id="a day for a number"),
    ],
)
def test_what_is_no_cursor_is_refused(cursor):
    with pytest.raises(BadCursor):
        PAGES.after(cursor, (int,))


@pytest.mark.parametrize("text", ["x", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"])
def test_a_time_is_one_with_its_zone(text):
    with pytest.raises(BadCursor):
        PAGES.after(forged([{"at": text}]), (datetime,))


def test_a_nul_in_a_text_is_refused():
    with pytest.raises(BadCursor):
        PAGES.after(forged(["a\x00b"]), (str,))


def test_a_key_of_a_giant_text_makes_no_cursor():
    with pytest.raises(CursorTooLong, match="Limit: 32768 characters"):
        PAGES.cursor_at(("a" * 30_000,))
