"""Bodies of the doors of analytics, for /docs; what the questions give has just these fields."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.costs import Usage
from analytics_pipelines.storage_snapshots.ask.distribution import Spread
from analytics_pipelines.storage_snapshots.ask.duplicates import Group, LevelTotals
from analytics_pipelines.storage_snapshots.ask.growth import FolderGrowth, ShareGrowth
from analytics_pipelines.storage_snapshots.ask.idle import IdleTotals
from analytics_pipelines.storage_snapshots.ask.recent import DayActivity, FolderActivity
from analytics_pipelines.storage_snapshots.ask.temperature import Temperature
from analytics_pipelines.storage_snapshots.routes.models import Entry, SnapshotOf, snapshots_of


class Answer(BaseModel):
    """Every answer says which snapshots it comes from."""

    snapshots: list[SnapshotOf]


class Paged(Answer):
    """One page of a list."""

    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null after the last.")


class HeavyFiles(Paged):
    """The largest files, each of several names once."""

    files: list[Entry]


class IdleFile(Entry):
    """A file that nobody used for long."""

    last_used_at: datetime = Field(description="The time that `by` goes by.")
    idle_days: int = Field(description="Whole days from then to the snapshot.")


class InactiveFiles(Paged):
    """Idle files, largest first, and what all of them together hold."""

    totals: IdleTotals
    files: list[IdleFile]


class RecentFile(Entry):
    """A file that was changed lately."""

    is_new: bool | None = Field(description="Made in the time asked about; null where its birth is not known.")


class RecentActivity(Paged):
    """What was changed lately: sums, by UTC day, by folder, and the files, newest first."""

    total_files: int
    new_files: int
    size: int
    size_du: int
    by_day: list[DayActivity]
    by_folder: list[FolderActivity]
    files: list[RecentFile]


class Duplicates(Paged):
    """Groups of files that are, or may be, the same; most reclaimable first."""

    totals: list[LevelTotals]
    groups: list[Group]


class Growth(Paged):
    """What changed from `compared_with` to `snapshots`, by share and by folder."""

    compared_with: list[SnapshotOf]
    shares: list[ShareGrowth]
    folders: list[FolderGrowth]


class Distribution(Answer):
    """Files by one dimension: of all shares together, and of each."""

    dimension: str
    total: Spread
    shares: list[Spread]


class Costs(Answer):
    """Who holds how much, and what it costs a month."""

    by: str
    cost_per_gb: float | None = Field(description="Price of 10^9 bytes of space taken; null where none is known.")
    files: int
    size: int
    size_du: int
    cost: float | None
    usages: list[Usage]
    other_usages: int = Field(description="How many were left out by `limit`.")


class Temperatures(Answer):
    """Space by the time since the last read and the last change: of what was asked about, and of its folders."""

    total: list[Temperature]
    folders: list[Temperature]


def answer_of(these: Chosen, found: object, **more: object) -> dict[str, Any]:
    """The fields of a question's answer, with the snapshots it comes from."""
    told = {field.name: getattr(found, field.name) for field in fields(found)}  # type: ignore[arg-type] # a dataclass
    return {"snapshots": snapshots_of(these.snapshots), **more, **told}
