"""Gzip undone, counted while it grows so that a bomb never fills the memory."""

import gzip
import io
import zlib
from collections.abc import Iterator

from analytics_pipelines.datasets.uploads.disguises import GZIP
from analytics_pipelines.datasets.uploads.errors import BrokenArchive, TooLargeUnpacked
from analytics_pipelines.datasets.uploads.limits import UploadLimits

PIECE_BYTES = 2**20


def is_gzip(content: bytes) -> bool:
    """Whether it is an archive, by its first bytes."""
    return content.startswith(GZIP)


def unpacked(archive: bytes, limits: UploadLimits) -> bytes:
    """What is in the archive, all its members one after another.

    Raises `TooLargeUnpacked` past `unpacked_bytes` or `ratio`, `BrokenArchive` for one that is cut or damaged.
    """
    content = io.BytesIO()
    try:
        for piece in _pieces(archive):
            content.write(piece)
            _bounded(content.tell(), len(archive), limits)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BrokenArchive(
            "The gzip archive is broken after " + format(content.tell(), ",") + " unpacked bytes.",
            remedy="Pack it again, or send the table as it is.",
        ) from None
    return content.getvalue()


def _pieces(archive: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=io.BytesIO(archive)) as stream:
        while piece := stream.read(PIECE_BYTES):
            yield piece


def _bounded(size: int, packed: int, limits: UploadLimits) -> None:
    if size > limits.unpacked_bytes:
        raise TooLargeUnpacked(
            "The archive holds more than is read.", limit=format(limits.unpacked_bytes, ",") + " unpacked bytes"
        )
    if size > limits.ratio_from_bytes and size > packed * limits.ratio:
        raise TooLargeUnpacked(
            "The archive grows too much while it is unpacked.",
            limit=str(limits.ratio) + " times its packed size",
            remedy="Send the table as it is.",
        )
