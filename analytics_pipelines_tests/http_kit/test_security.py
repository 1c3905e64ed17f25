"""The document says which routes need a token."""

from fastapi import APIRouter

from analytics_pipelines.foundation.errors import Forbidden
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import AccountNeeded, Scope, open_to_all, requires
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


class NotYours(Forbidden):
    """The thing is another's."""


@router.put("/{number}", dependencies=[requires(Scope.ADMIN)], responses=documented(NotYours, AccountNeeded))
def keep_thing(number: int) -> int:
    return number


def test_routes_that_ask_for_a_scope_need_a_token(settings):
    app = small_app(settings, router)
    tell_security(app, [router], "/log-in")
    document = app.openapi()
    assert document == app.openapi()
    things = document["paths"]
    assert "security" not in things["/things"]["get"]
    for method in ("post", "delete"):
        assert things["/things/{number}"][method]["security"] == [{"token": ["admin"]}, {"login": []}]
    flows = document["components"]["securitySchemes"]["login"]["flows"]
    assert flows["password"]["tokenUrl"] == "/log-in"


def test_who_is_refused_for_want_of_a_token_is_told_for_each_of_them(settings):
    app = small_app(settings, router)
    tell_security(app, [router], "/log-in")
    document = app.openapi()
    things = document["paths"]
    assert not things["/things"]["get"]["responses"].keys() & {"401", "403"}
    for status, code in (("401", "MissingToken"), ("403", "MissingScope")):
        assert things["/things/{number}"]["post"]["responses"][status] == {"$ref": "#/components/responses/" + status}
        assert code in document["components"]["responses"][status]["description"]
    own = things["/things/{number}"]["put"]["responses"]["403"]["description"]
    assert own.startswith("`NotYours`: The thing is another's.; `AccountNeeded`: ")
    assert ("`MissingScope`: " in own, own.count("`AccountNeeded`: ")) == (True, 1)
