"""Where Dagster keeps its state, and a handle on it for runs in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from analytics_pipelines.foundation.files import write_whole
from analytics_pipelines.foundation.settings import Settings

CONFIGURATION = "dagster.yaml"
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
    """Dagster's state of that home, whatever `DAGSTER_HOME` says; nothing of standard output is captured."""
    reference = InstanceRef.from_dir(str(dagster_home(settings)), overrides=NO_CAPTURE)
    with dg.DagsterInstance.from_ref(reference) as instance:
        yield instance
