"""Where Dagster keeps its state, and a handle on it for runs in this process."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from sqlalchemy.exc import DBAPIError

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.files import disk_errors, disk_full, write_whole
from analytics_pipelines.foundation.settings import Settings

CONFIGURATION = "dagster.yaml"
PRIMARY_CODE = 0xFF
"""The part of SQLite's result codes that names the kind."""
LEAST_ROOM_BYTES = 2**20
NO_CAPTURE = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
        "config": {},
    }
}
"""Capturing takes standard output away from the progress that a shell command draws, and two processes a step."""


def dagster_home(settings: Settings) -> Path:
    """The folder for `DAGSTER_HOME`, absolute, with its `dagster.yaml`; one that is there is left as it is."""
    home = settings.home.dagster
    if not (home / CONFIGURATION).is_file():
        content = files("analytics_pipelines.dagster_kit").joinpath(CONFIGURATION).read_bytes()
        write_whole(home / CONFIGURATION, content, staging=settings.home.staging)
    return home


@contextmanager
def opened_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Dagster's state of that home, whatever `DAGSTER_HOME` says; nothing of standard output is captured.

    Raises `DiskFull` or `Unavailable`, in the block too, when the state can not be written.
    """
    with disk_errors(), state_errors(settings.home.path):
        reference = InstanceRef.from_dir(str(dagster_home(settings)), overrides=NO_CAPTURE)
        with dg.DagsterInstance.from_ref(reference) as instance:
            yield instance


@contextmanager
def state_errors(folder: Path) -> Iterator[None]:
    """What SQLite says of a disk that is full or failing, as `DiskFull` or `Unavailable`."""
    try:
        yield
    except DBAPIError as error:
        told = getattr(error.orig, "sqlite_errorcode", 0) & PRIMARY_CODE
        # On a full disk SQLite calls some of its own files' failures an I/O error.
        is_short = told == sqlite3.SQLITE_IOERR and shutil.disk_usage(folder).free < LEAST_ROOM_BYTES
        if told == sqlite3.SQLITE_FULL or is_short:
            raise disk_full() from error
        if told == sqlite3.SQLITE_IOERR:
            raise Unavailable("The disk reported an error at Dagster's state.", remedy="Check the disk.") from error
        raise
