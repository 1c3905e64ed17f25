"""Who gets the next place: a lane for newcomers, who have a slice to end in, and one for long queries.

Whoever is not known to be long starts as a newcomer. One that outlives its slice becomes a long one where a long
place is free and nobody has a better claim to it; else it gives up its place and waits for one. Long ones never take
the places kept for newcomers, so a short query behind any number of long ones waits for a slice at most. In both
lanes users take turns (`FairLine`).

    lanes = Lanes(long_places=2, slots=4, most_waiting=64, clock=time.monotonic)
    lanes.offer(Waiting("q1", user="ann", weight=1, most_queries=16, is_long=False))
    lanes.next()  # Start(query_id="q1", is_long=False)
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from analytics_pipelines.sql_service.broker.fair_line import FairLine, Turn
from analytics_pipelines.sql_service.errors import QueueFull, TooManyQueries

LONGEST_RETRY_S = 60
SMOOTHING = 0.2
FIRST_GUESS_S = 0.1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A query that asks for a place."""

    query_id: str
    user: str
    weight: int
    """Part of the turns among users who wait, 1 or more."""
    most_queries: int
    """Running and waiting, that its user may have."""
    is_long: bool
    """Known to be: it skips the slice. Sessions and exports are."""
    is_stream: bool = False
    """Its answer may take as long as its reader likes: it starts only where newcomers keep a place even so."""


@dataclass(frozen=True, slots=True)
class Start:
    """A query that has got a place."""

    query_id: str
    is_long: bool
    """If not, it is to be asked for by `outlived` after its slice."""


@dataclass(slots=True)
class _Query:
    waiting: Waiting
    arrival: int
    came_at: float
    """The newcomers' virtual time when it was offered."""
    long_came_at: float
    """The long ones', for when it turns out to be long."""
    line: FairLine | None = None
    """Where it waits."""
    started_at: float = 0.0
    is_held: bool = False
    """It has a long place, or writes already, so that it can not give way."""
    has_begun: bool = False

    def turn(self, is_long: bool) -> Turn:
        """In the long line, or in the newcomers'."""
        waiting = self.waiting
        came_at = self.long_came_at if is_long else self.came_at
        return Turn(self.arrival, came_at, waiting.query_id, waiting.user, waiting.weight)


