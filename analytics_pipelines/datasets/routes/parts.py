"""What the routes of the room share: the platform that computes, who is calling, and which rows are theirs."""

from typing import Annotated

from fastapi import Depends, Path

from analytics_pipelines.datasets.execution.asked import Who
from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.http_kit.scopes import Account, Scope, requires
from analytics_pipelines.http_kit.wiring import Slot

PREFIX = "/api/analytics"
PLATFORM: Slot[Platform] = Slot("datasets_platform")
"""Filled by the application for as long as it runs."""
MOST_ID_CHARACTERS = 100

PlatformNow = Annotated[Platform, Depends(PLATFORM.of)]
SessionId = Annotated[str, Path(max_length=MOST_ID_CHARACTERS, description="`session_id` of an upload of yours.")]
own = [requires(Scope.VIEWER, account=True)]
"""For reading what is one's own: also where reads are open, somebody has to be asked for."""
analysing = [requires(Scope.ANALYST, account=True)]


async def _who(account: Account) -> Who:
    return Who(user_id=account.user_id or "", username=account.name, sees_personal=account.may(Scope.ADMIN))


WhoNow = Annotated[Who, Depends(_who)]
