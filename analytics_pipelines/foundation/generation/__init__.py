"""What the API serves from: a generation on disk, the pointer to it, a lease on it, the holder that swaps.

Here: reading and publishing generations. Not here: making one (`serving`), what its tables mean (the rooms).

    with Generations(settings) as generations, generations.acquire() as lease:
        lease.rows(DailyVisits, from_file(__package__, "daily_visits"), site="example")
"""

from analytics_pipelines.foundation.generation.description import (
    ColumnDescription,
    Generation,
    HotTableRows,
    PartitionFile,
    RoomFile,
    TableFiles,
)
from analytics_pipelines.foundation.generation.holder import Generations, NothingPublished, Summary
from analytics_pipelines.foundation.generation.lease import Lease
from analytics_pipelines.foundation.generation.pointer import GenerationFolders

__all__ = [
    "ColumnDescription",
    "Generation",
    "GenerationFolders",
    "Generations",
    "HotTableRows",
    "Lease",
    "NothingPublished",
    "PartitionFile",
    "RoomFile",
    "Summary",
    "TableFiles",
]
