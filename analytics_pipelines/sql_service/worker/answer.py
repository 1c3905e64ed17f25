"""One answer on its way: frames are gathered until they are worth a call; the broker is told before the first one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.sql_service.errors import told_of
from analytics_pipelines.sql_service.messages import HEADER, Format, Kind, frame_of
from analytics_pipelines.sql_service.worker.connection import Connection
from analytics_pipelines.sql_service.worker.stops import Running

GATHERED_BYTES = 2**16
LONGEST_PIECE_BYTES = 2**20
"""Of one frame: whoever reads holds it whole."""
MOST_KEPT_BYTES = 2**18

Column = tuple[str, str]
"""Name and DuckDB's type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the client knows before the rows."""

    query_id: str
    generation: str
    format: Format
    columns: Sequence[Column] = ()
    is_repeatable: bool = False


class Answer:
    """HEAD, DATA…, END or ERROR; `began` is called before the client sees the first byte."""

    def __init__(self, connection: Connection, running: Running, began: Callable[[], None]) -> None:
        self._connection = connection
        self._running = running
        self._began = began
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        self._kept: list[bytes] | None = []
        self._kept_bytes = 0

    @property
    def kept(self) -> bytes | None:
        """All that was sent; None of what is too long for the cache."""
        return None if self._kept is None else b"".join(self._kept)

    def head(self, told: Head) -> None:
        """Say what comes."""
        self._add(frame_of(Kind.HEAD, told))

    def data(self, part: bytes) -> None:
        """A part of the answer; raises `ClientGone`, `Stopped`."""
        for start in range(0, len(part), LONGEST_PIECE_BYTES):
            piece = part[start : start + LONGEST_PIECE_BYTES]
            self._add(HEADER.pack(Kind.DATA.value, len(piece)))
            self._add(piece)
            if self._gathered_bytes >= GATHERED_BYTES:
                self._send()

    def end(self, told: dict[str, Any]) -> None:
        """Say that it is whole; raises as `data` does."""
        self._add(frame_of(Kind.END, told))
        self._send()

    def fail(self, error: AnalyticsError) -> None:
        """Say that nothing more comes, as far as that can still be said; what was gathered is forgotten.

        Raises `ClientGone`, `Stopped`.
        """
        self._gathered, self._gathered_bytes, self._kept = [], 0, None
        if not self._connection.is_whole:
            return
        if not self._running.has_begun:
            self._running.begin_to_fail()
            self._began()
        self._connection.send([frame_of(Kind.ERROR, told_of(error))])

    def _add(self, content: bytes) -> None:
        self._gathered.append(content)
        self._gathered_bytes += len(content)

    def _send(self) -> None:
        if not self._running.has_begun:
            self._running.begin()
            self._began()
        self._keep()
        gathered, self._gathered, self._gathered_bytes = self._gathered, [], 0
        self._connection.send(gathered)

    def _keep(self) -> None:
        self._kept_bytes += self._gathered_bytes
        if self._kept_bytes > MOST_KEPT_BYTES:
            self._kept = None
        if self._kept is not None:
            self._kept += self._gathered
