"""How often Hypothesis tries: often enough to notice in every run, as often as is worth it in `make test-long`."""

import os

LONG = "TEST_LONG"
PART = 10
LEAST = 10


def examples(count: int, least: int = LEAST) -> int:
    """All of them in a long run, else a part, but at least so many."""
    return count if os.environ.get(LONG) else min(count, max(least, count // PART))
