"""A run of the export: one snapshot of the source, every table checked against it, all published at one stroke."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import structlog

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.lake.together import TogetherRun
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.product_export.configuration import export_wishes
from analytics_pipelines.product_export.copying import Copied, Copier, Prepared, newest
from analytics_pipelines.product_export.drift import compared, settled
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.outcome import ExportRefused, Nobody, Offence, Report, Watch
from analytics_pipelines.product_export.planning import plan_table
from analytics_pipelines.product_export.reading.reader import Reader
from analytics_pipelines.product_export.source.describe import describe
from analytics_pipelines.product_export.source.moment import Moment
from analytics_pipelines.product_export.source.rewritten import must_be_of_the_snapshot
from analytics_pipelines.product_export.source.session import OpenSnapshot, SourceLimits, open_snapshot
from analytics_pipelines.product_export.tasks import Task, chosen, shared_out
from analytics_pipelines.product_export.whole_files import write_whole_files
from analytics_pipelines.product_export.wishes import TableWish

RUN_WAIT_S = 30.0
DUCK_MEMORY_BYTES = 256 * 2**20
NOBODY = Nobody()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ExportParts:
    """What a run works with; `conninfo` is that of the source and holds a password."""

    settings: Settings
    lake: Lake
    conninfo: str


def export(
    parts: ExportParts,
    names: Sequence[str] | None,
    days: Sequence[date],
    *,
    today: date,
    watch: Watch = NOBODY,
    exactly: bool = False,
) -> Report:
    """Copy these tables (None: all) of one snapshot into the partitions of these days; publish all of them or none.

    Whole tables are copied into the partition of `today` only; other days of theirs are left alone. With `exactly`
    every value is compared with the source, not counts and sums alone. Raises `UnknownTable`, `ExportRefused` when
    the copy differs from the source, what `describe` and `plan_table` find wrong with a table, and `Unavailable`.
    """
    wishes = chosen(export_wishes(parts.settings), names)
    tasks, left_alone = shared_out(wishes, days, today)
    if not tasks:
        return Report(left_alone=tuple(left_alone))
    with parts.lake.together(wait_s=RUN_WAIT_S) as run:
        moment, copied = _copied(parts, run, tasks, watch, exactly=exactly)
        refuse_what_differs(copied)
        run.publish([each.staged for each in copied])
        kept_whole = {task.wish.lake_name for task in tasks if task.wish.has_whole_file}
        made = {each.told.table.name: each.told.table for each in copied}
        whole = write_whole_files(parts.settings, parts.lake, [made[name] for name in sorted(kept_whole)])
    report = Report(
        moment=moment,
        exported=tuple(each.told for each in copied),
        left_alone=tuple(left_alone),
        whole_files=tuple(whole),
    )
    log.info("exported", partitions=len(report.exported), rows=sum(each.rows for each in report.exported))
    return report


def reader_limits(settings: Settings) -> DuckLimits:
    """What the readers' DuckDB may use: little, since rows only pass through it."""
    limits = DuckLimits.of(settings)
    memory = min(limits.memory_bytes, DUCK_MEMORY_BYTES)
    return replace(limits, memory_bytes=memory, threads=min(settings.export_connections, limits.threads))


def prepare(parts: ExportParts, snapshot: OpenSnapshot, wishes: Mapping[str, TableWish]) -> dict[str, Prepared]:
    """The tables by their names in the lake, each found, allowed and mapped before a row of any is read."""
    mask = Mask(parts.settings.export_hmac_key)
    return {name: _prepared(parts.lake, snapshot, wish, mask) for name, wish in wishes.items()}


def _copied(
    parts: ExportParts, run: TogetherRun, tasks: Sequence[Task], watch: Watch, *, exactly: bool
) -> tuple[Moment, list[Copied]]:
    """All partitions, sealed, of one snapshot, which is given up as soon as the last is read."""
    limits = SourceLimits.of(parts.settings)
    with open_snapshot(parts.conninfo, limits) as snapshot:
        prepared = prepare(parts, snapshot, {task.wish.lake_name: task.wish for task in tasks})
        with Reader(parts.conninfo, snapshot, limits, reader_limits(parts.settings), run.workspace) as reader:
            copier = Copier(parts.lake, run, snapshot, reader, limits, watch, exactly)
            copied = [copier.copy(prepared[task.wish.lake_name], task.day) for task in tasks]
        snapshot.must_be_young()
        return snapshot.moment, copied


def refuse_what_differs(copied: Sequence[Copied]) -> None:
    """Raise `ExportRefused` that names every table and rule at fault, unless all hold."""
    offences = tuple(
        Offence(each.told.table.name, each.told.day, each.staged.verdicts)
        for each in copied
        if not all(verdict.passed for verdict in each.staged.verdicts)
    )
    if offences:
        raise ExportRefused(offences)


def _prepared(lake: Lake, snapshot: OpenSnapshot, wish: TableWish, mask: Mask) -> Prepared:
    source = describe(snapshot.connection, wish)
    must_be_of_the_snapshot(snapshot.connection, source)
    plan = plan_table(source, wish, mask)
    before = newest(lake, plan.table)
    if before is None or before.source is None:
        return Prepared(plan, None)
    drifted = compared(before.source, plan)
    return Prepared(settled(plan, drifted), drifted)
