"""The document says which routes need a token."""

from fastapi import APIRouter

from analytics_pipelines.http_kit.scopes import Scope, open_to_all, requires
from analytics_pipelines.http_kit.security import tell_security
from analytics_pipelines_tests.apps import small_app

router = APIRouter(prefix="/things")


@router.get("", dependencies=[open_to_all])
def read_things() -> list[int]:
    return []


@router.post("/{number}", dependencies=[requires(Scope.ADMIN)])
@router.delete("/{number}", dependencies=[requires(Scope.ADMIN)])
def change_thing(number: int) -> int:
    return number


def test_routes_that_ask_for_a_scope_need_a_token(settings):
    app = small_app(settings, router)
    tell_security(app, [router], "/log-in")
    document = app.openapi()
    assert document == app.openapi()
    things = document["paths"]
    assert "security" not in things["/things"]["get"]
    for method in ("post", "delete"):
        assert things["/things/{number}"][method]["security"] == [{"token": []}, {"login": []}]
    flows = document["components"]["securitySchemes"]["login"]["flows"]
    assert flows["password"]["tokenUrl"] == "/log-in"
