"""Parameters of an address become an event in the words of `POST /collect`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.web_events.intake.pixel import GIF, pixel_event


@pytest.mark.parametrize(
    ("query", "content"),
    [
        pytest.param(b"", {}, id="nothing"),
        pytest.param(
            b"siteId=s&eventType=open&title=a+b%20c", {"siteId": "s", "eventType": "open", "title": "a b c"}, id="texts"
        ),
        pytest.param(b"title=%C3%84%FF", {"title": "Ä\ufffd"}, id="UTF-8, and what is none"),
        pytest.param(b"a=1&a=2&b=", {"a": "2", "b": ""}, id="the last one wins"),
        pytest.param(
            b"utm_source=mail&utm_medium=&utm_x=1",
            {"attribution": {"utmParams": {"source": "mail", "x": "1"}}},
            id="campaign",
        ),
        pytest.param(b"properties=%7B%22a%22%3A%20[1]%7D", {"properties": {"a": [1]}}, id="an object"),
        pytest.param(
            b"properties=%7Bno&x=%7B%22a%22:1e999%7D", {"properties": "{no", "x": '{"a":1e999}'}, id="or text"
        ),
        pytest.param(
            b"attribution=%7B%22a%22:1,%22utmParams%22:%7B%22source%22:%22b%22,%22term%22:%22t%22%7D%7D&utm_source=c",
            {"attribution": {"a": 1, "utmParams": {"source": "c", "term": "t"}}},
            id="both kinds of campaign",
        ),
    ],
)
def test_parameters_are_the_fields_of_an_event(query: bytes, content: dict[str, object]) -> None:
    given = pixel_event(query, None)
    assert (given.content, given.rejected) == (content, None)


@pytest.mark.parametrize(("query", "url"), [(b"", "https://page/"), (b"url=", "https://page/"), (b"url=/a", "/a")])
def test_the_page_that_shows_the_pixel_is_its_url(query: bytes, url: str) -> None:
    content = pixel_event(query, "https://page/").content
    assert content == {"url": url}


@pytest.mark.parametrize("query", [b"title=%00", b"a=%7B%22b%22:%22%5Cu0000%22%7D", b"a=%7B%22b%22:%22%5Cud800%22%7D"])
def test_what_can_not_be_stored_is_rejected_and_kept(query: bytes) -> None:
    given = pixel_event(query, None)
    assert given.rejected is not None
    assert given.rejected.reason == "text_not_storable"
    assert given.as_received.startswith(b'{"')


@given(st.binary(max_size=80))
def test_any_query_is_an_event_or_is_rejected(query: bytes) -> None:
    given = pixel_event(query, None)
    assert given.content is not None
    assert given.as_received


def test_the_picture_is_one_transparent_pixel_of_43_bytes() -> None:
    width, height = int.from_bytes(GIF[6:8], "little"), int.from_bytes(GIF[8:10], "little")
    has_transparency = GIF[GIF.index(b"!\xf9") + 3] & 1
    assert (len(GIF), GIF[:6], width, height, has_transparency, GIF[-1:]) == (43, b"GIF89a", 1, 1, 1, b";")
