"""How a job comes to an end before its time, whichever thread learns of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from analytics_pipelines.sql_service.messages import StopReason


class Stopped(Exception):
    """The broker wants the job ended."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class ClientGone(Exception):
    """Whoever asked does not read any more."""


class Running:
    """The job at work: one thread runs it, another may stop it.

    `LATER` is for jobs of which the client has seen nothing, so the two agree here on which came first.
    """

    def __init__(self, query_id: str) -> None:
        self.query_id = query_id
        self._guard = threading.Lock()
        self._reason: StopReason | None = None
        self._has_begun = False
        self._interrupt: Callable[[], None] | None = None

    @property
    def is_stopping(self) -> bool:
        """Whether it is to end."""
        return self._reason is not None

    @property
    def has_begun(self) -> bool:
        """Whether the client may have seen something."""
        return self._has_begun

    def stop(self, reason: StopReason) -> None:
        """Have it end, which may take a while; of two reasons the one holds that is not `LATER`, else the first."""
        with self._guard:
            if reason is StopReason.LATER and self._has_begun:
                return
            if self._reason in {None, StopReason.LATER}:
                self._reason = reason
        self.interrupt()

    def interrupt(self) -> None:
        """Stop the statement at work; to be said again, since it is lost between two."""
        with self._guard:
            if self._reason is not None and self._interrupt is not None:
                self._interrupt()

    def check(self) -> None:
        """Raises `Stopped` once the job is to end."""
        if self._reason is not None:
            raise Stopped(self._reason)

    def begin(self) -> None:
        """The client is about to see something; raises `Stopped` if it is to see nothing any more."""
        with self._guard:
            if self._reason is not None:
                raise Stopped(self._reason)
            self._has_begun = True

    def begin_to_fail(self) -> None:
        """The client is about to see an error."""
        with self._guard:
            self._has_begun = True

    @contextmanager
    def stopping(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """`interrupt` stops what the body does; any error of a body that was stopped becomes `Stopped`."""
        with self._guard:
            self._interrupt = interrupt
        try:
            self.check()
            yield
        except Stopped:
            raise
        except Exception as error:
            if self._reason is not None:
                raise Stopped(self._reason) from error
            raise
        finally:
            with self._guard:
                self._interrupt = None
