"""From raw to core: the state of a day out of its base and the changes since, and the product's own tables cleaned."""

from collections.abc import Iterator
from datetime import date

from analytics_pipelines.foundation.lake import Lake, Manifest
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.product_export.clean import core_items, core_users
from analytics_pipelines.product_export.current import core_table, current_rows, history_of
from analytics_pipelines.product_export.outcome import Report
from analytics_pipelines.product_export.tables import CORE_ITEMS, CORE_USERS, RAW_ITEMS, RAW_USERS
from analytics_pipelines.product_export.wishes import Mode


def replayed(lake: Lake, raw: Table, day: date) -> Select | None:
    """The rows that the source held when `day` was exported, without tombstones; None for a day without an export.

    `raw` is an incremental table. Raises `BrokenHistory` where a partition between is missing.
    """
    history = history_of(lake.manifests(raw), day)
    if not history or history[-1].day != day:
        return None
    counted = (history[-1].source or {}).get("state_rows")
    return current_rows(lake.scan(raw, [manifest.day for manifest in history]), day, counted)


def make_core(lake: Lake, report: Report) -> list[Manifest]:
    """Make the `core_app__` partitions of all that a run copied; raises `CheckFailed`, `BrokenHistory`."""
    made = []
    for table, day, select in _core_of(lake, report):
        made += [lake.replace(table, day, select)] if select is not None else []
    return made


def _core_of(lake: Lake, report: Report) -> Iterator[tuple[Table, date, Select | None]]:
    for each in report.exported:
        if each.mode is Mode.INCREMENTAL:
            yield core_table(each.table), each.day, replayed(lake, each.table, each.day)
    for day in sorted({each.day for each in report.exported if each.table.name in {RAW_USERS.name, RAW_ITEMS.name}}):
        yield CORE_USERS, day, core_users(lake.scan(RAW_USERS, [day]))
        yield CORE_ITEMS, day, core_items(lake.scan(RAW_ITEMS, [day]), lake.scan(CORE_USERS, [day]))
