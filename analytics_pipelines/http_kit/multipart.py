"""One uploaded file out of a `multipart/form-data` body (RFC 7578), streamed to a file of our own.

    received = await receive_file(request, folder=staging, most_bytes=settings.max_upload_size, fields=("keep",))

FastAPI's `UploadFile` would read the whole body before the route's dependencies know who is calling. Here nothing is
read before the route asks for it, reading stops at the first byte too many, and what was written is gone again
whenever no file is given back.
"""

import asyncio
import os
import unicodedata
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from analytics_pipelines.foundation.errors import BadInput, LimitExceeded
from analytics_pipelines.foundation.files import disk_errors

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_PARTS = 16
MOST_HEADERS = 8
MOST_HEADER_BYTES = 4096
MOST_FIELD_BYTES = 1024
MOST_NAME_BYTES = 255
MOST_TYPE_CHARACTERS = 127
MOST_DIGITS = 18
OVERHEAD_BYTES = 2**17
"""What a body may hold beside the file: boundaries, headers, small fields."""
STALL_S = 30.0
"""Longest silence of a client that is not done."""
UNNAMED = "unnamed"
ANY_TYPE = "application/octet-stream"
PLAIN = frozenset({"", "7bit", "8bit", "binary"})
PRIVATE = 0o600


class NotMultipart(BadInput):
    """The body is no `multipart/form-data`, or a broken one."""


class FileMissing(BadInput):
    """The body has no file in the field where it belongs."""


class EmptyUpload(BadInput):
    """The file has no bytes."""


class UploadCutOff(BadInput):
    """The client went away or fell silent before the end of the body."""


class TooManyParts(LimitExceeded):
    """The body has more files or fields than belong to one upload."""


class FieldTooLong(LimitExceeded):
    """A field beside the file is longer than any that we ask for."""


class UploadTooLarge(LimitExceeded):
    """The file is larger than an upload may be."""


RECEIVING_ERRORS = (NotMultipart, FileMissing, TooManyParts, FieldTooLong, EmptyUpload, UploadCutOff, UploadTooLarge)
"""What `receive_file` raises because of whoever sends."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that was received whole; whoever has it moves or removes it."""

    path: Path
    filename: str
    """What the client called it: to be shown, never a path."""
    content_type: str
    """What the client says that it is."""
    size_bytes: int
    fields: Mapping[str, str]

    def remove(self) -> None:
        """Remove it, if it is still there."""
        self.path.unlink(missing_ok=True)


async def receive_file(
    request: Request, *, field: str = "file", folder: Path, most_bytes: int, fields: Collection[str] = ()
) -> ReceivedFile:
    """The file of the part `field`, as a file of ours in `folder`, and those of the text `fields` that were sent.

    Raises `NotMultipart`, `FileMissing`, `EmptyUpload`, `TooManyParts`, `FieldTooLong`, `UploadTooLarge`,
    `UploadCutOff`, `DiskFull`; nothing stays in the folder then.
    """
    boundary = _boundary(request)
    _refuse_early(request, most_bytes)
    form = _Form(field, fields, folder, most_bytes)
    try:
        parser = MultipartParser(
            boundary, form.callbacks(), max_header_count=MOST_HEADERS, max_header_size=MOST_HEADER_BYTES
        )
        async for chunk in _chunks(request, most_bytes):
            await run_in_threadpool(_take, parser, chunk)
        return form.received()
    except FormParserError as error:
        form.discard()
        raise NotMultipart("The body is not well-formed: " + str(error) + ".") from None
    except BaseException:
        form.discard()
        raise
    finally:
        form.close()


def shown_name(given: str) -> str:
    """A file's name as it may be shown: its last segment, no control or invisible characters, at most 255 bytes."""
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    kept = "".join(each for each in last if unicodedata.category(each)[0] != "C").strip()
    cut = kept.encode("utf-8")[:MOST_NAME_BYTES].decode("utf-8", "ignore")
    return UNNAMED if cut.strip(". ") == "" else cut


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise NotMultipart(
            "The body is no multipart/form-data with a boundary.",
            remedy="Send the file as a form does: curl -F file=@…",
        )
    return boundary


def _refuse_early(request: Request, most_bytes: int) -> None:
    """A client that says how much it will send need not send it; more digits than these need not be read."""
    told = request.headers.get("content-length", "")[:MOST_DIGITS]
    if told.isdecimal() and int(told) > most_bytes + OVERHEAD_BYTES:
        raise too_large(most_bytes)


async def _chunks(request: Request, most_bytes: int) -> AsyncIterator[bytes]:
    """The body as it comes, as long as it may be one and the client speaks."""
    received = 0
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(STALL_S):
                chunk = await anext(stream, None)
        except (ClientDisconnect, TimeoutError):
            raise UploadCutOff("The upload broke off.", remedy="Send it again.") from None
        if chunk is None:
            return
        received += len(chunk)
        if received > most_bytes + OVERHEAD_BYTES:
            raise too_large(most_bytes)
        yield chunk


def _take(parser: MultipartParser, chunk: bytes) -> None:
    with disk_errors():
        parser.write(chunk)


def too_large(most_bytes: int) -> UploadTooLarge:
    """The error for more than may be uploaded."""
    return UploadTooLarge("The upload is too large.", limit=str(most_bytes) + " bytes", remedy="Split it, or pack it.")


class _Form:
    """Takes the parser's words: headers of a part, then its bytes; only the file's go to the disk."""

    def __init__(self, field: str, fields: Collection[str], folder: Path, most_bytes: int) -> None:
        self._field = field
        self._wanted = frozenset(fields)
        self._path = folder / (uuid4().hex + ".upload")
        self._most_bytes = most_bytes
        self._descriptor: int | None = None
        self._filename: str | None = None
        self._content_type = ANY_TYPE
        self._size_bytes = 0
        self._values: dict[str, bytes] = {}
        self._parts = 0
        self._is_whole = False
        self._headers: dict[str, str] = {}
        self._header = (b"", b"")
        self._name = ""
        self._is_file = False

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._spell(data[start:end], b""),
            "on_header_value": lambda data, start, end: self._spell(b"", data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": lambda data, start, end: self._write(data[start:end]),
            "on_end": self._end,
        }

    def received(self) -> ReceivedFile:
        """What came, once all has."""
        if not self._is_whole:
            raise NotMultipart("The body ends before its last boundary.")
        if self._filename is None:
            remedy = "Send the file in the field " + self._field + ", with a file name."
            raise FileMissing("There is no file in the field " + self._field + ".", remedy=remedy)
        if not self._size_bytes:
            raise EmptyUpload("The file is empty.")
        values = {name: value.decode("utf-8", "replace") for name, value in self._values.items()}
        return ReceivedFile(self._path, self._filename, self._content_type, self._size_bytes, values)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def discard(self) -> None:
        """Remove what was written."""
        self._path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise TooManyParts("The body has too many parts.", limit=str(MOST_PARTS) + " parts")
        self._headers = {}
        self._header = (b"", b"")

    def _spell(self, name: bytes, value: bytes) -> None:
        self._header = (self._header[0] + name, self._header[1] + value)

    def _end_header(self) -> None:
        name, value = self._header
        self._headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1").strip())
        self._header = (b"", b"")

    def _open(self) -> None:
        """The headers of a part are complete."""
        kind, options = parse_options_header(self._headers.get("content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise NotMultipart("A part of the body does not say which field it is.")
        self._name = _text(options[b"name"])
        self._is_file = b"filename" in options
        if self._is_file:
            self._open_file(_text(options[b"filename"]))
        elif self._name in self._values:
            raise TooManyParts("The field " + shown_name(self._name) + " is sent twice.")
        elif self._name in self._wanted:
            self._values[self._name] = b""

    def _open_file(self, filename: str) -> None:
        if self._filename is not None or self._name != self._field:
            raise TooManyParts("One file is sent at a time, in the field " + self._field + ".", limit="1 file")
        if self._headers.get("content-transfer-encoding", "").lower() not in PLAIN:
            raise NotMultipart("The file is encoded for mail.", remedy="Send its bytes as they are.")
        self._filename = shown_name(filename)
        told = self._headers.get("content-type", "")
        self._content_type = told if told.isascii() and 0 < len(told) <= MOST_TYPE_CHARACTERS else ANY_TYPE
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE)

    def _write(self, content: bytes) -> None:
        if self._is_file:
            self._write_file(content)
        elif self._name in self._values:
            value = self._values[self._name] + content
            if len(value) > MOST_FIELD_BYTES:
                bound = str(MOST_FIELD_BYTES) + " bytes"
                raise FieldTooLong("The field " + shown_name(self._name) + " is too long.", limit=bound)
            self._values[self._name] = value

    def _write_file(self, content: bytes) -> None:
        self._size_bytes += len(content)
        if self._size_bytes > self._most_bytes:
            raise too_large(self._most_bytes)
        left = memoryview(content)
        while left and self._descriptor is not None:
            left = left[os.write(self._descriptor, left) :]

    def _end(self) -> None:
        self._is_whole = True


def _text(value: bytes) -> str:
    """Browsers send UTF-8, whatever older clients do."""
    with suppress(UnicodeDecodeError):
        return value.decode("utf-8")
    return value.decode("latin-1")
