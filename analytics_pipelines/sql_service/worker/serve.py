"""What a child of the zygote runs: set-up, cage, self-test, then job after job until it is ended."""

import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import orjson
import structlog

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.sql_service.errors import ErrorClass, Uncaged, class_of, told_of
from analytics_pipelines.sql_service.messages import Does, Done, Kind, StopReason, frame_of, setup_of
from analytics_pipelines.sql_service.worker.answer import Answer
from analytics_pipelines.sql_service.worker.batch import answer_batch
from analytics_pipelines.sql_service.worker.connection import Connection
from analytics_pipelines.sql_service.worker.control import BrokerGone, Control, Incoming, received
from analytics_pipelines.sql_service.worker.explain import answer_explain
from analytics_pipelines.sql_service.worker.export import answer_export
from analytics_pipelines.sql_service.worker.failures import bounded, failed, failure_of
from analytics_pipelines.sql_service.worker.opening import Opened, opened
from analytics_pipelines.sql_service.worker.query import answer_query
from analytics_pipelines.sql_service.worker.session import answer_session
from analytics_pipelines.sql_service.worker.stops import ClientGone, Stopped
from analytics_pipelines.sql_service.worker.task import Task

DO: dict[Does, Callable[[Task], None]] = {
    Does.QUERY: answer_query,
    Does.BATCH: answer_batch,
    Does.EXPLAIN: answer_explain,
    Does.SESSION: answer_session,
    Does.EXPORT: answer_export,
}
TIRES = frozenset({ErrorClass.RESOURCE, ErrorClass.INTERNAL})
"""After these the process is in a state that nobody knows."""
GROWTH_SHARE = 0.5
"""Of DuckDB's memory: a worker that holds so much more than at first is to be replaced."""


def serve(end: socket.socket) -> None:
    """Serve the broker at the other end until it goes; returns when the set-up fails, which is told as ERROR."""
    _log_to_errors()
    try:
        kind, content, _ = received(end)
    except BrokerGone:
        return
    try:
        worker = opened(setup_of(content)) if kind is Kind.SETUP else None
    except AnalyticsError as error:
        end.sendall(frame_of(Kind.ERROR, told_of(error)))
        return
    if worker is None:
        return
    control = Control(end)
    ready = {"pid": os.getpid(), "lacks": sorted(worker.lacks), "vm_bytes": worker.vm_bytes}
    end.sendall(frame_of(Kind.READY, ready))
    control.start()
    while True:
        do(worker, control, control.next())


def do(worker: Opened, control: Control, incoming: Incoming) -> None:
    """Do a job, and tell how it ended."""
    connection = Connection(incoming.end, incoming.running)
    task = Task(
        job=incoming.job,
        engine=worker.engine,
        plans=worker.plans,
        memory=worker.memory,
        running=incoming.running,
        connection=connection,
        answer=Answer(connection, incoming.running, control.began),
    )
    worker.memory.begin()
    try:
        done = _done(worker, task)
        kept = _kept(task) if done.error_class is None else None
    finally:
        connection.close()
    if kept is not None:
        control.keep(kept)
    control.done(done)


def _done(worker: Opened, task: Task) -> Done:
    try:
        DO[task.job.does](task)
    except Stopped as stop:
        if stop.reason is StopReason.LATER:
            return _told(worker, task, stopped_for=StopReason.LATER)
        return _told(worker, task, failure=_fail(task, stop))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the broker is told
        return _told(worker, task, failure=_fail(task, error))
    return _told(worker, task)


def _fail(task: Task, error: BaseException) -> AnalyticsError:
    """Tell the client, if it still listens."""
    sql = task.job.statements[0].sql if len(task.job.statements) == 1 else ""
    try:
        failure = bounded(failure_of(error, sql, task.counted.hidden), task.job.timeout_s)
    except Exception:  # noqa: BLE001 - there may be no memory left even for that
        failure = failed()
    with suppress(ClientGone, Stopped):
        task.answer.fail(failure)
    return failure


def _told(
    worker: Opened, task: Task, failure: AnalyticsError | None = None, stopped_for: StopReason | None = None
) -> Done:
    counted = task.counted
    error_class = class_of(failure) if failure is not None else None
    has_grown = worker.memory.resident_bytes - worker.resident_bytes > GROWTH_SHARE * worker.memory_bytes
    return Done(
        query_id=task.job.query_id,
        error_class=error_class,
        is_stopped_for=stopped_for,
        rows=counted.rows,
        sent_bytes=task.connection.sent_bytes,
        engine_s=round(counted.engine_s, 6),
        memory_bytes=worker.memory.taken_bytes(),
        is_repeatable=counted.is_repeatable,
        wants_rest=error_class in TIRES or isinstance(failure, Uncaged) or has_grown,
        file=counted.file,
        columns=counted.columns,
    )


def _kept(task: Task) -> bytes | None:
    is_wanted = task.job.keeps_answer and task.job.does is Does.QUERY and task.counted.is_repeatable
    return task.answer.kept if is_wanted else None


def _log_to_errors() -> None:
    """The zygote's children have nothing but their standard error."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="logged_at"),
            structlog.processors.JSONRenderer(serializer=lambda told, **_: orjson.dumps(told, default=str).decode()),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
