"""What the OpenAPI document says of tokens: which routes need one, of which scope, how to get it, and who is refused.

Without it clients made from the document send none, and `/docs` has no button to log in.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import AccountNeeded, MissingScope, MissingToken, UnknownToken, declared_scopes

TOKEN = "token"  # noqa: S105 - the name of a scheme
LOG_IN = "login"
REFUSALS = {
    str(status): told for status, told in documented(MissingToken, UnknownToken, MissingScope, AccountNeeded).items()
}
"""What a route that needs a token can answer besides its own, by status."""


def tell_security(app: FastAPI, routers: Iterable[APIRouter], log_in_path: str) -> None:
    """Make the document of the application say it for every route of these routers that asks for a scope."""
    schemes: dict[str, Any] = {
        TOKEN: {"type": "http", "scheme": "bearer", "description": "A service token, or what logging in gave."},
        LOG_IN: {"type": "oauth2", "flows": {"password": {"tokenUrl": log_in_path, "scopes": {}}}},
    }
    asking = [route for router in routers for route in router.routes if any(declared_scopes(route))]
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = make()
            components = document.setdefault("components", {})
            components["securitySchemes"], components["responses"] = schemes, REFUSALS
            for route in asking:
                _need_token(document, route)
        return make()

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to extend the document


def _need_token(document: dict[str, Any], route: object) -> None:
    if isinstance(route, APIRoute) and route.include_in_schema:
        scopes = [scope.value for scope in declared_scopes(route) if scope]
        for method in route.methods or ():
            told = document["paths"][route.path_format][method.lower()]
            told["security"] = [{TOKEN: scopes}, {LOG_IN: []}]
            for status, refusal in REFUSALS.items():
                _add_refusal(told["responses"], status, refusal["description"])


def _add_refusal(responses: dict[str, Any], status: str, description: str) -> None:
    """By reference, since the answer is the same on a hundred routes; a route's own of that status gets it added."""
    if status in responses:
        own = responses[status]["description"]
        added = [part for part in description.split("; ") if part not in own]
        responses[status]["description"] = "; ".join((own, *added))
    else:
        responses[status] = {"$ref": "#/components/responses/" + status}
