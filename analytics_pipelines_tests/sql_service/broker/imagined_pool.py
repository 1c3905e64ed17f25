"""Workers that only pretend to work, in a loop whose time passes at once: what crosses on its way can be tried often."""

import asyncio
import random
import selectors
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import orjson

from analytics_pipelines.sql_service.messages import Done, Kind, StopReason

IN_ORDER_S = 1e-6
GENERATION = SimpleNamespace(id="g1", rooms=(), tables=())


class _Selector(selectors.DefaultSelector):
    """Looks without waiting; the time that would have been waited has passed."""

    passed_s = 0.0

    def select(self, timeout=None):
        found = super().select(0)
        if not found and timeout:
            self.passed_s += timeout
        return found


class QuickLoop(asyncio.SelectorEventLoop):
    """A loop that never sleeps."""

    def __init__(self):
        self._quick = _Selector()
        super().__init__(self._quick)

    def time(self):
        return self._quick.passed_s


@dataclass(eq=False)
class ImaginedWorker:
    """Hears and says everything a moment late, as another process does; what it says stays in order."""

    pool: "ImaginedPool"
    generation_id: str = GENERATION.id
    spill_folder: Path = Path("/nowhere")
    pid: int = 0
    is_gone: bool = False
    is_dead: bool = False
    query_id: str | None = None
    reason: StopReason | None = None
    has_begun: bool = False
    said_until_s: float = 0.0
    heard_until_s: float = 0.0
    work: asyncio.TimerHandle | None = None

    def give(self, job, _):
        self._hear(self._start, job)

    def stop(self, query_id, reason):
        self._hear(self._stop, query_id, reason)

    def cpu_s(self):
        return self.pool.loop.time()

    def kill(self):
        self.pool.killed_in_vain += self.has_begun and self.reason is None and self.query_id != "probe"
        self.die()

    def die(self):
        if not self.is_dead:
            self.is_dead = True
            self._say(self._gone)

    def _start(self, job):
        self.query_id, self.reason, self.has_begun = job.query_id, None, False
        self._later(self.pool.chance.choice([0.0, 0.03, 0.0399, 0.04, 0.2, 3.0, 100.0]), self._answer)

    def _answer(self):
        if self.reason is not None:
            self._end(self.reason)
            return
        self.has_begun = True
        self._tell(Kind.BEGAN)
        self._later(self.pool.chance.choice([0.0, 0.0, 0.5, 2.0]), self._end, None)

    def _stop(self, query_id, reason):
        if query_id != self.query_id or (reason is StopReason.LATER and self.has_begun):
            return
        self.reason = reason if self.reason in {None, StopReason.LATER} else self.reason
        if self.pool.chance.random() < 0.9:
            self._later(self.pool.chance.choice([0.0, 0.01, 0.3]), lambda: self._end(self.reason))

    def _end(self, reason):
        known = {None: None, StopReason.TIMEOUT: "timeout", StopReason.CANCELLED: "cancelled", StopReason.LATER: None}
        later = reason if reason is StopReason.LATER else None
        done = Done(query_id=self.query_id, error_class=known[reason], is_stopped_for=later)
        self.query_id, self.has_begun, self.work = None, False, None
        self._tell(Kind.DONE, orjson.dumps(done))

    def _gone(self):
        self.is_gone = True
        self.pool.lost(self)

    def _later(self, seconds, then, *given):
        if self.work is not None:
            self.work.cancel()
        self.work = self.pool.loop.call_later(seconds, lambda: None if self.is_dead else then(*given))

    def _hear(self, then, *given):
        self.heard_until_s = max(self.heard_until_s + IN_ORDER_S, self.pool.loop.time() + self.pool.moment())
        self.pool.loop.call_at(self.heard_until_s, lambda: None if self.is_dead else then(*given))

    def _tell(self, kind, content=b""):
        self._say(lambda: None if self.is_gone else self.pool.heard(self, kind, content))

    def _say(self, then):
        self.said_until_s = max(self.said_until_s + IN_ORDER_S, self.pool.loop.time() + self.pool.moment())
        self.pool.loop.call_at(self.said_until_s, then)


class ImaginedPool:
    """In place of `Pool`; one that dies is replaced after a while."""

    generation = GENERATION
    trouble = None

    def __init__(self, chance: random.Random, dispatch, size: int):
        self.loop = asyncio.get_running_loop()
        self.chance = chance
        self.heard, self._changed = dispatch._heard, dispatch._changed
        self.idle = [ImaginedWorker(self) for _ in range(size)]
        self.all = set(self.idle)
        self.killed_in_vain = 0
        """While they wrote and had not been told to end."""

    @property
    def total(self):
        return len(self.all)

    @property
    def available(self):
        return len(self.idle)

    def moment(self):
        return self.chance.choice([0.0, 0.001, 0.02])

    def take(self):
        return self.idle.pop() if self.idle else None

    def free(self, worker, *, is_spent):
        if worker.is_gone:
            return
        if is_spent:
            worker.die()
        else:
            self.idle.append(worker)
        self._changed()

    def lost(self, worker):
        self.all.discard(worker)
        if worker in self.idle:
            self.idle.remove(worker)
        self.loop.call_later(1.0, self._replace)
        self.heard(worker, Kind.ERROR, b"")

    def _replace(self):
        worker = ImaginedWorker(self)
        self.all.add(worker)
        self.idle.append(worker)
        self._changed()

    def close(self):
        self.idle.clear()
