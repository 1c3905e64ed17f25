"""What the demo asks by plans, as a user of the API would: a table of the lake, and a CSV that it uploads."""

from collections.abc import Mapping
from typing import Any

import httpx
from rich.table import Table as Drawn

from analytics_pipelines.cli.output import table
from analytics_pipelines.dashboard.words import human_bytes
from analytics_pipelines.foundation.clock import today
from analytics_pipelines.foundation.errors import Unavailable

MOST_TYPES = 6
BY_TYPE = "plan: space by type"
OF_UPLOAD = "plan: sizes of uploaded rows"
CSV = {"snapshot": "latest", "filters": [{"field": "type", "op": "eq", "value": "f"}], "format": "csv"}

Answers = dict[str, Any]


def ask_plans(client: httpx.Client) -> Answers:
    """What both plans gave, by name; the client is logged in."""
    table_plan = {"table": "raw_fs__entries", "plan": space_by_type()}
    exported = client.post("/api/search/advanced", json=CSV).raise_for_status().content
    files = {"file": ("files.csv", _whole_lines(exported), "text/csv")}
    uploaded = client.post("/api/analytics/upload", files=files).raise_for_status().json()
    upload_plan = {"session_id": uploaded["session_id"], "plan": sizes_of_rows()}
    return {BY_TYPE: _executed(client, table_plan), OF_UPLOAD: _executed(client, upload_plan)}


def space_by_type() -> dict[str, Any]:
    """Which kinds of files hold most of the space, today."""
    return {
        "measures": [{"operation": "sum", "column": "allocated_bytes"}, {"operation": "count"}],
        "group_by": ["extension"],
        "filters": [
            {"column": "snapshot_date", "operator": "==", "value": str(today())},
            {"column": "type", "operator": "==", "value": "f"},
        ],
        "top": {"n": MOST_TYPES, "other": True},
    }


def sizes_of_rows() -> dict[str, Any]:
    """How sizes are spread in the uploaded rows."""
    return {
        "operation": "count",
        "measures": [
            {"operation": "mean", "column": "size"},
            {"operation": "median", "column": "size"},
            {"operation": "quantile", "column": "size", "quantile": 0.99},
        ],
    }


def plan_tables(answers: Mapping[str, Any]) -> list[Drawn]:
    """What the plans gave, for people."""
    by_type, of_upload = answers[BY_TYPE], answers[OF_UPLOAD]
    others = set(by_type["result"]["other_rows"])
    rows = [
        (
            "other" if number in others else each["extension"] or "none",
            f"{each['count']:,}",
            human_bytes(each["sum_allocated_bytes"]),
        )
        for number, each in enumerate(by_type["result"]["rows"])
    ]
    columns = ("type", "files", "on disk")
    told = f"A plan over {by_type['filtered_row_count']:,} rows of the lake: {by_type['execution_time_ms']:.0f} ms"
    found = of_upload["result"]["rows"][0]
    sizes = [(f"{found['count']:,}", *(human_bytes(int(value)) for name, value in found.items() if name != "count"))]
    return [
        table(told, columns, rows, right=columns[1:]),
        table("A plan over an uploaded CSV", ("files", "mean", "median", "99th percentile"), sizes),
    ]


def _whole_lines(content: bytes, most_bytes: int = 10_000_000) -> bytes:
    """As much of a CSV as one upload may hold."""
    return content if len(content) <= most_bytes else content[: content.rfind(b"\n", 0, most_bytes) + 1]


def _executed(client: httpx.Client, asked: Mapping[str, Any]) -> Answers:
    """The answer without its picture, which is worth looking at and not at all worth keeping twice."""
    answer: Answers = client.post("/api/analytics/execute", json=asked).raise_for_status().json()
    if not answer["success"]:
        raise Unavailable("A plan of the demo failed: " + answer["error_message"])
    return {name: value for name, value in answer.items() if name not in {"chart_data", "chart_spec"}}
