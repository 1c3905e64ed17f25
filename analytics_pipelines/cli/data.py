"""Commands that bring data in and work on it: scan, import-log, materialize."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from analytics_pipelines.cli.output import console, counting, human_bytes, table
from analytics_pipelines.cli.platform import opened
from analytics_pipelines.foundation.clock import today
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.settings import load
from analytics_pipelines.operations.wish import Bounds, wish
from analytics_pipelines.storage_snapshots.scan import scan as scan_tree
from analytics_pipelines.web_events.import_log import import_log as import_lines

MOST_COMPLAINTS = 10


def scan(
    path: Annotated[Path, typer.Argument(help="Folder to scan.", readable=False)],
    share: Annotated[str, typer.Option(help="Name under which its snapshots are kept.")],
    day: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day of the snapshot.")] = None,
) -> None:
    """Write a snapshot of a folder: one row for each file, folder and link below it."""
    settings = load()
    with counting("scanning") as progress:
        report = scan_tree(path, share, as_date(day) or today(), settings.snapshots_folder, progress=progress.reach)
    console.print(
        f"{report.entries:,} entries, {human_bytes(report.size_bytes)}, {report.errors:,} unreadable, "
        f"in {report.duration_s:.1f} s: {report.file}"
    )


def import_log(
    file: Annotated[
        Path, typer.Argument(help="Access log in Combined or Common format, plain or .gz.", readable=False)
    ],
    site: Annotated[str, typer.Option(help="Site that the hits belong to.")],
) -> None:
    """Import a web server's access log; importing it again adds nothing."""
    settings = load()
    with (
        running_database(settings) as urls,
        opened(urls.app, settings) as database,
        counting("importing") as progress,
    ):
        report = import_lines(database, file, site, progress=progress.add)
    console.print(
        f"{report.lines:,} lines: {report.stored:,} stored, {report.duplicates:,} known already, "
        f"{report.malformed:,} malformed" + (f", {report.suppressed:,} of erased visitors" if report.suppressed else "")
    )
    for reject in report.rejected[:MOST_COMPLAINTS]:
        console.print(f"  line {reject.line}: {reject.reason}", highlight=False)
    if report.malformed > MOST_COMPLAINTS:
        console.print(f"  … and {report.malformed - MOST_COMPLAINTS:,} more, kept in web_events.failed_event")


def materialize(
    groups: Annotated[list[str] | None, typer.Argument(help="Asset groups; all when absent.")] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; today.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; as --from.")] = None,
) -> None:
    """Make the tables of the days anew, one run for each group, then the generation that the API serves."""
    from analytics_pipelines.cli.materialize import Runs, cells, materialize_groups  # noqa: PLC0415 - Dagster costs 2 s

    start = as_date(first) or today()
    end = as_date(last) or start
    settings = load()
    wish(start, end, groups or [], Bounds.of(settings, today()))
    with (
        console.status(f"materializing {start} to {end}"),
        running_database(settings) as urls,
        opened(urls.app, settings) as database,
    ):
        made = materialize_groups(Runs(settings, database), groups, start, end)
    columns = ("table", "days", "rows", "size")
    console.print(table("Made", columns, [cells(each) for each in made], right=columns[1:]))


def as_date(given: datetime | None) -> date | None:
    """The day of what typer parsed."""
    return given.date() if given else None
