"""Python's search for circular garbage, made rarer for processes that answer thousands of requests a second.

What an application has loaded never becomes garbage, and most of what a request makes is freed by counting references:
looking through all of it again and again took a fifth of the time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (20_000, 20, 20)
"""New objects between two searches, and searches of one age between two of the next."""


@contextmanager
def seldom_searched() -> Iterator[None]:
    """Leave everything that there is now out of the searches, and search less often; as before at the end.

    Where something was left out already, nothing is added: there is no way to take back just that.
    """
    before, is_frozen = gc.get_threshold(), gc.get_freeze_count() > 0
    gc.set_threshold(*THRESHOLDS)
    if not is_frozen:
        gc.freeze()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not is_frozen:
            gc.unfreeze()
