"""Searches for garbage are rarer for a while, and what becomes garbage then is still found."""

import gc
import weakref

import pytest

from analytics_pipelines.foundation.garbage import THRESHOLDS, seldom_searched


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def thawed():
    """Nothing is left out, as in a process that has just begun."""
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    yield
    if frozen:
        gc.freeze()


def test_what_was_there_is_left_out_until_the_end(thawed):
    before = gc.get_threshold()
    with seldom_searched():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > 0
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_what_somebody_else_has_left_out_stays_so(thawed):
    gc.freeze()
    frozen = gc.get_freeze_count()
    with seldom_searched():
        assert gc.get_threshold() == THRESHOLDS
        kept = [Ring() for _ in range(1000)]
    assert gc.get_freeze_count() <= frozen
    assert len(kept) == 1000
    gc.unfreeze()


def test_new_garbage_is_found_all_the_same():
    with seldom_searched():
        gone = weakref.ref(Ring())
        gc.collect()
        assert gone() is None
