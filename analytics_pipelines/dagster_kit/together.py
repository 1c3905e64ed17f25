"""Lake tables that are published together, as one Dagster asset of many: a step makes all that are asked for.

Each table can be chosen alone; a range of days is one run; each has its checks, and a materialization for exactly
the days that were published.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import dagster as dg

from analytics_pipelines.dagster_kit.described import Metadata, partition_metadata, untouched_metadata, whole_metadata
from analytics_pipelines.dagster_kit.lake_asset import (
    BACKFILL,
    EVENTS_LOGGED_BY_HAND,
    OWNERS,
    check_specs,
    materialization,
)
from analytics_pipelines.dagster_kit.partitions import beta_accepted, days_of
from analytics_pipelines.dagster_kit.remake import MOST_TOLD
from analytics_pipelines.dagster_kit.steps import FAILED_DAYS
from analytics_pipelines.dagster_kit.world import WORLD, World
from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.foundation.lake import Manifest, Verdict
from analytics_pipelines.foundation.lake.checks import RULES
from analytics_pipelines.foundation.logs import bound
from analytics_pipelines.foundation.tables import Table, unread

Asset = str
Offenders = dict[tuple[Asset, str], list[str]]
"""By table and check, what broke it and on which day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of the tables; its columns may be known only once it was read."""

    name: Asset
    description: str
    metadata: Metadata = field(default_factory=dict)
    version: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One partition that was made; `concerns` are by check what a person should look at."""

    table: Table
    manifest: Manifest
    metadata: Metadata = field(default_factory=dict)
    concerns: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day of a table for which there was nothing to make."""

    name: Asset
    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A day of a table that broke rules, for which nothing at all was published."""

    name: Asset
    day: date
    verdicts: Sequence[Verdict]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of all that was asked for; with a `complaint` the run fails, whatever was published before."""

    published: Sequence[Published] = ()
    skipped: Sequence[Skipped] = ()
    refused: Sequence[Refused] = ()
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which tables and days, with what, and where to tell how it goes."""

    world: World
    names: Sequence[Asset]
    days: Sequence[date]
    tell: Callable[[str], None]
    tags: Mapping[str, str] = field(default_factory=dict)
    """Of the run."""


Make = Callable[[Asked], Outcome]


def together(
    name: str,
    members: Sequence[Member],
    *,
    group: str,
    days: dg.DailyPartitionsDefinition,
    make: Make,
    kinds: frozenset[str],
    concerns: Mapping[str, str],
) -> dg.AssetsDefinition:
    """The assets of these tables in a step called `name`; `make` publishes all of them or none.

    `concerns` are checks with their meaning that warn and block nothing. An error of ours fails the step with its one
    line; days for which there is nothing to make are recorded in a backfill only, which waits for them.
    """
    with beta_accepted():

        @dg.multi_asset(
            name=name,
            specs=[_spec(member, group, kinds) for member in members],
            check_specs=[spec for member in members for spec in check_specs(member.name, concerns)],
            partitions_def=days,
            backfill_policy=dg.BackfillPolicy.single_run(),
            can_subset=True,
            required_resource_keys={WORLD},
        )
        def made(context: dg.AssetExecutionContext) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
            wanted = {key.to_user_string() for key in context.selected_asset_keys}
            names = [member.name for member in members if member.name in wanted]
            asked = Asked(context.resources.world, names, days_of(context), context.log.info, context.run.tags)
            with bound(run_id=context.run.run_id, step=name):
                outcome = _outcome(make, asked)
            _record(context, {member.name: member.version for member in members}, outcome)
            yield from _checked(names, outcome, concerns)
            yield from _finished(asked, outcome)

    return made


def _outcome(make: Make, asked: Asked) -> Outcome:
    try:
        return make(asked)
    except AnalyticsError as error:
        return Outcome(complaint=str(error))


def _spec(member: Member, group: str, kinds: frozenset[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        member.name,
        group_name=group,
        description=member.description,
        metadata=member.metadata,
        owners=list(OWNERS),
        kinds=set(kinds),
        code_version=member.version,
        skippable=True,
    )


def _record(context: dg.AssetExecutionContext, versions: Mapping[Asset, str], outcome: Outcome) -> None:
    """Log a materialization for exactly the days published; a table's newest tells of the whole table."""
    lake = context.resources.world.lake
    newest = {
        each.table.name: each.manifest.day for each in sorted(outcome.published, key=lambda one: one.manifest.day)
    }
    shapes = {each.table.name: each.table for each in outcome.published}
    # A backfill calls days failed that its runs did not record, and everything downstream of them too.
    for skipped in outcome.skipped if BACKFILL in context.run.tags else ():
        shape = shapes.get(skipped.name) or unread(skipped.name)
        found = lake.manifest(shape, skipped.day)
        metadata = untouched_metadata(lake, shape, found) | {"reason": dg.MetadataValue.text(skipped.reason)}
        version = versions[skipped.name]
        context.log_event(materialization(skipped.name, version, skipped.day, metadata, found))
    for each in outcome.published:
        metadata = partition_metadata(lake, each.table, each.manifest) | each.metadata
        if newest[each.table.name] == each.manifest.day:
            metadata |= whole_metadata(lake, each.table, each.manifest.day)
        name = each.table.name
        context.log_event(materialization(name, versions[name], each.manifest.day, metadata, each.manifest))


def _checked(names: Sequence[Asset], outcome: Outcome, concerns: Mapping[str, str]) -> Iterator[dg.AssetCheckResult]:
    """A result for each check; of a run that fails, only for tables that were read to their end."""
    broken = _broken(outcome)
    read = {each.name for each in outcome.refused} | {each.table.name for each in outcome.published}
    judged = read if outcome.complaint else set(names)
    for name in names:
        for check in (*RULES, *concerns) if name in judged else ():
            offenders = broken.get((name, check), [])
            yield dg.AssetCheckResult(
                asset_key=name,
                check_name=check,
                passed=not offenders,
                severity=dg.AssetCheckSeverity.WARN if check in concerns else dg.AssetCheckSeverity.ERROR,
                metadata={"offenders": dg.MetadataValue.json(offenders[:MOST_TOLD])},
            )


def _broken(outcome: Outcome) -> Offenders:
    broken: Offenders = {}
    for refused in outcome.refused:
        for verdict in refused.verdicts:
            told = [f"{refused.day}: {offender}" for offender in verdict.offenders]
            broken.setdefault((refused.name, verdict.rule), []).extend(told)
    for each in outcome.published:
        for check, what in each.concerns.items():
            told = [f"{each.manifest.day}: {one}" for one in what]
            broken.setdefault((each.table.name, check), []).extend(told)
    return broken


def _finished(asked: Asked, outcome: Outcome) -> Iterator[dg.MaterializeResult[None]]:
    """The failure that says why nothing was published, or the assets' own ends without an event of Dagster's."""
    for skipped in outcome.skipped:
        asked.tell(f"{skipped.name} of {skipped.day} is left as it is: {skipped.reason}")
    if outcome.complaint:
        days = sorted({str(each.day) for each in outcome.refused}) or [str(day) for day in asked.days]
        raise dg.Failure(outcome.complaint, metadata={FAILED_DAYS: days}, allow_retries=False)
    for name in asked.names:
        yield dg.MaterializeResult(asset_key=name, metadata={EVENTS_LOGGED_BY_HAND: True})
