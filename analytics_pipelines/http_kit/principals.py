"""Who is calling, and what the caller may do."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
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
class Credential:
    """The access token that a caller came with, so far as logging out needs it."""

    id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose credential was checked, and all that the caller may do, included scopes too."""

    name: str
    scopes: AbstractSet[str]
    subject: str | None = None
    """E-mail of the product's user for whom the caller speaks."""
    user_id: str | None = None
    """The account that calls, or that a service token acts for."""
    credential: Credential | None = None
    """The access token; None for a service token."""

    def may(self, scope: Scope) -> bool:
        """Whether a route that asks for the scope is open to this caller."""
        return scope.value in self.scopes


class Verifier(Protocol):
    """Checks a bearer token; `app` hands in one that `accounts` stands behind."""

    def __call__(self, token: str) -> Principal | None:
        """Whom the token names; None when it is unknown, expired or revoked; raises `Unavailable`."""
        ...
