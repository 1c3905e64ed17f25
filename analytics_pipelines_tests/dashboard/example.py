"""A published house with a little traffic and storage in it."""

from datetime import date, timedelta

import pyarrow as pa

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.serving.build import Built, build_generation
from analytics_pipelines.storage_snapshots.tables import GROWTH
from analytics_pipelines.web_events.tables import DAILY_BREAKDOWN, DAILY_METRICS

TODAY = date(2026, 11, 21)
METRICS = Sql(
    "SELECT $day AS metric_date, site AS site_id, 1 AS visitors, 1 AS new_visitors, 0 AS returning_visitors,"
    " $visits AS visits, $visits AS pageviews, $visits + 1 AS events, 1.0 AS views_per_visit, 0.0 AS bounce_rate_pct,"
    " 0.0 AS visit_duration_s, 0.0 AS median_duration_s, 0.0 AS p90_duration_s FROM sites"
)
BREAKDOWN = Sql(
    "SELECT $day AS metric_date, site AS site_id, dimension, value, 1 AS visitors, $visits AS visits,"
    " $visits // share AS pageviews, $visits AS events, 0 AS bounces, 0 AS duration_s FROM sites, kinds"
)
TOTALS = Sql(
    "SELECT share, $day AS snapshot_date, '/srv' AS root_path, 1 AS file_count, 0 AS dir_count, 0 AS error_count,"
    " $size AS size_bytes, $size AS allocated_bytes, NULL AS file_count_change, NULL AS dir_count_change,"
    " NULL AS size_change_bytes, NULL AS allocated_change_bytes FROM shares"
)


def publish_house(settings: Settings, lake: Lake, *, days: int = 3) -> Built:
    """Two sites with `10 n` visits each, half of the page views on a second page, and one share of `n` KiB on the n-th day up to today."""
    sites = ArrowRows(pa.table({"site": ["a", "b"]}))
    kinds = ArrowRows(
        pa.table({"dimension": ["channel", "page", "page"], "value": ["Direct", "/", "/a"], "share": [1, 1, 2]})
    )
    shares = ArrowRows(pa.table({"share": ["files"]}))
    for number in range(1, days + 1):
        day = TODAY - timedelta(days=days - number)
        traffic = Select(METRICS, reads={"sites": sites}, values={"day": day, "visits": 10 * number})
        lake.replace(DAILY_METRICS, day, traffic)
        told = Select(BREAKDOWN, reads={"sites": sites, "kinds": kinds}, values={"day": day, "visits": 10 * number})
        lake.replace(DAILY_BREAKDOWN, day, told)
        lake.replace(GROWTH, day, Select(TOTALS, reads={"shares": shares}, values={"day": day, "size": 1024 * number}))
    return build_generation(settings, lake, TABLES)
