"""Commands that bring data in and work on it: scan, import-log, materialize.

What a scan needs only once others walk for it, is imported then: settings, rich and pyarrow cost half a second.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from analytics_pipelines.dashboard.words import human_bytes
from analytics_pipelines.foundation.clock import today
from analytics_pipelines.storage_snapshots.scanner.report import ScanReport
from analytics_pipelines.storage_snapshots.scanner.scan import Options, Progress, nobody, scan_into

MOST_COMPLAINTS = 10


def scan(  # noqa: PLR0917 - options of a command line
    path: Annotated[Path, typer.Argument(help="Folder to scan.", readable=False)],
    share: Annotated[str, typer.Option(help="Name under which its snapshots are kept.")],
    day: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day of the snapshot.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that walk; as many as cores when absent.")] = None,
    cross_filesystems: Annotated[bool, typer.Option("--cross-filesystems", help="Go past mount points.")] = False,
    most: Annotated[
        float | None, typer.Option("--max-entries-per-second", help="To spare a disk that others need.")
    ] = None,
    hashes: Annotated[bool, typer.Option("--hash", help="Read files of one size, to find duplicates.")] = False,
) -> None:
    """Write a snapshot of a folder: one row for each file, folder and link below it."""
    options = Options(workers=workers, is_crossing=cross_filesystems, most_entries_per_second=most, is_hashing=hashes)
    with _uncollected(), ExitStack() as shown:
        progress = _progress(shown) if sys.stdout.isatty() else nobody
        report = scan_into(_snapshots_folder, path, share, as_date(day) or today(), options=options, progress=progress)
    typer.echo(
        f"{report.entries:,} entries, {human_bytes(report.size_bytes)}, {report.errors:,} unreadable, "
        f"in {report.duration_s:.1f} s ({report.entries / max(report.duration_s, 0.001):,.0f}/s): {report.file}"
    )
    for told in _passed_over(report):
        typer.echo("  " + told)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nobody looks for garbage in cycles: a scan makes none, and to look costs a tenth of its start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _snapshots_folder() -> Path:
    from analytics_pipelines.foundation.settings import load  # noqa: PLC0415 - comes while others walk

    return load().snapshots_folder


def _progress(shown: ExitStack) -> Progress:
    """Tells a progress line, which is there from the first call on."""
    lines: list[Progress] = []

    def reach(done: int) -> None:
        if not lines:
            from analytics_pipelines.cli.output import counting  # noqa: PLC0415 - comes while others walk

            lines.append(shown.enter_context(counting("scanning")).reach)
        lines[0](done)

    return reach


def _passed_over(report: ScanReport) -> list[str]:
    """What the snapshot does not hold, and what was read for its hashes."""
    lines = {
        f"{report.vanished:,} names went away meanwhile": report.vanished,
        f"{report.other_filesystems:,} mount points left out (--cross-filesystems)": report.other_filesystems,
        f"{report.hashed_files:,} files compared, {human_bytes(report.hashed_bytes)} read": report.hashed_files,
    }
    return [line for line, number in lines.items() if number]


def import_log(
    file: Annotated[
        Path, typer.Argument(help="Access log in Combined or Common format, plain or .gz.", readable=False)
    ],
    site: Annotated[str, typer.Option(help="Site that the hits belong to.")],
) -> None:
    """Import a web server's access log; importing it again adds nothing."""
    from analytics_pipelines.cli.output import console, counting  # noqa: PLC0415 - as above
    from analytics_pipelines.cli.platform import opened  # noqa: PLC0415 - a scan needs none of this, which takes 1 s
    from analytics_pipelines.foundation.postgres.embedded import running_database  # noqa: PLC0415 - as above
    from analytics_pipelines.foundation.settings import load  # noqa: PLC0415 - as above
    from analytics_pipelines.web_events.import_log import import_log as import_lines  # noqa: PLC0415 - as above

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
    from analytics_pipelines.cli.output import console, table  # noqa: PLC0415 - as above
    from analytics_pipelines.cli.platform import opened  # noqa: PLC0415 - a scan needs none of this, which takes 1 s
    from analytics_pipelines.foundation.postgres.embedded import running_database  # noqa: PLC0415 - as above
    from analytics_pipelines.foundation.settings import load  # noqa: PLC0415 - as above
    from analytics_pipelines.operations.wish import Bounds, wish  # noqa: PLC0415 - as above

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
