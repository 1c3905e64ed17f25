"""`analytics erase-visitor`: removes a visitor from everywhere and says what was where."""

from collections.abc import Callable
from contextlib import closing
from typing import Annotated

import typer

from analytics_pipelines.cli.output import console, table
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.operations.erase import Parts, Report
from analytics_pipelines.operations.erase import erase_visitor as erase
from analytics_pipelines.sql_service.exports import Exports
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines.web_events.intake.directory import STALE_S

EXPORTS = "sql_exports"
LONGEST_STATEMENT_S = 3600.0
BEYOND = (
    "Beyond reach: PostgreSQL's write-ahead log until its segments are used again, backups, replicas, spools of other "
    "machines until they are drained, access logs, and what was copied out of the lake."
)


class NotErased(Conflict):
    """Something of the visitor is left, because somebody uses it."""


def erase_visitor(
    site: Annotated[str, typer.Argument(help="The site's id.")],
    visitor: Annotated[str, typer.Argument(help="The visitor's id: the client's own, or one that was derived.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a visitor from PostgreSQL, spool, lake and generations for good, and keep them out; may be run again.

    Exports of the SQL service are removed too, all of them: nobody knows in which the visitor is.
    """
    if not yes:
        typer.confirm(f"Remove {visitor} of {site} from everywhere, for good?", abort=True)
    settings = load()
    with (
        console.status("erasing") as shown,
        running_database(settings) as urls,
        closing(_patient(settings, urls)) as database,
        closing(Lake.at(settings.home, DuckLimits.of(settings)).duck) as duck,
    ):
        parts = Parts(
            settings=settings,
            database=database,
            owner_url=urls.owner,
            lake=Lake(settings.home, duck),
            remake=_remake(settings, database),
            now=now,
            tell=lambda step: shown.update("erasing: " + step),
            stale_s=STALE_S,
        )
        report = erase(parts, site, visitor)
    report.removed[EXPORTS] += Exports(Places.of(settings.home).exports, settings).forget_all()
    _tell(report)


def _patient(settings: Settings, urls: DatabaseUrls) -> Database:
    return Database(urls.app, name="analytics-cli", settings=settings, statement_timeout_s=LONGEST_STATEMENT_S)


def _remake(settings: Settings, database: Database) -> Callable[[], None]:
    def remake() -> None:
        from analytics_pipelines.cli.materialize import Runs  # noqa: PLC0415 - Dagster costs 2 s
        from analytics_pipelines.cli.touched import make_touched  # noqa: PLC0415 - Dagster costs 2 s

        make_touched(settings, database, Runs(settings, database))

    return remake


def _tell(report: Report) -> None:
    """What was removed; raises `NotErased` when something is left."""
    rows = [(place, f"{removed:,}", f"{report.left[place]:,}") for place, removed in report.removed.items()]
    rows += [(place, "", f"{left:,}") for place, left in report.left.items() if place not in report.removed]
    linked = f", with {len(report.ids) - 1} linked ids" if len(report.ids) > 1 else ""
    console.print(table("Removed" + linked, ("place", "removed", "left"), rows, right=("removed", "left")))
    console.print(BEYOND, style="dim")
    if report.not_rewritten:
        tables = ", ".join(report.not_rewritten)
        remedy = "Set DATABASE_OWNER_URL to the role that owns the tables, and run it again."
        raise NotErased("Files of " + tables + " still hold deleted rows.", remedy=remedy)
    if report.left:
        told = ", ".join(f"{place} ({left:,})" for place, left in report.left.items())
        raise NotErased("Still there: " + told + ".", remedy="End what uses it, and run it again.")
