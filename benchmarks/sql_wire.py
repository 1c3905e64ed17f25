"""HTTP/1.1 of a few lines for the load on the SQL service: kept connections, answers with a length or in chunks."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.load import HEAD_END, HOST

QUERY_PATH = "/api/v1/duckdb/query"
LENGTH = b"content-length:"
CHUNKED = b"transfer-encoding: chunked"
LINE_END = b"\r\n"
BUFFER_BYTES = 2**22
OK = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body; raises `RuntimeError` of an answer that is no success."""
        if self.status != OK:
            raise RuntimeError(f"{self.status}: {self.body.decode(errors='replace')}")
        return json.loads(self.body)


class Connection:
    """One kept connection, with one request in flight."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader = reader
        self._writer = writer
        self._token = token

    @staticmethod
    async def to(port: int, token: str) -> "Connection":
        """A new one, whose requests carry the token."""
        return Connection(*await asyncio.open_connection(HOST, port, limit=BUFFER_BYTES), token)

    async def post(self, body: Mapping[str, Any], path: str = QUERY_PATH) -> Reply:
        """Send JSON and read the whole answer."""
        self.send(body, path)
        return await self.reply()

    def send(self, body: Mapping[str, Any], path: str = QUERY_PATH) -> None:
        """Send JSON; the answer is read by `reply`."""
        content = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)

    async def reply(self) -> Reply:
        """The answer to what was sent."""
        head = (await self._reader.readuntil(HEAD_END)).lower()
        status = int(head.split(b" ", 2)[1])
        if CHUNKED in head:
            return Reply(status, await self._chunks())
        at = head.find(LENGTH)
        length = int(head[at + len(LENGTH) : head.index(b"\r", at)]) if at >= 0 else 0
        return Reply(status, await self._reader.readexactly(length))

    def close(self) -> None:
        """Go away, also from what has not been answered."""
        self._writer.transport.abort()

    async def _chunks(self) -> bytes:
        parts = []
        while size := int(await self._reader.readuntil(LINE_END), 16):
            parts.append(await self._reader.readexactly(size))
            await self._reader.readexactly(len(LINE_END))
        await self._reader.readuntil(LINE_END)
        return b"".join(parts)
