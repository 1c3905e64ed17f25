"""Dagster door: event log → raw → core → visits → metrics of local days, one asset a table."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import dagster as dg

from analytics_pipelines.dagster_kit.lake_asset import Making, Read, lake_asset
from analytics_pipelines.dagster_kit.pictures import line_picture
from analytics_pipelines.dagster_kit.world import World
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.web_events.breakdown import daily_breakdown
from analytics_pipelines.web_events.core_events import core_events, late_events
from analytics_pipelines.web_events.daily_visitors import daily_visitors
from analytics_pipelines.web_events.export_events import raw_events, reopened_events
from analytics_pipelines.web_events.measure import daily_figures
from analytics_pipelines.web_events.partitions import log_day
from analytics_pipelines.web_events.sessionize import sessionize
from analytics_pipelines.web_events.site_rows import sites_of_the_day
from analytics_pipelines.web_events.tables import (
    CORE_EVENTS,
    DAILY_BREAKDOWN,
    DAILY_METRICS,
    LATE_EVENTS,
    RAW_EVENTS,
    SESSIONS,
    SITES,
    VISITORS,
)
from analytics_pipelines.web_events.windows import OF_BREAKDOWN, OF_METRICS, OF_VISITORS, Window

DAYS_DRAWN = 90
EXPORT_KINDS = frozenset({"postgres", "duckdb", "parquet"})
Make = Callable[[Making], Select | None]


def assets(days: dg.DailyPartitionsDefinition, late_event_days: int) -> list[dg.AssetsDefinition]:
    """The room's eight assets; a day gets no partition before it has rows, and an empty one once they are gone."""
    received = [Read(RAW_EVENTS, days_after=late_event_days)]
    around = [Read(CORE_EVENTS, 1, 1), Read(SITES, 1, 1)]
    both = EXPORT_KINDS

    def made(
        table: Table,
        make: Make,
        reads: Iterable[Read],
        kinds: frozenset[str] = EXPORT_KINDS - {"postgres"},
        picture: Callable[[World, list[date]], bytes | None] | None = None,
    ) -> dg.AssetsDefinition:
        return lake_asset(
            table, days=days, make=make, reads=list(reads), kinds=kinds, picture=picture, publishes_empty=False
        )

    return [
        made(RAW_EVENTS, _raw_events, [], both),
        made(LATE_EVENTS, _unless_nothing(LATE_EVENTS, RAW_EVENTS, _late_events), [Read(RAW_EVENTS)]),
        made(CORE_EVENTS, _unless_nothing(CORE_EVENTS, RAW_EVENTS, _core_events), received),
        made(SITES, _unless_nothing(SITES, CORE_EVENTS, _sites), [Read(CORE_EVENTS)], both),
        made(SESSIONS, _unless_nothing(SESSIONS, CORE_EVENTS, _sessions), around),
        made(VISITORS, _unless_nothing(VISITORS, CORE_EVENTS, _visitors), _reads(OF_VISITORS)),
        made(
            DAILY_METRICS,
            _unless_nothing(DAILY_METRICS, CORE_EVENTS, _daily_metrics),
            _reads(OF_METRICS),
            picture=draw_visits,
        ),
        made(DAILY_BREAKDOWN, _unless_nothing(DAILY_BREAKDOWN, CORE_EVENTS, _daily_breakdown), _reads(OF_BREAKDOWN)),
    ]


def draw_visits(world: World, days: list[date]) -> bytes | None:
    """Visits a day and site, for the 90 days that end with the last one made; None without any."""
    if not days:
        return None
    window = [max(days) - timedelta(days=back) for back in range(DAYS_DRAWN)]
    rows = world.lake.lazy(DAILY_METRICS, window).select("metric_date", "site_id", "visits").collect().to_arrow()
    return line_picture(rows, x="metric_date", y="visits", color="site_id", title="Visits a day") if len(rows) else None


def _reads(windows: Iterable[Window]) -> list[Read]:
    return [Read(each.table, each.days_before, each.days_after) for each in windows]


def _unless_nothing(made: Table, of: Table, make: Make) -> Make:
    """Nothing to make where there is neither anything to make it of nor a partition whose rows may have gone."""

    def chosen(making: Making) -> Select | None:
        has_any = making.scan(of).files or making.world.lake.manifest(made, making.day)
        return make(making) if has_any else None

    return chosen


def _raw_events(making: Making) -> Select | None:
    """None where the log has no partition: what is in the lake of such a day stays as it is."""
    found = log_day(making.world.database, making.day)
    if not found.has_partition:
        return None
    source = conninfo(making.world.urls.app)
    if found.is_dropped:
        return reopened_events(source, making.day, making.world.lake.scan(RAW_EVENTS, [making.day]))
    return raw_events(source, making.day)


def _late_events(making: Making) -> Select:
    return late_events(making.scan(RAW_EVENTS), making.world.settings.late_event_days)


def _core_events(making: Making) -> Select:
    countries = making.world.settings.geoip_database_path
    return core_events(making.scan(RAW_EVENTS), making.day, countries=countries)


def _sites(making: Making) -> Select:
    return sites_of_the_day(conninfo(making.world.urls.app), making.scan(CORE_EVENTS), making.day)


def _sessions(making: Making) -> Select:
    return sessionize(making.scan(CORE_EVENTS), making.scan(SITES), making.day)


def _visitors(making: Making) -> Select:
    return daily_visitors(making.scan(CORE_EVENTS), making.scan(SITES), making.day)


def _daily_metrics(making: Making) -> Select:
    events, sessions = making.scan(CORE_EVENTS), making.scan(SESSIONS)
    return daily_figures(events, sessions, making.scan(VISITORS), making.scan(SITES), making.day)


def _daily_breakdown(making: Making) -> Select:
    return daily_breakdown(making.scan(CORE_EVENTS), making.scan(SESSIONS), making.scan(SITES), making.day)
