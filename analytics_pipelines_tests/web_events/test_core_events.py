from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.web_events.core_events import core_events, late_events
from analytics_pipelines.web_events.tables import CORE_EVENTS, LATE_EVENTS, RAW_EVENTS
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
        pytest.param("https://a@b:p@w@Shop.Example/x", None, "shop.example", "/x", id="signs in the user's name"),
        pytest.param("https://XN--Mnchen-3ya.de/", None, "xn--mnchen-3ya.de", "/", id="punycode"),
        pytest.param("https://MÜNCHEN.de./ü", None, "münchen.de", "/ü", id="letters beyond ASCII and the last dot"),
        pytest.param("http://[2001:DB8::1]:8080/x", None, "[2001:db8::1]", "/x", id="IPv6"),
        pytest.param("http://[::1", None, None, "/", id="a broken address"),
        pytest.param("https://shop.example/%zz%", None, "shop.example", "/%zz%", id="broken escapes"),
        pytest.param("HTTPS://SHOP.EXAMPLE", None, "shop.example", "/", id="capitals"),
        pytest.param("https://", None, None, "/", id="a scheme alone"),
        pytest.param("//shop.example/x", None, None, "//shop.example/x", id="a log's target with two slashes"),
        pytest.param("", None, None, "/", id="empty"),
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


@pytest.mark.parametrize(
    ("received", "before", "expected"),
    [
        pytest.param(NOON, "w", ("v", "w"), id="received on its own day"),
        pytest.param(NOON + DAY, "w", ("w", None), id="received on the next day"),
        pytest.param(NOON + 2 * DAY, "w", ("v", None), id="received later"),
        pytest.param(NOON, None, ("v", None), id="named by the client"),
        pytest.param(NOON + DAY, None, ("v", None), id="named by the client, received on the next day"),
    ],
)
def test_a_derived_visitor_is_named_by_the_hash_of_the_events_own_day(
    duck: Duck, received: datetime, before: str | None, expected: tuple[str, str | None]
) -> None:
    (event,) = core(duck, Receipt("e", NOON, received, visitor_id_before=before))
    assert (event["visitor_id"], event["visitor_id_before"]) == expected


def arrivals(duck: Duck, **given: Any) -> tuple[str | None, ...]:
    (event,) = core(duck, Receipt("e", NOON, **given))
    return tuple(event[name] for name in ("source", "medium", "campaign", "channel"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, ("direct", None, None, "Direct"), id="nothing"),
        pytest.param(
            {"referrer": "https://WWW.Google.com/search?q=x"},
            ("google", "organic", None, "Organic Search"),
            id="a search",
        ),
        pytest.param({"referrer": "https://www.shop.example/"}, ("direct", None, None, "Direct"), id="its own host"),
        pytest.param({"referrer": "https://s/", "url": "/a"}, ("direct", None, None, "Direct"), id="the site's id"),
        pytest.param(
            {"payload": '{"attribution": {"utmParams": {"source": "n", "medium": "email", "campaign": "c"}}}'},
            ("n", "email", "c", "Email"),
            id="the client's parameters",
        ),
        pytest.param(
            {"payload": '{"attribution": {"utmParams": "x"}}'}, ("direct", None, None, "Direct"), id="no object"
        ),
        pytest.param({"payload": '{"attribution": 7}'}, ("direct", None, None, "Direct"), id="another thing"),
        pytest.param({"payload": "[]"}, ("direct", None, None, "Direct"), id="no fields"),
        pytest.param(
            {"url": "https://shop.example/a?x=1&utm_source=a%20b&utm_medium=cpc&utm_term=t#utm_campaign=no"},
            ("a b", "cpc", None, "Paid Other"),
            id="the address",
        ),
        pytest.param({"url": "/a?GCLID=x1"}, ("google", "cpc", None, "Paid Search"), id="a click id"),
        pytest.param({"url": "/a?gclid="}, ("direct", None, None, "Direct"), id="an empty click id"),
        pytest.param({"url": "/a?notgclid=1"}, ("direct", None, None, "Direct"), id="another parameter"),
        pytest.param(
            {"url": "/a?utm_source=%zz%ff&utm_medium=&"}, ("%zz\ufffd", None, None, "Unassigned"), id="broken"
        ),
    ],
)
def test_where_a_visitor_came_from_is_told_by_parameters_clicks_and_referrer(
    duck: Duck, given: dict[str, Any], expected: tuple[str | None, ...]
) -> None:
    assert arrivals(duck, **given) == expected


