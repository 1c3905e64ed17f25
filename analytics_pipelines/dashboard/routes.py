"""HTTP door of the home page."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from analytics_pipelines.dashboard.page import content_security_policy, home_page
from analytics_pipelines.dashboard.state import PlatformState, platform_state
from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.http_kit.depends import Parts
from analytics_pipelines.http_kit.scopes import Scope, caller_may, is_open, open_to_all
from analytics_pipelines.http_kit.wiring import DatabaseDoor

router = APIRouter(tags=["home"])
FRESH = {"cache-control": "no-store", "vary": "Accept, Authorization"}
LOCALHOST = "127.0.0.1"


@router.get(
    "/",
    dependencies=[open_to_all],
    response_model=PlatformState,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
def read_home(request: Request, parts: Parts, accept: Annotated[str, Header()] = "*/*") -> Response:
    """State of the platform: a page for browsers, JSON for who prefers it; figures for who may read."""
    up = is_up(parts.database)
    state = platform_state(
        parts.settings,
        parts.generations,
        is_database_up=up,
        # Tokens are in the database: while it is away nobody is known.
        is_readable=is_open(Scope.VIEWER, parts.settings) or (up and caller_may(request, Scope.VIEWER)),
        now=parts.clock(),
        host=request.url.hostname or LOCALHOST,
    )
    if prefers_json(accept):
        return JSONResponse(state.model_dump(mode="json"), headers=FRESH)
    return HTMLResponse(home_page(state), headers=FRESH | {"content-security-policy": content_security_policy()})


def prefers_json(accept: str) -> bool:
    """Whether JSON is asked for and HTML is not."""
    return "application/json" in accept and "text/html" not in accept


def is_up(database: DatabaseDoor) -> bool:
    """Whether the database answers."""
    try:
        with database().reading() as connection:
            connection.exec_driver_sql("SELECT 1")
    except AnalyticsError:
        return False
    return True
