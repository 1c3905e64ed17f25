"""What people see: one console, tables in one style, errors in one line."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from analytics_pipelines.foundation.errors import AnalyticsError

PIPED_WIDTH = 120
console = Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH)


def fail(error: AnalyticsError) -> NoReturn:
    """Print the error as one line on standard error and end with status 1."""
    Console(stderr=True, soft_wrap=True).print("[bold red]error:[/] " + escape(" ".join(str(error).split())))
    sys.exit(1)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> Table:
    """A table in the house's style; columns named in `right` hold numbers."""
    drawn = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(str(cell)) for cell in row))
    return drawn


@contextmanager
def counting(what: str, total: int | None = None) -> Iterator["Counter"]:
    """A progress line that is told how many are done; it vanishes at the end."""
    shown = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn() if total else TextColumn("{task.completed:,.0f}"),
        TextColumn("[dim]{task.fields[rate]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with shown:
        yield Counter(shown, what, total)


class Counter:
    """The progress line: how many are done, and how many a second."""

    def __init__(self, progress: Progress, what: str, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task(what, total=total, rate="")

    def add(self, more: int) -> None:
        """So many more are done."""
        self.reach(self.done + more)

    @property
    def done(self) -> int:
        """How many are done by now."""
        return int(self._progress.tasks[0].completed)

    def reach(self, done: int) -> None:
        """So many are done by now."""
        elapsed_s = self._progress.tasks[0].elapsed
        rate = f"{done / elapsed_s:,.0f}/s" if elapsed_s else ""
        self._progress.update(self._task, completed=done, rate=rate)