def test_what_an_agent_tells_stands_beside_each_of_its_events(duck: Duck) -> None:
    telephone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1"
    events = core(
        duck,
        *(Receipt(str(number), NOON, user_agent=agent) for number, agent in enumerate([telephone, None, telephone])),
    )
    found = {event["event_id"]: (event["device"], event["browser"], event["os"]) for event in events}
    phone = ("mobile", "Mobile Safari", "iOS")
    assert found == {"0": phone, "1": ("other", None, None), "2": phone}


def test_a_network_is_looked_up_in_the_country_file(duck: Duck, tmp_path: Path) -> None:
    writer = MMDBWriter(database_type="test")
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"country": {"iso_code": "DE"}})
    writer.to_db_file(str(tmp_path / "countries.mmdb"))
    raw = rows_of(RAW_EVENTS, [Receipt(str(each), NOON, client_address=each).row for each in ("192.0.2.0/24", None)])
    with_file = answers(duck, core_events(raw, TODAY, countries=tmp_path / "countries.mmdb"))
    assert {event["event_id"]: event["country"] for event in with_file} == {"192.0.2.0/24": "DE", "None": None}
    assert {event["country"] for event in answers(duck, core_events(raw, TODAY))} == {None}


def test_odd_texts_never_fail_a_day_and_give_the_same_bytes_again(lake: Lake) -> None:
    texts = [
        "",
        " ",
        "\x00",
        "\x1f",
        "'",
        '"',
        "%",
        "%%%ff",
        "http://",
        "://x",
        "http://@",
        "http://[",
        "a" * 5000,
        "\u202e\U0001f600",
    ]
    receipts = [
        Receipt(f"{number}", NOON, url=text, referrer=text, user_agent=text, client_address=text, path=None, title=text)
        for number, text in enumerate([*texts, *("https://h/?utm_source=" + text for text in texts)])
    ]
    raw = rows_of(RAW_EVENTS, [each.row for each in receipts])
    first = lake.replace(CORE_EVENTS, TODAY, core_events(raw, TODAY))
    assert first.rows == len(receipts)
    assert lake.replace(CORE_EVENTS, TODAY, core_events(raw, TODAY)).sha256 == first.sha256


@pytest.mark.parametrize(
    ("happened", "source", "late_s"),
    [
        pytest.param(NOON, "collect", [], id="at once"),
        pytest.param(MONDAY - 3 * DAY, "collect", [], id="the last moment that counts"),
        pytest.param(
            MONDAY - 3 * DAY - timedelta(microseconds=1), "collect", [3 * 86_400 + 12 * 3_600], id="a moment too late"
        ),
        pytest.param(NOON - 400 * DAY, "pixel", [400 * 86_400], id="long ago"),
        pytest.param(NOON - 400 * DAY, "log", [], id="a log is never late"),
    ],
)
def test_events_that_came_too_late_are_kept_apart(
    lake: Lake, happened: datetime, source: str, late_s: list[int]
) -> None:
    raw = rows_of(RAW_EVENTS, [Receipt("e", happened, NOON, source=source).row])
    lake.replace(LATE_EVENTS, TODAY, late_events(raw, 3))
    rows = lake.lazy(LATE_EVENTS, [TODAY]).collect().to_dicts()
    assert [(row["late_s"], row["event_at"], row["received_date"]) for row in rows] == [
        (late, happened, TODAY) for late in late_s
    ]


@pytest.mark.parametrize("late_event_days", [0, 1, 3, 30])
def test_every_event_is_either_late_or_in_the_core_of_its_day(duck: Duck, late_event_days: int) -> None:
    receipts = [Receipt(str(days), NOON - days * DAY, NOON) for days in range(40)]
    raw = rows_of(RAW_EVENTS, [each.row for each in receipts])
    late = {row["event_id"] for row in answers(duck, late_events(raw, late_event_days))}
    in_time = set()
    for back in range(late_event_days + 1):  # the days whose window of receipts reaches the receipt
        in_time |= {event["event_id"] for event in core(duck, *receipts, day=TODAY - back * DAY)}
    assert in_time == {str(days) for days in range(late_event_days + 1)}
    assert late == {each.event_id for each in receipts} - in_time
