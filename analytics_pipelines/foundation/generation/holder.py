"""The holder: keeps the generation in force open in a worker, and swaps it without dropping a request."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType

import structlog

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.generation.description import Generation
from analytics_pipelines.foundation.generation.lease import Lease, open_current, warm_up
from analytics_pipelines.foundation.generation.pointer import GenerationFolders
from analytics_pipelines.foundation.settings import Settings

POLL_S = 0.5
RETRY_AFTER_POLLS = 10

log = structlog.get_logger(__name__)


class NothingPublished(Unavailable):
    """No generation was published yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What this worker serves from, None before the first publication, and when it was put into force."""

    generation: Generation | None
    published_at: datetime | None


@dataclass(slots=True)
class _Held:
    """A lease and how many requests use it now."""

    lease: Lease
    users: int = 0


class Generations:
    """Watches the pointer and hands out leases; each request keeps the one it began with.

    A retired lease is closed by the watching thread once its last user has ended. `make_ready` is given each lease
    before it answers; if it fails, the lease answers without.
    """

    def __init__(self, settings: Settings, *, make_ready: Callable[[Lease], None] | None = None) -> None:
        self._settings = settings
        self._make_ready = make_ready
        self._folders = GenerationFolders.of(settings.home)
        self._guard = threading.Lock()
        self._current: _Held | None = None
        self._retired: list[_Held] = []
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._polls_to_wait = 0

    def __enter__(self) -> "Generations":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open the generation in force, then watch the pointer in the background."""
        self._stopping.clear()
        warm_up(self._settings)
        self.refresh()
        self._thread = threading.Thread(target=self._watch, name="generations", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching and close what nobody uses; requests that still run keep theirs until the process ends."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._guard:
            self._retire()
        self._close_unused()

    @property
    def current_id(self) -> str | None:
        """The id that new requests are answered from; None before the first publication."""
        held = self._current
        return held.lease.id if held else None

    @contextmanager
    def acquire(self) -> Iterator[Lease]:
        """The generation in force, kept for the whole `with`; raises `NothingPublished`."""
        with self._guard:
            held = self._current
            if held is None:
                raise NothingPublished(
                    "Nothing is published yet.", remedy="Materialize a table; publishing follows by itself."
                )
            held.users += 1
        try:
            yield held.lease
        finally:
            with self._guard:
                held.users -= 1

    def summary(self) -> Summary:
        """What new requests are answered from."""
        held = self._current
        if held is None:
            return Summary(generation=None, published_at=None)
        return Summary(generation=held.lease.generation, published_at=self._folders.published_at(held.lease.id))

    def refresh(self) -> None:
        """Swap to the generation that the pointer names; failures are logged and the old one kept."""
        try:
            if self._folders.current_id() not in (None, self.current_id):
                self._swap(open_current(self._folders, self._settings))
        except Exception:  # the worker must go on serving what it has
            log.exception("the published generation could not be opened")
            self._polls_to_wait = RETRY_AFTER_POLLS

    def _watch(self) -> None:
        while not self._stopping.wait(POLL_S):
            if self._polls_to_wait:
                self._polls_to_wait -= 1
            else:
                self.refresh()
            self._close_unused()

    def _swap(self, lease: Lease | None) -> None:
        if lease is None:
            return
        self._prepare(lease)
        with self._guard:
            self._retire()
            self._current = _Held(lease)
        log.info("serving a generation", generation_id=lease.id)

    def _prepare(self, lease: Lease) -> None:
        if self._make_ready is None:
            return
        try:
            self._make_ready(lease)
        except Exception:  # what is made ready only saves time
            log.exception("a generation could not be made ready", generation_id=lease.id)

    def _retire(self) -> None:
        if self._current is not None:
            self._retired.append(self._current)
            self._current = None

    def _close_unused(self) -> None:
        with self._guard:
            unused = [held for held in self._retired if not held.users]
            self._retired = [held for held in self._retired if held.users]
        for held in unused:
            held.lease.close()
