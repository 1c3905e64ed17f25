"""The snippets of `docs/reading-the-lake.md` run as they stand, on a lake of the real tables."""

import re
import subprocess
import sys
from datetime import date

import pyarrow as pa
import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.serving.duckdb_file import write_duckdb_file
from analytics_pipelines_tests.house_rules.repository import ROOT

PAGE = (ROOT / "docs" / "reading-the-lake.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
DAYS = (date(2026, 11, 20), date(2026, 11, 21))
METRICS = TABLES.named("out_web__daily_metrics")


@pytest.fixture
def small_lake(lake):
    """Two days of metrics, with 7 visits each."""
    for day in DAYS:
        row = dict.fromkeys(METRICS.column_names, 7) | {"metric_date": day, "site_id": "example.org"}
        rows = ArrowRows(pa.Table.from_pylist([row]))
        lake.replace(METRICS, day, Select(Sql("SELECT * FROM given"), reads={"given": rows}))
    return lake


@pytest.mark.parametrize("snippet", [pytest.param(snippet, id=snippet.splitlines()[0]) for snippet in SNIPPETS])
def test_a_snippet_runs_as_it_stands_with_no_code_of_ours(snippet, small_lake, settings):
    assert "analytics_pipelines" not in snippet
    if settings.duckdb_file.name in snippet:
        build_generation(settings, small_lake, [METRICS])
        write_duckdb_file(settings)
    program = snippet.replace(".analytics/", str(settings.home.path) + "/")
    ran = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()
    assert "DAMAGED" not in ran.stdout


def test_the_page_shows_every_engine():
    imported = set(re.findall(r"^import (\w+)", "\n".join(SNIPPETS), re.MULTILINE))
    assert {"duckdb", "polars", "pandas", "pyarrow"} <= imported
