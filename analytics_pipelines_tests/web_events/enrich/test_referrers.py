import json
from importlib.resources import files

import pytest

from analytics_pipelines.web_events.enrich.referrers import known_referrer, plain_host

HOSTS = json.loads(files("analytics_pipelines.web_events.enrich").joinpath("hosts.json").read_text())


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("www.google.co.uk", ("google", "search"), id="any country"),
        pytest.param("GOOGLE.com.", ("google", "search"), id="capitals and the last dot"),
        pytest.param("images.google.fr", ("google", "search"), id="a subdomain that is listed"),
        pytest.param("mail.google.com", None, id="a subdomain that is something else"),
        pytest.param("gemini.google.com", ("gemini", "assistant"), id="an assistant on a search engine's domain"),
        pytest.param("de.search.yahoo.com", ("yahoo", "search"), id="below a listed host"),
        pytest.param("finance.yahoo.com", None, id="beside a listed host"),
        pytest.param("l.facebook.com", ("facebook", "social"), id="a social network"),
        pytest.param("com.reddit.frontpage", ("reddit", "social"), id="an app"),
        pytest.param("m.youtube.com", ("youtube", "video"), id="a mobile site"),
        pytest.param("smile.amazon.com.br", ("amazon", "shopping"), id="a country below com"),
        pytest.param("google", ("google", "search"), id="a name"),
        pytest.param(" Facebook ", ("facebook", "social"), id="a name as people write it"),
        pytest.param("evil-google.com", None, id="a name within another"),
        pytest.param("google.com.evil.tld", None, id="a host in front of another"),
        pytest.param("amazon.evil.com", None, id="a name below another"),
        pytest.param("shop.example", None, id="anybody"),
        pytest.param("[::1]", None, id="an address"),
        pytest.param("localhost", None, id="no domain"),
        pytest.param("", None, id="nothing"),
        pytest.param("." * 50, None, id="dots"),
    ],
)
def test_referrers_are_known_by_host_or_name(host: str, expected: tuple[str, str] | None) -> None:
    found = known_referrer(host)
    assert (found and (found.name, found.kind)) == expected


def test_no_host_is_listed_twice() -> None:
    entries = [entry for kind, names in HOSTS.items() if kind != "about" for hosts in names.values() for entry in hosts]
    assert len(entries) == len(set(entries))
    assert all(entry == entry.lower().strip() for entry in entries)


def test_the_list_names_its_source() -> None:
    assert "support.google.com/analytics" in HOSTS["about"]


def test_a_plain_host_has_no_www_before_it() -> None:
    assert [plain_host(host) for host in ("www.a.example", "wwww.a.example", "a.example")] == [
        "a.example",
        "wwww.a.example",
        "a.example",
    ]
