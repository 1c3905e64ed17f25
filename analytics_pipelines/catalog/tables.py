"""All tables of the lake, room by room in the order of the docs, and what generations keep beside them."""

from analytics_pipelines.foundation.hot import HotTable
from analytics_pipelines.foundation.tables import Tables
from analytics_pipelines.product_export import tables as product_export
from analytics_pipelines.storage_snapshots import tables as storage_snapshots
from analytics_pipelines.storage_snapshots.hot import made as storage_snapshots_hot
from analytics_pipelines.web_events import tables as web_events

TABLES = Tables([*storage_snapshots.TABLES, *product_export.TABLES, *web_events.TABLES])
HOT: tuple[HotTable, ...] = (*storage_snapshots_hot.HOT,)
