"""Generations of before: they hold the lake's old files by links of their own."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.serving.sweep import remove

POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Retired:
    """Generations that are gone, and those that somebody still reads from."""

    removed: tuple[str, ...]
    in_use: tuple[str, ...]


def retire_others(folders: GenerationFolders, *, wait_s: float) -> Retired:
    """Remove all generations but the one in force; readers have so long to move on to it.

    The API's workers do within a second, unless a request or a cursor goes on.
    """
    deadline = time.monotonic() + wait_s
    removed: list[str] = []
    while left := _others(folders):
        removed += [each for each in left if remove(folders, each)]
        left = _others(folders)
        if not left or time.monotonic() > deadline:
            break
        time.sleep(POLL_S)
    return Retired(tuple(sorted(removed)), tuple(_others(folders)))


def _others(folders: GenerationFolders) -> Sequence[str]:
    current = folders.current_id()
    return [each for each in folders.ids() if each != current]
