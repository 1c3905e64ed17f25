"""Access tokens: who logged in, signed by our key (JWT, RFC 7519; HMAC-SHA-256), good until they end or are revoked.

The library checks the signature and who the token is from and for; its times are checked here, by the clock of the
application.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt

ALGORITHM = "HS256"
ISSUER = "analytics_pipelines"
AUDIENCE = "analytics_pipelines:api"
NEEDED = ["exp", "iat", "aud", "iss", "sub", "jti", "ver"]
LEEWAY = timedelta(seconds=10)
"""By how much the clocks of two machines may differ."""
MOST_CHARACTERS = 2_048
DOTS = 2


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token for its owner, and what is told of it."""

    text: str
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says whose signature and times are right; whether it was revoked it does not know."""

    user_id: str
    token_version: int
    jti: str
    expires_at: datetime


def make(key: str, *, user_id: str, token_version: int, life: timedelta, at: datetime) -> AccessToken:
    """A token for the user from that moment on, to the second."""
    claims: dict[str, Any] = {
        "sub": user_id,
        "ver": token_version,
        "jti": str(uuid4()),
        "iat": int(at.timestamp()),
        "exp": int((at + life).timestamp()),
        "iss": ISSUER,
        "aud": AUDIENCE,
    }
    return AccessToken(jwt.encode(claims, key, algorithm=ALGORITHM), claims["exp"] - claims["iat"])


def looks_like_one(token: str) -> bool:
    """Whether it has the three parts of a JWT; service tokens have no dot."""
    return len(token) <= MOST_CHARACTERS and token.count(".") == DOTS


def read(key: str, token: str, at: datetime) -> Claims | None:
    """What the token says; None when it is not of our making, or its time is not now."""
    try:
        said = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": NEEDED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.InvalidTokenError:
        return None
    return _claims(said) if _is_now(said["iat"], said["exp"], at) and type(said["ver"]) is int else None


def _is_now(issued: object, ends: object, at: datetime) -> bool:
    if type(issued) is not int or type(ends) is not int:
        return False
    moment, leeway = at.timestamp(), LEEWAY.total_seconds()
    return issued - leeway <= moment < ends + leeway


def _claims(said: dict[str, Any]) -> Claims:
    return Claims(
        user_id=said["sub"],
        token_version=said["ver"],
        jti=said["jti"],
        expires_at=datetime.fromtimestamp(said["exp"], UTC),
    )