class Lanes:
    """Queries that wait and that run, by id; nothing here waits or runs by itself."""

    def __init__(self, long_places: int, slots: int, most_waiting: int, clock: Callable[[], float]) -> None:
        """Of `slots` places long ones take at most `long_places`, and always leave one.

        Of `most_waiting` long ones take at most three quarters. Raises `ValueError` for fewer than two slots.
        """
        if slots <= 1:
            raise ValueError("long and short queries need a place each")
        self.slots = slots
        self.long_places = max(1, min(long_places, slots - 1))
        self._most_waiting = most_waiting
        self._most_long_waiting = most_waiting - most_waiting // 4
        self._clock = clock
        self._arrivals = 0
        self._queries: dict[str, _Query] = {}
        self._running: dict[str, _Query] = {}
        self._of_user: Counter[str] = Counter()
        self._short = FairLine()
        self._long = FairLine()
        self._place_s = {False: FIRST_GUESS_S, True: FIRST_GUESS_S}

    @property
    def waiting(self) -> int:
        """Queries that wait for a place."""
        return len(self._short) + len(self._long)

    @property
    def waiting_long(self) -> int:
        """Those of them that are known to be long."""
        return len(self._long)

    @property
    def running(self) -> int:
        """Places taken."""
        return len(self._running)

    @property
    def held(self) -> int:
        """Places taken by long ones and by those that write."""
        return sum(query.is_held for query in self._running.values())

    def offer(self, waiting: Waiting) -> None:
        """Let a query wait for `next`.

        Raises `TooManyQueries` when its user has as many as one may, `QueueFull` when as many wait as may and it
        would have to; `ValueError` for an id that is known already.
        """
        if waiting.query_id in self._queries:
            raise ValueError("a query of this id waits or runs already")
        if self._of_user[waiting.user] >= waiting.most_queries:
            raise self._too_many(waiting)
        self._refuse_when_full(waiting.is_long)
        query = _Query(waiting, self._arrivals, self._short.now, self._long.now)
        self._arrivals += 1
        self._queries[waiting.query_id] = query
        self._of_user[waiting.user] += 1
        self._wait(query, self._long if waiting.is_long else self._short)

    def next(self) -> Start | None:
        """The next query to start, which has its place from now on; None when there is no place or nobody waits."""
        if self.running >= self.slots:
            return None
        if self.held < self.long_places and (turn := self._long.first()) is not None:
            return self._start(turn, self._long)
        turn = self._short.first(self._leaves_a_place)
        return None if turn is None else self._start(turn, self._short)

    def outlived(self, query_id: str) -> bool:
        """Whether a newcomer whose slice is over may go on, from now on as a long one.

        If not, it is to be stopped, and `put_back` once it has; it keeps its place until then. True also of one
        that has ended meanwhile or can not give way.
        """
        query = self._running.get(query_id)
        if query is None or query.is_held:
            return True
        free, turn = self.long_places - self.held, query.turn(is_long=True)
        first = self._long.first()
        is_next = first is None or self._long.claim(turn) < self._long.claim(first)
        if free <= 0 or not (is_next or free > len(self._long)):
            return False
        self._long.charge(turn)
        query.is_held = True
        return True

    def put_back(self, query_id: str) -> None:
        """A newcomer was stopped after its slice: it gives up its place and waits for a long one.

        It stands where it would had it been known to be long when it came. Raises `QueueFull` when as many long ones
        wait as may; it is forgotten then. Of one that does not run nothing happens.
        """
        query = self._leave_place(query_id)
        if query is None:
            return
        query.is_held = False
        try:
            self._refuse_when_full(is_long=True)
        except QueueFull:
            self._forget(query)
            raise
        self._wait(query, self._long)

    def begun(self, query_id: str) -> bool:
        """It writes its answer: it counts as a long one from now on and is never to be stopped for another.

        False when no place is left for newcomers, see `crowded_by`. Of one that does not run nothing happens.
        """
        query = self._running.get(query_id)
        if query is not None:
            query.is_held = query.has_begun = True
        return self.held < self.slots

    def ended(self, query_id: str) -> None:
        """It runs no more; of one that does not run nothing happens."""
        query = self._leave_place(query_id)
        if query is not None:
            self._forget(query)

    def left(self, query_id: str) -> bool:
        """It gave up while waiting; False when it does not wait, and nothing happens."""
        query = self._queries.get(query_id)
        if query is None or query.line is None:
            return False
        query.line.remove(query.turn(query.line is self._long))
        self._forget(query)
        return True

    def position(self, query_id: str) -> int | None:
        """How many start before it in its lane if nobody else comes; None of one that does not wait."""
        query = self._queries.get(query_id)
        if query is None or query.line is None:
            return None
        order = [turn.query_id for turn in query.line.order()]
        return order.index(query_id)

    def crowded_by(self) -> str | None:
        """When those that write leave newcomers no place, the one to end if it stays so; else None.

        It is the last to start of those that write of the user who has most of the places.
        """
        if self.held < self.slots:
            return None
        places = Counter(query.waiting.user for query in self._running.values())
        writing = [query for query in self._running.values() if query.has_begun]
        worst = max(writing, key=lambda query: (places[query.waiting.user], query.arrival), default=None)
        return None if worst is None else worst.waiting.query_id

    def told(self) -> dict[str, int]:
        """For statistics: queries that wait and run, in all and of them long ones, and the places."""
        return {
            "waiting": self.waiting,
            "waiting_long": self.waiting_long,
            "running": self.running,
            "running_long": self.held,
            "places": self.slots,
            "long_places": self.long_places,
        }

    def _leaves_a_place(self, turn: Turn) -> bool:
        if not self._queries[turn.query_id].waiting.is_stream:
            return True
        taken = sum(query.is_held or query.waiting.is_stream for query in self._running.values())
        return taken < self.slots - 1

    def _start(self, turn: Turn, line: FairLine) -> Start:
        line.remove(turn)
        line.charge(turn)
        query = self._queries[turn.query_id]
        query.line, query.is_held, query.started_at = None, line is self._long, self._clock()
        self._running[turn.query_id] = query
        return Start(turn.query_id, query.is_held)

    def _wait(self, query: _Query, line: FairLine) -> None:
        query.line = line
        line.add(query.turn(line is self._long))

    def _leave_place(self, query_id: str) -> _Query | None:
        query = self._running.pop(query_id, None)
        if query is not None:
            took_s = self._clock() - query.started_at
            self._place_s[query.is_held] += SMOOTHING * (took_s - self._place_s[query.is_held])
        return query

    def _forget(self, query: _Query) -> None:
        del self._queries[query.waiting.query_id]
        self._of_user[query.waiting.user] -= 1
        if not self._of_user[query.waiting.user]:
            del self._of_user[query.waiting.user]
        if not self._queries:
            self._short.rest()
            self._long.rest()

    def _refuse_when_full(self, is_long: bool) -> None:
        if is_long and len(self._long) >= self._most_long_waiting:
            raise self._full(f"{self._most_long_waiting} long queries waiting", self._freed_after_s(is_long))
        starts_at_once = self.running < self.slots and not self._short
        if not is_long and self.waiting >= self._most_waiting and not starts_at_once:
            raise self._full(f"{self._most_waiting} queries waiting", self._freed_after_s(is_long))

    def _freed_after_s(self, is_long: bool) -> int:
        """About when the last one who waits for such a place now will have got it, in whole seconds."""
        places = self.long_places if is_long else self.slots - self.long_places
        ahead = len(self._long if is_long else self._short) + 1
        return max(1, min(LONGEST_RETRY_S, math.ceil(ahead * self._place_s[is_long] / places)))

    @staticmethod
    def _full(limit: str, retry_after_s: int) -> QueueFull:
        return QueueFull("As many queries wait as may.", retry_after_s=retry_after_s, limit=limit)

    def _too_many(self, waiting: Waiting) -> TooManyQueries:
        return TooManyQueries(
            "You have as many queries running and waiting as one user may.",
            retry_after_s=self._freed_after_s(waiting.is_long),
            limit=f"{waiting.most_queries} queries at once",
            remedy="Wait until one of them has ended, or cancel one.",
        )
