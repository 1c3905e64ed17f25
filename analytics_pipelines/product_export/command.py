"""A whole export from a command line, without Dagster: what `analytics export` and cron share, and cron's own words."""

import argparse
import logging
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import date

import structlog

from analytics_pipelines.foundation.clock import days_between, today
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.product_export.outcome import Report, Watch
from analytics_pipelines.product_export.replay import make_core
from analytics_pipelines.product_export.run import ExportParts, export
from analytics_pipelines.product_export.told import LogLines, lines_of

WHAT = "Copy tables of PostgreSQL into the lake, all of one snapshot, compared with the source, published together."


def export_here(
    settings: Settings, names: Sequence[str] | None, days: Sequence[date], watch: Watch, *, exactly: bool = False
) -> Report:
    """One run in this process, then the `core_app__` tables of what it copied; the embedded server runs meanwhile.

    Raises what `export` raises, and `SetupError` for settings that do not fit.
    """
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    with closing(lake.duck), running_database(settings) as urls:
        parts = ExportParts(settings, lake, conninfo(urls.source))
        report = export(parts, names, days, today=today(), watch=watch, exactly=exactly)
        make_core(lake, report)
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """What cron runs: plain lines on standard output, an error as one line on standard error; the exit status.

    0: published. 1: nothing was published. A command line that is wrong ends with 2 by itself.
    """
    given = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    first, last = given.first or given.last or today(), given.last or today()
    if last < first:
        _parser().error("--from is after --to")
    days = days_between(first, last)
    try:
        report = export_here(load(), given.tables or None, days, LogLines(_say), exactly=given.verify)
    except AnalyticsError as error:
        sys.stderr.write("error: " + " ".join(str(error).split()) + "\n")
        return 1
    for line in lines_of(report):
        _say(line)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analytics_pipelines.product_export", description=WHAT)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="name in the lake or schema.table; all when absent")
    parser.add_argument(
        "--from", dest="first", type=date.fromisoformat, help="first day, YYYY-MM-DD; the last when absent"
    )
    parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day, YYYY-MM-DD; today when absent")
    parser.add_argument("--verify", action="store_true", help="compare every value with the source")
    return parser
