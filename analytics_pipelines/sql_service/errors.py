"""What can become of a query: errors under the names that Python callers of the older service catch, and their classes.

An error crosses processes as JSON (`told_of`, `error_of`); only the errors of this file are made of it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from analytics_pipelines.foundation.errors import (
    AnalyticsError,
    BadInput,
    Conflict,
    FaultAt,
    LimitExceeded,
    NotFound,
    TimedOut,
    TooManyRequests,
    Unavailable,
)


class ErrorClass(StrEnum):
    """Whose fault it is; the breaker counts those of `FEEDS_BREAKER` alone."""

    QUERY = "query"
    CONNECTION = "connection"
    RESOURCE = "resource"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


FEEDS_BREAKER = frozenset({ErrorClass.CONNECTION, ErrorClass.RESOURCE, ErrorClass.TIMEOUT, ErrorClass.INTERNAL})


class DuckDBException(Exception):
    """Whatever the SQL service raises on purpose."""

    error_class: ClassVar[ErrorClass] = ErrorClass.INTERNAL


class DuckDBQueryError(DuckDBException, BadInput):
    """The SQL is wrong, or fails on the data: a mistake of whoever wrote it."""

    title = "The query is not valid"
    error_class = ErrorClass.QUERY


class QueryRefused(DuckDBQueryError):
    """The SQL is none that may run here: it names a function, a table or a kind of statement that is not allowed."""

    title = "The query may not run here"


class QueryNotFound(DuckDBException, NotFound):
    """No query of that id runs, or not for this caller."""

    error_class = ErrorClass.QUERY


class DuckDBConnectionError(DuckDBException, Unavailable):
    """The SQL service, or a file that it reads, is away."""

    error_class = ErrorClass.CONNECTION


class DuckDBResourceError(DuckDBException, LimitExceeded):
    """The query needed more memory or disk than it may take."""

    error_class = ErrorClass.RESOURCE


class QueryTimedOut(DuckDBException, TimedOut):
    """The query was stopped at its deadline."""

    error_class = ErrorClass.TIMEOUT


class QueryCancelled(DuckDBException, Conflict):
    """The query was cancelled, or whoever asked has gone away."""

    error_class = ErrorClass.CANCELLED


class RestsAWhile(DuckDBException, Unavailable):
    """Nothing can be taken on just now; `retry_after_s` is when it may be asked for again."""

    def __init__(
        self, detail: str, *, retry_after_s: int = 1, limit: str | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(detail, limit=limit, remedy=remedy)
        self.retry_after_s = retry_after_s


class QueueFull(RestsAWhile):
    """As many queries wait as may."""

    error_class = ErrorClass.RESOURCE


class TooManyQueries(DuckDBException, TooManyRequests):
    """The caller has as many queries running and waiting as one may."""

    error_class = ErrorClass.RESOURCE


class CircuitBreakerOpenException(RestsAWhile):
    """Too many queries failed for reasons that are the service's own, so it rests."""

    error_class = ErrorClass.CONNECTION


class Uncaged(DuckDBException, Unavailable):
    """The machine lacks a part of the cage, or an attack of the self-test succeeded, so no SQL is run."""

    error_class = ErrorClass.CONNECTION


class QueryFailed(DuckDBException, Unavailable):
    """The process that ran the query ended without an answer, or the engine made a mistake."""

    error_class = ErrorClass.INTERNAL


KINDS: Mapping[str, type[AnalyticsError]] = {
    kind.__name__: kind
    for kind in (
        DuckDBQueryError,
        QueryRefused,
        QueryNotFound,
        DuckDBConnectionError,
        DuckDBResourceError,
        QueryTimedOut,
        QueryCancelled,
        QueueFull,
        TooManyQueries,
        CircuitBreakerOpenException,
        Uncaged,
        QueryFailed,
    )
}


def class_of(error: BaseException) -> ErrorClass:
    """Whose fault an error is; of what nobody expected, ours."""
    return error.error_class if isinstance(error, DuckDBException) else ErrorClass.INTERNAL


def told_of(error: AnalyticsError) -> dict[str, Any]:
    """The error as JSON."""
    faults = error.faults if isinstance(error, BadInput) else ()
    return {
        "code": type(error).__name__,
        "detail": error.detail,
        "limit": error.limit,
        "remedy": error.remedy,
        "retry_after_s": getattr(error, "retry_after_s", None),
        "faults": [{"pointer": each.pointer, "code": each.code, "message": each.message} for each in faults],
    }


def error_of(told: Mapping[str, Any]) -> AnalyticsError:
    """The error that `told_of` told; one of another kind is `QueryFailed`."""
    kind = KINDS.get(str(told.get("code")), QueryFailed)
    more: dict[str, Any] = {}
    if told.get("retry_after_s") is not None and issubclass(kind, RestsAWhile | TooManyQueries):
        more["retry_after_s"] = int(told["retry_after_s"])
    if issubclass(kind, BadInput):
        more["faults"] = [
            FaultAt(pointer=str(each["pointer"]), code=str(each["code"]), message=str(each["message"]))
            for each in told.get("faults") or ()
        ]
    return kind(str(told.get("detail", "")), limit=_text(told, "limit"), remedy=_text(told, "remedy"), **more)


def _text(told: Mapping[str, Any], name: str) -> str | None:
    value = told.get(name)
    return None if value is None else str(value)
