"""The resource "world": what one run works with, opened with the run and closed after it."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property

import dagster as dg

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo
from analytics_pipelines.foundation.settings import Settings

WORLD = "world"


@dataclass(frozen=True)
class World:
    """Settings, a lake with a DuckDB instance of its own, and the database for who asks for it."""

    settings: Settings
    lake: Lake
    _open: ExitStack

    @cached_property
    def urls(self) -> DatabaseUrls:
        """The databases; the embedded server is started for this run when nobody runs it."""
        return self._open.enter_context(running_database(self.settings))

    @cached_property
    def database(self) -> Database:
        """The platform's database as the role of API and runs."""
        return self._open.enter_context(closing(Database(self.urls.app, name="run", settings=self.settings)))

    @cached_property
    def source_conninfo(self) -> str:
        """How libpq and DuckDB reach the database that the product export reads."""
        return conninfo(self.urls.source)


@contextmanager
def open_world(settings: Settings) -> Iterator[World]:
    """A world of its own; the database is touched only once it is asked for."""
    with ExitStack() as stack:
        lake = Lake.at(settings.home, DuckLimits.of(settings))
        stack.callback(lake.duck.close)
        yield World(settings, lake, stack)


def world_resource(settings: Settings) -> dg.ResourceDefinition:
    """The resource that opens a world for each run and closes it afterwards."""

    @dg.resource(description="Settings, lake and database of the run.")
    def world(_context: dg.InitResourceContext) -> Iterator[World]:
        with open_world(settings) as opened:
            yield opened

    return world
