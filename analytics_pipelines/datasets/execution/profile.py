"""Profiles a dataset in a process of its own: how values are spread, and what their picture is drawn from."""

import orjson

from analytics_pipelines.datasets.charts.profile import profile_chart
from analytics_pipelines.datasets.evidence import ColumnEvidence
from analytics_pipelines.datasets.uploads.profile import profile


def profile_of(data: str, evidence: tuple[ColumnEvidence, ...]) -> bytes:
    """The profile of a Parquet file with a Vega-Lite specification, as JSON."""
    found = profile(data, evidence)
    return orjson.dumps({"columns": found["columns"], "chart_spec": profile_chart(found)})
