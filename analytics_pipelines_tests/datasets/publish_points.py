"""Kills itself at every system call that publishing a dataset makes, one after the other: `python -m … FOLDER`.

In every child a dataset with its original is published below `FOLDER/<point>`. Prints the number of points reached.
"""

import sys
from pathlib import Path

from analytics_pipelines.datasets.folders import Folders, Place, new_id
from analytics_pipelines_tests.faults.kill_points import MOST_POINTS, kill_at, survives
from analytics_pipelines_tests.faults.writer import say

CALLS = ("fsync", "rename", "chmod", "mkdir", "open", "rmdir")


def publish_and_die(home: Path, point: int) -> None:
    """Publish with death at `point`."""
    folders = Folders(home)
    kill_at(point, CALLS)
    with folders.staging() as folder:
        for name in ("rows", "sent"):
            (folder / name).write_bytes(name.encode())
        folders.publish(Place(new_id(), new_id()), data=folder / "rows", original=folder / "sent")


def main(home: str) -> None:
    """Every point until a child comes through."""
    for point in range(MOST_POINTS):
        if survives(Path(home) / str(point), point, publish_and_die):
            say(str(point))
            return
    raise SystemExit("no child came through")


if __name__ == "__main__":
    main(sys.argv[1])
