"""Writes one batch of an imported log in one transaction: events, rejects, and the counters that tell of both."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.log_receipts import SOURCE, LogSite, suppressed
from analytics_pipelines.web_events.log_tables import FAILED_EVENT, INTAKE_COUNT
from analytics_pipelines.web_events.partitions import create_partitions
from analytics_pipelines.web_events.suppress import is_suppressed, suppressed_digests

WRITER = "import"
COLUMNS = (
    "site_id",
    "event_id",
    "event_type",
    "visitor_id",
    "event_at",
    "received_at",
    "url",
    "referrer",
    "client_address",
    "user_agent",
    "payload",
    "source",
    "flags",
)
"""Of copy_incoming.sql."""


@dataclass(frozen=True, slots=True)
class NumberedRefusal:
    """A reject and the line of the log that it came from."""

    refusal: Refusal
    line_number: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a batch: new events, events of erased visitors, and all others by their day."""

    stored: int
    suppressed: int
    days: Counter[date]


def keep(
    database: Database, site: LogSite, receipts: Sequence[tuple[int, Receipt]], malformed: Sequence[NumberedRefusal]
) -> Kept:
    """Commit the batch whole; what was there before is counted as a duplicate. Raises `Unavailable`.

    Receipts come with the number of their line.
    """
    create_partitions(database, {receipt.received_at.date() for _, receipt in receipts})
    with database.writing() as connection:
        listed = suppressed_digests(connection, site.site_id)
        accepted, refused = [], list(malformed)
        for number, receipt in receipts:
            if is_suppressed(listed, site.visitor_key, site.site_id, receipt.visitor_id):
                refused.append(NumberedRefusal(suppressed(receipt), number))
            else:
                accepted.append(receipt)
        days = Counter(receipt.received_at.date() for receipt in accepted)
        stored = _store(connection, accepted)
        received = days + Counter(_day(each.refusal.received_at) for each in refused)
        _count(connection, site.site_id, received, stored, _refuse(connection, refused))
    return Kept(stored.total(), len(refused) - len(malformed), days)


def _store(connection: sa.Connection, receipts: Sequence[Receipt]) -> Counter[date]:
    """Events that were not there yet, by their day."""
    if not receipts:
        return Counter()
    connection.exec_driver_sql(from_file(__package__, "make_incoming").text)
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(from_file(__package__, "copy_incoming").text) as copy:
        for receipt in receipts:
            copy.write_row([_cell(getattr(receipt, column)) for column in COLUMNS])
    rows = connection.exec_driver_sql(from_file(__package__, "keep_incoming").text)
    return Counter({row.received_date: row.events for row in rows})


def _cell(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _refuse(connection: sa.Connection, refused: Sequence[NumberedRefusal]) -> Counter[date]:
    """Rejects that were not there yet, by their day."""
    if not refused:
        return Counter()
    rows = [_row(each) for each in sorted(refused, key=lambda each: each.refusal.failed_id)]
    fresh = insert(FAILED_EVENT).on_conflict_do_nothing().returning(FAILED_EVENT.c.received_at)
    return Counter(_day(row.received_at) for row in connection.execute(fresh, rows))


def _row(numbered: NumberedRefusal) -> dict[str, object]:
    refusal = numbered.refusal
    return {
        "failed_id": refusal.failed_id,
        "site_id": refusal.site_id,
        "source": refusal.source,
        "reason": refusal.reason.value,
        "detail": refusal.detail,
        "payload": refusal.payload,
        "line_number": numbered.line_number,
        "received_at": refusal.received_at,
    }


def _count(
    connection: sa.Connection, site_id: str, received: Counter[date], stored: Counter[date], rejected: Counter[date]
) -> None:
    """Add the batch to its days' counters, in order of the days, after every key."""
    rows = [
        {
            "received_date": day,
            "site_id": site_id,
            "source": SOURCE,
            "writer": WRITER,
            "received": received[day],
            "stored": stored[day],
            "duplicate": received[day] - stored[day] - rejected[day],
            "rejected": rejected[day],
        }
        for day in sorted(received)
    ]
    added = insert(INTAKE_COUNT)
    sums = {
        name: INTAKE_COUNT.c[name] + added.excluded[name] for name in ("received", "stored", "duplicate", "rejected")
    }
    connection.execute(added.on_conflict_do_update(index_elements=list(INTAKE_COUNT.primary_key), set_=sums), rows)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
