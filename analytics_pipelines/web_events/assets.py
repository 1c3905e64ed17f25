"""Dagster door: event log → raw → core → visits → daily metrics, one asset each."""

from datetime import date, timedelta

import dagster as dg

from analytics_pipelines.dagster_kit.lake_asset import Making, Read, lake_asset
from analytics_pipelines.dagster_kit.pictures import line_picture
from analytics_pipelines.dagster_kit.world import World
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.web_events.core_events import LATEST_DAYS, core_events
from analytics_pipelines.web_events.export_events import raw_events
from analytics_pipelines.web_events.measure import daily_figures
from analytics_pipelines.web_events.queries import event_days
from analytics_pipelines.web_events.sessionize import sessionize
from analytics_pipelines.web_events.tables import CORE_EVENTS, DAILY_METRICS, RAW_EVENTS, SESSIONS

DAYS_DRAWN = 90
EXPORT_KINDS = frozenset({"postgres", "duckdb", "parquet"})


def assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The room's four assets; days without any input are left alone."""
    late = Read(RAW_EVENTS, days_after=LATEST_DAYS)
    around = Read(CORE_EVENTS, days_before=1, days_after=1)
    both = [Read(CORE_EVENTS), Read(SESSIONS)]
    return [
        lake_asset(RAW_EVENTS, days=days, make=_raw_events, kinds=EXPORT_KINDS),
        lake_asset(CORE_EVENTS, days=days, reads=[late], make=_core_events),
        lake_asset(SESSIONS, days=days, reads=[around], make=_sessions),
        lake_asset(DAILY_METRICS, days=days, reads=both, make=_daily_metrics, picture=draw_visits),
    ]


def draw_visits(world: World, days: list[date]) -> bytes | None:
    """Visits a day and site, for the 90 days that end with the last one made; None without any."""
    if not days:
        return None
    window = [max(days) - timedelta(days=back) for back in range(DAYS_DRAWN)]
    rows = world.lake.lazy(DAILY_METRICS, window).select("metric_date", "site_id", "visits").collect().to_arrow()
    return line_picture(rows, x="metric_date", y="visits", color="site_id", title="Visits a day") if len(rows) else None


def _raw_events(making: Making) -> Select | None:
    """None without events: partitions of days that retention has dropped from PostgreSQL stay as they are."""
    if not event_days(making.world.database, making.day, making.day):
        return None
    return raw_events(conninfo(making.world.urls.app), making.day)


def _core_events(making: Making) -> Select | None:
    raw = making.scan(RAW_EVENTS)
    return core_events(raw, making.day) if raw.files else None


def _sessions(making: Making) -> Select | None:
    events = making.scan(CORE_EVENTS)
    return sessionize(events, making.day) if events.files else None


def _daily_metrics(making: Making) -> Select | None:
    events = making.scan(CORE_EVENTS)
    return daily_figures(events, making.scan(SESSIONS)) if events.files else None
