"""The older design, for comparison: a FastAPI model route, a SQLAlchemy session and one commit an event.

`OLDER_COLLECT_URL=postgresql+psycopg://… uvicorn benchmarks.older_collect:create_app --factory`
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import sqlalchemy as sa
from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

URL = "OLDER_COLLECT_URL"


class Base(DeclarativeBase):
    """Tables of the older design."""


class StoredEvent(Base):
    """One event, its id unique."""

    __tablename__ = "older_event"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str]
    event_type: Mapped[str]
    visitor_id: Mapped[str | None]
    url: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


class GivenEvent(BaseModel):
    """The body of a request."""

    eventId: str = Field(default_factory=lambda: str(uuid4()))  # noqa: N815 - the clients' spelling
    siteId: str = "default"  # noqa: N815 - the clients' spelling
    eventType: str = "unknown"  # noqa: N815 - the clients' spelling
    visitorId: str | None = None  # noqa: N815 - the clients' spelling
    url: str | None = None
    referrer: str | None = None
    title: str | None = None
    timestamp: str | None = None
    properties: dict[str, Any] = Field(default_factory=dict)


def create_app() -> FastAPI:
    """The application on the database of the environment; it makes its table."""
    engine = sa.create_engine(os.environ[URL], pool_size=10, max_overflow=20, pool_pre_ping=True)
    Base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    app = FastAPI()

    def session() -> Iterator[Session]:
        with sessions() as opened:
            yield opened

    @app.post("/collect")
    def collect(event: GivenEvent, session: Annotated[Session, Depends(session)]) -> dict[str, str]:
        session.add(
            StoredEvent(
                event_id=event.eventId,
                site_id=event.siteId,
                event_type=event.eventType,
                visitor_id=event.visitorId,
                url=event.url,
                received_at=datetime.now(UTC),
                payload=event.model_dump(mode="json"),
            )
        )
        session.commit()
        return {"status": "success", "event_id": event.eventId}

    return app
