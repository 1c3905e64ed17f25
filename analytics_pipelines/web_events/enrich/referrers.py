"""Who a referrer is: search engines, social networks, video and shopping sites, assistants, from `hosts.json`."""

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

MOST_REMEMBERED = 100_000
COUNTRY_ENDING = re.compile(r"(?:com?\.|org\.|net\.)?[a-z]{2}|com|org|net")
PLAIN_PREFIX = re.compile(r"^(?:www\d?|m|mobile)\.(?=[^.]+\.)")


@dataclass(frozen=True, slots=True)
class Referrer:
    """A known sender of visitors; `kind` is search, social, video, shopping or assistant."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Lists:
    names: dict[str, Referrer]
    hosts: dict[str, Referrer]
    """By host, with = before one that stands for no subdomain, and .* behind one with any country's ending."""


def plain_host(host: str) -> str:
    """The host without `www.`."""
    return host.removeprefix("www.")


@lru_cache(MOST_REMEMBERED)
def known_referrer(text: str) -> Referrer | None:
    """Who that host, or the source that a campaign names, is; None for anybody else."""
    lists, asked = _lists(), text.strip().lower()
    if asked in lists.names:
        return lists.names[asked]
    host = PLAIN_PREFIX.sub("", asked.rstrip("."))
    labels = host.split(".")
    exact = (found for spelling in _spellings(host) if (found := lists.hosts.get("=" + spelling)))
    below = (
        found
        for first in range(len(labels) - 1)
        for spelling in _spellings(".".join(labels[first:]))
        if (found := lists.hosts.get(spelling))
    )
    return next(exact, None) or next(below, None)


def _spellings(host: str) -> tuple[str, ...]:
    name, _, ending = host.partition(".")
    found = [host]
    while ending:
        if COUNTRY_ENDING.fullmatch(ending):
            found.append(name + ".*")
        label, _, ending = ending.partition(".")
        name += "." + label
    return tuple(found)


@cache
def _lists() -> _Lists:
    content = json.loads(files(__package__).joinpath("hosts.json").read_text(encoding="utf-8"))
    names: dict[str, Referrer] = {}
    hosts: dict[str, Referrer] = {}
    for kind in ("search", "social", "video", "shopping", "assistant"):
        for name, entries in content[kind].items():
            known = names.setdefault(name, Referrer(name, kind))
            hosts.update(dict.fromkeys(entries, known))
    return _Lists(names, hosts)
