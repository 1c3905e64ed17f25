"""Tries rejected events again: what can be stored by now is stored once, and the counters go on balancing.

A reject was counted as received and rejected on its day. When its replay ends otherwise, that is taken back in the
transaction that stores the event, and the event is counted like any other, as received and stored (or known), on the
day and for the site that it turned out to belong to. The writer `replay` has both, so its rows may be negative, and the
sum over all writers holds: `rejected` is what still lies among the rejects.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.foundation.clock import midnight
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Reason
from analytics_pipelines.web_events.intake.batch import Batch, Key
from analytics_pipelines.web_events.intake.poison import BROUGHT_BY_VALUES, DETAIL, lacks_partition, refused
from analytics_pipelines.web_events.intake.receipts import Outcome, Receipt, Refusal
from analytics_pipelines.web_events.intake.store import STORE_BATCH
from analytics_pipelines.web_events.log_receipts import SOURCE as LOG
from analytics_pipelines.web_events.log_tables import EVENT_KEY, FAILED_EVENT, INTAKE_COUNT
from analytics_pipelines.web_events.partitions import create_partitions

WRITER = "replay"
BATCH_EVENTS = 500
NEVER = (Reason.TOO_LARGE, Reason.MANY_EVENTS, Reason.OPTED_OUT, Reason.SUPPRESSED)
"""Of these the payload was cut, or the person does not want to be counted."""
FORGOTTEN = (Reason.OPTED_OUT, Reason.SUPPRESSED)
ON_DEMAND = (Reason.ORIGIN_NOT_ALLOWED, Reason.WRONG_KEY)
"""Refused for who sent them, which nobody knows any more: only who names the reason takes them."""
NOT_AS_SENT = DETAIL
"""PostgreSQL itself refused the event; what is kept then is not what the client sent."""
Place = tuple[datetime, str]


class DayDropped(Unavailable):
    """Retention dropped a day of receipt in the moment in which an event of it came back."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rejects to try: all that can be, or those of a reason, a site, days of receipt; at most `limit`."""

    reason: Reason | None = None
    site: str | None = None
    first: date | None = None
    last: date | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A reject as it is kept."""

    failed_id: str
    site_id: str | None
    source: str
    reason: str
    payload: bytes
    received_at: datetime
    event_id: str | None
    visitor_id: str | None
    visitor_id_before: str | None
    client_address: str | None
    user_agent: str | None


Judge = Callable[[sa.Connection, Sequence[Rejected]], list[Receipt | Refusal]]
"""Parses the payloads again, as of their receipt, and says what each is by the sites and rules of today."""


@dataclass(slots=True)
class Replayed:
    """What became of the rejects that were tried; `reasons` tells why those that stay are turned away now."""

    tried: int = 0
    stored: int = 0
    duplicates: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rejected(self) -> int:
        """Those that stay rejects."""
        return self.reasons.total()


def replay(
    database: Database,
    judge: Judge,
    choice: Choice,
    *,
    at: datetime,
    is_dry: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Replayed:
    """Try the chosen rejects in order of their receipt; each batch commits whole, and a second replay stores nothing.

    A dry one only says what would become of them. Two at once share the work. Raises `Unavailable`.
    """
    done = Replayed()
    place: Place | None = None
    while choice.limit is None or done.tried < choice.limit:
        most = min(BATCH_EVENTS, (choice.limit or done.tried + BATCH_EVENTS) - done.tried)
        step = _foreseen if is_dry else _stored
        rows = step(database, judge, _wanted(choice, place).limit(most), at, done)
        if not rows:
            break
        done.tried += len(rows)
        place = rows[-1].received_at, rows[-1].failed_id
        if progress:
            progress(len(rows))
    return done


def _wanted(choice: Choice, place: Place | None) -> "sa.Select[Any]":
    """Rejects of the choice behind that place, in order."""
    columns = FAILED_EVENT.c
    reasons = NEVER if choice.reason else NEVER + ON_DEMAND
    conditions = [
        sa.func.coalesce(columns.outcome, Outcome.REJECTED.value) == Outcome.REJECTED.value,
        columns.reason.not_in([reason.value for reason in reasons]),
        sa.func.octet_length(columns.payload) > 0,
        sa.or_(columns.source != LOG, sa.func.octet_length(columns.payload) < MOST_EVENT_BYTES),
        columns.detail != NOT_AS_SENT,
        columns.reason == choice.reason.value if choice.reason else None,
        columns.site_id == choice.site if choice.site is not None else None,
        columns.received_at >= midnight(choice.first) if choice.first else None,
        columns.received_at < midnight(choice.last) + timedelta(days=1) if choice.last else None,
        sa.tuple_(columns.received_at, columns.failed_id) > _after(place) if place else None,
    ]
    query = sa.select(*(columns[name] for name in Rejected.__slots__))
    for condition in conditions:
        if condition is not None:
            query = query.where(condition)
    return query.order_by(columns.received_at, columns.failed_id)


def _stored(database: Database, judge: Judge, wanted: "sa.Select[Any]", at: datetime, done: Replayed) -> list[Rejected]:
    """One batch, in one transaction: the partitions come first, by a connection of their own."""
    with database.writing() as connection:
        rows = _rows(connection, wanted.with_for_update(skip_locked=True))
        items = judge(connection, rows)
        create_partitions(database, {item.received_at.date() for item in items if isinstance(item, Receipt)})
        verdicts = _verdicts(connection, items)
        if rows:
            _mark(connection, rows, verdicts, at)
            _take_back(connection, [row for row, verdict in zip(rows, verdicts, strict=True) if verdict.is_final])
    _add_up(done, verdicts)
    return rows


def _foreseen(
    database: Database, judge: Judge, wanted: "sa.Select[Any]", _: datetime, done: Replayed
) -> list[Rejected]:
    """The same without a trace."""
    with database.reading() as connection:
        rows = _rows(connection, wanted)
        items = judge(connection, rows)
        keys = [(item.site_id, item.event_id) for item in items if isinstance(item, Receipt)]
        columns = EVENT_KEY.c
        there = sa.select(columns.site_id, columns.event_id)
        known = connection.execute(there.where(sa.tuple_(columns.site_id, columns.event_id).in_(keys)))
        _add_up(done, _judged(items, {(row.site_id, row.event_id) for row in known}))
    return rows


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a reject became; a refusal where it stays one."""

    outcome: Outcome
    refusal: Refusal | None = None

    @property
    def is_final(self) -> bool:
        """Whether it is a reject no more."""
        return self.outcome is not Outcome.REJECTED


