"""Answers in Redis or Valkey, where all workers find them. Away, slow, full or wrong: then as if nothing were kept.

A server that does not answer is left alone for a while, then tried by one request; each outage is one warning in the
log. What comes back is taken only if it bears the hash of its key and content, so no wrong bytes become an answer.
"""

import threading
import time
import zlib
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool, parse_url
from redis.exceptions import ResponseError
from redis.retry import Retry

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.settings import Settings

TIMEOUT_S = 0.2
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
PACKED_FROM_BYTES = 16 * 1024
PACKING_LEVEL = 1
LARGEST_BYTES = 64 * 2**20
"""An answer that is longer is not kept, so a worker never unpacks more."""
HASH_BYTES = 16
AS_IT_IS, PACKED = b"=", b"z"

log = structlog.get_logger(__name__)


class BadCacheAddress(SetupError):
    """`REDIS_URL` is no address of Redis."""


class Breaker:
    """Whether to try something that failed before: not for a while, then once, then as always when that worked.

    The wait doubles up to `LONGEST_WAIT_S`. What failed is told in the log when it begins and when it is over.
    """

    def __init__(self, trouble: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._trouble = trouble
        self._clock = clock
        self._guard = threading.Lock()
        self._wait_s = 0.0
        self._closed_until = 0.0
        self._is_trying = False

    def allows(self) -> bool:
        """Whether to try now; of all that ask once the wait is over, one may."""
        if not self._wait_s:
            return True
        with self._guard:
            if self._clock() < self._closed_until:
                return False
            self._closed_until = self._clock() + max(self._wait_s, 2 * TIMEOUT_S)
            self._is_trying = True
            return True

    def failed(self, error: str) -> None:
        """Note a failure, by the kind of the error: its words may hold the server's address and password."""
        with self._guard:
            is_first = not self._wait_s
            if is_first or self._is_trying:
                self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S) or FIRST_WAIT_S
                self._closed_until = self._clock() + self._wait_s
                self._is_trying = False
        if is_first:
            log.warning("the cache " + self._trouble + "; answers are made anew", error=error)

    def worked(self) -> None:
        """Note a success; one that was under way when the trouble began does not end it."""
        if not self._is_trying:
            return
        with self._guard:
            is_over, self._is_trying = self._is_trying, False
            self._wait_s = 0.0 if is_over else self._wait_s
        if is_over:
            log.info("the cache works again")


class SharedCache:
    """A store in Redis or Valkey; nothing that goes wrong there is raised."""

    def __init__(self, pool: ConnectionPool, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = Redis(connection_pool=pool)
        self._pool = pool
        self._reach = Breaker("is away", clock)
        self._room = Breaker("takes nothing", clock)
        self._sense = Breaker("holds what is not ours", clock)

    def get(self, key: str) -> bytes | None:
        """The answer, if the server is there and has one that is whole."""
        if not self._reach.allows():
            return None
        try:
            found: Any = self._redis.get(key)
        except ResponseError as error:
            self._reach.worked()
            self._sense.failed(type(error).__name__)
            return None
        except Exception as error:  # noqa: BLE001 - whatever a server answers, the question is answered without it
            self._reach.failed(type(error).__name__)
            return None
        self._reach.worked()
        return None if found is None else self._checked(key, found)

    def put(self, key: str, value: bytes, kept_s: int) -> None:
        """Keep the answer for so long, if the server is there and has room."""
        if len(value) > LARGEST_BYTES or self._is_waiting():
            return
        try:
            self._redis.set(key, sealed(key, value), ex=kept_s)
        except ResponseError as error:
            self._room.failed(type(error).__name__)
        except Exception as error:  # noqa: BLE001 - as above: the answer is made already
            self._reach.failed(type(error).__name__)
        else:
            self._room.worked()

    def close(self) -> None:
        """Close the connections."""
        self._pool.disconnect()

    def _is_waiting(self) -> bool:
        return not (self._reach.allows() and self._room.allows())

    def _checked(self, key: str, found: Any) -> bytes | None:
        value = opened(key, found) if isinstance(found, bytes) else None
        if value is None:
            self._sense.failed("WrongContent")
        return value


def open_shared(settings: Settings) -> SharedCache | None:
    """The store that `REDIS_URL`, else `REDIS_HOST` and `REDIS_PORT` name; None where neither is asked for.

    It need not be there yet. Raises `BadCacheAddress`.
    """
    if settings.redis_url is not None:
        return SharedCache(pool_of(settings.redis_url.get_secret_value()))
    if settings.redis_enabled:
        return SharedCache(ConnectionPool(**_options({"host": settings.redis_host, "port": settings.redis_port})))
    return None


def pool_of(url: str) -> ConnectionPool:
    """Connections to `redis://`, `rediss://`, `unix://` or `valkey://`; none is opened before it is needed."""
    scheme, mark, rest = url.partition("://")
    try:
        pool = ConnectionPool(**_options(_parsed(scheme.replace("valkey", "redis", 1) + mark + rest)))
        pool.connection_class(**pool.connection_kwargs)  # connects to nothing, but refuses options that there are not
    except (TypeError, ValueError):
        raise BadCacheAddress(
            "REDIS_URL is no address of Redis.", remedy="Write it as redis://user:password@host:6379/0."
        ) from None
    return pool


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """Short waits and no second try, whatever the address says of the rest; no talk before the first question."""
    waits = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S}
    ours = {"decode_responses": False, "protocol": 2, "retry": Retry(NoBackoff(), 0), "driver_info": None}
    return waits | given | ours


def _parsed(url: str) -> dict[str, Any]:
    options: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call] # redis has no types for it
    return options


def sealed(key: str, value: bytes) -> bytes:
    """The answer as it is kept: how, a hash of key and content, the content, packed where it is long."""
    how, content = (
        (PACKED, zlib.compress(value, PACKING_LEVEL)) if len(value) >= PACKED_FROM_BYTES else (AS_IT_IS, value)
    )
    return how + _hash(key, how, content) + content


def opened(key: str, kept: bytes) -> bytes | None:
    """The answer that `sealed` kept under this key; None for anything else."""
    how, told, content = kept[:1], kept[1 : 1 + HASH_BYTES], kept[1 + HASH_BYTES :]
    if told != _hash(key, how, content):
        return None
    return zlib.decompress(content) if how == PACKED else content


def _hash(key: str, how: bytes, content: bytes) -> bytes:
    return blake2b(how + content, digest_size=HASH_BYTES, key=key.encode()[-64:]).digest()
