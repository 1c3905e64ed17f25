"""What the OpenAPI document says of tokens: which routes need one, and how to get it.

Without it clients made from the document send none, and `/docs` has no button to log in.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from analytics_pipelines.http_kit.scopes import declared_scopes

TOKEN = "token"  # noqa: S105 - the name of a scheme
LOG_IN = "login"


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
            document.setdefault("components", {})["securitySchemes"] = schemes
            for route in asking:
                _need_token(document, route)
        return make()

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to extend the document


def _need_token(document: dict[str, Any], route: object) -> None:
    if isinstance(route, APIRoute) and route.include_in_schema:
        for method in route.methods or ():
            document["paths"][route.path_format][method.lower()]["security"] = [{TOKEN: []}, {LOG_IN: []}]
