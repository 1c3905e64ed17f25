"""Commands that bring snapshots in from elsewhere and hand them on: generate, import-ncdu, export-ncdu, import-git."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from duckdb import DuckDBPyConnection

from analytics_pipelines.cli.data import as_date
from analytics_pipelines.cli.output import console, counting, table
from analytics_pipelines.dashboard.words import human_bytes
from analytics_pipelines.foundation.clock import now, today
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Scan
from analytics_pipelines.foundation.settings import load
from analytics_pipelines.storage_snapshots.producers import mock
from analytics_pipelines.storage_snapshots.producers.git_history import import_git as import_history
from analytics_pipelines.storage_snapshots.producers.ncdu_export import export_ncdu as export_entries
from analytics_pipelines.storage_snapshots.producers.ncdu_import import import_ncdu as import_export
from analytics_pipelines.storage_snapshots.producers.publishing import Imported
from analytics_pipelines.storage_snapshots.tables import ENTRIES

DAY = "%Y-%m-%d"
MOST_SHOWN = 12
COLUMNS = ("share", "day", "taken at", "entries", "files", "folders", "size")
Share = Annotated[str, typer.Option(help="Name under which its snapshots are kept.")]


def generate_snapshots(
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days, the last of them --until.")] = 30,
    until: Annotated[datetime | None, typer.Option(formats=[DAY], help="Last day; today.")] = None,
    share: Annotated[list[str] | None, typer.Option(help="Shares; projects, media and home when absent.")] = None,
    files: Annotated[int, typer.Option(min=1, max=1_000_000, help="Files that each share begins with.")] = 1500,
    seed: Annotated[int, typer.Option(help="The same seed gives the same entries.")] = 1,
) -> None:
    """Make up snapshots for a first look: shares that grow, with moves, deletions and duplicates."""
    settings = load()
    shares = share or list(mock.SHARES)
    with counting("generating", days * len(shares)) as progress:
        made = mock.generate(
            settings.snapshots_folder,
            last_day=as_date(until) or today(),
            days=days,
            shares=shares,
            files=files,
            seed=seed,
            progress=progress.reach,
        )
    _show("Generated", made)


def import_ncdu(
    file: Annotated[Path, typer.Argument(help="What `ncdu -o` wrote, plain, .gz or .zst.", readable=False)],
    share: Share,
    day: Annotated[datetime | None, typer.Option("--date", formats=[DAY], help="Day; that of the export.")] = None,
) -> None:
    """Take an export of ncdu (`ncdu -o FILE`) as a snapshot; with `ncdu -e` it has times and owners too."""
    settings = load()
    with counting("importing") as progress:
        made = import_export(file, share, settings.snapshots_folder, day=as_date(day), progress=progress.reach)
    _show("Imported", [made])


def export_ncdu(
    share: Annotated[str, typer.Option(help="Share to export.")],
    day: Annotated[datetime | None, typer.Option("--date", formats=[DAY], help="Day; the newest in the lake.")] = None,
    file: Annotated[Path | None, typer.Argument(help="File to write; standard output when absent.")] = None,
) -> None:
    """Write a snapshot of the lake as JSON for `ncdu -f FILE`."""
    settings = load()
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        chosen = as_date(day) or max(lake.days(ENTRIES), default=today())
        with lake.duck.cursor() as cursor:
            entries = lake.scan(ENTRIES, [chosen])
            if file is None:
                export_entries(cursor, entries, share, at=now(), into=sys.stdout.buffer)
                return
            written = _exported(cursor, entries, share, file)
    finally:
        lake.duck.close()
    console.print(f"{written:,} entries of {share} on {chosen}: {file}")


def import_git(
    repository: Annotated[Path, typer.Argument(help="Folder of the repository.", readable=False)],
    share: Share,
    ref: Annotated[str, typer.Option(help="Branch or commit whose history is taken.")] = "HEAD",
    each_commit_from: Annotated[
        datetime | None, typer.Option(formats=[DAY], help="Make each commit a day of its own, from this day on.")
    ] = None,
) -> None:
    """Take a git history as daily snapshots: each day the tree of its last commit, with sizes and content hashes."""
    settings = load()
    with counting("importing") as progress:
        made = import_history(
            repository,
            share,
            settings.snapshots_folder,
            ref=ref,
            first_day=as_date(each_commit_from),
            progress=progress.reach,
        )
    _show("Imported", made)


def _exported(cursor: DuckDBPyConnection, entries: Scan, share: str, file: Path) -> int:
    """The file whole, or no new one: it is written beside its place."""
    staged = file.with_name(file.name + ".part")
    try:
        with staged.open("wb") as into:
            written = export_entries(cursor, entries, share, at=now(), into=into)
        staged.replace(file)
        return written
    finally:
        staged.unlink(missing_ok=True)


def _show(title: str, made: Sequence[Imported]) -> None:
    """The newest of them as a table, and what to do next."""
    shown = made[-MOST_SHOWN:]
    console.print(table(title, COLUMNS, [_cells(each) for each in shown], right=COLUMNS[3:]))
    if len(made) > len(shown):
        console.print(f"  … and {len(made) - len(shown):,} before them")
    if made:
        first, last = min(each.day for each in made), max(each.day for each in made)
        console.print(f"Next: analytics materialize storage_snapshots serving --from {first} --to {last}")


def _cells(made: Imported) -> tuple[str, ...]:
    size = human_bytes(made.size_bytes)
    counts = (f"{made.entries:,}", f"{made.files:,}", f"{made.directories:,}")
    return made.share, str(made.day), f"{made.taken_at:%Y-%m-%d %H:%M}", *counts, size
