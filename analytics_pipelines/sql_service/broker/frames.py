"""Frames from bytes as they come."""

from collections.abc import Iterator

from analytics_pipelines.sql_service.messages import HEADER, MOST_FRAME_BYTES, Kind


class BrokenFrames(Exception):
    """The other side does not speak as it should."""


class FrameReader:
    """Collects bytes and gives the frames that are whole."""

    def __init__(self, most_bytes: int = MOST_FRAME_BYTES) -> None:
        self._kept = bytearray()
        self._most_bytes = most_bytes

    def feed(self, content: bytes) -> Iterator[tuple[Kind, bytes]]:
        """The frames that these bytes complete; raises `BrokenFrames`."""
        self._kept += content
        while len(self._kept) >= HEADER.size:
            mark, length = HEADER.unpack_from(self._kept)
            kind = _kind(mark)
            if length > self._most_bytes:
                raise BrokenFrames("a frame of " + str(length) + " bytes")
            end = HEADER.size + length
            if len(self._kept) < end:
                return
            whole = bytes(self._kept[HEADER.size : end])
            del self._kept[:end]
            yield kind, whole


def _kind(mark: bytes) -> Kind:
    try:
        return Kind(mark)
    except ValueError:
        raise BrokenFrames("a frame of no known kind") from None
