"""What a worker reads into memory of a generation before it answers from it, so that no question waits for it."""

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.storage_snapshots.ask.folder_index import folder_index
from analytics_pipelines.storage_snapshots.ask.kept_names import KeptNames
from analytics_pipelines.storage_snapshots.ask.type_index import type_index
from analytics_pipelines.storage_snapshots.hot.tables import FOLDERS, GRAMS, NAMES, TYPES


def make_ready(lease: Lease) -> None:
    """Make the indexes of folders, types and names where the generation has their tables; raises `TimedOut`."""
    if lease.holds(FOLDERS.name):
        folder_index(lease)
    if lease.holds(TYPES.name):
        type_index(lease)
    if lease.holds(NAMES.name) and lease.holds(GRAMS.name):
        KeptNames.of(lease)
