import json

import pytest

from analytics_pipelines.web_events.enrich.channels import CLICKS, Arrival, channel_of, describe_arrival


def arrival(
    utm: object = None, query: str = "", clicks: str = "", referrer: str = "", *, internal: bool = False
) -> Arrival:
    return describe_arrival("" if utm is None else json.dumps(utm), query, clicks, referrer, internal)


def told(found: Arrival) -> tuple[str | None, ...]:
    return found.source, found.medium, found.channel


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "channel"),
    [
        pytest.param("direct", None, None, "Direct", id="nothing"),
        pytest.param("(direct)", "(none)", None, "Direct", id="as others spell it"),
        pytest.param("google", "cpc", "my Cross-Network one", "Cross-network", id="cross-network before all paid ones"),
        pytest.param("amazon", "cpc", None, "Paid Shopping", id="a shop, paid"),
        pytest.param("x", "ppc", "summer shop", "Paid Shopping", id="a campaign of shopping, paid"),
        pytest.param("google", "cpc", None, "Paid Search", id="search, paid"),
        pytest.param("facebook", "paid_social", None, "Paid Social", id="social, paid"),
        pytest.param("youtube", "retargeting", None, "Paid Video", id="video, paid"),
        pytest.param("x", "banner", None, "Display", id="display"),
        pytest.param("x", "CPM", None, "Display", id="display before paid other"),
        pytest.param("google", "cpm", None, "Paid Search", id="paid search before display"),
        pytest.param("x", "paid", None, "Paid Other", id="paid"),
        pytest.param("gemini", "ai-assistant", None, "AI Assistant", id="an assistant"),
        pytest.param("etsy", "referral", None, "Organic Shopping", id="a shop"),
        pytest.param("x", "email", "the shop", "Organic Shopping", id="a campaign of shopping before its medium"),
        pytest.param("x", "email", "bishops", "Email", id="only within a word"),
        pytest.param("reddit", "referral", None, "Organic Social", id="a social network"),
        pytest.param("x", "sm", None, "Organic Social", id="a social medium"),
        pytest.param("vimeo", "referral", None, "Organic Video", id="a video site"),
        pytest.param("x", "my video", None, "Organic Video", id="a medium with video"),
        pytest.param("duckduckgo", "referral", None, "Organic Search", id="a search engine"),
        pytest.param("x", "organic", None, "Organic Search", id="an organic medium"),
        pytest.param("x", "link", None, "Referral", id="a link"),
        pytest.param("e-mail", None, None, "Email", id="a source of mail"),
        pytest.param("x", "e mail", None, "Email", id="mail"),
        pytest.param("x", "affiliate", None, "Affiliates", id="affiliates"),
        pytest.param("x", "audio", None, "Audio", id="audio"),
        pytest.param("sms", None, None, "SMS", id="a short message"),
        pytest.param("x", "web_push", None, "Mobile Push Notifications", id="push"),
        pytest.param("firebase", None, None, "Mobile Push Notifications", id="a source of push"),
        pytest.param("x", "my mobile thing", None, "Mobile Push Notifications", id="mobile"),
        pytest.param("newsletter", None, None, "Unassigned", id="no rule"),
    ],
)
def test_the_first_rule_that_holds_names_the_channel(
    source: str, medium: str | None, campaign: str | None, channel: str
) -> None:
    assert channel_of(source, medium, campaign) == channel


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(arrival(), ("direct", None, "Direct"), id="nothing"),
        pytest.param(arrival(referrer="blog.example"), ("blog.example", "referral", "Referral"), id="a link elsewhere"),
        pytest.param(arrival(referrer="www.blog.example"), ("blog.example", "referral", "Referral"), id="with www"),
        pytest.param(
            arrival(referrer="shop.example", internal=True), ("direct", None, "Direct"), id="from its own site"
        ),
        pytest.param(arrival(referrer="www.google.de"), ("google", "organic", "Organic Search"), id="a search"),
        pytest.param(arrival(referrer="t.co"), ("twitter", "referral", "Organic Social"), id="a social network"),
        pytest.param(
            arrival(referrer="perplexity.ai"), ("perplexity", "ai-assistant", "AI Assistant"), id="an assistant"
        ),
        pytest.param(
            arrival(clicks="gclid", referrer="www.google.com"),
            ("google", "cpc", "Paid Search"),
            id="a click on an advertisement",
        ),
        pytest.param(arrival(clicks="dclid"), ("google", "display", "Display"), id="a click on a banner"),
        pytest.param(arrival(clicks="ttclid"), ("tiktok", "paid_social", "Paid Video"), id="a click on a video"),
        pytest.param(
            arrival(clicks="fbclid", referrer="l.facebook.com"),
            ("facebook", "social", "Organic Social"),
            id="any click there",
        ),
        pytest.param(arrival(clicks="fbclid,gclid"), ("google", "cpc", "Paid Search"), id="the surest of two clicks"),
        pytest.param(
            arrival({"source": "n", "medium": "email"}, clicks="gclid"), ("n", "email", "Email"), id="a campaign wins"
        ),
        pytest.param(
            arrival({"utm_source": "google"}, clicks="gclid"),
            ("google", "cpc", "Paid Search"),
            id="a click fills the medium in",
        ),
        pytest.param(
            arrival({"source": "bing"}, clicks="gclid"), ("bing", None, "Organic Search"), id="another's click does not"
        ),
        pytest.param(
            arrival(query="utm_source=perplexity"),
            ("perplexity", "ai-assistant", "AI Assistant"),
            id="an assistant's own mark",
        ),
        pytest.param(
            arrival(query="utm_medium=web_push"), ("direct", "web_push", "Mobile Push Notifications"), id="no source"
        ),
    ],
)
def test_campaigns_come_before_clicks_and_these_before_referrers(
    found: Arrival, expected: tuple[str | None, ...]
) -> None:
    assert told(found) == expected


