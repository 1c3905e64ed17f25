"""Typed errors: each says what happened, and where it helps the limit and the remedy.

Doors translate them: `http_kit.problems` into `application/problem+json`, the shell into one line and an
exit status. Rooms subclass the kind that fits (`class TooManyDays(LimitExceeded)`), never `AnalyticsError`
itself, so that one table maps every error to an HTTP status.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class AnalyticsError(Exception):
    """Root of all errors that we raise on purpose.

    `detail` is safe to show to a client: it holds no path, SQL or secret that the client did not send.
    `limit` is the bound that was passed, `remedy` what the reader can do about it.
    """

    title: ClassVar[str] = "The request failed"

    def __init__(self, detail: str, *, limit: str | None = None, remedy: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.limit = limit
        self.remedy = remedy

    @property
    def code(self) -> str:
        """Stable name of the error for programs, e.g. `TooManyDays`."""
        return type(self).__name__

    def __str__(self) -> str:
        parts = [self.detail, f"Limit: {self.limit}." if self.limit else "", self.remedy or ""]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class FaultAt:
    """One of several things that are wrong with an input."""

    pointer: str
    """Where, as a JSON pointer into what was sent."""
    code: str
    message: str


class BadInput(AnalyticsError):
    """What was given is malformed; the same request can never succeed."""

    title = "The input is not valid"

    def __init__(
        self, detail: str, *, limit: str | None = None, remedy: str | None = None, faults: Sequence[FaultAt] = ()
    ) -> None:
        super().__init__(detail, limit=limit, remedy=remedy)
        self.faults = tuple(faults)


class Unauthenticated(AnalyticsError):
    """No credential, or one that is unknown, expired or revoked."""

    title = "Who is calling is not known"


class Forbidden(AnalyticsError):
    """The caller is known and may not do this."""

    title = "The caller may not do this"


class NotFound(AnalyticsError):
    """The thing named does not exist, or not for this caller."""

    title = "Nothing found"


class Conflict(AnalyticsError):
    """Somebody else holds what is needed, or it is in another state than the request supposes."""

    title = "The state does not allow it"


class LimitExceeded(AnalyticsError):
    """More was asked for than one request may have."""

    title = "A limit was passed"


class TooManyRequests(AnalyticsError):
    """The caller has used up what one may ask for in a span of time."""

    title = "Too many requests"

    def __init__(
        self, detail: str, *, retry_after_s: int = 1, limit: str | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(detail, limit=limit, remedy=remedy)
        self.retry_after_s = retry_after_s


class TimedOut(AnalyticsError):
    """The work was stopped at its deadline."""

    title = "The time ran out"


class Unavailable(AnalyticsError):
    """Something that we depend on is away; trying again later can help."""

    title = "A part of the system is away"


class DiskFull(Unavailable):
    """The file system has no room left; nothing was half-written."""

    title = "The disk is full"


class CheckFailed(AnalyticsError):
    """Rows broke the promises of their table and were not published."""

    title = "The data breaks its table's rules"


class SetupError(AnalyticsError):
    """A setting or the machine does not allow the program to start."""

    title = "The program can not start like this"
