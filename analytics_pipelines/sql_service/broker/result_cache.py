"""Short answers as they went to a client, by what was asked for, and the key that says what was."""

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.broker.normal_form import normal_form
from analytics_pipelines.sql_service.messages import Format, Parameters

ENTRY_BYTES = 512
"""What an entry takes beside its content: key, objects, a place in two tables."""
MOST_PARTS = 8
"""No answer may take more than the cache's size through this."""


def answer_key(
    rights: Rights, sql: str, parameters: Parameters | None, *, generation: str, fmt: Format, limit: int
) -> str:
    """64 hex digits, equal for asks that have the same answer (if it is repeatable at all); the ETag is made of it.

    The limit is the one that holds: of the ask or of the caller's rights, the smaller. Raises `TypeError` for
    parameters that are not JSON.
    """
    asked = [rights.value, normal_form(sql), _ordered(parameters), generation, fmt.value, limit]
    return hashlib.sha256(json.dumps(asked, separators=(",", ":")).encode()).hexdigest()


def _ordered(parameters: Parameters | None) -> Any:
    """Named ones by name; what is inside a value keeps its order, which is part of a struct's type."""
    return sorted(parameters.items()) if isinstance(parameters, dict) else {"positional": parameters or []}


@dataclass(frozen=True, slots=True)
class _Entry:
    content: bytes
    generation: str

    @property
    def size_bytes(self) -> int:
        return len(self.content) + ENTRY_BYTES


class ResultCache:
    """The answers asked for last that fit into so many bytes; with none it keeps nothing."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._generation: str | None = None
        self._hits = 0
        self._misses = 0

    def get(self, key: str) -> bytes | None:
        """The answer, or None."""
        entry = self._entries.get(key)
        if entry is None:
            self._misses += 1
            return None
        self._hits += 1
        self._entries.move_to_end(key)
        return entry.content

    def put(self, key: str, content: bytes, generation: str) -> bool:
        """Keep an answer; False of one that is too large, or of a generation that is no longer asked for."""
        entry = _Entry(content, generation)
        if entry.size_bytes * MOST_PARTS > self._most_bytes or self._generation not in (None, generation):
            return False
        self._drop(key)
        self._entries[key] = entry
        self._bytes += entry.size_bytes
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))
        return True

    def forget_but(self, generation: str) -> None:
        """Drop the answers of all other generations, and take none of them any more."""
        self._generation = generation
        for key in [key for key, entry in self._entries.items() if entry.generation != generation]:
            self._drop(key)

    def told(self) -> dict[str, int | float]:
        """For statistics; `bytes` are with what entries take themselves, `hit_rate` is in percent."""
        asked = self._hits + self._misses
        return {
            "entries": len(self._entries),
            "bytes": self._bytes,
            "most_bytes": self._most_bytes,
            "hits": self._hits,
            "misses": self._misses,
            "hit_rate": 100.0 * self._hits / asked if asked else 0.0,
        }

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size_bytes