def _verdicts(connection: sa.Connection, items: Sequence[Receipt | Refusal]) -> list[_Verdict]:
    """Store the events among them, all at once, or one by one when PostgreSQL can not hold one of them."""
    try:
        return _judged(items, _insert(connection, items))
    except BROUGHT_BY_VALUES as error:
        if lacks_partition(error):
            raise DayDropped("A day was dropped meanwhile.", remedy="Run it again.") from None
        return [verdict for item in items for verdict in _alone(connection, item)]


def _alone(connection: sa.Connection, item: Receipt | Refusal) -> list[_Verdict]:
    try:
        return _judged([item], _insert(connection, [item]))
    except BROUGHT_BY_VALUES:
        return [_Verdict(Outcome.REJECTED, refused(item))]


def _insert(connection: sa.Connection, items: Sequence[Receipt | Refusal]) -> set[Key]:
    """The keys that were there before; on an error nothing of it remains."""
    receipts = [item for item in items if isinstance(item, Receipt)]
    if not receipts:
        return set()
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with connection.begin_nested():
        return set(driver.execute(STORE_BATCH, Batch(receipts).parameters(WRITER)).fetchall())


def _judged(items: Sequence[Receipt | Refusal], known: Collection[Key]) -> list[_Verdict]:
    taken = iter(Batch([item for item in items if isinstance(item, Receipt)]).taken(known))
    return [
        _Verdict(Outcome.REJECTED, item) if isinstance(item, Refusal) else _Verdict(next(taken).outcome)
        for item in items
    ]


def _mark(connection: sa.Connection, rows: Sequence[Rejected], verdicts: Sequence[_Verdict], at: datetime) -> None:
    """Note what became of each; of a person who was erased, or opted out, nothing is kept."""
    for row, verdict in zip(rows, verdicts, strict=True):
        changes: dict[str, object] = {"replayed_at": at, "outcome": verdict.outcome.value}
        if verdict.refusal:
            changes |= {"reason": verdict.refusal.reason.value, "detail": verdict.refusal.detail}
            if verdict.refusal.reason in FORGOTTEN:
                changes |= dict.fromkeys(("visitor_id", "visitor_id_before", "client_address", "user_agent"))
                changes |= {"payload": b"", "event_id": None}
        connection.execute(sa.update(FAILED_EVENT).where(FAILED_EVENT.c.failed_id == row.failed_id).values(changes))


def _take_back(connection: sa.Connection, rows: Sequence[Rejected]) -> None:
    """Count them as neither received nor rejected: they are counted again as what they became."""
    counts = Counter((row.received_at.astimezone(UTC).date(), row.site_id or "", row.source) for row in rows)
    if not counts:
        return
    names = ("received_date", "site_id", "source")
    values = [
        dict(zip(names, key, strict=True)) | {"writer": WRITER, "received": -rejects, "rejected": -rejects}
        for key, rejects in sorted(counts.items())
    ]
    added = insert(INTAKE_COUNT)
    sums: Mapping[str, Any] = {name: INTAKE_COUNT.c[name] + added.excluded[name] for name in ("received", "rejected")}
    connection.execute(added.on_conflict_do_update(index_elements=list(INTAKE_COUNT.primary_key), set_=sums), values)


def _add_up(done: Replayed, verdicts: Sequence[_Verdict]) -> None:
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    done.stored += outcomes[Outcome.STORED]
    done.duplicates += outcomes[Outcome.DUPLICATE]
    done.reasons.update(verdict.refusal.reason.value for verdict in verdicts if verdict.refusal)


def _rows(connection: sa.Connection, query: "sa.Select[Any]") -> list[Rejected]:
    return [Rejected(**row) for row in connection.execute(query).mappings()]


def _after(place: Place) -> "sa.Tuple":
    return sa.tuple_(sa.literal(place[0]), sa.literal(place[1]))
