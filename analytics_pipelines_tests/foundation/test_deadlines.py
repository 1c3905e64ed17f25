"""What runs past its deadline is stopped again and again, and never once it has ended."""

import threading
import time

import pytest

from analytics_pipelines.foundation.deadlines import AGAIN_AFTER_S, Deadlines


@pytest.fixture
def deadlines():
    return Deadlines()


class Stops:
    """Counts its calls and lets a test wait for them."""

    def __init__(self) -> None:
        self.count = 0
        self._stopped = threading.Semaphore(0)

    def __call__(self) -> None:
        self.count += 1
        self._stopped.release()

    def wait(self) -> bool:
        return self._stopped.acquire(timeout=20)


def watchers() -> int:
    return len([thread for thread in threading.enumerate() if thread.name == "deadlines"])


def test_what_is_overdue_is_stopped_repeatedly_until_it_ends(deadlines):
    stops = Stops()
    with deadlines.watched(stops, 0.0):
        assert [stops.wait() for _ in range(3)] == [True] * 3
    ended = stops.count
    time.sleep(AGAIN_AFTER_S * 5)
    assert stops.count == ended


def test_what_ends_in_time_is_never_stopped(deadlines):
    stops, later = Stops(), Stops()
    with deadlines.watched(stops, 60.0):
        pass
    with deadlines.watched(later, 0.0):
        assert later.wait()
    assert stops.count == 0


def test_a_nearer_deadline_is_not_kept_waiting_by_a_farther_one(deadlines):
    far, near = Stops(), Stops()
    with deadlines.watched(far, 60.0), deadlines.watched(near, 0.01):
        assert near.wait()
    assert far.count == 0


def test_a_deadline_is_kept_after_a_time_without_any(deadlines):
    stops = Stops()
    with deadlines.watched(Stops(), 0.0):
        pass
    time.sleep(AGAIN_AFTER_S * 3)
    with deadlines.watched(stops, 0.01):
        assert stops.wait()


def test_one_thread_watches_however_many_run(deadlines):
    before = watchers()
    with deadlines.watched(Stops(), 60.0), deadlines.watched(Stops(), 60.0), deadlines.watched(Stops(), 60.0):
        assert watchers() == before + 1


def test_a_thread_that_a_fork_left_behind_is_replaced(deadlines):
    gone = threading.Thread(target=lambda: None)
    gone.start()
    gone.join()
    deadlines._thread = gone
    stops = Stops()
    with deadlines.watched(stops, 0.01):
        assert stops.wait()


def test_an_error_within_ends_the_watch(deadlines):
    stops, later = Stops(), Stops()
    with pytest.raises(KeyError), deadlines.watched(stops, 60.0):
        raise KeyError
    with deadlines.watched(later, 0.0):
        assert later.wait()
    assert deadlines._running == {}
