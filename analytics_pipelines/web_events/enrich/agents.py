"""What a user agent tells: robot or person, kind of device, browser, operating system."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from crawleruseragents import is_crawler
from ua_parser import Parser, load_builtins
from ua_parser.regex import Resolver

MOST_REMEMBERED = 100_000
MOST_CHARACTERS = 1_000
"""What stands behind is not looked at: real agents are far shorter, and patterns take long over made-up ones."""
ROBOT_WORDS = (
    "bot",
    "crawl",
    "spider",
    "slurp",
    "archive",
    "fetch",
    "feed",
    "rss",
    "scan",
    "monitor",
    "uptime",
    "validator",
    "preview",
    "headless",
    "phantomjs",
    "lighthouse",
    "curl/",
    "wget",
    "python",
    "httpx",
    "libwww",
    "java/",
    "okhttp",
    "go-http-client",
    "ruby",
    "perl",
    "php",
    "facebookexternalhit",
    "ezooms",
    "yandex.com/",
    "mediapartners",
)
"""What robots call themselves; a user agent that holds one of the words, in any case, is one."""
NO_ROBOTS = ("cubot",)
"""Makers of telephones whose names hold such a word."""
DEVICES = (
    ("console", r"playstation|xbox|nintendo|steamdeck|valve steam gamepad"),
    (
        "tv",
        r"smart-?tv|google ?tv|apple ?tv|android tv|opera tv|dtv\b|tvos|tizen.* tv |hbbtv|netcast|web0s|bravia|viera",
    ),
    (
        "tv",
        r"roku|crkey|\baft[a-z]+\b",
    ),
    ("tablet", r"ipad|kindle|silk/|playbook|tablet|nexus (?:7|9|10)\b|\bsm-[tx]\d|android(?!.*mobile)"),
    ("mobile", r"iphone|ipod|android|mobile|windows phone|blackberry|bb10|opera mini|symbian|kaios|webos"),
    ("desktop", r"windows nt|windows 9|macintosh|mac os x|x11|linux|cros |bsd"),
)
"""Kinds of devices by what their agents hold, in lower case; the first that fits is it."""
KINDS = tuple((kind, re.compile(pattern)) for kind, pattern in DEVICES)


@dataclass(frozen=True, slots=True)
class Agent:
    """What an agent tells; `device` is one of `tables.DEVICES`, browser and system None where they are not known."""

    is_bot: bool
    device: str
    browser: str | None
    os: str | None


@lru_cache(MOST_REMEMBERED)
def describe_agent(user_agent: str) -> Agent:
    """What the user agent tells; an empty one tells nothing and is no robot."""
    if not user_agent:
        return Agent(is_bot=False, device="other", browser=None, os=None)
    text = user_agent[:MOST_CHARACTERS]
    found = _parser().parse(text)
    return Agent(
        is_bot=_is_bot(text),
        device=_device(text.lower()),
        browser=found.user_agent.family if found.user_agent else None,
        os=found.os.family if found.os else None,
    )


def _is_bot(text: str) -> bool:
    words = text.lower()
    for name in NO_ROBOTS:
        words = words.replace(name, "")
    return any(word in words for word in ROBOT_WORDS) or is_crawler(text)


def _device(text: str) -> str:
    return next((kind for kind, pattern in KINDS if pattern.search(text)), "other")


@cache
def _parser() -> Parser:
    """The parser over the rules of uap-core, compiled by the Rust resolver: some 10 us an agent."""
    return Parser(Resolver(load_builtins()))
