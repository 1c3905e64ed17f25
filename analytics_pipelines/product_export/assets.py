"""Dagster door: the copies of the source's tables, made together; the state of those that are copied in changes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import dagster as dg

from analytics_pipelines.dagster_kit.described import Metadata
from analytics_pipelines.dagster_kit.lake_asset import Making, Read, lake_asset
from analytics_pipelines.dagster_kit.remake import MOST_TOLD
from analytics_pipelines.dagster_kit.together import (
    Asked,
    Member,
    Outcome,
    Published,
    Refused,
    Skipped,
    together,
)
from analytics_pipelines.dagster_kit.world import World
from analytics_pipelines.foundation.clock import today
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.tables import Table, unread
from analytics_pipelines.product_export.clean import core_items, core_users
from analytics_pipelines.product_export.configuration import export_wishes
from analytics_pipelines.product_export.current import core_table
from analytics_pipelines.product_export.outcome import Exported, ExportRefused
from analytics_pipelines.product_export.replay import replayed
from analytics_pipelines.product_export.run import ExportParts, export
from analytics_pipelines.product_export.served import raw_table
from analytics_pipelines.product_export.tables import CORE_ITEMS, CORE_USERS, RAW_ITEMS, RAW_USERS, ROOM
from analytics_pipelines.product_export.told import LogLines, columns_told, moment_told
from analytics_pipelines.product_export.verify.stored import damaged_copies
from analytics_pipelines.product_export.wishes import OUT_OF_THE_BOX, Mode, TableWish

COPIES = "product_tables"
"""The step that copies all tables."""
FROM_POSTGRES = frozenset({"postgres", "parquet"})
EXACTLY: Mapping[str, str] = {"analytics/compare": "exactly"}
"""Tags of a run that compares every value with the source, and every file of the lake with what was published."""
NOT_CONFIGURED = "it is not among the tables that are exported of the source"
DRIFT, WARNINGS = "columns_as_before", "nothing_to_warn_of"
CONCERNS = {
    DRIFT: "The source's columns are those of the partition before.",
    WARNINGS: "No column looks personal without a policy, and none has a type that nobody knows.",
}


def assets(days: dg.DailyPartitionsDefinition, settings: Settings) -> list[dg.AssetsDefinition]:
    """`raw_app__<name>` of every table that the settings name, `core_app__<name>` of the incremental ones.

    Users and items have their cleaned twins. Raises `SetupError` where the settings name something impossible.
    """
    wishes = export_wishes(settings)
    configured = {wish.lake_name for wish in wishes}
    members = [_member(wish) for wish in (*wishes, *(own for own in OUT_OF_THE_BOX if own.lake_name not in configured))]
    return [
        together(COPIES, members, group=ROOM, days=days, make=_export, kinds=FROM_POSTGRES, concerns=CONCERNS),
        lake_asset(CORE_USERS, days=days, make=_core_users, reads=[Read(RAW_USERS)]),
        lake_asset(CORE_ITEMS, days=days, make=_core_items, reads=[Read(RAW_ITEMS), Read(CORE_USERS)]),
        *(_state(wish, days) for wish in wishes if wish.mode is Mode.INCREMENTAL),
    ]


def _member(wish: TableWish) -> Member:
    told = (
        f"Rows of {wish.source_name} as the source has them, mode {wish.mode}, in one snapshot with all other tables."
    )
    return Member(name=wish.lake_name, description=told, metadata={"source": dg.MetadataValue.text(wish.source_name)})


def _export(asked: Asked) -> Outcome:
    """The product's own tables are assets whatever the source is; where it is another's they are left alone."""
    configured = {wish.lake_name for wish in export_wishes(asked.world.settings)}
    strange = [
        Skipped(name, day, NOT_CONFIGURED) for name in asked.names if name not in configured for day in asked.days
    ]
    names = [name for name in asked.names if name in configured]
    return _exported(asked, names, strange) if names else Outcome(skipped=strange)


def _exported(asked: Asked, names: Sequence[str], strange: Sequence[Skipped]) -> Outcome:
    parts = ExportParts(asked.world.settings, asked.world.lake, asked.world.source_conninfo)
    exactly = EXACTLY.items() <= asked.tags.items()
    try:
        report = export(parts, names, asked.days, today=today(), watch=LogLines(asked.tell), exactly=exactly)
    except ExportRefused as refused:
        offences = [Refused(each.table, each.day, each.verdicts) for each in refused.offences]
        return Outcome(refused=offences, complaint=str(refused))
    skipped = [*strange, *(Skipped(each.table, each.day, each.reason) for each in report.left_alone)]
    published = [_published(each) for each in report.exported]
    return Outcome(published, skipped, complaint=_damage(asked.world) if exactly else "")


def _damage(world: World) -> str:
    """Which files of any day are not those that were published any more; empty if all are."""
    found = damaged_copies(world.settings, world.lake)
    told = [f"{table} of {sentence}" for table, sentences in found.items() for sentence in sentences]
    more = [f"and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
    return "Published files were damaged since: " + "; ".join(told[:MOST_TOLD] + more) if told else ""


def _published(each: Exported) -> Published:
    return Published(
        table=each.table,
        manifest=each.manifest,
        metadata=_metadata(each),
        concerns={DRIFT: each.drift, WARNINGS: each.warnings},
    )


def _metadata(each: Exported) -> Metadata:
    numbers = {
        "deleted_rows": dg.MetadataValue.int(each.deleted),
        "duration_s": dg.MetadataValue.float(each.duration_s),
    }
    texts = {"mode": each.mode.value, "kind": each.kind, "copied_whole_because": each.reason}
    return {
        **numbers,
        **{name: dg.MetadataValue.text(text) for name, text in texts.items() if text},
        "snapshot": dg.MetadataValue.text(moment_told(each.manifest)),
        "columns": dg.MetadataValue.md(columns_told(each.manifest)),
    }


def _core_users(making: Making) -> Select | None:
    return core_users(making.scan(RAW_USERS))


def _core_items(making: Making) -> Select | None:
    return core_items(making.scan(RAW_ITEMS), making.scan(CORE_USERS))


def _state(wish: TableWish, days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    raw = replace(unread(wish.lake_name, ROOM), grain="one row of " + wish.source_name)

    def shaped(world: World, day: date) -> Table:
        return core_table(raw_table(world.lake, wish, day) or raw)

    def make(making: Making) -> Select | None:
        found = raw_table(making.world.lake, wish, making.day)
        return replayed(making.world.lake, found, making.day) if found else None

    return lake_asset(core_table(raw), days=days, make=make, reads=[Read(raw)], shaped=shaped)
