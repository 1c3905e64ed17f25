"""From an ask to its end: admitted, queued, given to a worker, stopped in time, counted."""

import asyncio
import socket
import time
from uuid import uuid4

import structlog

from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.sql_service.allowance import allowance_of
from analytics_pipelines.sql_service.broker.answers import answer_again, rows_of
from analytics_pipelines.sql_service.broker.breaker import CircuitBreaker
from analytics_pipelines.sql_service.broker.connection import HangUps, closed, sent
from analytics_pipelines.sql_service.broker.durations import Durations, fingerprint
from analytics_pipelines.sql_service.broker.frames import BrokenFrames
from analytics_pipelines.sql_service.broker.lanes import Lanes, Waiting
from analytics_pipelines.sql_service.broker.pool import Pool, nothing_published
from analytics_pipelines.sql_service.broker.probe import Probes
from analytics_pipelines.sql_service.broker.queries import Queries
from analytics_pipelines.sql_service.broker.query import LONG_BY_NATURE, Ended, Query, job_for, timeout_of
from analytics_pipelines.sql_service.broker.result_cache import ResultCache, answer_key
from analytics_pipelines.sql_service.broker.statistics import Statistics
from analytics_pipelines.sql_service.broker.worker_process import WorkerProcess
from analytics_pipelines.sql_service.broker.worker_words import done_from, kept_with
from analytics_pipelines.sql_service.errors import (
    ErrorClass,
    QueryCancelled,
    QueryFailed,
    QueryTimedOut,
    QueueFull,
    told_of,
)
from analytics_pipelines.sql_service.messages import Ask, Does, Done, Format, Kind, StopReason, frame_of
from analytics_pipelines.sql_service.sizes import Sizes

SLICE_S = 0.04
"""Time of a newcomer in the place for short queries."""
MOST_SLICES = 10
"""That it may have while no other waits for its place, or while the machine has hardly let it work."""
CROWDED_S = 2.0
"""Time that readers of long answers may take all places, while others wait."""
GRACE_S = 1.0
"""Between asking a worker to stop and killing it."""
FOR_GOOD = frozenset({StopReason.CANCELLED, StopReason.TIMEOUT})
log = structlog.get_logger(__name__)


