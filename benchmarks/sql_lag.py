"""The API, which tells at `/lag` how late its event loop was: `uvicorn --factory benchmarks.sql_lag:create_app`.

A task asks to be woken every few milliseconds; what holds the loop, or keeps its process from a core, makes it late.
"""

import asyncio
import json
import time

from starlette.types import ASGIApp, Receive, Scope, Send

from analytics_pipelines.app import create_app as create_api

APP = "benchmarks.sql_lag:create_app"
PATH = "/lag"
EVERY_S = 0.005


class Watched:
    """An application on a watched loop."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._late_s: list[float] = []
        self._watch: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `/lag` with lateness since it was last asked, in milliseconds; hand on all else."""
        if self._watch is None:
            self._watch = asyncio.create_task(self._watched())
        if scope["type"] == "http" and scope["path"] == PATH:
            head = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": json.dumps(self._told()).encode()})
        else:
            await self._app(scope, receive, send)

    async def _watched(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(EVERY_S)
            self._late_s.append(max(0.0, time.perf_counter() - before - EVERY_S))

    def _told(self) -> dict[str, float]:
        ordered = sorted(self._late_s) or [0.0]
        self._late_s = []
        middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        return {"p50_ms": middle * 1000, "p99_ms": high * 1000, "most_ms": ordered[-1] * 1000}


def create_app() -> ASGIApp:
    """The API of these settings, watched."""
    return Watched(create_api())
