"""The command that copies tables of PostgreSQL into the lake: export."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from analytics_pipelines.cli.data import as_date
from analytics_pipelines.cli.output import console, table
from analytics_pipelines.dashboard.words import human_bytes
from analytics_pipelines.foundation.clock import days_between, today
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.settings import load
from analytics_pipelines.product_export.command import export_here
from analytics_pipelines.product_export.outcome import Exported, Report
from analytics_pipelines.product_export.told import MEGABYTE, kind_told, left_told, notes_of

DAY = "%Y-%m-%d"
COLUMNS = ("table", "day", "copied", "rows", "size", "time", "speed")


class DaysReversed(BadInput):
    """The last day lies before the first."""


def export(
    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="TABLE", help="Names in the lake, or schema.table; all when absent."),
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=[DAY], help="First day; the same as the last when absent.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=[DAY], help="Last day; today when absent.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Compare every value with the source.")] = False,
) -> None:
    """Copy tables of PostgreSQL into the lake, all of one snapshot, compared with the source, published together."""
    until = as_date(last) or today()
    since = as_date(first) or until
    if until < since:
        raise DaysReversed(
            f"The last day {until} lies before the first, {since}.", remedy="Give the earlier one first."
        )
    days = days_between(since, until)
    with _bars() as bars:
        report = export_here(load(), tables or None, days, bars, exactly=verify)
    _show(report, is_exact=verify)


class Bars:
    """A progress line for each table, with rows, speed and the time that is left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def begins(self, name: str, estimated_rows: int) -> None:
        """A new line."""
        self._progress.add_task(name, total=estimated_rows if estimated_rows > 0 else None, size_bytes=0)

    def advances(self, name: str, rows: int, size_bytes: int) -> None:
        """The line goes on; what is more than PostgreSQL estimated moves its end."""
        task = self._task(name)
        if task.total is not None and task.completed + rows > task.total:
            self._progress.update(task.id, total=task.completed + rows)
        self._progress.update(task.id, advance=rows, size_bytes=task.fields["size_bytes"] + size_bytes)

    def ends(self, name: str) -> None:
        """The line is at its end."""
        task = self._task(name)
        self._progress.update(task.id, total=task.completed)
        self._progress.stop_task(task.id)

    def _task(self, name: str) -> Task:
        return next(task for task in reversed(self._progress.tasks) if task.description == name)


class Pace(ProgressColumn):
    """Rows, bytes of Parquet a second, and seconds left."""

    def render(self, task: Task) -> Text:
        """As `1,234,567 rows  34.1 MB/s  12 s left`."""
        elapsed_s = task.finished_time or task.elapsed or 0.0
        told = f"{task.completed:,.0f} rows"
        if elapsed_s:
            told += f"  {task.fields['size_bytes'] / elapsed_s / MEGABYTE:.1f} MB/s"
        if task.total and not task.finished and task.completed and elapsed_s:
            told += f"  {(task.total - task.completed) * elapsed_s / task.completed:,.0f} s left"
        return Text(told, style="dim")


@contextmanager
def _bars() -> Iterator[Bars]:
    shown = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        Pace(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with shown:
        yield Bars(shown)


def _show(report: Report, *, is_exact: bool) -> None:
    """What was made, what is to be looked at, what was left alone, and of which moment it is."""
    title = "Exported, every value compared" if is_exact else "Exported"
    if report.exported:
        console.print(table(title, COLUMNS, [_cells(each) for each in report.exported], right=COLUMNS[3:]))
    for line in _remarks(report):
        console.print("  " + line, markup=False, highlight=False)
    if report.moment:
        console.print(f"One snapshot, taken at {report.moment.taken_at:%Y-%m-%d %H:%M:%S} UTC.", highlight=False)
        console.print("Next: analytics materialize serving, and the API answers from it.", highlight=False)


def _cells(each: Exported) -> Sequence[str]:
    seconds = max(each.duration_s, 0.001)
    speed = f"{each.size_bytes / seconds / MEGABYTE:.1f} MB/s"
    time = f"{each.duration_s:.1f} s"
    return each.table.name, str(each.day), kind_told(each), f"{each.rows:,}", human_bytes(each.size_bytes), time, speed


def _remarks(report: Report) -> Iterator[str]:
    for each in report.exported:
        yield from (f"{each.table.name}: {note}" for note in notes_of(each))
    yield from left_told(report)
    if report.whole_files:
        yield "Whole: " + ", ".join(report.whole_files)