class Dispatch:
    """All queries of the host; one loop, so that nothing happens at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        sizes = Sizes.of(settings)
        self.lanes = Lanes(sizes.long_places, sizes.slots, settings.sql_queue_size, self._loop.time)
        self.breaker = CircuitBreaker(settings.sql_breaker_failures, settings.sql_breaker_rest_s, time.monotonic)
        self.cache = ResultCache(settings.sql_cache_max_bytes)
        self.durations = Durations(SLICE_S)
        self.statistics = Statistics(time.monotonic)
        self.queries = Queries(now, self._loop.time)
        self.probes = Probes()
        self.hang_ups = HangUps(self._loop)
        self.pool = Pool(settings, heard=self._heard, changed=self._changed)
        self._all: dict[str, Query] = {}
        self._at_work: dict[WorkerProcess, Query] = {}
        self._generation_id: str | None = None
        self._room: asyncio.TimerHandle | None = None

    def submit(self, ask: Ask, connection: socket.socket, *, ended: Ended | None = None) -> Query | None:
        """Take a query on, or answer it from the cache (None); raises what keeps it out.

        The connection is closed at the end. `ended` is told how it went.
        """
        generation = self.pool.generation
        if generation is None:
            raise self.pool.trouble or nothing_published()
        words = "\n".join(each.sql for each in ask.statements)
        query = self._query(ask, words, connection, generation.id, ended)
        kept = self.cache.get(query.key) if query.key else None
        if kept is not None:
            self._answer_again(query, kept, words)
            return None
        if self.pool.total == 0 and self.pool.trouble is not None:
            raise self.pool.trouble
        self._admit(query)
        self._all[query.id] = query
        self.queries.asked(query.id, ask.caller, ask.does, words)
        self.hang_ups.watch(connection, lambda: self.stop(query, StopReason.CANCELLED))
        query.timers.append(self._loop.call_later(query.timeout_s, self.stop, query, StopReason.TIMEOUT))
        self._pump()
        return query

    def named(self, query_id: str) -> Query | None:
        """The query of that id, if it is not over."""
        return self._all.get(query_id)

    def stop(self, query: Query, reason: StopReason) -> None:
        """End a query: one that waits at once, one that runs by its worker, or without it after `GRACE_S`."""
        if query.is_over or query.stop_reason in FOR_GOOD:
            return
        query.stop_reason = reason
        if query.worker is None:
            self._stopped(query)
            return
        query.worker.stop(query.id, reason)
        query.timers.append(self._loop.call_later(GRACE_S, query.worker.kill))

    async def probe(self) -> None:
        """Have a worker at rest answer a tiny query, unless that was just done."""
        worker = self.pool.take() if self.probes.is_due else None
        if worker is not None:
            await self.probes.run(worker)
            self.pool.free(worker, is_spent=self.probes.last is None or not self.probes.last.is_success)

    def close(self) -> None:
        """End everything."""
        if self._room is not None:
            self._room.cancel()
        for query in list(self._all.values()):
            query.cancel_timers()
            query.connection.close()
        self.hang_ups.close()
        self.pool.close()

    def _query(self, ask: Ask, words: str, connection: socket.socket, generation_id: str, ended: Ended | None) -> Query:
        allowance = allowance_of(ask.caller.rights, self._settings)
        job = job_for(ask, ask.query_id or uuid4().hex, allowance, keeps_answer=ask.does is Does.QUERY)
        key = None
        if ask.does is Does.QUERY:
            key = answer_key(
                ask.caller.rights,
                words,
                ask.statements[0].parameters,
                generation=generation_id,
                fmt=ask.format,
                limit=job.row_limit,
            )
        return Query(
            job=job,
            caller=ask.caller,
            timeout_s=timeout_of(ask, allowance),
            connection=connection,
            fingerprint=fingerprint(ask.does.value + words),
            arrived_s=self._loop.time(),
            key=key,
            ended=ended,
        )

    def _answer_again(self, query: Query, kept: bytes, words: str) -> None:
        rows, seconds = rows_of(kept), self._loop.time() - query.arrived_s
        self.queries.asked(query.id, query.caller, query.job.does, words)
        self.queries.ended(query.id, None, rows, is_cached=True)
        self.statistics.ended(query.caller.name, None, seconds, rows, is_cached=True)
        self._later(query.connection, answer_again(kept, query.id, seconds))

    def _admit(self, query: Query) -> None:
        query.admitted = self.breaker.admit()
        allowance = allowance_of(query.caller.rights, self._settings)
        waiting = Waiting(
            query.id,
            query.caller.name,
            allowance.weight,
            allowance.most_queries,
            is_long=query.job.does in LONG_BY_NATURE or self.durations.is_long(query.fingerprint),
            is_stream=query.job.format is not Format.JSON,
        )
        try:
            self.lanes.offer(waiting)
        except (AnalyticsError, ValueError):
            self.breaker.ended(ErrorClass.CANCELLED, query.admitted)
            raise

    def _changed(self) -> None:
        """A worker has come to rest, or a newer generation answers."""
        generation = self.pool.generation
        if generation is not None and generation.id != self._generation_id:
            self._generation_id = generation.id
            self.cache.forget_but(generation.id)
            self.durations.new_generation(generation.id)
        self._pump()

    def _pump(self) -> None:
        """Begin what may begin."""
        while self.pool.available and (start := self.lanes.next()) is not None:
            self._begin(self._all[start.query_id], is_newcomer=not start.is_long)

    def _begin(self, query: Query, *, is_newcomer: bool) -> None:
        worker = self.pool.take()
        if worker is None:
            raise LookupError("no worker is at rest")
        self._at_work[worker] = query
        query.worker, query.stop_reason = worker, None
        query.started_s = self._loop.time()
        query.cancel_timers()
        query.timers.append(self._loop.call_later(query.timeout_s, self.stop, query, StopReason.TIMEOUT))
        if is_newcomer:
            query.slices, query.began_cpu_s = 0, worker.cpu_s()
            query.timers.append(self._loop.call_later(SLICE_S, self._outlived, query))
        self.queries.started(query.id, is_long=not is_newcomer)
        try:
            worker.give(query.job, query.connection)
        except OSError:
            worker.kill()

    def _outlived(self, query: Query) -> None:
        """A newcomer is no short query: it goes on as a long one, or makes room and begins again."""
        worker = query.worker
        if query.is_over or worker is None or query.stop_reason is not None:
            return
        if query.is_begun:
            self._writes_long(query)
            self.queries.lengthened(query.id)
        elif self.lanes.outlived(query.id):
            self.queries.lengthened(query.id)
        elif self._may_stay(query, worker):
            query.timers.append(self._loop.call_later(SLICE_S, self._outlived, query))
        else:
            query.stop_reason = StopReason.LATER
            worker.stop(query.id, StopReason.LATER)
            query.timers.append(self._loop.call_later(GRACE_S, worker.kill))
        self._pump()

    def _writes_long(self, query: Query) -> None:
        if not self.lanes.begun(query.id) and self._room is None:
            self._room = self._loop.call_later(CROWDED_S, self._make_room)

    def _may_stay(self, query: Query, worker: WorkerProcess) -> bool:
        """Whether a newcomer has another slice instead of waiting: it is in nobody's way, or has had none yet."""
        query.slices += 1
        is_in_the_way = self.lanes.waiting > self.lanes.waiting_long or self.lanes.running >= self.lanes.slots
        has_worked = worker.cpu_s() - query.began_cpu_s >= SLICE_S
        return query.slices < MOST_SLICES and not (is_in_the_way and has_worked)

    def _make_room(self) -> None:
        """Whoever reads slowly must not keep short queries waiting for good."""
        self._room = None
        crowding = self._all.get(self.lanes.crowded_by() or "")
        if crowding is not None and self.lanes.waiting:
            log.warning("a slow reader of an answer made room", query_id=crowding.id)
            self.stop(crowding, StopReason.CANCELLED)
        elif crowding is not None:
            self._room = self._loop.call_later(CROWDED_S, self._make_room)

    def _heard(self, worker: WorkerProcess, kind: Kind, content: bytes) -> None:
        done = done_from(content) if kind is Kind.DONE else None
        if kind in {Kind.DONE, Kind.ERROR} and self.probes.heard(worker, done):
            return
        query = self._at_work.get(worker)
        if query is None:
            return
        if kind is Kind.BEGAN:
            self._began(query)
        elif kind is Kind.KEEP:
            kept_with(query.kept, content)
        elif done is not None:
            self._done(worker, query, done)
        elif kind is Kind.ERROR:
            self._died(worker, query)

    def _began(self, query: Query) -> None:
        """A worker that writes does not hear that it is to make room, so it is not to be killed for that either."""
        query.is_begun = True
        if query.stop_reason is StopReason.LATER and query.started_s is not None:
            query.stop_reason = None
            query.cancel_timers()
            ends_s = query.started_s + query.timeout_s
            query.timers.append(self._loop.call_at(ends_s, self.stop, query, StopReason.TIMEOUT))
            self._outlived(query)

    def _done(self, worker: WorkerProcess, query: Query, done: Done) -> None:
        is_for_later = done.is_stopped_for == StopReason.LATER
        if done.query_id != query.id or (is_for_later and (query.stop_reason is None or query.is_begun)):
            raise BrokenFrames("an end of what was not asked for")
        del self._at_work[worker]
        query.worker = None
        if is_for_later and query.stop_reason is StopReason.LATER:
            self._again(query)
        elif is_for_later:
            self._stopped(query)
        else:
            self._end(query, done, worker=worker)
        self.pool.free(worker, is_spent=done.wants_rest)

    def _died(self, worker: WorkerProcess, query: Query) -> None:
        """Killed for us, or by what it ran; who asked is told, unless a part of the answer is on its way."""
        del self._at_work[worker]
        query.worker = None
        if query.stop_reason is StopReason.LATER and not query.is_begun:
            self._again(query)
        else:
            self._stopped(query)
        self._pump()

    def _stopped(self, query: Query) -> None:
        """Its worker says nothing to the client: not at all any more, or because it was to begin again."""
        error_class = _class_of(query.stop_reason) if query.stop_reason else ErrorClass.INTERNAL
        done = Done(query_id=query.id, error_class=error_class)
        self._end(query, done, error=None if query.is_begun else _error(error_class, query))

    def _again(self, query: Query) -> None:
        """Its time in the place for short queries is over; it waits for a long one."""
        query.cancel_timers()
        query.stop_reason = query.started_s = None
        query.kept.clear()
        self.durations.took_longer_than(query.fingerprint, SLICE_S, self._generation_id or "")
        self.queries.put_back(query.id)
        ends_s = query.arrived_s + query.timeout_s
        query.timers.append(self._loop.call_at(ends_s, self.stop, query, StopReason.TIMEOUT))
        try:
            self.lanes.put_back(query.id)
        except QueueFull as error:
            self._end(query, Done(query_id=query.id, error_class=ErrorClass.RESOURCE), error=error)

    def _end(
        self, query: Query, done: Done, *, worker: WorkerProcess | None = None, error: AnalyticsError | None = None
    ) -> None:
        """It is over: told by its `worker`, or to be told as `error`; without both its answer just breaks off."""
        query.is_over = True
        query.cancel_timers()
        self.hang_ups.forget(query.connection)
        del self._all[query.id]
        if not self.lanes.left(query.id):
            self.lanes.ended(query.id)
        error_class = ErrorClass(done.error_class) if done.error_class else None
        self._count(query, done, error_class)
        is_current = worker is not None and worker.generation_id == self._generation_id
        if is_current and error_class is None and query.key and query.kept and done.is_repeatable:
            self.cache.put(query.key, bytes(query.kept), self._generation_id or "")
        if query.ended is not None:
            query.ended(done, error, worker.spill_folder / done.file if worker and done.file else None)
        if error is None:
            closed(query.connection)
        else:
            self._later(query.connection, frame_of(Kind.ERROR, told_of(error)))

    def _count(self, query: Query, done: Done, error_class: ErrorClass | None) -> None:
        now_s = self._loop.time()
        has_run = query.started_s is not None
        self.breaker.ended(error_class if has_run else ErrorClass.CANCELLED, query.admitted)
        if error_class is None and query.job.does is not Does.SESSION:
            self.durations.took(query.fingerprint, done.engine_s, self._generation_id or "")
        self.statistics.ended(query.caller.name, error_class, now_s - query.arrived_s, done.rows)
        self.queries.ended(query.id, error_class, done.rows)

    def _later(self, connection: socket.socket, content: bytes) -> None:
        """Send what we answer ourselves without waiting for it."""
        task = self._loop.create_task(sent(connection, content))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _class_of(reason: StopReason) -> ErrorClass:
    return ErrorClass.TIMEOUT if reason is StopReason.TIMEOUT else ErrorClass.CANCELLED


def _error(error_class: ErrorClass, query: Query) -> AnalyticsError:
    """What a client is told whose query ended without its worker's word."""
    if error_class is ErrorClass.TIMEOUT:
        return QueryTimedOut(
            "The query took too long.",
            limit=format(query.timeout_s, "g") + " s",
            remedy="Ask for less, or send a larger timeout_s as far as your role allows.",
        )
    if error_class is ErrorClass.CANCELLED:
        return QueryCancelled("The query was cancelled.")
    return QueryFailed("The process that ran the query ended without an answer.", remedy="Try again in a moment.")
