"""Answers on their way from a worker to the client: bytes passed on, never parsed; one that breaks off is cut off."""

from collections.abc import AsyncIterator
from http import HTTPStatus

import orjson
import structlog
from fastapi import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.http_kit.conditional import etag_of, is_known
from analytics_pipelines.sql_service.allowance import allowance_of
from analytics_pipelines.sql_service.broker.result_cache import answer_key
from analytics_pipelines.sql_service.client import Answer
from analytics_pipelines.sql_service.errors import DuckDBResourceError
from analytics_pipelines.sql_service.messages import Ask, Does, Format
from analytics_pipelines.sql_service.routes.parts import unless_gone
from analytics_pipelines.sql_service.service import DuckDBService

MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.ARROW: "application/vnd.apache.arrow.stream",
    Format.CSV: "text/csv",
    Format.PARQUET: "application/vnd.apache.parquet",
}
ENDS = {Format.ARROW: "arrows", Format.CSV: "csv", Format.PARQUET: "parquet"}
GATHERED_BYTES = 2**20
"""Of a JSON answer before it is streamed: so far what goes wrong can still be told as an error."""

log = structlog.get_logger(__name__)


async def answered(request: Request, service: DuckDBService, ask: Ask) -> Response:
    """The answer to what is asked: whole when it is short JSON, else as a stream that ends only when it is complete.

    304 when the client has it. Raises what `BrokerClient.open` does; the query is cancelled when the client goes away.
    """
    opened = await unless_gone(request, _opened(service, ask))
    head = opened.answer.head
    headers = {"x-query-id": str(head["query_id"]), "x-generation": str(head["generation"])}
    if ask.does is Does.QUERY and head.get("is_repeatable"):
        tag = tag_of(ask, opened.most_rows, str(head["generation"]))
        headers |= tag_headers(tag)
        if is_known(request.headers.get("if-none-match", ""), tag):
            opened.answer.close()
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return opened.response(headers)


class Opened:
    """An answer of which the first bytes are there."""

    def __init__(self, answer: Answer, ask: Ask, most_rows: int) -> None:
        self.answer = answer
        self.most_rows = most_rows
        """That the caller may have."""
        self._ask = ask
        self._parts = answer.parts()
        self._gathered: list[bytes] = []

    async def gather(self) -> None:
        """Read so much that most errors have shown."""
        most_bytes = GATHERED_BYTES if self._ask.format is Format.JSON else 1
        gathered_bytes = 0
        async for part in self._parts:
            self._gathered.append(part)
            gathered_bytes += len(part)
            if gathered_bytes >= most_bytes:
                return

    def response(self, headers: dict[str, str]) -> Response:
        """All of it, or what has come and a stream of the rest; the connection is closed with it."""
        media_type = MEDIA_TYPES[self._ask.format]
        if self._ask.format is not Format.JSON:
            name = headers["x-query-id"] + "." + ENDS[self._ask.format]
            headers["content-disposition"] = 'attachment; filename="' + name + '"'
        elif self.answer.is_over:
            self.answer.close()
            content = b"".join([b"{", *self._gathered, b",", self.answer.end_json[1:]])
            return Response(content, headers=headers, media_type=media_type)
        return StreamOf(self.answer, self._all(), headers=headers, media_type=media_type)

    async def _all(self) -> AsyncIterator[bytes]:
        is_json = self._ask.format is Format.JSON
        yield (b"{" if is_json else b"") + b"".join(self._gathered)
        self._gathered.clear()
        async for part in self._parts:
            yield part
        if is_json:
            yield b"," + self.answer.end_json[1:]
        elif self.answer.end["truncated"] and (self._ask.limit or self.most_rows + 1) > self.most_rows:
            raise DuckDBResourceError("The answer has more rows than one may have.")


class StreamOf(StreamingResponse):
    """A stream of an answer; it takes the answer's connection with it."""

    def __init__(
        self, answer: Answer, content: AsyncIterator[bytes], *, headers: dict[str, str], media_type: str
    ) -> None:
        super().__init__(content, headers=headers, media_type=media_type)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; whoever goes away cancels the query."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._answer.close()

    async def stream_response(self, send: Send) -> None:
        """Without the last, empty part the server closes the connection, so that no client takes a piece for all."""
        try:
            await super().stream_response(send)
        except AnalyticsError as error:
            log.warning("an answer broke off", query_id=self._answer.head.get("query_id"), error=error.code)


def tag_of(ask: Ask, most_rows: int, generation: str) -> str:
    """What the rows of a query that repeats are known by."""
    (statement,) = ask.statements
    limit = min(ask.limit or most_rows, most_rows)
    key = answer_key(
        ask.caller.rights, statement.sql, statement.parameters, generation=generation, fmt=ask.format, limit=limit
    )
    return etag_of(key)


def tag_headers(tag: str) -> dict[str, str]:
    """A weak tag: the rows repeat, the query's id and time do not. What needs a token is the caller's own."""
    return {"etag": "W/" + tag, "cache-control": "private, no-cache", "vary": "Accept, Authorization"}


async def _opened(service: DuckDBService, ask: Ask) -> Opened:
    allowed = allowance_of(ask.caller.rights, service.settings)
    answer = await service.client.open(ask, within_s=service.patience_s(ask))
    try:
        is_json = ask.format is Format.JSON
        opened = Opened(answer, ask, allowed.most_rows if is_json else allowed.most_streamed_rows)
        await opened.gather()
    except BaseException:
        answer.close()
        raise
    return opened


def json_response(content: object, status: int = HTTPStatus.OK) -> Response:
    """What the broker told, as JSON."""
    return Response(orjson.dumps(content), status_code=status, media_type=MEDIA_TYPES[Format.JSON])
