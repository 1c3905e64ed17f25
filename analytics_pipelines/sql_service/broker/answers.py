"""Answers that were kept: the worker's own frames, with what is new of each time."""

import orjson

from analytics_pipelines.sql_service.broker.frames import FrameReader
from analytics_pipelines.sql_service.messages import Kind, frame, frame_of


def answer_again(kept: bytes, query_id: str, seconds: float) -> bytes:
    """The frames of an answer for another query of the same words."""
    return b"".join(_again(kind, content, query_id, seconds) for kind, content in FrameReader().feed(kept))


def rows_of(kept: bytes) -> int:
    """Rows that the answer has."""
    ends = [content for kind, content in FrameReader().feed(kept) if kind is Kind.END]
    return int(orjson.loads(ends[-1])["row_count"]) if ends else 0


def _again(kind: Kind, content: bytes, query_id: str, seconds: float) -> bytes:
    if kind is Kind.HEAD:
        return frame_of(kind, {**orjson.loads(content), "query_id": query_id})
    if kind is Kind.END:
        new = {"query_id": query_id, "execution_time": seconds, "is_cached": True}
        return frame_of(kind, {**orjson.loads(content), **new})
    return frame(kind, content)
