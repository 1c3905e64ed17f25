"""A caller may what the scopes say, and nothing else."""

import pytest

from analytics_pipelines.http_kit.principals import Principal, Scope


@pytest.mark.parametrize(
    ("scopes", "scope", "may"),
    [
        pytest.param({"viewer", "analyst"}, Scope.ANALYST, True, id="a scope that the caller has"),
        pytest.param({"viewer", "analyst"}, Scope.ADMIN, False, id="a scope that the caller lacks"),
        pytest.param(set(), Scope.VIEWER, False, id="no scope at all"),
    ],
)
def test_a_caller_may_what_the_scopes_say(scopes, scope, may):
    assert Principal("name", scopes).may(scope) is may
