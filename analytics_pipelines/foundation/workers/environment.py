"""The environment of the processes that work: made of nothing that the API's holds, which has secrets."""

import os
from collections.abc import Iterable

ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "ARROW_IO_THREADS",
    "POLARS_MAX_THREADS",
    # Every further arena reserves 64 MB of the address space that a job may take.
    "MALLOC_ARENA_MAX",
)


def environment_of(python_path: Iterable[str]) -> dict[str, str]:
    """One thread a library, one zone and language, sets in an order that repeats, modules from `python_path`."""
    return {
        **dict.fromkeys(ONE_THREAD, "1"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, python_path))),
        # Other allocators reserve a gigabyte at once, which counts.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
