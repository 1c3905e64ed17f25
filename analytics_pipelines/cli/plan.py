"""Commands about plans: plan run."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from analytics_pipelines.cli.output import console, table
from analytics_pipelines.datasets.charts.png import png_of
from analytics_pipelines.datasets.execution.here import of_file, of_table, run_here
from analytics_pipelines.datasets.execution.job import Computed
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.settings import load

STDIN = "-"
SHOWN_DIGITS = 10
NOTHING = "-"
LIKE = 'Like {"operation": "mean", "target_column": "price"}.'
NO_CHART = "no chart was written: the plan gives none unless it has a chart_type"
RESULTS = {"coefficients": "Coefficients", "points": "Forecast"}
NOT_SHOWN = frozenset({"columns", "history", "row_count", "other_rows", "is_truncated", *RESULTS})


class NoPlan(BadInput):
    """The file holds no JSON."""


class NotWritten(BadInput):
    """The chart can not be written where it was asked for."""


class NoSubject(BadInput):
    """The command does not say what the plan is about, or says it twice."""


def run(
    plan: Annotated[Path, typer.Argument(help="File with the plan as JSON; - reads it from standard input.")],
    data: Annotated[Path | None, typer.Option(help="CSV or TSV that the plan is about.")] = None,
    name: Annotated[str | None, typer.Option("--table", help="Or a published table of the lake.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Where to write the chart, as PNG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
) -> None:
    """Run a plan over a file or a table of the lake, and print what it gives."""
    settings, sent = load(), _read(plan)
    if (data is None) == (name is None):
        raise NoSubject("The plan is about one file or one table.", remedy="Give --data FILE or --table NAME.")
    with of_file(data, settings) if data else of_table(str(name), settings) as about:
        found, warnings = run_here(settings, about, sent)
    if chart is not None:
        _draw(found, chart)
    if as_json:
        typer.echo(found.to_json())
        return
    show(found.result)
    say(found, [*map(str, warnings), *found.warnings])


def say(found: Computed, warnings: Sequence[str]) -> None:
    """How many rows there were, what they lacked, and what is worth knowing."""
    dropped = [f"{column} {count:,}" for column, count in found.nulls_dropped.items() if count]
    without = ", without a value: " + ", ".join(dropped) if dropped else ""
    console.print(escape(f"{found.filtered_row_count:,} rows{without}"), style="dim", highlight=False)
    for each in warnings:
        console.print("[yellow]![/] " + escape(each), highlight=False)


def _draw(found: Computed, chart: Path) -> None:
    if found.chart_spec is None:
        typer.echo(NO_CHART, err=True)
        return
    try:
        chart.write_bytes(png_of(found.chart_spec))
    except OSError as error:
        told = f"{chart} can not be written: {error.strerror}."
        raise NotWritten(told, remedy="Give --chart a file in a folder that is there.") from None


def _read(file: Path) -> Any:
    try:
        text = sys.stdin.read() if str(file) == STDIN else file.read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise NoPlan(f"{file} can not be read: {error.strerror}.", remedy="Give a file with a plan as JSON.") from None
    except (ValueError, RecursionError) as error:
        raise NoPlan(f"{file} holds no plan: {error}.", remedy=LIKE) from None


def show(result: Mapping[str, Any]) -> None:
    """Groups, coefficients and forecasts as tables, the rest as names and values."""
    if "rows" in result:
        names = [column["name"] for column in result["columns"]]
        measures = [column["name"] for column in result["columns"] if column["role"] == "measure"]
        console.print(_drawn(str(result["operation"] or "measures"), names, result["rows"], right=measures))
        return
    facts = {name: value for name, value in result.items() if name not in NOT_SHOWN}
    plain = [(name, _cell(value)) for name, value in facts.items() if not isinstance(value, dict | list)]
    console.print(table(str(result["operation"]), ("", ""), plain))
    for key, title in RESULTS.items():
        if result.get(key):
            names = list(result[key][0])
            console.print(_drawn(title, names, result[key], right=names[1:]))


def _drawn(title: str, names: Sequence[str], rows: Sequence[Mapping[str, Any]], *, right: Sequence[str]) -> Any:
    return table(title, names, [[_cell(row[name]) for name in names] for row in rows], right=right)


def _cell(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, float):
        return format(value, f",.{SHOWN_DIGITS}g")
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
