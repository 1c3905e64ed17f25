"""A body of any JSON, for routes that tell themselves what is wrong with it.

    @router.post("/validate", openapi_extra=json_of(schema))
    def validate(sent: JsonBody) -> Answer: ...

FastAPI's own reading of a body answers deep nesting and lone surrogates with 500.
"""

from typing import Annotated, Any

import orjson
from fastapi import Depends, Request

from analytics_pipelines.foundation.errors import BadInput


class BadJson(BadInput):
    """The body is no JSON."""


async def _json_body(request: Request) -> Any:
    """What was sent; NaN, lone surrogates and deeper nesting than 1,024 levels are no JSON here."""
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        found = "The body is no JSON: " + error.msg + ", at character " + str(error.pos) + "."
        raise BadJson(found, remedy="Send one JSON value in UTF-8.") from None


JsonBody = Annotated[Any, Depends(_json_body)]


def json_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The `openapi_extra=` of a route with such a body."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
