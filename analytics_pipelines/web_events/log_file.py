"""A log file, plain or gzip, as numbered lines of bounded length."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from analytics_pipelines.foundation.errors import BadInput, NotFound
from analytics_pipelines.web_events.event import MOST_EVENT_BYTES

GZIP_MAGIC = b"\x1f\x8b"
Line = tuple[int, bytes]


class NoSuchLog(NotFound):
    """There is no file of that name."""


class UnreadableLog(BadInput):
    """The file is a folder, may not be read, or is a broken archive."""


@contextmanager
def opened_log(file: Path) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed when it is gzip. Raises `NoSuchLog` or `UnreadableLog`, while reading too."""
    try:
        with file.open("rb") as plain:
            is_gzip = plain.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            plain.seek(0)
            yield cast("BinaryIO", gzip.GzipFile(fileobj=plain)) if is_gzip else plain
    except FileNotFoundError:
        raise NoSuchLog("There is no log " + str(file) + ".", remedy="Check the path.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UnreadableLog(
            "The archive " + str(file) + " is broken; lines before the break may have been imported.",
            remedy="Import it again once it is whole: nothing is stored twice.",
        ) from None
    except OSError as error:
        raise UnreadableLog("The log " + str(file) + " can not be read: " + (error.strerror or "") + ".") from None


def numbered_lines(stream: BinaryIO) -> Iterator[Line]:
    """Lines from 1 on without their ends; blank ones are left out, and of a longer one comes a byte too much."""
    number = 0
    while line := stream.readline(MOST_EVENT_BYTES + 1):
        number += 1
        _skip_rest(stream, line)
        if line.strip():
            yield number, line.rstrip(b"\r\n")


def _skip_rest(stream: BinaryIO, line: bytes) -> None:
    while len(line) > MOST_EVENT_BYTES and not line.endswith(b"\n"):
        line = stream.readline(MOST_EVENT_BYTES + 1)
