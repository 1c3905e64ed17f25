"""One query on its way through the broker."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.sql_service.allowance import Allowance, Caller
from analytics_pipelines.sql_service.broker.worker_process import WorkerProcess
from analytics_pipelines.sql_service.messages import Ask, Does, Done, Format, Job, StopReason

LONG_BY_NATURE = frozenset({Does.SESSION, Does.EXPORT})
"""Of these nobody expects an answer at once, so that they never take the place kept for short queries."""
Ended = Callable[[Done, AnalyticsError | None, Path | None], None]
"""How it ended, what the client was not told yet, and the file that an export has made."""


@dataclass(eq=False, slots=True, kw_only=True)
class Query:
    """What was asked, whom the answer goes to, and how far it is."""

    job: Job
    caller: Caller
    timeout_s: float
    connection: socket.socket
    fingerprint: bytes
    arrived_s: float
    """By the loop's clock, as all its times."""
    key: str | None = None
    """Under which its answer may be cached."""
    ended: Ended | None = None
    worker: WorkerProcess | None = None
    started_s: float | None = None
    slices: int = 0
    """That it has had in the place for newcomers."""
    began_cpu_s: float = 0.0
    """Processor time that its worker had taken before."""
    admitted: int = 0
    """What the breaker knows it by."""
    stop_reason: StopReason | None = None
    is_begun: bool = False
    """Bytes of the answer are on their way."""
    is_over: bool = False
    kept: bytearray = field(default_factory=bytearray)
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its name in all messages."""
        return self.job.query_id

    def cancel_timers(self) -> None:
        """Nothing is to happen to it by time any more."""
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()


def most_rows(ask: Ask, allowance: Allowance) -> int:
    """What was asked for, as far as the caller may have it."""
    most = allowance.most_rows if ask.format is Format.JSON else allowance.most_streamed_rows
    return most if ask.limit is None else max(0, min(ask.limit, most))


def timeout_of(ask: Ask, allowance: Allowance) -> float:
    """What was asked for, as far as the caller may have it, in seconds."""
    is_export = ask.does is Does.EXPORT
    usual_s = allowance.export_timeout_s if is_export else allowance.timeout_s
    longest_s = allowance.export_timeout_s if is_export else allowance.longest_timeout_s
    return usual_s if ask.timeout_s is None else min(ask.timeout_s, longest_s)


def job_for(ask: Ask, query_id: str, allowance: Allowance, *, keeps_answer: bool) -> Job:
    """The job that the ask is for a worker."""
    return Job(
        query_id=query_id,
        does=ask.does,
        rights=ask.caller.rights,
        statements=ask.statements,
        format=ask.format,
        row_limit=most_rows(ask, allowance),
        keeps_answer=keeps_answer,
        timeout_s=timeout_of(ask, allowance),
        uses_transaction=ask.uses_transaction,
        is_analyzed=ask.is_analyzed,
    )
