"""Receipts and refusals as the doors make them, and what PostgreSQL holds of them afterwards."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.lanes import Connection, connected
from analytics_pipelines.web_events.intake.receipts import Intake, Outcome, Receipt, Refusal
from analytics_pipelines.web_events.log_tables import EVENT_KEY, EVENT_LOG, FAILED_EVENT, INTAKE_COUNT

AT = datetime(2026, 3, 5, 12, 0, 0, 123456, tzinfo=UTC)
T = TypeVar("T")
Outcomes = tuple[int, int, int, int]
"""Received, stored, duplicate, rejected."""
PLAIN: dict[str, Any] = {
    "site_id": "s",
    "event_type": "pageview",
    "visitor_id": "v",
    "visitor_id_before": None,
    "session_id": None,
    "event_at": AT,
    "received_at": AT,
    "sent_at": None,
    "url": "https://shop.example/a?b=1",
    "path": "/a",
    "referrer": None,
    "title": None,
    "client_address": "192.0.2.0/24",
    "user_agent": "Firefox/144.0",
    "source": "collect",
    "payload": '{"properties": {"plan": "free"}}',
}


def receipt(event_id: str = "e", **given: Any) -> Receipt:
    """An event, plain unless said otherwise."""
    return Receipt(**PLAIN | {"event_id": event_id} | given)


def refusal(failed_id: str = "f", **given: Any) -> Refusal:
    """A reject, plain unless said otherwise."""
    plain = {"reason": Reason.TOO_LARGE, "detail": "Large.", "payload": b"\x00\xff{", "received_at": AT, "site_id": "s"}
    return Refusal(**plain | {"failed_id": failed_id, "source": "collect"} | given)


async def over(urls: DatabaseUrls, work: Callable[[Connection], Awaitable[T]]) -> T:
    """What the work gives on a connection of the intake."""
    connection = await connected(lambda: urls.app, "test")
    try:
        return await work(connection)
    finally:
        await connection.close()


def counted(database: Database) -> dict[tuple[date, str, str], Outcomes]:
    """The counters by day, site and source, over all writers."""
    table = INTAKE_COUNT.c
    keys = (table.received_date, table.site_id, table.source)
    sums = [sa.func.sum(table[name]) for name in ("received", "stored", "duplicate", "rejected")]
    with database.reading() as connection:
        rows = connection.execute(sa.select(*keys, *sums).group_by(*keys))
        return {tuple(row[:3]): tuple(int(each) for each in row[3:]) for row in rows}


def held(database: Database) -> tuple[Counter[tuple[str, str]], set[tuple[str, str]], Counter[str]]:
    """Keys of the log's rows, the key table, and ids of the rejects."""
    with database.reading() as connection:
        log = connection.execute(sa.select(EVENT_LOG.c.site_id, EVENT_LOG.c.event_id))
        keys = connection.execute(sa.select(EVENT_KEY.c.site_id, EVENT_KEY.c.event_id))
        failed = connection.execute(sa.select(FAILED_EVENT.c.failed_id)).scalars()
        return Counter((row[0], row[1]) for row in log), {(row[0], row[1]) for row in keys}, Counter(failed)


def must_balance(database: Database) -> None:
    """The counters tell of exactly the rows, and no key is stored twice."""
    log, keys, failed = held(database)
    sums = [sum(column) for column in zip(*counted(database).values(), strict=True)] or [0, 0, 0, 0]
    assert sums[0] == sums[1] + sums[2] + sums[3]
    assert sums[1] == log.total() == len(keys)
    assert sums[3] == failed.total()
    assert set(log) == keys
    assert set(log.values()) <= {1}


async def until(holds: Callable[[], bool]) -> None:
    """Return once it holds; fails when it does not hold in time."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - another process or thread does what is waited for
            await asyncio.sleep(0.01)


async def stored_at_last(intake: Intake, item: Receipt) -> None:
    """Offer the item until PostgreSQL takes it again."""
    async with asyncio.timeout(20):
        while (await intake.take([item]))[0].outcome is Outcome.ACCEPTED:  # noqa: ASYNC110 - another process comes back meanwhile
            await asyncio.sleep(0.01)
