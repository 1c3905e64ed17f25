"""One table into one partition: read in the mode it has, compared with the source, sealed and not yet published."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.foundation.lake import Lake, Manifest, Staged
from analytics_pipelines.foundation.lake.together import TogetherRun
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.product_export.append import in_day
from analytics_pipelines.product_export.current import BrokenHistory, history_of, state_of
from analytics_pipelines.product_export.drift import Drifted
from analytics_pipelines.product_export.incremental import full_reason, read_changes
from analytics_pipelines.product_export.outcome import BASE, CHANGES, Exported, Watch
from analytics_pipelines.product_export.plan import TablePlan
from analytics_pipelines.product_export.reading.reader import Reader, Written
from analytics_pipelines.product_export.source.limits import FULL_DUTY_PCT
from analytics_pipelines.product_export.source.moment import Moment
from analytics_pipelines.product_export.source.session import OpenSnapshot, SourceLimits
from analytics_pipelines.product_export.verify.digest import Total, compared_exactly, total_of_source
from analytics_pipelines.product_export.verify.stored import damaged
from analytics_pipelines.product_export.verify.summary import (
    Summary,
    differences,
    summary_of_file,
    summary_of_source,
)
from analytics_pipelines.product_export.wishes import Mode


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table that can be read: its plan, and how its columns differ from the partition before."""

    plan: TablePlan
    drift: Drifted | None


@dataclass(frozen=True, slots=True)
class Copied:
    """A partition that waits to be published with the others."""

    staged: Staged
    told: Exported


@dataclass(frozen=True, slots=True)
class Filled:
    """What a file was filled with."""

    kind: str
    rows: int
    base_date: date
    state_rows: int
    """Of the table as of the day, which base and changes together give."""
    previous: Moment | None = None
    reason: str = ""
    deleted: int = 0
    offenders: tuple[str, ...] = ()
    summary: Summary | None = None
    checksum: str | None = None
    """Of all values of the state; None unless it was asked for."""


