"""Replaces partitions over and over until it is killed: `python -m … HOME FIRST_VERSION LAST_VERSION`.

Prints `ready` before its first write and each version once all its days are published.
"""

import sys
from pathlib import Path

import pandas as pd  # noqa: F401 - DuckDB imports it at the first bound value, which takes it two seconds

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines_tests.foundation.lake.example import DAYS, READINGS, generated, lake_at


def write_version(lake: Lake, version: int) -> None:
    """All days in that version."""
    for day in DAYS:
        lake.replace(READINGS, day, generated(version, day=day))


def main(home: str, first: str, last: str) -> None:
    """Versions from `first` to `last`, one after the other."""
    lake = lake_at(Path(home))
    say("ready")
    for version in range(int(first), int(last) + 1):
        write_version(lake, version)
        say(str(version))


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
