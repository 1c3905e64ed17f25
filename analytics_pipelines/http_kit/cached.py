"""Answers from a generation that are made once: what a route gives is kept as finished JSON by question and generation.

    @router.get("/folders", response_model=Folder, dependencies=[requires(Scope.VIEWER)])
    def read_folder(lease: DuckLease, answers: Answers, path: PathParameter) -> Response:
        return answers.of(Kind.FOLDERS, lease, {"path": path}, lambda: breakdown(lease, path))

`asked` names everything that the answer depends on besides the generation and the code of `make`: parameters, and
settings such as a price. Nothing that is one caller's own may come this way. `DuckLease` sets the answer's ETag.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analytics_pipelines.foundation.cache import Cache, Kind
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.http_kit.wiring import Slot

CACHE: Slot[Cache] = Slot("cache")
"""Filled by the application; without it every answer is made anew."""
MEDIA_TYPE = "application/json"
OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


class CachedAnswers:
    """Answers questions from the cache, or makes the answers and keeps them."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def of(self, kind: Kind, lease: Lease, asked: Mapping[str, object], make: Callable[[], object]) -> Response:
        """The answer as `application/json`; raises what `make` raises, and keeps no error.

        `make` gives dataclasses, models, lists, days, times (naive ones are UTC), or finished JSON as bytes. Two
        functions never share an answer, be `asked` the same.
        """
        question = {"by": _name_of(make), **asked}
        content = self._cache.answer(kind, lease.id, question, lambda: finished(make()))
        return Response(content, media_type=MEDIA_TYPE)

    async def soon(self, kind: Kind, lease: Lease, asked: Mapping[str, object], make: Callable[[], object]) -> Response:
        """As `of`, for routes that are `async def`: what is at hand is answered without a change of threads."""
        content = self._cache.at_hand(kind, lease.id, {"by": _name_of(make), **asked})
        if content is not None:
            return Response(content, media_type=MEDIA_TYPE)
        return await run_in_threadpool(self.of, kind, lease, asked, make)

    def now(self, make: Callable[[], object]) -> Response:
        """As `soon`, of what takes less to make than to look up: no cache is asked, and no other thread."""
        return Response(finished(make()), media_type=MEDIA_TYPE)


def finished(answer: object) -> bytes:
    """The answer as JSON, unless it is that already."""
    return answer if isinstance(answer, bytes) else orjson.dumps(answer, default=_told, option=OPTIONS)


async def _answers(request: Request) -> CachedAnswers:
    return CachedAnswers(CACHE.at(request.app) or Cache())


Answers = Annotated[CachedAnswers, Depends(_answers)]
__all__ = ["CACHE", "Answers", "CachedAnswers", "Kind", "finished"]


def _name_of(make: Callable[[], object]) -> str:
    """Where the function stands in the code; of a partial, where its function stands."""
    inner = getattr(make, "func", make)
    return str(getattr(inner, "__module__", "")) + "." + str(getattr(inner, "__qualname__", type(inner).__qualname__))


def _told(value: object) -> Any:
    """What orjson has no word for."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__qualname__ + " has no JSON")
