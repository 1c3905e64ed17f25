"""Whom to remove: all ids under which one visitor of a site is known, and how to find them in a payload."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal

TELLING_CHARACTERS = 8
"""An id of at least so many is no common word: it is the visitor's wherever it stands by itself."""


@dataclass(frozen=True)
class Visitor:
    """One visitor of a site: the id that was asked for, and those of neighbouring days that are linked to it."""

    site_id: str
    ids: frozenset[str]

    def is_theirs(self, item: Receipt | Refusal) -> bool:
        """Whether the event or reject is of this visitor; a reject also when it names no site and names the visitor."""
        if item.site_id not in {self.site_id, None}:
            return False
        if item.visitor_id in self.ids or item.visitor_id_before in self.ids:
            return True
        return isinstance(item, Refusal) and self.is_named_in(item.payload)

    @cached_property
    def spellings(self) -> tuple[bytes, ...]:
        """Bytes one of which stands in every payload that names the visitor."""
        return tuple(sorted({spelt for one in self.ids for spelt in _spellings(one)}))

    def is_named_in(self, payload: bytes) -> bool:
        """Whether a field of the payload (JSON or a query) is one of the ids.

        In what can not be read, and for ids that are no common word, it is enough that the id stands by itself.
        """
        if not any(spelt in payload for spelt in self.spellings):
            return False
        text = payload.decode(errors="replace")
        try:
            values = list(_texts(json.loads(text)))
        except (ValueError, RecursionError):
            return self._stands_in(payload, self.ids) or not self.ids.isdisjoint(value for _, value in parse_qsl(text))
        telling = [one for one in self.ids if len(one) >= TELLING_CHARACTERS]
        return not self.ids.isdisjoint(values) or self._stands_in(payload, telling)

    def _stands_in(self, payload: bytes, ids: Iterable[str]) -> bool:
        spelt = {re.escape(each) for one in ids for each in _spellings(one)}
        return any(re.search(rb"(?<![\w-])" + each + rb"(?![\w-])", payload) for each in spelt)


def linked(ids: Iterable[str], links: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The ids and all that the pairs link to them, however many steps away."""
    neighbours: dict[str, set[str]] = {}
    for one, other in links:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    found = set(ids)
    waiting = list(found)
    while waiting:
        new = neighbours.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return frozenset(found)


def _spellings(one: str) -> set[bytes]:
    as_json = {json.dumps(one, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return {each.encode(errors="replace") for each in {one, quote(one, safe=""), quote_plus(one), *as_json}}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
