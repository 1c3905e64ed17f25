"""Searches for garbage are rarer for a while, and what becomes garbage then is still found."""

import gc
import weakref

from analytics_pipelines.foundation.garbage import THRESHOLDS, seldom_searched


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_was_there_is_left_out_until_the_end():
    before = gc.get_threshold()
    frozen = gc.get_freeze_count()
    with seldom_searched():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > frozen
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_new_garbage_is_found_all_the_same():
    with seldom_searched():
        gone = weakref.ref(Ring())
        gc.collect()
        assert gone() is None
