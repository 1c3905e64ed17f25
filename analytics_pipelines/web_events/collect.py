"""Stores collected events: once each, committed before anybody says so."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from psycopg.errors import CheckViolation
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.failures import TextNotStorable
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Event, Reason, Rejected
from analytics_pipelines.web_events.event_ids import uuid7
from analytics_pipelines.web_events.partitions import create_partitions
from analytics_pipelines.web_events.tables import EVENT_KEY, EVENT_LOG, FAILED_EVENT
from analytics_pipelines.web_events.visitors import network_of, salt_of, visitor_of


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of an event; a duplicate is one whose (site, event id) had been committed before."""

    event_id: str
    is_duplicate: bool


def store(database: Database, event: Event, *, registers_sites: bool) -> Stored:
    """Commit the event unless its (site, event id) is there already; on return it is durable.

    Raises `Rejected` when the site is unknown and `registers_sites` is false, `Unavailable` when the database is away.
    """
    try:
        return _committed(database, event, registers_sites=registers_sites)
    except IntegrityError as error:
        if not isinstance(error.orig, CheckViolation):
            raise
        create_partitions(database, [event.received_at.date()])
        return _committed(database, event, registers_sites=registers_sites)
    except (DataError, TextNotStorable):
        raise Rejected(Reason.TEXT_NOT_STORABLE, "The event holds a value that can not be stored.") from None


def keep_rejected(database: Database, rejected: Rejected, body: bytes, received_at: datetime) -> None:
    """Commit a row of `failed_event`, so that nothing vanishes. Raises `Unavailable`."""
    values = {
        "failed_id": uuid7(received_at),
        "site_id": rejected.site_id,
        "source": "collect",
        "reason": rejected.reason.value,
        "detail": str(rejected),
        "payload": body[:MOST_EVENT_BYTES],
        "received_at": received_at,
    }
    with database.writing() as connection:
        connection.execute(sa.insert(FAILED_EVENT).values(values))


def _committed(database: Database, event: Event, *, registers_sites: bool) -> Stored:
    with database.writing() as connection:
        _must_have_site(connection, event, registers_sites=registers_sites)
        key = {"site_id": event.site_id, "event_id": event.event_id, "received_at": event.received_at}
        keyed = insert(EVENT_KEY).values(key).on_conflict_do_nothing().returning(EVENT_KEY.c.event_id)
        is_duplicate = connection.execute(keyed).first() is None
        if not is_duplicate:
            connection.execute(sa.insert(EVENT_LOG).values(_row(connection, event)))
    return Stored(event.event_id, is_duplicate)


def _must_have_site(connection: sa.Connection, event: Event, *, registers_sites: bool) -> None:
    if sites.is_known(connection, event.site_id):
        return
    if not registers_sites:
        raise Rejected(Reason.UNKNOWN_SITE, "The site is not registered.", site_id=event.site_id)
    sites.register(connection, event.site_id, event.received_at)


def _row(connection: sa.Connection, event: Event) -> dict[str, object]:
    salt = b"" if event.visitor_id else salt_of(connection, event.received_at.date())
    return {
        "site_id": event.site_id,
        "event_id": event.event_id,
        "event_type": event.event_type,
        "visitor_id": event.visitor_id or visitor_of(salt, event.site_id, event.sender),
        "session_id": event.session_id,
        "event_at": event.event_at,
        "received_at": event.received_at,
        "sent_at": event.sent_at,
        "url": event.url,
        "path": event.path,
        "referrer": event.referrer,
        "title": event.title,
        "client_address": network_of(event.sender.address),
        "user_agent": event.sender.agent,
        "source": "collect",
        "payload": event.payload,
        "flags": list(event.flags if event.visitor_id else (*event.flags, "visitor_derived")),
    }
