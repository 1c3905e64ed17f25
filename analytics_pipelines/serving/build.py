"""Build the next generation, put it into force, sweep what nobody needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from analytics_pipelines.catalog.tables import HOT
from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.files import disk_errors, locked
from analytics_pipelines.foundation.generation import Generation, GenerationFolders
from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.foundation.hot import HotTable
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.lake.workspace import workspace
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.serving.links import PartitionMoved
from analytics_pipelines.serving.plan import Plan, plan_of
from analytics_pipelines.serving.stage import Stage, previous_of
from analytics_pipelines.serving.sweep import sweep

TRIES = 5
LOCK_WAIT_S = 300.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The generation now in force; `is_new` is false when its inputs were published already."""

    generation: Generation
    folder: Path
    is_new: bool
    swept: tuple[str, ...]


class LakeTooBusy(Conflict):
    """Days were replaced faster than a generation could be put together."""


def build_generation(
    settings: Settings,
    lake: Lake,
    tables: Iterable[Table],
    *,
    hot: Iterable[HotTable] = HOT,
    clock: Clock = now,
) -> Built:
    """Publish what the lake holds of these tables now; the same inputs again change nothing.

    Of `hot`, by default every room's, those are made whose lake tables are all published.

    One build runs at a time; one that is killed leaves only rubbish in staging, which the next removes. Raises
    `Conflict`, `OutdatedPartition`, `DamagedPartition`, `LakeTooBusy`, `DiskFull`.
    """
    folders = GenerationFolders.of(settings.home)
    declared, made = tuple(tables), tuple(hot)
    with disk_errors(), locked(settings.home.locks / "generations.lock", wait_s=LOCK_WAIT_S):
        lake.sweep_staging()
        for _ in range(TRIES):
            try:
                generation, is_new = _published(settings, lake, plan_of(lake, declared, made), clock)
            except PartitionMoved:
                continue
            folder = folders.folder(generation.id)
            return Built(generation=generation, folder=folder, is_new=is_new, swept=tuple(sweep(folders)))
    raise LakeTooBusy("Days kept being replaced.", limit=str(TRIES) + " tries", remedy="Publish again later.")


def _published(settings: Settings, lake: Lake, plan: Plan, clock: Clock) -> tuple[Generation, bool]:
    """The generation now in force, and whether it had to be built."""
    folders = GenerationFolders.of(settings.home)
    is_new = plan.id not in folders.ids()
    if is_new:
        with workspace(folders.staging) as work:
            stage = Stage(work, plan, lake, DuckLimits.of(settings), previous_of(folders))
            generation = stage.fill(clock())
            folders.install(stage.folder, plan.id)
    else:
        generation = read_generation(folders.folder(plan.id))
    if folders.current_id() != plan.id:
        folders.point_to(plan.id)
        log.info("published", generation_id=plan.id, is_new=is_new)
    return generation, is_new
