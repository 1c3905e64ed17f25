"""Scopes: which there are and what they include."""

import pytest

from analytics_pipelines.accounts.scopes import IMPLIED, UnknownScope, checked, implied_by
from analytics_pipelines.http_kit.principals import Scope


@pytest.mark.parametrize(
    ("held", "may"),
    [
        pytest.param({"viewer"}, {"viewer"}, id="a viewer reads"),
        pytest.param({"analyst"}, {"analyst", "viewer"}, id="an analyst is a viewer too"),
        pytest.param({"admin"}, {"admin", "analyst", "viewer", "product:write"}, id="an admin is all of them"),
        pytest.param({"product:write"}, {"product:write"}, id="who writes the product reads no figures"),
        pytest.param({"metrics:read"}, {"metrics:read"}, id="metrics include nothing"),
        pytest.param({"metrics:read", "viewer"}, {"metrics:read", "viewer"}, id="scopes add up"),
        pytest.param({"viewer", "retired"}, {"viewer"}, id="a scope that is no more opens nothing"),
        pytest.param(set(), set(), id="none is none"),
    ],
)
def test_a_scope_includes_the_lesser_ones(held, may):
    assert implied_by(held) == may


def test_scopes_are_kept_once_and_in_order():
    assert checked(["viewer", "admin", "viewer"]) == ["admin", "viewer"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        pytest.param(["root"], "'root'", id="unknown"),
        pytest.param(["viewer", "Admin"], "'Admin'", id="case matters"),
        pytest.param([], "needs a scope", id="none at all"),
    ],
)
def test_other_scopes_are_refused_by_name(asked, told):
    with pytest.raises(UnknownScope, match=told) as raised:
        checked(asked)
    assert "metrics:read" in raised.value.remedy


def test_every_scope_that_a_route_may_ask_for_can_be_given():
    assert set(IMPLIED) == {scope.value for scope in Scope}