@pytest.mark.parametrize(
    ("utm", "query", "expected"),
    [
        pytest.param({"source": "a", "medium": "b", "campaign": "c"}, "", ("a", "b", "c"), id="plain names"),
        pytest.param({"utm_source": "a", "utm_medium": "b", "utm_campaign": "c"}, "", ("a", "b", "c"), id="long names"),
        pytest.param({"utm_source": "a", "source": "z"}, "", ("a", None, None), id="the long name wins"),
        pytest.param(None, "utm_source=a&utm_medium=b&utm_campaign=c+d%20e", ("a", "b", "c d e"), id="the address"),
        pytest.param({"source": "a"}, "utm_source=z&utm_campaign=c", ("a", None, "c"), id="the address fills in"),
        pytest.param(None, "utm_source=a&utm_source=z", ("a", None, None), id="the first of two"),
        pytest.param(None, "utm_source=%zz%", ("%zz%", None, None), id="broken escapes"),
        pytest.param(None, "utm_source=%ff%fe", ("\ufffd\ufffd", None, None), id="no UTF-8"),
        pytest.param(None, "utm_source=a%00b%0d%0ac", ("a b c", None, None), id="no control characters"),
        pytest.param({"source": 7, "medium": True}, "", ("7", "True", None), id="numbers"),
        pytest.param({"source": {"x": 1}, "medium": None, "campaign": []}, "", ("direct", None, None), id="no texts"),
        pytest.param({"source": "  "}, "", ("direct", None, None), id="blanks"),
        pytest.param(["source"], "", ("direct", None, None), id="no object"),
        pytest.param({"source": "x" * 1000}, "", ("x" * 255, None, None), id="long texts are cut"),
    ],
)
def test_parameters_are_read_as_they_are_spelt(utm: object, query: str, expected: tuple[str | None, ...]) -> None:
    found = arrival(utm, query)
    assert (found.source, found.medium, found.campaign) == expected


def test_what_is_no_json_is_no_campaign() -> None:
    assert told(describe_arrival('{"source": ', "", "", "", False)) == ("direct", None, "Direct")


def test_every_click_id_leads_to_a_channel() -> None:
    assert all(arrival(clicks=click).channel not in {"Unassigned", "Direct"} for click in CLICKS)
