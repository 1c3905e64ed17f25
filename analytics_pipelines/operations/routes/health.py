"""HTTP door of health: whether the platform works, for people, load balancers and containers."""

from datetime import datetime
from typing import Literal, Self

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.depends import DbDoor, Now, SettingsNow
from analytics_pipelines.http_kit.scopes import open_to_all
from analytics_pipelines.operations.health import DatabaseHealth, probe
from analytics_pipelines.web_events.intake.drain import spool_state

router = APIRouter(tags=["operations"])


class Spool(BaseModel):
    """Events that this machine keeps until PostgreSQL takes them."""

    pending_events: int
    size_bytes: int
    limit_bytes: int = Field(description="Past it `/collect` answers 503 while PostgreSQL is away.")
    oldest_at: datetime | None = Field(description="Receipt of the first event that waits.")

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The spool of this machine as it is now; None when its file can not be read."""
        try:
            found = spool_state(settings)
        except Unavailable:
            return None
        return cls(
            pending_events=found.pending,
            size_bytes=found.size_bytes,
            limit_bytes=found.limit_bytes,
            oldest_at=found.oldest_at,
        )


class Health(BaseModel):
    """Whether the platform works; `degraded` comes with status 503."""

    status: Literal["healthy", "degraded"]
    database: Literal["connected", "disconnected"]
    timestamp: datetime
    detail: str | None = Field(description="What is wrong with a database that answers, and the remedy.")
    spool: Spool | None = Field(description="What waits on this machine; null when its file can not be read.")


class DatabaseState(Health):
    """The same with what the database said of itself; null when it is away."""

    latency_ms: float | None
    version: str | None


@router.get("/health", dependencies=[open_to_all], response_model=Health, responses={503: {"model": Health}})
def read_health(door: DbDoor, now: Now, settings: SettingsNow) -> JSONResponse:
    """Whether the platform works, and what waits in the spool."""
    return _answer(_health(probe(door), now, settings))


@router.get(
    "/health/db", dependencies=[open_to_all], response_model=DatabaseState, responses={503: {"model": DatabaseState}}
)
def read_database_health(door: DbDoor, now: Now, settings: SettingsNow) -> JSONResponse:
    """Whether the database answers, how fast, and its version."""
    found = probe(door)
    health = _health(found, now, settings)
    return _answer(DatabaseState(**health.model_dump(), latency_ms=found.latency_ms, version=found.version))


def _health(found: DatabaseHealth, now: datetime, settings: Settings) -> Health:
    return Health(
        status="healthy" if found.is_healthy else "degraded",
        database="connected" if found.is_connected else "disconnected",
        timestamp=now,
        detail=found.complaint,
        spool=Spool.of(settings),
    )


def _answer(health: Health) -> JSONResponse:
    content = health.model_dump(mode="json")
    return JSONResponse(content, 200 if health.status == "healthy" else 503, headers={"cache-control": "no-store"})
