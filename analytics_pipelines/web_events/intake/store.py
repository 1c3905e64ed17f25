"""Makes a batch durable in PostgreSQL: keys, log, rejects and counters in one transaction of one statement."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import CheckViolation

from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.batch import Batch, Item
from analytics_pipelines.web_events.intake.poison import BROUGHT_BY_VALUES, DETAIL, lacks_partition, refused
from analytics_pipelines.web_events.intake.receipts import Outcome, Receipt, Taken

Connection = AsyncConnection[Any]
DAY = timedelta(days=1)
STORE_BATCH = from_file(__package__, "store_batch").text.encode()
CREATE_PARTITION = from_file(__package__, "create_partition").text.encode()
POISON = Taken(Outcome.REJECTED, Reason.TEXT_NOT_STORABLE, DETAIL)


class EventStore:
    """One per process, since it remembers which days have a partition. Connections are in autocommit mode."""

    def __init__(self) -> None:
        self._days: set[date] = set()

    async def store(self, connection: Connection, items: Sequence[Item], writer: str) -> list[Taken]:
        """Commit the items; one that PostgreSQL can not hold is found by halving and kept as a refusal.

        One outcome an item, in order. `writer` names the counters' rows; two that commit at once should differ,
        or they wait for each other. Raises `psycopg.Error` when the fault is not the items': some of them may be
        stored then.
        """
        try:
            return await self._inserted(connection, items, writer)
        except BROUGHT_BY_VALUES as error:
            if lacks_partition(error):
                raise
            return await self._halved(connection, items, writer)

    async def insert(self, connection: Connection, items: Sequence[Item], writer: str) -> list[Taken]:
        """The same in one statement, that of the caller's transaction if there is one; raises what it meets."""
        batch = Batch(items)
        cursor = await connection.execute(STORE_BATCH, batch.parameters(writer), prepare=True)
        return batch.taken(set(await cursor.fetchall()))

    async def make_partitions(self, connection: Connection, items: Iterable[Item]) -> None:
        """Make the partitions of new days of receipt, and of the days after them, each in a transaction of its own.

        One that has written to the log and then asks for the stronger lock could deadlock with another.
        """
        moments = {item.received_at for item in items if isinstance(item, Receipt)}
        new = {moment.astimezone(UTC).date() for moment in moments} - self._days
        for day in sorted(new | {day + DAY for day in new}):
            await connection.execute(CREATE_PARTITION, {"day": day})
        self._days |= new

    def forget_partitions(self) -> None:
        """Believe no more that any day has its partition."""
        self._days.clear()

    async def _inserted(self, connection: Connection, items: Sequence[Item], writer: str) -> list[Taken]:
        """Retention may have dropped a day that we remember: then once more."""
        await self.make_partitions(connection, items)
        try:
            return await self.insert(connection, items, writer)
        except CheckViolation as error:
            if not lacks_partition(error):
                raise
        self.forget_partitions()
        await self.make_partitions(connection, items)
        return await self.insert(connection, items, writer)

    async def _halved(self, connection: Connection, items: Sequence[Item], writer: str) -> list[Taken]:
        if len(items) == 1:
            await self.insert(connection, [refused(items[0])], writer)
            return [POISON]
        middle = len(items) // 2
        first = await self.store(connection, items[:middle], writer)
        return first + await self.store(connection, items[middle:], writer)
