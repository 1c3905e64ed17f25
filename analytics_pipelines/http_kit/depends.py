"""Types of route parameters that come from the application, not from the request.

    def read_visits(site: str, duck: DuckLease, now: Now) -> list[DailyVisits]: ...

`DuckLease` raises `NothingPublished` before the first generation, `Db` raises `Unavailable` while the
database is away; `DuckLeaseOrNone` and `DbDoor` leave the answer to the route.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from analytics_pipelines.foundation.generation import Lease, NothingPublished
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.conditional import answered_from
from analytics_pipelines.http_kit.wiring import DatabaseDoor, Wiring, wiring_of


async def _lease(request: Request) -> AsyncIterator[Lease]:
    """One generation for the whole request; its id becomes the answer's ETag."""
    with wiring_of(request).generations.acquire() as lease:
        answered_from(request, lease.id)
        yield lease


async def _lease_or_none(request: Request) -> AsyncIterator[Lease | None]:
    if wiring_of(request).generations.current_id is None:
        yield None
        return
    async for lease in _lease(request):
        yield lease


async def _database_door(request: Request) -> DatabaseDoor:
    return wiring_of(request).database


def _database(request: Request) -> Database:
    return wiring_of(request).database()


async def _now(request: Request) -> datetime:
    return wiring_of(request).clock()


async def _settings(request: Request) -> Settings:
    return wiring_of(request).settings


DuckLease = Annotated[Lease, Depends(_lease)]
DuckLeaseOrNone = Annotated[Lease | None, Depends(_lease_or_none)]
Parts = Annotated[Wiring, Depends(wiring_of)]
"""For answers that are made of more than a generation and carry no ETag."""
Db = Annotated[Database, Depends(_database)]
DbDoor = Annotated[DatabaseDoor, Depends(_database_door)]
Now = Annotated[datetime, Depends(_now)]
SettingsNow = Annotated[Settings, Depends(_settings)]

__all__ = ["Db", "DbDoor", "DuckLease", "DuckLeaseOrNone", "NothingPublished", "Now", "Parts", "SettingsNow"]
