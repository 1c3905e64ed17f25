"""Events of named visitors in PostgreSQL, stored as the intake stores them, and bytes looked for in files."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import sqlalchemy as sa
from psycopg import AsyncConnection

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.batch import Item
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.intake.store import EventStore
from analytics_pipelines.web_events.log_tables import INTAKE_COUNT
from analytics_pipelines.web_events.sites import register

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SITE = "shop"


def receipt(event_id: str, visitor_id: str, at: datetime = NOON, **more: object) -> Receipt:
    """An event of that visitor, received when it happened."""
    plain = dict.fromkeys(("session_id", "sent_at", "referrer", "title", "client_address", "visitor_id_before", "path"))
    given = {"site_id": SITE, "event_type": "pageview", "event_at": at, "received_at": at, "source": "collect"}
    shown = {"url": "https://shop.example/" + visitor_id, "user_agent": "Mozilla/5.0 Firefox/144.0"}
    payload = {"payload": '{"properties": {"who": "' + visitor_id + '"}}'}
    return Receipt(**(plain | given | shown | payload | {"event_id": event_id, "visitor_id": visitor_id} | more))


def refusal(failed_id: str, payload: bytes, at: datetime = NOON, **more: object) -> Refusal:
    """A reject with that payload."""
    given = {"reason": Reason.TOO_LONG, "detail": "too long", "source": "collect", "site_id": SITE, "received_at": at}
    return Refusal(failed_id=failed_id, payload=payload, **(given | more))


def store(database: Database, items: Sequence[Item]) -> None:
    """Commit the items by the intake's own writer, counters and all; the site is registered first."""
    with database.writing() as connection:
        register(connection, SITE, NOON)

    async def stored() -> None:
        async with await AsyncConnection.connect(conninfo(database.url), autocommit=True) as connection:
            await EventStore().store(connection, items, "test")

    asyncio.run(stored())


def counters(database: Database) -> tuple[int, ...]:
    """Received, stored, duplicate and rejected of all writers."""
    columns = (
        sa.func.coalesce(sa.func.sum(INTAKE_COUNT.c[name]), 0)
        for name in ("received", "stored", "duplicate", "rejected")
    )
    with database.reading() as connection:
        return tuple(map(int, connection.execute(sa.select(*columns)).one()))


def files_with(folder: Path, needles: Iterable[str], *, leave: Sequence[str] = ()) -> set[str]:
    """Files below the folder, Parquet by its values, that hold one of the texts; `leave` begins what is left out."""
    wanted = [needle.encode() for needle in needles]
    return {name for name, content in _contents(folder, leave) if any(needle in content for needle in wanted)}


def _contents(folder: Path, leave: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and not name.startswith(tuple(leave)):
            yield name, file.read_bytes()
            if file.suffix == ".parquet":
                yield name, repr(pq.ParquetFile(file).read().to_pylist()).encode()
