"""Who is calling, and what the caller may do."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Scope(StrEnum):
    """What a route may ask of its caller; `accounts` knows which of them include others."""

    METRICS_READ = "metrics:read"
    PRODUCT_WRITE = "product:write"
    """Write the product's rows: those of the user for whom the token speaks; who may `admin` writes all."""
    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose credential was checked, and all that the caller may do, included scopes too."""

    name: str
    scopes: AbstractSet[str]
    subject: str | None = None
    """E-mail of the product's user for whom the caller speaks."""

    def may(self, scope: Scope) -> bool:
        """Whether a route that asks for the scope is open to this caller."""
        return scope.value in self.scopes


class Verifier(Protocol):
    """Checks a bearer token; `app` hands in one that `accounts` stands behind."""

    def __call__(self, token: str) -> Principal | None:
        """Whom the token names; None when it is unknown, expired or revoked; raises `Unavailable`."""
        ...
