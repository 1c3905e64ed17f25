"""How often one caller may do a thing: a route says which kind, the settings say how often.

    @router.post("/upload", dependencies=[requires(Scope.ANALYST), limited(UPLOADS)])

The window moves: within any hour no more than so many are let through, not within each hour of the clock. Workers
count together in Redis where there is one; while it is away each counts for itself, which lets more through but
nobody out. The headers on every answer are those of draft-ietf-httpapi-ratelimit-headers-03: `RateLimit-Limit`,
`-Remaining`, `-Reset` (seconds until one more is allowed than now) and `-Policy`.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeVar

import structlog
from fastapi import Depends, Request
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.connection import ConnectionPool
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics_pipelines.foundation.errors import TooManyRequests
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.shared_cache import pool_of
from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.wiring import Slot, wiring_of

HOUR_S = 3600
AWAY_S = 5.0
"""How long Redis is left alone after it did not answer."""
TIDIED_AFTER = 1000
HASH_BYTES = 16
STATE_KEY = "rate_limit"

T = TypeVar("T")
log = structlog.get_logger(__name__)


class LimitReached(TooManyRequests):
    """The caller has done this as often as is allowed for now; `Retry-After` says when again."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A thing that callers may do so often in so many seconds."""

    name: str
    most: Callable[[Settings], int]
    per_s: int = HOUR_S


UPLOADS = Kind("uploads", lambda settings: settings.upload_limit_per_hour)
EXECUTIONS = Kind("executions", lambda settings: settings.execution_limit_per_hour)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a caller has left of a limit."""

    is_allowed: bool
    most: int
    per_s: int
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """For the answer."""
        return {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
            "RateLimit-Policy": str(self.most) + ";w=" + str(self.per_s),
        }


class Limiter:
    """Counts what callers do, in Redis or in this worker's memory. Threads may share it."""

    def __init__(self, pool: ConnectionPool | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._clock = clock
        self._away_until: float | None = None
        self._shared = MovingWindowRateLimiter(RedisStorage("redis://", connection_pool=pool)) if pool else None
        self._memory = MemoryStorage()
        self._own = MovingWindowRateLimiter(self._memory)
        self._guard = threading.Lock()
        self._hits = 0

    def hit(self, name: str, key: str, most: int, per_s: int) -> Spent:
        """Count one more of `name` for `key` unless `most` within `per_s` seconds are counted already."""

        def counted(limiter: MovingWindowRateLimiter) -> Spent:
            item, place = RateLimitItemPerSecond(most, per_s), _place(name, key)
            is_allowed = limiter.hit(item, place)
            free_at, remaining = limiter.get_window_stats(item, place)
            reset_s = min(per_s, max(1, math.ceil(free_at - time.time()))) if remaining < most else 0
            return Spent(is_allowed, most, per_s, max(0, remaining), reset_s)

        return self._asked(counted)

    def attempt(self, name: str, key: str, most: int, per_s: int) -> None:
        """Count one more; raises `LimitReached` when `most` are counted already."""
        refuse(self.hit(name, key, most, per_s), name)

    def forget(self, name: str, key: str, most: int, per_s: int) -> None:
        """Begin anew for this key."""
        self._asked(lambda limiter: limiter.clear(RateLimitItemPerSecond(most, per_s), _place(name, key)))

    def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            self._pool.disconnect()

    def _asked(self, question: Callable[[MovingWindowRateLimiter], T]) -> T:
        if self._shared is not None and (self._away_until is None or self._clock() >= self._away_until):
            try:
                answer = question(self._shared)
            except Exception as error:  # noqa: BLE001 - whatever the server answers, the caller is counted here then
                self._is_away(type(error).__name__)
            else:
                self._is_back()
                return answer
        with self._guard:
            self._tidy()
            return question(self._own)

    def _is_away(self, error: str) -> None:
        """By the kind of the error: its words may hold the server's address and password."""
        if self._away_until is None:
            log.warning("Redis is away; each worker counts its own requests", error=error)
        self._away_until = self._clock() + AWAY_S

    def _is_back(self) -> None:
        if self._away_until is not None:
            self._away_until = None
            log.info("Redis counts requests again")

    def _tidy(self) -> None:
        """The library keeps an empty list for every key that it ever saw."""
        self._hits += 1
        if self._hits % TIDIED_AFTER == 0:
            for key in [key for key, events in list(self._memory.events.items()) if not events]:
                self._memory.clear(key)


LIMITER: Slot[Limiter] = Slot("limiter")
"""Filled by the application."""


def open_limiter(settings: Settings) -> Limiter:
    """The limiter that the settings ask for; Redis need not be there yet. Raises `BadCacheAddress`."""
    if settings.redis_url is not None:
        return Limiter(pool_of(settings.redis_url.get_secret_value()))
    if settings.redis_enabled:
        host = "[" + settings.redis_host + "]" if ":" in settings.redis_host else settings.redis_host
        return Limiter(pool_of("redis://" + host + ":" + str(settings.redis_port)))
    return Limiter()


def refuse(spent: Spent, name: str) -> None:
    """Raise `LimitReached` unless the caller was let through."""
    if not spent.is_allowed:
        raise LimitReached(
            "Too many " + name + ".",
            limit=str(spent.most) + " in " + str(spent.per_s) + " s",
            remedy="Wait " + str(spent.reset_s) + " s.",
            retry_after_s=spent.reset_s,
        )


@dataclass(frozen=True, slots=True)
class Limited:
    """Counts a caller of the route; comes after `requires`, which knows who is calling."""

    kind: Kind

    async def __call__(self, request: Request) -> None:
        """Raise `LimitReached` when the caller has done this as often as is allowed."""
        limiter = await LIMITER.of(request)
        most = self.kind.most(wiring_of(request).settings)
        spent = await run_in_threadpool(limiter.hit, self.kind.name, caller_of(request), most, self.kind.per_s)
        setattr(request.state, STATE_KEY, spent)
        refuse(spent, self.kind.name)


def limited(kind: Kind) -> Any:
    """A route dependency that lets each caller through so often."""
    return Depends(Limited(kind))


def caller_of(request: Request) -> str:
    """Whose requests are counted together: an account's, else a token's, else an address's."""
    principal: Principal | None = getattr(request.state, "principal", None)
    if principal is None:
        return "address " + (request.client.host if request.client else "")
    return "user " + principal.user_id if principal.user_id else "token " + principal.name


class RateLimitHeaders:
    """ASGI middleware: puts what the caller has left on every answer of a limited route, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers when the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and STATE_KEY in state:
                MutableHeaders(scope=message).update(state[STATE_KEY].headers())
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _place(name: str, key: str) -> str:
    """Keys may be addresses of people, and of any length."""
    return name + "/" + blake2b(key.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).hexdigest()
