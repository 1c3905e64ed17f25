"""A lake table as a Dagster asset: everything but the work itself comes from the table's declaration."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import dagster as dg

from analytics_pipelines.dagster_kit.described import (
    Metadata,
    partition_metadata,
    picture_metadata,
    table_metadata,
    untouched_metadata,
    whole_metadata,
)
from analytics_pipelines.dagster_kit.partitions import beta_accepted, days_of
from analytics_pipelines.dagster_kit.remake import MOST_TOLD, Remaking, remake
from analytics_pipelines.dagster_kit.world import WORLD, World
from analytics_pipelines.foundation.clock import days_between
from analytics_pipelines.foundation.lake import Manifest
from analytics_pipelines.foundation.lake.checks import RULES
from analytics_pipelines.foundation.logs import bound
from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.tables import Table

OWNERS = ("team:analytics",)
KINDS = frozenset({"duckdb", "parquet"})
BACKFILL = "dagster/backfill"
NO_DATA = "none"
EVENTS_LOGGED_BY_HAND = "__source_asset_observation__"
"""On a result, tells Dagster 1.13 to write no event of its own. It has no public way to finish a range of
days of which some were skipped: it would either record them all, or skip every asset downstream."""


@dataclass(frozen=True, slots=True)
class Read:
    """Another lake table, and how many days around its own day an asset reads of it."""

    table: Table
    days_before: int = 0
    days_after: int = 0

    def around(self, day: date) -> list[date]:
        """The days read to make `day`."""
        return days_between(day - timedelta(days=self.days_before), day + timedelta(days=self.days_after))

    def dependency(self) -> dg.AssetDep:
        """The same for Dagster."""
        mapping = dg.TimeWindowPartitionMapping(start_offset=-self.days_before, end_offset=self.days_after)
        return dg.AssetDep(self.table.name, partition_mapping=mapping)


@dataclass(frozen=True, slots=True)
class Making:
    """One day in the making: whose, with what, and what may be read."""

    world: World
    day: date
    reads: Sequence[Read]
    concerns: Mapping[str, list[str]] = field(default_factory=dict)

    def concern(self, check: str, what: str) -> None:
        """Let that check of the asset fail and tell this of the day; what can be made is published all the same."""
        self.concerns[check].append(f"{self.day}: {what}")

    def scan(self, table: Table) -> Scan:
        """The declared days of that table; raises `KeyError` for one that the asset does not declare."""
        days = {read.table.name: read for read in self.reads}[table.name].around(self.day)
        return self.world.lake.scan(table, days)


Make = Callable[[Making], Select | None]
"""Gives the SELECT that makes a day, or None where there is nothing for it and the partition is left alone."""
Shaped = Callable[[World, date], Table]
"""Gives the table as it is on a day."""
Picture = Callable[[World, list[date]], bytes | None]
"""Draws the table for the days just published, as a PNG."""


def lake_asset(
    table: Table,
    *,
    days: dg.DailyPartitionsDefinition,
    make: Make,
    reads: Sequence[Read] = (),
    kinds: frozenset[str] = KINDS,
    picture: Picture | None = None,
    publishes_empty: bool = True,
    concerns: Mapping[str, str] | None = None,
    shaped: Shaped | None = None,
) -> dg.AssetsDefinition:
    """The asset of that table: daily, a range of days in one run, checked before it is published.

    A day that breaks its table's rules is not published and fails the run by name; the other days are published
    and recorded all the same. Days without anything to make are left alone; only a run of a backfill records them,
    because a backfill waits for all its days, and says there that nothing was made. Unless the table `publishes_empty`
    a day without rows is left alone too, until it has had some: then the empty partition says that they are gone.
    `concerns` are further checks with their meaning, which fail where `make` raises a concern and block nothing.
    `shaped` gives the table with the columns of a day, where they are known only once the days that it reads are there.
    """
    with beta_accepted():

        @dg.asset(
            name=table.name,
            group_name=table.room,
            description=description(table),
            metadata=table_metadata(table),
            owners=list(OWNERS),
            kinds=set(kinds),
            code_version=table.version,
            partitions_def=days,
            backfill_policy=dg.BackfillPolicy.single_run(),
            deps=[read.dependency() for read in reads],
            check_specs=check_specs(table.name, concerns or {}),
            required_resource_keys={WORLD},
        )
        def remade(context: dg.AssetExecutionContext) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
            yield from _remade(context, _Work(table, make, reads, picture, publishes_empty, concerns or {}, shaped))

    return remade


@dataclass(frozen=True, slots=True)
class _Work:
    """What the asset of a table does in a run."""

    table: Table
    make: Make
    reads: Sequence[Read]
    picture: Picture | None
    publishes_empty: bool
    concerns: Mapping[str, str]
    shaped: Shaped | None

    def shape(self, world: World, day: date) -> Table:
        """The table with the columns that it has on that day."""
        return self.shaped(world, day) if self.shaped else self.table


def _remade(
    context: dg.AssetExecutionContext, work: _Work
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    world: World = context.resources.world
    done = Remaking(publishes_empty=work.publishes_empty)
    raised: dict[str, list[str]] = {check: [] for check in work.concerns}

    def make(day: date) -> Select | None:
        return work.make(Making(world, day, work.reads, raised))

    try:
        with bound(run_id=context.run.run_id, asset=work.table.name):
            remake(world.lake, lambda day: work.shape(world, day), days_of(context), make, done)
    finally:
        known = work.shape(world, done.published[-1].day) if done.published else work.table
        _record(context, known, done, work.picture)
    yield from _checked(raised)
    yield from _finished(context, work.table, done)


def description(table: Table) -> str:
    """Grain, partition and promise, for the catalog of the UI."""
    grain = table.grain[:1].upper() + table.grain[1:]
    return (
        f"{grain}, one row each. Partition: {table.partition}. "
        "Remaking a day replaces its partition as a whole; the same input gives the same bytes."
    )


def check_specs(asset: str, concerns: Mapping[str, str]) -> list[dg.AssetCheckSpec]:
    """One check a rule and one a concern, with its meaning.

    Rules run on what is staged, so nothing that breaks one is ever published; a concern blocks nothing.
    """
    rules = [dg.AssetCheckSpec(rule, asset=asset, description=told, blocking=True) for rule, told in RULES.items()]
    return rules + [
        dg.AssetCheckSpec(check, asset=asset, description=told, blocking=False) for check, told in concerns.items()
    ]


def _checked(raised: Mapping[str, list[str]]) -> Iterator[dg.AssetCheckResult]:
    for check, told in raised.items():
        metadata = {"offenders": dg.MetadataValue.json(told[:MOST_TOLD])}
        yield dg.AssetCheckResult(check_name=check, passed=not told, metadata=metadata)


def _record(context: dg.AssetExecutionContext, table: Table, done: Remaking, picture: Picture | None) -> None:
    """Log a materialization for exactly the days published; the newest, logged last, tells of the whole table."""
    world: World = context.resources.world
    # A backfill calls days failed that its runs did not record, and everything downstream of them too.
    for day in done.skipped if BACKFILL in context.run.tags else ():
        found = world.lake.manifest(table, day)
        _log(context, table, day, untouched_metadata(world.lake, table, found), found)
    for manifest in done.published:
        metadata = partition_metadata(world.lake, table, manifest)
        if manifest is done.published[-1]:
            metadata |= whole_metadata(world.lake, table, manifest.day) | _picture(context, done, picture)
        _log(context, table, manifest.day, metadata, manifest)


def _log(
    context: dg.AssetExecutionContext, table: Table, day: date, metadata: Metadata, manifest: Manifest | None
) -> None:
    context.log_event(materialization(table.name, table.version, day, metadata, manifest))


def materialization(
    asset: str, version: str, day: date, metadata: Metadata, manifest: Manifest | None
) -> dg.AssetMaterialization:
    """The event of one day; its data version is the hash of the partition's bytes."""
    tags = {
        "dagster/code_version": version,
        "dagster/data_version": manifest.sha256 if manifest else NO_DATA,
        "dagster/data_version_is_user_provided": "true",
    }
    return dg.AssetMaterialization(asset, partition=day.isoformat(), metadata=metadata, tags=tags)


def _picture(context: dg.AssetExecutionContext, done: Remaking, picture: Picture | None) -> Metadata:
    try:
        png = picture(context.resources.world, [each.day for each in done.published]) if picture else None
    except Exception as error:  # noqa: BLE001 - a picture that can not be drawn never costs the data
        context.log.warning("The picture could not be drawn: %s", error)
        return {}
    return picture_metadata(png) if png else {}


def _finished(
    context: dg.AssetExecutionContext, table: Table, done: Remaking
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """The checks' results, then the failure that names the poisoned days, if any."""
    if done.skipped:
        context.log.info("%s: nothing to make for %d days, left as they are", table.name, len(done.skipped))
    for rule, offenders in done.offenders.items():
        yield dg.AssetCheckResult(
            check_name=rule, passed=not offenders, metadata={"offenders": dg.MetadataValue.json(offenders[:MOST_TOLD])}
        )
    if complaint := done.complaint(table):
        raise dg.Failure(complaint, metadata={"days": [str(day) for day in done.refused]}, allow_retries=False)
    yield dg.MaterializeResult(metadata={EVENTS_LOGGED_BY_HAND: True})
