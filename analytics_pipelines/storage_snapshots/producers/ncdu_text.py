"""Reads ncdu's JSON piece by piece: `[major, minor, {metadata}, [{folder}, {file}, [{folder}, …], …]]`.

Format: https://dev.yorhel.nl/ncdu/jsonfmt (1.0 of ncdu 1.9 up to 1.2 of ncdu 1.16 and 2.x). The text of a whole disk
is never in memory, and no depth is too deep. Names are bytes there: what is not UTF-8 comes as surrogate escapes.
"""

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from analytics_pipelines.foundation.errors import BadInput

CHUNK_BYTES = 1 << 20
LONGEST_OBJECT = 1 << 24
"""Characters; an object that does not end within them is taken for a broken file."""
BETWEEN = re.compile(r"[\s,]*")
MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
BINARY = b"\xbfncduEX1"
NOT_NCDU = "This is not an export of ncdu"
WRITE_IT = "Write it with `ncdu -o FILE DIRECTORY`."
MAJOR = 1


class NotAnExport(BadInput):
    """The file is not JSON as `ncdu -o` writes it, or ends too early."""


class Tokens:
    """Opening and closing brackets, and whole values, of a JSON text that is read as it is needed."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._decoded = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._value = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._is_over = False

    def next(self) -> Any:
        """`"["`, `"]"`, or a value that is no array; raises `NotAnExport` at the end of the text."""
        while True:
            between = BETWEEN.match(self._text, self._at)
            self._at = between.end() if between else self._at
            if self._at < len(self._text):
                break
            self._more()
        if self._text[self._at] in "[]":
            self._at += 1
            return self._text[self._at - 1]
        return self._object()

    def _object(self) -> Any:
        while True:
            try:
                value, end = self._value(self._text, self._at)
            except json.JSONDecodeError:
                if len(self._text) - self._at > LONGEST_OBJECT:
                    raise NotAnExport(NOT_NCDU + ": it is not JSON.", remedy=WRITE_IT) from None
                self._more()
                continue
            if end == len(self._text) and not self._is_over and not isinstance(value, dict):
                self._more_if_any()  # a number may go on in the next piece
                continue
            self._at = end
            return value

    def _more(self) -> None:
        if self._is_over:
            raise NotAnExport(NOT_NCDU + ": it ends too early, or is not JSON.", remedy=WRITE_IT)
        self._more_if_any()

    def _more_if_any(self) -> None:
        try:
            piece = self._source.read(CHUNK_BYTES)
        except (OSError, EOFError) as error:
            raise NotAnExport(NOT_NCDU + ": its compression is damaged.", remedy="Copy it again.") from error
        self._is_over = not piece
        self._text = self._text[self._at :] + self._decoded.decode(bytes(piece), self._is_over)
        self._at = 0


def opened(file: Path) -> IO[bytes]:
    """The text's bytes, unpacked where they are compressed with gzip or zstd; raises `NotAnExport`."""
    try:
        with file.open("rb") as head:
            magic = head.read(len(BINARY))
    except OSError as error:
        raise NotAnExport("The file can not be read: " + str(error.strerror) + ".", remedy=WRITE_IT) from None
    if magic == BINARY:
        raise NotAnExport("This is ncdu's binary format.", remedy="Convert it with `ncdu -f FILE -o NEW.json`.")
    compression = next((name for start, name in MAGIC.items() if magic.startswith(start)), None)
    source: IO[bytes] = pa.input_stream(str(file), compression=compression)
    return source


def head(tokens: Tokens) -> dict[str, Any]:
    """The export's metadata; afterwards the outermost folder is next."""
    start = [tokens.next() for _ in range(4)]
    is_head = start[0] == "[" and isinstance(start[1], int) and isinstance(start[2], int) and isinstance(start[3], dict)
    if not is_head:
        raise NotAnExport(NOT_NCDU + ".", remedy=WRITE_IT)
    if start[1] != MAJOR:
        raise NotAnExport(f"The export is of version {start[1]}.", limit=f"version {MAJOR}", remedy=WRITE_IT)
    return dict(start[3])


def infos(tokens: Tokens) -> Iterator[tuple[int, bool, dict[str, Any]]]:
    """Each entry's depth, whether it is a folder, and what is told of it; folders before what is in them."""
    depth = 0
    is_folder = False
    while True:
        token = tokens.next()
        if token == "[":  # noqa: S105 - a bracket
            if is_folder:
                raise NotAnExport(NOT_NCDU + ": a folder without its name.", remedy=WRITE_IT)
            is_folder = True
        elif token == "]":  # noqa: S105 - a bracket
            depth -= 1
            if is_folder or depth <= 0:
                break
        elif isinstance(token, dict) and isinstance(token.get("name"), str) and (depth or is_folder):
            yield depth, is_folder, token
            depth += is_folder
            is_folder = False
        else:
            raise NotAnExport(NOT_NCDU + ": an entry without a name.", remedy=WRITE_IT)
    if is_folder or depth:
        raise NotAnExport(NOT_NCDU + ": a folder without its name.", remedy=WRITE_IT)
