"""A process of its own that has the database until its stdin closes: `python -m … HOME [UID]`."""

import json
import os
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import sqlalchemy

from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.settings import Settings


def become(uid: int) -> None:
    """Give up root for good; what is imported late may lie where the user can not read."""
    for late in ("importlib.readers", "stringprep", "encodings.idna"):
        import_module(late)
    sqlalchemy.create_engine("postgresql+psycopg://x/x").dispose()
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def main(home: str, uid: str = "") -> None:
    if uid:
        become(int(uid))
    with running_database(Settings(_env_file=None, analytics_home=Path(home))) as urls:
        sys.stdout.write(json.dumps(asdict(urls)) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
