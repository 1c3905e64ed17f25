"""Only what changed since an earlier export: rows by their transactions, deletions by the keys that are left."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from psycopg import Connection

from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.foundation.lake import Manifest
from analytics_pipelines.product_export.changed_rows import ChangedRows, may_have_changed
from analytics_pipelines.product_export.key_sets import KeySets
from analytics_pipelines.product_export.plan import TablePlan
from analytics_pipelines.product_export.reading.reader import Reader
from analytics_pipelines.product_export.source.limits import FULL_DUTY_PCT
from analytics_pipelines.product_export.source.moment import Moment
from analytics_pipelines.product_export.source.session import OpenSnapshot
from analytics_pipelines.product_export.source.since import altered_since, broken_since, changed_since
from analytics_pipelines.product_export.verify.summary import Summary, differences, summary_of_file
from analytics_pipelines.product_export.wishes import Mode

__all__ = ["Changes", "changed_since", "full_reason", "read_changes"]

MEMORY_BYTES = 256 * 2**20
THREADS = 2


@dataclass(frozen=True, slots=True)
class Changes:
    """A partition of changes, written and compared with the source."""

    rows: int
    """All of the file, tombstones too."""
    deleted: int
    """Tombstones among them."""
    size_bytes: int
    offenders: tuple[str, ...]
    """What differs from the source; empty if nothing does."""
    summary: Summary | None
    """Of the changed rows at the source."""
    state_rows: int
    """Rows of the source at the snapshot, which base and changes together give."""


def full_reason(
    plan: TablePlan, before: Manifest | None, moment: Moment, day: date, connection: Connection[Any] | None = None
) -> str | None:
    """Why the table must be copied as a whole on `day`; None where changes since `before` are enough.

    `before` is the newest partition of an earlier day. With a connection that is in the snapshot, changes of the
    table's definition are looked for too, through which values change that no transaction wrote.
    """
    if not plan.source.has_heaps:
        return "it is a view or foreign, and its rows do not tell when they changed"
    if not plan.key:
        return "it has no key"
    if before is None or before.source is None:
        return "nothing was exported before"
    previous = Moment.of_json(before.source["moment"])
    return (
        _other_form(plan, before.source)
        or broken_since(previous, moment)
        or _too_long_ago(plan, before.source, day)
        or (altered_since(connection, plan.source, previous) if connection else None)
    )


def read_changes(
    reader: Reader,
    snapshot: OpenSnapshot,
    plan: TablePlan,
    day: date,
    *,
    files: Sequence[Path],
    previous: Moment,
    target: Path,
    workspace: Path,
    progress: Callable[[int, int], None],
    duty_pct: int = FULL_DUTY_PCT,
) -> Changes:
    """Write the partition of `day`: rows changed since `previous`, then a tombstone for each key that is gone.

    `files` are the base and the changes that followed, up to the partition of `previous`. The whole set of keys is
    read only where the number of rows does not prove that none is gone. Raises what `Reader.read` raises, and
    `UnfitValues`.
    """
    folder = workspace / (plan.table.name + ".changes")
    folder.mkdir()
    where = may_have_changed(snapshot, plan, previous)
    duck = Duck(DuckLimits(MEMORY_BYTES, THREADS, folder / "spilled"))
    with closing(duck), duck.cursor() as cursor:
        changes = ChangedRows(
            reader=reader,
            snapshot=snapshot,
            plan=plan,
            day=day,
            where=where,
            folder=folder,
            progress=progress,
            keys=KeySets(cursor, plan.table.key),
            duty_pct=duty_pct,
        )
        told = _told(changes, files, target)
    shutil.rmtree(folder)
    return told


def _told(changes: ChangedRows, files: Sequence[Path], target: Path) -> Changes:
    found = changes.find()
    with ThreadPoolExecutor(1) as beside:
        summing = beside.submit(changes.summed, found, {})
        try:
            changed = changes.read(found)
        except AnalyticsError:
            summing.result()  # tells better what is wrong with a value, if that is it
            raise
        compared = changes.compare(found, changed, files)
        summary = summing.result()
    if compared.missed:
        changed += changes.read_at(compared.missed, "missed")
        summary = changes.summed(found, compared.missed)
    rows, deleted = changes.write(changed, compared, target)
    differing = differences(summary, summary_of_file(changes.cursor, changes.plan, target))
    return Changes(
        rows=rows,
        deleted=deleted,
        size_bytes=target.stat().st_size,
        offenders=(*compared.offenders, *differing),
        summary=summary,
        state_rows=found.source_rows,
    )


def _other_form(plan: TablePlan, before: Mapping[str, Any]) -> str | None:
    """What of the wish or the columns is not as it was."""
    now: dict[str, object] = {
        "mode": Mode.INCREMENTAL.value,
        "table": plan.wish.source_name,
        "key": list(plan.key),
        "filter": plan.wish.filter,
    }
    for what, value in now.items():
        if before.get(what, value) != value:
            return "its " + what + " was another"
    columns = [(each.source.name, each.source.declared, each.lake.type.value, each.note) for each in plan.columns]
    if [(each["name"], each["declared"], each["lake"], each["note"]) for each in before["columns"]] != columns:
        return "its columns were others"
    return None


def _too_long_ago(plan: TablePlan, before: Mapping[str, Any], day: date) -> str | None:
    days = plan.wish.full_every_days
    if day - date.fromisoformat(before["base_date"]) >= timedelta(days=days):
        return f"it is copied as a whole every {days} days"
    return None
