"""All tables of the lake, room by room in the order of the docs, and what generations keep beside them."""

from collections.abc import Iterable

from analytics_pipelines.foundation.hot import HotTable
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.tables import Table, Tables
from analytics_pipelines.product_export import tables as product_export
from analytics_pipelines.product_export.served import exported_tables
from analytics_pipelines.storage_snapshots import tables as storage_snapshots
from analytics_pipelines.storage_snapshots.hot import made as storage_snapshots_hot
from analytics_pipelines.web_events import tables as web_events

TABLES = Tables([*storage_snapshots.TABLES, *product_export.TABLES, *web_events.TABLES])
"""Those that the code declares; `with_exported` has what is configured too."""
HOT: tuple[HotTable, ...] = (*storage_snapshots_hot.HOT,)


def with_exported(declared: Iterable[Table], settings: Settings, lake: Lake) -> tuple[Table, ...]:
    """The declared tables, and those of the source that are configured and were exported, as the lake has them.

    An exported table that is declared too stands in its place. Raises what `export_wishes` raises.
    """
    exported = {table.name: table for table in exported_tables(settings, lake)}
    return (*(exported.pop(table.name, table) for table in declared), *exported.values())
