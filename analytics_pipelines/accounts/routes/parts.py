"""What the doors of accounts share: the limiter as throttle, where a request came from, a user as it is shown."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Depends, Request, Response
from pydantic import BaseModel, Field

from analytics_pipelines.accounts.throttle import Throttle
from analytics_pipelines.accounts.users import Role, User
from analytics_pipelines.http_kit.rate_limits import LIMITER

PREFIX = "/api/auth"
PRIVATE = "private, no-store"


async def _address(request: Request) -> str | None:
    return request.client.host if request.client else None


async def _private(response: Response) -> None:
    response.headers["cache-control"] = PRIVATE


ThrottleNow = Annotated[Throttle, Depends(LIMITER.of)]
Address = Annotated[str | None, Depends(_address)]
private = Depends(_private)
"""Neither browsers nor proxies keep what these doors answer."""


class UserState(BaseModel):
    """An account as its owner sees it."""

    id: str
    email: str
    username: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    role: Role = Field(description="What the account may do; each includes the one before: viewer, analyst, admin.")
    last_login_at: datetime | None

    @classmethod
    def of(cls, user: User) -> Self:
        """The user's shown columns."""
        return cls(
            id=user.id,
            email=user.email,
            username=user.username,
            full_name=user.full_name,
            is_active=user.is_active,
            created_at=user.created_at,
            role=user.role,
            last_login_at=user.last_login_at,
        )
