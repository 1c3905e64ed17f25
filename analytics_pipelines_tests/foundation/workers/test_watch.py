"""A job may take so long, and only while it is wanted."""

import pytest

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.workers import watch
from analytics_pipelines.foundation.workers.outcomes import Cancelled
from analytics_pipelines.foundation.workers.watch import LOOK_EVERY_S, Watch


@pytest.fixture
def at(monkeypatch):
    """Sets the clock."""

    def set_to(now_s):
        monkeypatch.setattr(watch.time, "monotonic", lambda: now_s)

    set_to(100.0)
    return set_to


def test_a_wait_is_short_and_ends_at_the_deadline(at):
    watched = Watch(1.0, None)
    assert watched.wait_s() == LOOK_EVERY_S
    at(100.9)
    assert watched.wait_s() == pytest.approx(0.1)
    at(101.0)
    with pytest.raises(TimedOut, match="1 s"):
        watched.wait_s()


def test_a_short_job_is_not_asked_about_and_a_long_one_five_times_a_second(at):
    asked = []
    watched = Watch(60.0, lambda: asked.append(1) or True)
    told = []
    for now_s in (100.0, 100.1, 100.2, 100.3, 100.39, 100.41, 100.5, 100.7):
        at(now_s)
        watched.wait_s()
        told.append(len(asked))
    assert told == [0, 0, 1, 1, 1, 2, 2, 3]


def test_what_is_not_wanted_is_cancelled(at):
    watched = Watch(60.0, lambda: False)
    at(100.3)
    with pytest.raises(Cancelled):
        watched.wait_s()