@dataclass(frozen=True, slots=True)
class Copier:
    """Copies tables of one snapshot into one run."""

    lake: Lake
    run: TogetherRun
    snapshot: OpenSnapshot
    reader: Reader
    limits: SourceLimits
    watch: Watch
    exactly: bool

    def copy(self, prepared: Prepared, day: date) -> Copied:
        """The sealed partition; what differs from the source stands in its verdicts, and is not raised."""
        plan, began_s = prepared.plan, time.monotonic()
        file = self.run.file(plan.table, day)
        self.watch.begins(plan.table.name, plan.source.estimated_rows)
        filled = self._filled(plan, day, file)
        duration_s = round(time.monotonic() - began_s, 3)
        staged = self.run.seal(
            plan.table,
            day,
            rows=filled.rows,
            offenders=filled.offenders,
            source=self._source(plan, filled, duration_s),
            is_key_proven=bool(plan.key) and plan.key == plan.source.key,
        )
        self.watch.ends(plan.table.name)
        told = Exported(
            table=plan.table,
            manifest=staged.manifest,
            mode=plan.wish.mode,
            kind=filled.kind,
            reason=filled.reason,
            deleted=filled.deleted,
            duration_s=duration_s,
            drift=prepared.drift.told if prepared.drift else (),
            warnings=plan.warnings,
            verdicts=staged.verdicts,
        )
        return Copied(staged, told)

    def _filled(self, plan: TablePlan, day: date, file: Path) -> Filled:
        if plan.wish.mode is not Mode.INCREMENTAL:
            where = in_day(plan, day) if plan.wish.mode is Mode.APPEND else None
            return self._whole(plan, day, file, where=where)
        history, reason = self._history(plan, day)
        if not history:
            return self._whole(plan, day, file, is_tombstone=False, reason=reason)
        return self._changes(plan, day, file, history)

    def _history(self, plan: TablePlan, day: date) -> tuple[Sequence[Manifest], str]:
        """The partitions that changes of `day` follow; none where the whole table is to be copied, and why."""
        earlier = newest(self.lake, plan.table, before=day)
        reason = full_reason(plan, earlier, self.snapshot.moment, day, self.snapshot.connection)
        if reason or earlier is None:
            return (), reason or ""
        try:
            history = history_of(self.lake.manifests(plan.table), earlier.day)
        except BrokenHistory as error:
            return (), error.detail
        if self.exactly and damaged(self.lake, plan.table, [manifest.day for manifest in history]):
            return (), "a partition that the changes would follow is damaged"
        return history, ""

    def _whole(
        self,
        plan: TablePlan,
        day: date,
        file: Path,
        *,
        where: Sql | None = None,
        is_tombstone: bool | None = None,
        reason: str = "",
    ) -> Filled:
        def read() -> Written:
            progress = self._progress(plan)
            return self.reader.read(plan, day, file, where=where, is_tombstone=is_tombstone, progress=progress)

        written, summary, total = self._read_and_summed(read, plan, where)
        with self.lake.duck.cursor() as cursor:
            known = differences(summary, summary_of_file(cursor, plan, file))
        offenders, checksum = self._compared(plan, [file], where, known, total=total)
        return Filled(
            BASE,
            written.rows,
            day,
            state_rows=written.rows,
            reason=reason,
            offenders=offenders,
            summary=summary,
            checksum=checksum,
        )

    def _read_and_summed(
        self, read: Callable[[], Written], plan: TablePlan, where: Sql | None
    ) -> tuple[Written, Summary, Total | None]:
        """What was read, and the source's own sums in the same snapshot, which another connection makes beside it.

        Where the source is to be spared it does one after the other. Raises `UnfitValues` rather than what the
        reading of such values raises.
        """
        if self.limits.duty_pct < FULL_DUTY_PCT:
            return read(), *self._summed(plan, where)
        with ThreadPoolExecutor(1) as beside:
            summing = beside.submit(self._summed, plan, where)
            try:
                written = read()
            except AnalyticsError:
                summing.result()
                raise
            return written, *summing.result()

    def _summed(self, plan: TablePlan, where: Sql | None) -> tuple[Summary, Total | None]:
        """The source's counts and sums; and on demand the checksum of its values."""
        connection, duty_pct = self.snapshot.connection, self.limits.duty_pct
        summary = summary_of_source(connection, plan, where, duty_pct=duty_pct)
        return summary, total_of_source(connection, plan, where, duty_pct=duty_pct) if self.exactly else None

    def _changes(self, plan: TablePlan, day: date, file: Path, history: Sequence[Manifest]) -> Filled:
        source = history[-1].source or {}
        previous = Moment.of_json(source["moment"])
        files = [self.lake.file(plan.table, manifest.day) for manifest in history]
        changes = read_changes(
            self.reader,
            self.snapshot,
            plan,
            day,
            files=files,
            previous=previous,
            target=file,
            workspace=self.run.workspace,
            progress=self._progress(plan),
            duty_pct=self.limits.duty_pct,
        )
        offenders, checksum = self._compared(plan, [*files, file], None, changes.offenders)
        return Filled(
            CHANGES,
            changes.rows,
            history[0].day,
            state_rows=changes.state_rows,
            previous=previous,
            deleted=changes.deleted,
            offenders=offenders,
            summary=changes.summary,
            checksum=checksum,
        )

    def _compared(
        self,
        plan: TablePlan,
        files: Sequence[Path],
        where: Sql | None,
        known: Sequence[str],
        *,
        total: Total | None = None,
    ) -> tuple[tuple[str, ...], str | None]:
        """What differs between the source and the rows that the files give, and the checksum of all their values.

        Values are looked at only on demand, and only where counts and sums (`known`) tell of no difference.
        """
        if known or not self.exactly:
            return tuple(known), None
        rows = state_of(plan.key, [column.lake.name for column in plan.columns], files)
        connection, duty_pct = self.snapshot.connection, self.limits.duty_pct
        with self.lake.duck.cursor() as cursor:
            found = compared_exactly(connection, cursor, plan, rows, where, expected=total, duty_pct=duty_pct)
        return found.offenders, str(found.checksum)

    def _source(self, plan: TablePlan, filled: Filled, duration_s: float) -> Mapping[str, Any]:
        return {
            "moment": self.snapshot.moment.as_json(),
            "mode": plan.wish.mode.value,
            "kind": filled.kind,
            "base_date": filled.base_date.isoformat(),
            "previous": filled.previous.as_json() if filled.previous else None,
            "table": plan.wish.source_name,
            "key": list(plan.key),
            "columns": described_columns(plan),
            "filter": plan.wish.filter,
            "state_rows": filled.state_rows,
            "summary": filled.summary.as_json() if filled.summary else None,
            "checksum": filled.checksum,
            "duration_s": duration_s,
        }

    def _progress(self, plan: TablePlan) -> Any:
        return lambda rows, size_bytes: self.watch.advances(plan.table.name, rows, size_bytes)


def described_columns(plan: TablePlan) -> list[dict[str, str | int]]:
    """What each column was at the source, and what became of it."""
    policies = {column: masking.policy.value for column, masking in plan.wish.masking.items()}
    return [
        {
            "name": each.source.name,
            "number": each.source.number,
            "comment": each.source.comment,
            "declared": each.source.declared,
            "lake": each.lake.type.value,
            "note": each.note,
            "masking": policies.get(each.source.name, ""),
        }
        for each in plan.columns
    ]


def newest(lake: Lake, table: Table, before: date = date.max) -> Manifest | None:
    """The newest partition of a day before that one; None where there is none."""
    days = [each for each in lake.days(table) if each < before]
    return lake.manifest(table, days[-1]) if days else None
