import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.web_events.core_events import ROBOT_WORDS, core_events
from analytics_pipelines.web_events.tables import RAW_EVENTS
from analytics_pipelines_tests.web_events.receipts import DAY, FIREFOX, LIMITS, MONDAY, Receipt, answers, rows_of

NOON = MONDAY + timedelta(hours=12)
HOUR = timedelta(hours=1)
TODAY = MONDAY.date()


@pytest.fixture(scope="module")
def duck() -> Iterator[Duck]:
    found = Duck(LIMITS)
    yield found
    found.close()


def core(duck: Duck, *receipts: Receipt, day: date = TODAY) -> list[dict[str, Any]]:
    return answers(duck, core_events(rows_of(RAW_EVENTS, (each.row for each in receipts)), day))


@pytest.mark.parametrize(
    ("claimed", "sent", "happened"),
    [
        pytest.param(NOON - HOUR, None, NOON - HOUR, id="the client's word"),
        pytest.param(NOON + HOUR, None, NOON, id="never after the receipt"),
        pytest.param(NOON + 5 * HOUR, NOON + 6 * HOUR, NOON - HOUR, id="a clock that is ahead"),
        pytest.param(NOON - 400 * DAY, NOON - 400 * DAY + HOUR, NOON - HOUR, id="a clock that is behind"),
        pytest.param(NOON - HOUR, NOON - 2 * HOUR, NOON, id="sent before it happened"),
    ],
)
def test_the_clients_clock_error_is_taken_out(
    duck: Duck, claimed: datetime, sent: datetime | None, happened: datetime
) -> None:
    (event,) = core(duck, Receipt("e", claimed, NOON, sent_at=sent))
    assert (event["event_at"], event["received_at"], event["event_date"]) == (happened, NOON, MONDAY.date())


def test_an_event_counts_on_the_utc_day_it_happened(duck: Duck) -> None:
    late = Receipt("late", MONDAY - timedelta(microseconds=1), NOON)
    on_time = Receipt("on time", MONDAY, NOON)
    assert [event["event_id"] for event in core(duck, late, on_time)] == ["on time"]
    assert [event["event_id"] for event in core(duck, late, on_time, day=MONDAY.date() - DAY)] == ["late"]


def test_of_one_id_the_first_receipt_wins(duck: Duck) -> None:
    first, second = (Receipt("e", NOON, NOON + wait, title=title) for wait, title in [(HOUR, "1st"), (DAY, "2nd")])
    elsewhere = Receipt("e", NOON, NOON + DAY, site_id="t", title="3rd")
    assert sorted(event["title"] for event in core(duck, second, first, elsewhere)) == ["1st", "3rd"]


@pytest.mark.parametrize(
    ("url", "path", "host", "expected"),
    [
        pytest.param("https://Shop.Example/a/b?c#d", None, "shop.example", "/a/b", id="a page"),
        pytest.param("https://me:pw@shop.example:8443", None, "shop.example", "/", id="no path, user and port"),
        pytest.param("https://shop.example?x=/y", None, "shop.example", "/", id="a query at once"),
        pytest.param("/a?b", None, None, "/a", id="a log's target"),
        pytest.param("https://shop.example/a", "/b?c", "shop.example", "/b", id="the path sent wins"),
        pytest.param(None, None, None, None, id="neither"),
        pytest.param("nonsense", None, None, "nonsense", id="no address"),
    ],
)
def test_addresses_are_taken_apart(
    duck: Duck, url: str | None, path: str | None, host: str | None, expected: str | None
) -> None:
    (event,) = core(duck, Receipt("e", NOON, url=url, path=path, referrer=url))
    assert (event["host"], event["path"], event["referrer_host"]) == (host, expected, host)


@pytest.mark.parametrize(
    ("event_type", "payload", "is_pageview", "is_interactive"),
    [
        pytest.param("pageview", '{"interactive": false}', True, True, id="page views always are"),
        pytest.param("Page_View", "{}", True, True, id="another spelling"),
        pytest.param("click", "{}", False, True, id="an event"),
        pytest.param("click", '{"interactive": false}', False, False, id="said not to be"),
        pytest.param("click", '{"interactive": "no"}', False, True, id="said something else"),
    ],
)
def test_interaction_is_told_by_type_and_payload(
    duck: Duck, event_type: str, payload: str, is_pageview: bool, is_interactive: bool
) -> None:
    (event,) = core(duck, Receipt("e", NOON, event_type=event_type, payload=payload))
    assert (event["is_pageview"], event["is_interactive"]) == (is_pageview, is_interactive)


@pytest.mark.parametrize(
    ("agent", "is_bot"),
    [
        pytest.param(FIREFOX, False, id="Firefox"),
        pytest.param(
            "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36", False, id="Chrome"
        ),
        pytest.param("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True, id="Googlebot"),
        pytest.param("curl/8.5.0", True, id="curl"),
        pytest.param("Mozilla/5.0 (compatible; Yahoo! SLURP)", True, id="in capitals"),
        pytest.param(None, False, id="unknown"),
    ],
)
def test_robots_are_known_by_their_agent(duck: Duck, agent: str | None, is_bot: bool) -> None:
    (event,) = core(duck, Receipt("e", NOON, user_agent=agent))
    assert event["is_bot"] is is_bot


def test_robot_words_are_plain_text_in_lower_case() -> None:
    assert [word for word in ROBOT_WORDS if word != re.escape(word).replace("\\-", "-").replace("\\.", ".")] == []
    assert list(ROBOT_WORDS) == [word.lower() for word in ROBOT_WORDS]
