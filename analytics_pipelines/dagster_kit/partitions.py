"""The daily partitions that every lake table has."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import dagster as dg

from analytics_pipelines.foundation.settings import Settings

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def daily(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Days from `LAKE_START_DATE` to today in UTC and `TIMEZONE_AHEAD_DAYS` beyond, for sites east of it."""
    # Dagster's default ends with yesterday, the last day that is over.
    return dg.DailyPartitionsDefinition(
        start_date=settings.lake_start_date.isoformat(), end_offset=1 + settings.timezone_ahead_days
    )


def days_of(context: dg.AssetExecutionContext) -> list[date]:
    """The days that this step is asked for, in order; a range run has many."""
    return sorted(date.fromisoformat(key) for key in context.partition_keys)


def range_tags(first: date, last: date) -> dict[str, str]:
    """Tags that make one run of all days from `first` to `last`."""
    return {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()}


@contextmanager
def beta_accepted() -> Iterator[None]:
    """Without Dagster's warning about `backfill_policy`, which a range of days in one run needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield
