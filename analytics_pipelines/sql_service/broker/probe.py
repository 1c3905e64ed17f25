"""Whether queries are answered: a tiny one, run outside the queue by a worker at rest."""

import asyncio
import socket
import time
from contextlib import suppress
from dataclasses import dataclass

from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.broker.worker_process import WorkerProcess
from analytics_pipelines.sql_service.messages import Does, Done, Format, Job, Statement

PROBE = Job(
    query_id="probe",
    does=Does.QUERY,
    rights=Rights.ADMIN,
    statements=(Statement("SELECT 1"),),
    format=Format.JSON,
    row_limit=1,
    keeps_answer=False,
)
FRESH_S = 1.0
"""A verdict so young is told again, so that asking for health is no way to keep workers busy."""
LONGEST_S = 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the last probe went."""

    is_success: bool
    seconds: float
    at_s: float


class Probes:
    """Runs probes; while all workers are at work, the last verdict stands."""

    def __init__(self) -> None:
        self._running: dict[WorkerProcess, asyncio.Future[Done | None]] = {}
        self.last: Verdict | None = None

    @property
    def is_due(self) -> bool:
        """Whether the last verdict is old."""
        return not self._running and (self.last is None or time.monotonic() - self.last.at_s > FRESH_S)

    async def run(self, worker: WorkerProcess) -> None:
        """Probe a worker that is at rest; the verdict is `last`."""
        began_s = time.monotonic()
        ended: asyncio.Future[Done | None] = asyncio.get_running_loop().create_future()
        self._running[worker] = ended
        ours, theirs = socket.socketpair()
        done = None
        with ours, theirs, suppress(TimeoutError, OSError):
            ours.setblocking(False)
            theirs.setblocking(False)
            worker.give(PROBE, theirs)
            async with asyncio.timeout(LONGEST_S):
                done = await ended
        del self._running[worker]
        now = time.monotonic()
        self.last = Verdict(done is not None and done.error_class is None, now - began_s, now)
        if done is None:
            worker.kill()

    def heard(self, worker: WorkerProcess, done: Done | None) -> bool:
        """Whether the worker was being probed; None means that it died."""
        ended = self._running.get(worker)
        if ended is None:
            return False
        if not ended.done():
            ended.set_result(done)
        return True
