import re

import pytest

from analytics_pipelines.web_events.enrich.agents import DEVICES, ROBOT_WORDS, Agent, describe_agent
from analytics_pipelines.web_events.tables import DEVICES as KINDS

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
IPHONE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        pytest.param(
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36",
            ("desktop", "Chrome", "Windows"),
            id="PC",
        ),
        pytest.param(
            "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
            ("desktop", "Firefox", "Linux"),
            id="Linux",
        ),
        pytest.param(
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {IPHONE}",
            ("mobile", "Mobile Safari", "iOS"),
            id="telephone",
        ),
        pytest.param(
            f"Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) {IPHONE}", ("tablet", "Mobile Safari", "iOS"), id="tablet"
        ),
        pytest.param(
            f"Mozilla/5.0 (Linux; Android 14; SM-X710) {CHROME} Safari/537.36",
            ("tablet", "Chrome", "Android"),
            id="Android tablet",
        ),
        pytest.param(
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {CHROME} Mobile Safari/537.36",
            ("mobile", "Chrome Mobile", "Android"),
            id="Android telephone",
        ),
        pytest.param(
            "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV Safari/538.1",
            ("tv", "Safari", "Tizen"),
            id="television",
        ),
        pytest.param(
            "Mozilla/5.0 (PlayStation; PlayStation 5/6.00) AppleWebKit/605.1.15",
            ("console", "Apple Mail", None),
            id="console",
        ),
        pytest.param("nonsense", ("other", None, None), id="anything"),
        pytest.param("", ("other", None, None), id="none"),
    ],
)
def test_device_browser_and_system_are_told_by_the_agent(agent: str, expected: tuple[str | None, ...]) -> None:
    found = describe_agent(agent)
    assert (found.device, found.browser, found.os) == expected
    assert not found.is_bot


@pytest.mark.parametrize(
    ("agent", "is_bot"),
    [
        pytest.param("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True, id="says so"),
        pytest.param("curl/8.5.0", True, id="a program"),
        pytest.param("Mozilla/5.0 (compatible; Yahoo! SLURP)", True, id="in capitals"),
        pytest.param(
            "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)", True, id="only the list knows it"
        ),
        pytest.param(
            f"Mozilla/5.0 (Linux; Android 9; CUBOT X19) {CHROME} Mobile Safari/537.36", False, id="a telephone"
        ),
        pytest.param("Mozilla/5.0 Firefox/144.0", False, id="a browser"),
    ],
)
def test_robots_are_known_by_words_and_by_the_list(agent: str, is_bot: bool) -> None:
    assert describe_agent(agent).is_bot is is_bot


def test_agents_of_any_length_and_content_are_described() -> None:
    for agent in ("(" * 100_000, "\x00\ud7ff\U0001f600", "Mozilla/5.0 " + "a1." * 50_000):
        assert isinstance(describe_agent(agent), Agent)


def test_robot_words_are_plain_text_in_lower_case() -> None:
    assert [word for word in ROBOT_WORDS if word != re.escape(word).replace("\\-", "-").replace("\\.", ".")] == []
    assert list(ROBOT_WORDS) == [word.lower() for word in ROBOT_WORDS]


def test_every_kind_of_device_is_one_that_the_table_declares() -> None:
    assert {kind for kind, _ in DEVICES} | {"other"} == set(KINDS)
