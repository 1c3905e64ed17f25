"""The lanes' rules, written down once more with lists and fractions, for comparison."""

from dataclasses import dataclass, field
from fractions import Fraction

from analytics_pipelines.sql_service.broker.lanes import Start, Waiting


@dataclass
class Known:
    asked: Waiting
    arrival: int
    came_at: dict[bool, Fraction]
    """By lane: True is the long one."""
    waits_in: bool | None = None
    is_held: bool = False
    has_begun: bool = False


@dataclass
class NaiveLanes:
    long_places: int
    slots: int
    queries: list[Known] = field(default_factory=list)
    now: dict[bool, Fraction] = field(default_factory=lambda: {False: Fraction(0), True: Fraction(0)})
    finish: dict[tuple[bool, str], Fraction] = field(default_factory=dict)
    arrivals: int = 0

    def waiting(self, lane: bool) -> list[Known]:
        return [each for each in self.queries if each.waits_in is lane]

    def running(self) -> list[Known]:
        return [each for each in self.queries if each.waits_in is None]

    def held(self) -> int:
        return len([each for each in self.running() if each.is_held])

    def of(self, query_id: str) -> Known:
        return next(each for each in self.queries if each.asked.query_id == query_id)

    def offer(self, asked: Waiting) -> None:
        self.queries.append(Known(asked, self.arrivals, dict(self.now), waits_in=asked.is_long))
        self.arrivals += 1

    def claim(self, known: Known, lane: bool) -> tuple[Fraction, int]:
        finish = self.finish.get((lane, known.asked.user), Fraction(0))
        return max(known.came_at[lane], finish), known.arrival

    def heads(self, lane: bool) -> list[Known]:
        line = sorted(self.waiting(lane), key=lambda each: each.arrival)
        users = {each.asked.user for each in line}
        heads = [next(each for each in line if each.asked.user == user) for user in users]
        return sorted(heads, key=lambda each: self.claim(each, lane))

    def charge(self, known: Known, lane: bool) -> None:
        tag, _ = self.claim(known, lane)
        self.now[lane] = max(self.now[lane], tag)
        self.finish[lane, known.asked.user] = tag + Fraction(1, known.asked.weight)

    def next(self) -> Start | None:
        if len(self.running()) == self.slots:
            return None
        if self.held() < self.long_places and self.heads(True):
            return self.start(self.heads(True)[0], True)
        streams = len([each for each in self.running() if each.is_held or each.asked.is_stream])
        for head in self.heads(False):
            if not head.asked.is_stream or streams < self.slots - 1:
                return self.start(head, False)
        return None

    def start(self, known: Known, lane: bool) -> Start:
        self.charge(known, lane)
        known.waits_in, known.is_held = None, lane
        return Start(known.asked.query_id, lane)

    def outlived(self, query_id: str) -> bool:
        known = self.of(query_id)
        if known.is_held:
            return True
        free, heads = self.long_places - self.held(), self.heads(True)
        has_best_claim = not heads or self.claim(known, True) < self.claim(heads[0], True)
        if free > 0 and (has_best_claim or free > len(self.waiting(True))):
            self.charge(known, True)
            known.is_held = True
        return known.is_held

    def put_back(self, query_id: str) -> None:
        known = self.of(query_id)
        known.is_held, known.waits_in = False, True

    def begun(self, query_id: str) -> bool:
        self.of(query_id).is_held = True
        return self.held() < self.slots

    def gone(self, query_id: str) -> None:
        self.queries.remove(self.of(query_id))
        if not self.queries:
            for lane in (False, True):
                finishes = [finish for (of_lane, _), finish in self.finish.items() if of_lane is lane]
                self.now[lane] = max([self.now[lane], *finishes])
            self.finish.clear()
