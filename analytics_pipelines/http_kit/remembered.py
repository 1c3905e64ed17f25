"""Callers whose token was just found good, so that thousands of requests a second need not look it up each time.

Only routes that say so use it. A token that is revoked, or whose account is shut out, may go on there for `FOR_S`
in each process of the API.
"""

import time
from collections.abc import Callable
from hashlib import sha256

from fastapi import FastAPI

from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.wiring import Slot

FOR_S = 1.0
MOST = 1000


class Remembered:
    """Callers by a hash of their token; used in one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: dict[bytes, tuple[float, Principal]] = {}

    def caller(self, token: str) -> Principal | None:
        """Whom the token named a moment ago; None when it was not seen, or not lately."""
        key = _key(token)
        until_s, found = self._found.get(key, (0.0, None))
        if found is not None and self._clock() >= until_s:
            del self._found[key]
            return None
        return found

    def remember(self, token: str, found: Principal) -> None:
        """Keep what was just found good."""
        if len(self._found) >= MOST:
            self._found.clear()
        self._found[_key(token)] = (self._clock() + FOR_S, found)


REMEMBERED: Slot[Remembered] = Slot("remembered_callers")


def remembered_in(app: FastAPI) -> Remembered:
    """The application's, made when it is first asked for."""
    found = REMEMBERED.at(app)
    if found is None:
        found = Remembered()
        REMEMBERED.fill(app, found)
    return found


def _key(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
