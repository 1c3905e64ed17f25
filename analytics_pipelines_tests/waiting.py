"""Waiting for something that another process or thread does, with a bound."""

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Return once it holds; fails when it does not hold in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
