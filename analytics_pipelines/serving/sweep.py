"""Removing generations that are neither recent nor in use."""

import os
from collections.abc import Iterator

from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.pointer import lock_generation
from analytics_pipelines.foundation.lake.workspace import workspace

KEPT = 3
"""The one in force and the two before it."""


def sweep(folders: GenerationFolders) -> Iterator[str]:
    """Remove all but the newest `KEPT`, those in use and the one in force; gives the ids removed."""
    current = folders.current_id()
    for generation_id in folders.ids()[KEPT:]:
        if generation_id != current and remove(folders, generation_id):
            yield generation_id


def remove(folders: GenerationFolders, generation_id: str) -> bool:
    """Move it out of sight under its exclusive lock, then delete it; False when somebody uses it."""
    lock = lock_generation(folders.folder(generation_id), exclusive=True)
    if lock is None:
        return False
    try:
        with workspace(folders.staging) as bin_folder:
            folders.folder(generation_id).rename(bin_folder / generation_id)
    finally:
        os.close(lock)
    return True
