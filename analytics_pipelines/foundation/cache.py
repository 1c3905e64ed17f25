"""Finished answers kept by question and generation: in this worker's memory, and where it is set up in Redis or Valkey.

An answer of a generation never changes, so nothing is ever taken back: entries end by their age or make room. What
the cache does can not change an answer, only how long it takes. Nothing that is one caller's own may be put here.

    cache.answer(Kind.FOLDERS, lease.id, {"path": "/srv", "depth": 2}, make=lambda: orjson.dumps(tree))
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from enum import StrEnum
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Protocol

from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.shared_cache import open_shared

Make = Callable[[], bytes]
KEY_BYTES = 20
COST_OF_AN_ENTRY_BYTES = 300
LARGEST_PART = 4
"""An answer that would take more than this part of the memory is not kept there."""
PACKAGE = "analytics_pipelines"
CODE = (".py", ".sql")


class Kind(StrEnum):
    """What is asked about; each kind is kept for a time of its own."""

    SEARCH = "search"
    FOLDERS = "folders"
    SNAPSHOTS = "snapshots"
    ANALYTICS = "analytics"

    @property
    def kept_s(self) -> int:
        """How long Redis or Valkey keeps such an answer."""
        return KEPT_S[self]


KEPT_S = {Kind.SEARCH: 3600, Kind.FOLDERS: 7200, Kind.SNAPSHOTS: 86400, Kind.ANALYTICS: 7200}


class Store(Protocol):
    """Somewhere that answers may be kept; it never raises, and may forget anything at any time."""

    def get(self, key: str) -> bytes | None:
        """The answer of that key, if it is kept."""
        ...

    def put(self, key: str, value: bytes, kept_s: int) -> None:
        """Keep the answer, if there is room."""
        ...

    def close(self) -> None:
        """Let go of what is held open."""
        ...


class Memory:
    """Answers in this process, the one asked for longest ago leaving first; never more than `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held_bytes = 0
        self._entries: OrderedDict[str, bytes] = OrderedDict()
        self._guard = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """What the entries take, their keys and places among it."""
        return self._held_bytes

    def get(self, key: str) -> bytes | None:
        """The answer of that key, which now leaves last."""
        with self._guard:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: str, value: bytes, kept_s: int = 0) -> None:  # noqa: ARG002 - a store's words
        """Keep the answer and drop the oldest that have no more room; `kept_s` means nothing here."""
        cost = cost_of(key, value)
        with self._guard:
            if cost * LARGEST_PART > self._most_bytes:
                return
            before = self._entries.pop(key, None)
            self._held_bytes -= 0 if before is None else cost_of(key, before)
            self._entries[key] = value
            self._held_bytes += cost
            while self._held_bytes > self._most_bytes:
                self._held_bytes -= cost_of(*self._entries.popitem(last=False))

    def close(self) -> None:
        """Forget everything."""
        with self._guard:
            self._entries.clear()
            self._held_bytes = 0


class Cache:
    """Answers by question; the same question asked twice at once is answered once."""

    def __init__(self, stores: tuple[Store, ...] = ()) -> None:
        self._stores = stores
        self._running: dict[str, Future[bytes]] = {}
        self._guard = threading.Lock()

    def answer(self, kind: Kind, generation_id: str, asked: Mapping[str, object], make: Make) -> bytes:
        """The kept answer, else that of `make`, which is then kept; raises what `make` raises, and keeps no error.

        `asked` says all that the answer depends on besides the generation; the order of its keys means nothing.
        """
        if not self._stores:
            return make()
        key = key_of(kind, generation_id, asked)
        found = self._stores[0].get(key)
        return found if found is not None else self._once(key, kind, make)

    def at_hand(self, kind: Kind, generation_id: str, asked: Mapping[str, object]) -> bytes | None:
        """The answer if this process has it: found at once, without asking a server."""
        if not self._stores or not isinstance(self._stores[0], Memory):
            return None
        return self._stores[0].get(key_of(kind, generation_id, asked))

    def _once(self, key: str, kind: Kind, make: Make) -> bytes:
        with self._guard:
            running = self._running.get(key)
            if running is None:
                own = self._running[key] = Future()
        if running is not None:
            return running.result()
        try:
            answer = self._found_or_made(key, kind, make)
        except BaseException as error:
            own.set_exception(error)
            raise
        else:
            own.set_result(answer)
            return answer
        finally:
            with self._guard:
                del self._running[key]

    def _found_or_made(self, key: str, kind: Kind, make: Make) -> bytes:
        missed: list[Store] = []
        answer: bytes | None = None
        for store in self._stores:
            answer = store.get(key)
            if answer is not None:
                break
            missed.append(store)
        if answer is None:
            answer = make()
        for store in missed:
            store.put(key, answer, kind.kept_s)
        return answer


@contextmanager
def open_cache(settings: Settings) -> Iterator[Cache]:
    """The cache that the settings ask for, open while the application runs; raises `SetupError` for a bad address."""
    memory: list[Store] = [Memory(settings.cache_max_bytes)] if settings.cache_max_bytes else []
    shared = open_shared(settings)
    code_version()
    stores = (*memory, shared) if shared else tuple(memory)
    try:
        yield Cache(stores)
    finally:
        for store in stores:
            store.close()


def key_of(kind: Kind, generation_id: str, asked: Mapping[str, object]) -> str:
    """A key that shows nothing of the question; other code, other generation, other question: another key."""
    content = json.dumps([code_version(), generation_id, asked], sort_keys=True, default=_plain)
    return PACKAGE + ":" + kind + ":" + blake2b(content.encode(), digest_size=KEY_BYTES).hexdigest()


def cost_of(key: str, value: bytes) -> int:
    """Bytes that an entry takes in memory, about."""
    return len(key) + len(value) + COST_OF_AN_ENTRY_BYTES


@cache
def code_version() -> str:
    """A hash of our code, since another release may answer the same question in other words."""
    digest = blake2b(digest_size=KEY_BYTES)
    for file in _code_in(files(PACKAGE)):
        digest.update(blake2b(file.read_bytes()).digest())
    return digest.hexdigest()


def _code_in(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _code_in(entry)
        elif entry.name.endswith(CODE):
            yield entry


def _plain(value: object) -> object:
    """What JSON has no word for; of a set the order means nothing."""
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return repr(value)
