"""A range of days of a job as one run in this process, for the shell."""

import io
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import date

import dagster as dg

from analytics_pipelines.dagster_kit.events import Materialized, failures_of, materialized_by
from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.dagster_kit.partitions import range_tags
from analytics_pipelines.foundation.settings import Settings

SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class Made:
    """What a run made of one asset; no days for an asset without partitions."""

    asset: str
    days: tuple[date, ...]
    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run; days that were made are published even when others failed."""

    run_id: str
    has_succeeded: bool
    failures: tuple[str, ...]
    """A line for each asset that failed, naming its days."""
    materialized: tuple[Materialized, ...]

    @property
    def made(self) -> list[Made]:
        """The same by asset, in the order in which they were made."""
        assets = dict.fromkeys(each.asset for each in self.materialized)
        return [_summed(asset, [each for each in self.materialized if each.asset == asset]) for asset in assets]


def materialize(
    settings: Settings,
    definitions: dg.Definitions,
    job: str,
    days: tuple[date, date] | None = None,
    assets: Sequence[str] | None = None,
) -> Outcome:
    """Run a job over the days from first to last in one run; `assets` chooses some of the job's.

    Prints nothing but what the process lets through of our own logs. A failure within the run is in the
    outcome; raises what keeps a run from starting, or Dagster from writing its state: `DiskFull`, `Unavailable`.
    """
    # On a full disk Dagster writes its own complaints past its loggers before the error reaches us.
    with opened_instance(settings) as instance, redirect_stderr(io.StringIO()):
        result = definitions.resolve_job_def(job).execute_in_process(
            run_config=SILENT,
            instance=instance,
            tags=range_tags(*days) if days else {},
            asset_selection=[dg.AssetKey(asset) for asset in assets] if assets else None,
            raise_on_error=False,
        )
        return Outcome(
            run_id=result.run_id,
            has_succeeded=result.success,
            failures=() if result.success else tuple(failures_of(instance, result.run_id)),
            materialized=tuple(materialized_by(instance, result.run_id)),
        )


def _summed(asset: str, parts: Sequence[Materialized]) -> Made:
    return Made(
        asset=asset,
        days=tuple(sorted(date.fromisoformat(part.partition) for part in parts if part.partition)),
        rows=sum(part.rows or 0 for part in parts),
        size_bytes=sum(part.size_bytes or 0 for part in parts),
    )
