"""`run.export` of the events into a home in `folder`."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.product_export.run import ExportParts, export
from benchmarks.export_contenders.table import TABLE


def contender(url: str, folder: Path) -> Callable[[], int]:
    """What is timed; it gives the rows."""
    mode, exactly = os.environ.get("EXPORT_BENCHMARK_MODE", "full"), "EXPORT_BENCHMARK_EXACTLY" in os.environ
    tables = folder / (mode + ".toml")
    tables.write_text(f'[[tables]]\ntable = "{TABLE}"\nmode = "{mode}"\n')
    duty_pct = int(os.environ.get("EXPORT_DUTY_PCT", "100"))
    settings = Settings(
        _env_file=None, analytics_home=folder / mode, export_tables_file=tables, export_duty_pct=duty_pct
    )
    parts = ExportParts(settings, Lake.at(settings.home, DuckLimits.of(settings)), url)

    def run() -> int:
        today = date.fromisoformat(os.environ.get("EXPORT_BENCHMARK_DAY", datetime.now(UTC).date().isoformat()))
        report = export(parts, ["events"], [today], today=today, exactly=exactly)
        return sum(each.rows for each in report.exported)

    return run
