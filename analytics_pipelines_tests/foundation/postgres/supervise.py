"""A process of its own that has the database until its stdin closes: `python -m … HOME [UID]`."""

import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.settings import Settings


def become(uid: int) -> None:
    """Give up root for good, after loading all that is imported late: it may lie where the user can not read."""
    with tempfile.TemporaryDirectory() as scratch, running_database(settings_of(Path(scratch) / "home")):
        pass
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def settings_of(home: Path) -> Settings:
    return Settings(_env_file=None, analytics_home=home)


def main(home: str, uid: str = "") -> None:
    if uid:
        become(int(uid))
    with running_database(settings_of(Path(home))) as urls:
        sys.stdout.write(json.dumps(asdict(urls)) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
