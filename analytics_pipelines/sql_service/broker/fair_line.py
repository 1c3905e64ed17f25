"""A line in which users take turns by weight, however many queries each of them has in it.

Start-time fair queueing (Goyal, Vin, Cheng 1996) with a cost of one per query: a query's tag is the later of the
line's virtual time when it came and of its user's finish, which each start moves on by 1 / weight; the lowest tag is
next, and its tag becomes the virtual time. So nobody saves up turns by staying away, nobody pays for queries that
left the line, and of users who always have some waiting each gets turns by weight, to within one query.
"""

from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

MANY_USERS = 1_024
"""Past it, finishes that no longer matter are dropped at the next start."""


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """A query in a line; one user's are served in order of arrival."""

    arrival: int
    came_at: float = field(compare=False)
    """The line's virtual time when it came."""
    query_id: str = field(compare=False)
    user: str = field(compare=False)
    weight: int = field(compare=False)


class FairLine:
    """Those who wait for one kind of place."""

    def __init__(self) -> None:
        self.now = 0.0
        """Virtual time; it never goes back."""
        self._turns: dict[str, list[Turn]] = {}
        self._finishes: dict[str, float] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, turn: Turn) -> None:
        """Let one more wait, before later arrivals of the same user."""
        insort(self._turns.setdefault(turn.user, []), turn)
        self._length += 1

    def remove(self, turn: Turn) -> None:
        """Let one go that waits and was not started; it costs its user nothing."""
        turns = self._turns[turn.user]
        turns.remove(turn)
        self._length -= 1
        if not turns:
            del self._turns[turn.user]

    def first(self, may_start: Callable[[Turn], bool] | None = None) -> Turn | None:
        """Whose turn it is among each user's earliest that may start (None: all may)."""
        heads = [turns[0] for turns in self._turns.values() if may_start is None or may_start(turns[0])]
        return min(heads, key=self.claim, default=None)

    def claim(self, turn: Turn) -> tuple[float, int]:
        """The lower, the sooner: its tag, were it its user's next one, and its arrival."""
        return max(turn.came_at, self._finishes.get(turn.user, 0.0)), turn.arrival

    def charge(self, turn: Turn) -> None:
        """It has got a place: its user's next one stands back accordingly."""
        tag, _ = self.claim(turn)
        self.now = max(self.now, tag)
        if len(self._finishes) >= MANY_USERS:
            self._finishes = {user: finish for user, finish in self._finishes.items() if finish > self.now}
        self._finishes[turn.user] = tag + 1 / turn.weight

    def rest(self) -> None:
        """Nobody waits and nobody has a place: all start anew as equals."""
        self.now = max((self.now, *self._finishes.values()))
        self._finishes.clear()

    def order(self) -> Iterator[Turn]:
        """In which they would start if nobody came or left."""
        ahead = FairLine()
        ahead.now, ahead._finishes = self.now, dict(self._finishes)
        ahead._turns = {user: list(turns) for user, turns in self._turns.items()}
        while (turn := ahead.first()) is not None:
            yield turn
            ahead.remove(turn)
            ahead.charge(turn)
