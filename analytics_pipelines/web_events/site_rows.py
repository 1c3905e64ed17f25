"""The settings of sites as an input of the lake: what visits and metrics of a day are derived with."""

from datetime import date

from analytics_pipelines.foundation.postgres.duck_source import PostgresRows
from analytics_pipelines.foundation.select import Select, Source
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.tables import CORE_EVENTS


def sites_of_the_day(conninfo: str, events: Source, day: date) -> Select:
    """`core_web__sites` of `day`: the settings, as they are now, of exactly the sites with core events on the day.

    Other sites' settings stay out, so that a change of one makes no other's days anew.
    """
    settings = PostgresRows(conninfo, from_file(__package__, "export_sites").text)
    reads = {CORE_EVENTS.name: events, "site_settings": settings}
    return Select(from_file(__package__, "sites_of_the_day"), reads, {"day": day})
