"""The page: well-formed, complete, escaped, and loading nothing from elsewhere."""

import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from analytics_pipelines.dashboard.page import content_security_policy, home_page, in_reading_order
from analytics_pipelines.dashboard.state import Curves, Line, Links, Lists, PlatformState, Point, TableState
from analytics_pipelines_tests.apps import NOW

VOID = {"meta", "link"}
DAYS = [Point(day=date(2026, 11, 21) - timedelta(days=back), value=back) for back in (2, 1, 0)]


class Page(HTMLParser):
    """Checks that tags close in order; keeps texts and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def table(name: str, room: str, grain: str = "one thing") -> TableState:
    return TableState(
        name=name,
        room=room,
        grain=grain,
        served_from="parquet",
        rows=1234,
        size_bytes=2048,
        days=3,
        first_day=DAYS[0].day,
        last_day=DAYS[-1].day,
        rows_by_day=DAYS,
    )


def state(**given: object) -> PlatformState:
    chosen = {
        "version": "1",
        "environment": "development",
        "asked_at": NOW,
        "generation": "0123456789abcdef",
        "published_at": NOW - timedelta(minutes=4),
        "engine": "duckdb 1.5.5",
        "database": "connected",
        "is_readable": True,
        "rows": 2468,
        "size_bytes": 4096,
        "last_day": DAYS[-1].day,
        "tables": [table("out_x__b", "room_b"), table("raw_x__a", "room_b"), table("core_x__c", "room_a")],
        "curves": Curves(visits=DAYS),
        "lists": Lists(channels=[Line(name="Organic Search", count=1234)], pages=[Line(name="", count=5)]),
        "links": Links(dagster="http://127.0.0.1:3000/"),
    }
    return PlatformState(**chosen | given)


EMPTY = {
    "generation": None,
    "published_at": None,
    "engine": None,
    "database": "away",
    "rows": 0,
    "size_bytes": 0,
    "last_day": None,
    "tables": [],
    "curves": Curves(),
    "lists": Lists(),
}
HIDDEN = EMPTY | {"generation": "0123456789abcdef", "published_at": NOW, "is_readable": False}


def test_the_page_tells_the_state():
    page = Page(home_page(state()))
    assert page.open == []
    for told in ("4 minutes ago", "0123456789ab", "today", "4.0 KiB", "2,468 rows in 3 tables", "connected"):
        assert told in page.text
    assert page.text.index("room a") < page.text.index("room b")
    assert page.text.index("raw_x__a") < page.text.index("out_x__b")


def test_the_page_links_to_docs_and_dagster():
    links = {value for name, value in Page(home_page(state())).attributes if name == "href"}
    assert {"/docs", "/redoc", "/health", "/openapi.json", "http://127.0.0.1:3000/"} <= links


def test_charts_have_a_bar_a_day_and_say_when_they_are_empty():
    page = Page(home_page(state()))
    assert page.tags.count("rect") == 3 + 3 * len(DAYS) + len(DAYS)
    assert "3 days with traffic · today: 0" in page.text
    assert "Nothing published yet." in page.text


def test_what_came_most_is_listed():
    page = Page(home_page(state()))
    for told in ("Channels visits, last 30 days Organic Search 1,234", "Pages page views, last 30 days — 5"):
        assert told in page.text
    assert "Channels" not in Page(home_page(state(lists=Lists()))).text


def test_who_may_not_read_is_told_how_and_sees_no_figure():
    page = Page(home_page(state(**HIDDEN)))
    assert page.open == []
    assert "table" not in page.tags
    assert "Figures need a token" in page.text
    assert "rows in" not in page.text


def test_before_the_first_publication_the_page_says_what_to_do():
    page = Page(home_page(state(**EMPTY)))
    assert page.open == []
    assert "table" not in page.tags
    for told in ("nothing yet", "analytics materialize", "away"):
        assert told in page.text


def test_what_is_shown_is_escaped():
    hostile = table("raw_x__a", "room", grain='</div><script>alert("x")</script>')
    page = Page(home_page(state(tables=[hostile])))
    assert "script" not in page.tags
    assert 'alert("x")' in page.text


@pytest.mark.parametrize("given", [{}, EMPTY, HIDDEN], ids=["published", "empty", "hidden"])
def test_the_page_loads_nothing_and_needs_no_exception_of_its_policy(given):
    page = Page(home_page(state(**given)))
    names = {name for name, _ in page.attributes}
    assert not names & {"src", "srcset", "style", "onclick", "onload"}
    assert "script" not in page.tags
    assert "default-src 'none'" in content_security_policy()
    assert re.search(r"style-src 'sha256-[A-Za-z0-9+/]{43}='", content_security_policy())
    assert "@import" not in home_page(state())
    assert "url(" not in home_page(state())


def test_a_table_of_another_layer_comes_last():
    names = ["out_a__a", "x", "raw_a__a", "core_a__a"]
    ordered = sorted((table(name, "room") for name in names), key=in_reading_order)
    assert [each.name for each in ordered] == ["raw_a__a", "core_a__a", "out_a__a", "x"]
