"""What the doors hand to the intake: events ready to be stored, refusals ready to be kept, and the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from analytics_pipelines.web_events.event import Reason


class Outcome(StrEnum):
    """What became of an event; every one is durable by the time it is told."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    """On this machine's disk; PostgreSQL was away."""


@dataclass(slots=True, kw_only=True)
class Receipt:
    """One event, checked and with its ids given: the columns of `event_log`.

    `payload` is JSON text that PostgreSQL takes. Not frozen, since thousands are made a second.
    """

    site_id: str
    event_id: str
    event_type: str
    visitor_id: str
    visitor_id_before: str | None
    session_id: str | None
    event_at: datetime
    received_at: datetime
    sent_at: datetime | None
    url: str | None
    path: str | None
    referrer: str | None
    title: str | None
    client_address: str | None
    user_agent: str | None
    source: str
    payload: str
    flags: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Refusal:
    """One event that is turned away, as `failed_event` keeps it; `payload` is cut to 32 KiB."""

    failed_id: str
    reason: Reason
    detail: str
    payload: bytes
    received_at: datetime
    source: str
    site_id: str | None = None
    event_id: str | None = None
    visitor_id: str | None = None
    visitor_id_before: str | None = None
    client_address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The outcome of one item; `reason` and `detail` where PostgreSQL itself refused the event."""

    outcome: Outcome
    reason: Reason | None = None
    detail: str | None = None


class Intake(Protocol):
    """Makes items durable. The doors know no more of it than this."""

    async def take(self, items: Sequence[Receipt | Refusal]) -> list[Taken]:
        """One outcome an item, in order, once all are durable; raises `Unavailable` when they can not be."""
        ...
