"""Batches of 500 in the intake's store beside a bare COPY of such rows, a commit each; part of `benchmarks.collect`."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import AsyncConnection

from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo
from analytics_pipelines.web_events.intake.receipts import Receipt
from analytics_pipelines.web_events.intake.store import EventStore
from benchmarks.harness import Report, timed

BATCH = 500
BATCHES = 20
RUNS = 5
MANY_IDS = 10_000_000
SITE = "bench"
COLUMNS = (
    "site_id, event_id, event_type, visitor_id, visitor_id_before, session_id, event_at, received_at, sent_at, url, "
    "path, referrer, title, client_address, user_agent, source, payload, flags"
)
COPY = psycopg.sql.SQL("COPY web_events.event_log ({}) FROM STDIN").format(psycopg.sql.SQL(COLUMNS))
FILL = """
INSERT INTO web_events.event_key (site_id, event_id, received_at)
SELECT 'bench', gen_random_uuid()::text, now() FROM generate_series(1, %s)
"""
STORE, BARE = "store, batches of 500", "bare COPY, batches of 500"
PAYLOAD = {"properties": {"plan": "free", "width": 1440}, "attribution": {"utmParams": {"source": "news"}}}


def batch_figures(report: Report, urls: DatabaseUrls) -> None:
    """The ratio with few known ids, then with ten million."""
    report.figures["batch_of_500_to_copy"] = ratio(report, urls)
    with psycopg.connect(conninfo(urls.owner)) as connection:
        connection.execute(FILL, (MANY_IDS,))
    with psycopg.connect(conninfo(urls.owner), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE web_events.event_key")
        connection.execute("CHECKPOINT")
    report.figures["batch_of_500_to_copy_over_10m_ids"] = ratio(report, urls)


def ratio(report: Report, urls: DatabaseUrls) -> float:
    """Events a second of the store by those of the bare COPY."""
    app = conninfo(urls.app)
    with asyncio.Runner() as runner:
        connection = runner.run(AsyncConnection.connect(app, autocommit=True))
        store = EventStore()
        runner.run(store.store(connection, receipts(1), "bench"))
        events = iter([list(fresh_batches()) for _ in range(RUNS + 1)])
        rows = iter([[copy_text(batch) for batch in fresh_batches()] for _ in range(RUNS + 1)])
        timings = timed(
            {
                BARE: lambda: runner.run(copied(connection, next(rows))),
                STORE: lambda: runner.run(stored(store, connection, next(events))),
            },
            runs=RUNS,
        )
        runner.run(connection.close())
    report.show(timings, BARE)
    return timings[BARE].median_s / timings[STORE].median_s


async def stored(store: EventStore, connection: AsyncConnection[Any], batches: list[list[Receipt]]) -> None:
    """New events through the intake's store."""
    for batch in batches:
        await store.store(connection, batch, "bench")


async def copied(connection: AsyncConnection[Any], batches: list[bytes]) -> None:
    """Rows of the same kind, encoded beforehand: unchecked, without ids kept apart and without counters."""
    for batch in batches:
        async with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            await copy.write(batch)


def fresh_batches() -> Iterator[list[Receipt]]:
    """Batches of events with ids never seen before."""
    for _ in range(BATCHES):
        yield receipts(BATCH)


def receipts(number: int) -> list[Receipt]:
    """Page views with ids never seen before."""
    now = datetime.now(UTC)
    payload = json.dumps(PAYLOAD)
    return [
        Receipt(
            site_id=SITE,
            event_id=str(uuid4()),
            event_type="pageview",
            visitor_id=f"visitor-{each % 5000}",
            visitor_id_before=None,
            session_id=None,
            event_at=now,
            received_at=now,
            sent_at=None,
            url=f"https://example.org/page/{each % 300}?a=1",
            path=None,
            referrer="https://news.example.net/",
            title="A page",
            client_address="192.0.2.0/24",
            user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
            source="collect",
            payload=payload,
        )
        for each in range(number)
    ]


def copy_text(batch: list[Receipt]) -> bytes:
    """The rows in COPY's text format; nothing in them needs escaping."""
    return "".join("\t".join(map(written, row_of(each))) + "\n" for each in batch).encode()


def written(value: object) -> str:
    """One field; an array is empty here."""
    match value:
        case None:
            return "\\N"
        case ():
            return "{}"
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def row_of(receipt: Receipt) -> tuple[object, ...]:
    """The columns of `COLUMNS`."""
    return tuple(getattr(receipt, column) for column in COLUMNS.split(", "))
