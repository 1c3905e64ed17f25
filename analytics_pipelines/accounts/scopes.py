"""Scopes that a token may carry, and which of them include others."""

from collections.abc import Iterable

from analytics_pipelines.foundation.errors import BadInput

IMPLIED: dict[str, frozenset[str]] = {
    "viewer": frozenset({"viewer"}),
    "analyst": frozenset({"viewer", "analyst"}),
    "admin": frozenset({"viewer", "analyst", "admin", "product:write"}),
    "metrics:read": frozenset({"metrics:read"}),
    "product:write": frozenset({"product:write"}),
}


class UnknownScope(BadInput):
    """A scope that no route asks for, or none at all."""


def checked(scopes: Iterable[str]) -> list[str]:
    """The scopes, each once, in order; raises `UnknownScope` for an unknown name and for no scope."""
    asked = sorted(set(scopes))
    unknown = [scope for scope in asked if scope not in IMPLIED]
    if asked and not unknown:
        return asked
    told = "There is no scope " + ", ".join(map(repr, unknown)) + "." if unknown else "A token needs a scope."
    raise UnknownScope(told, remedy="Scopes are " + ", ".join(IMPLIED) + ".")


def implied_by(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes and all that they include: admin includes product:write and analyst, analyst includes viewer."""
    return frozenset().union(*(IMPLIED[scope] for scope in scopes if scope in IMPLIED))
