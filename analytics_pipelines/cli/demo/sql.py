"""What the demo asks in SQL, as a user of the API would."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
from rich.table import Table as Drawn

from analytics_pipelines.cli.output import table
from analytics_pipelines.dashboard.words import human_bytes

FOLDERS = "sql: where the space is"
QUERY_PATH = "/api/v1/duckdb/query"
READY_WAIT_S = 60.0
WHERE_THE_SPACE_IS = """
    SELECT path, file_count, own_allocated_bytes,
           100.0 * own_allocated_bytes / sum(own_allocated_bytes) OVER () AS share_pct,
           100.0 * sum(own_allocated_bytes) OVER (ORDER BY own_allocated_bytes DESC, path ROWS UNBOUNDED PRECEDING)
               / sum(own_allocated_bytes) OVER () AS up_to_here_pct
    FROM core_fs__directories
    WHERE snapshot_date = CAST($day AS DATE) AND share = $share
    ORDER BY own_allocated_bytes DESC, path
    LIMIT 5
"""


def ask_sql(client: httpx.Client, generation: str, day: str, share: str) -> dict[str, Any]:
    """What the query gave, by name, once SQL is answered from the generation."""
    asked = {"query": WHERE_THE_SPACE_IS, "params": {"day": day, "share": share}}
    deadline = time.monotonic() + READY_WAIT_S
    while True:
        answer = client.post(QUERY_PATH, json=asked)
        if answer.is_success and answer.json()["generation"] == generation:
            told: dict[str, Any] = answer.json()
            return {FOLDERS: told}
        if time.monotonic() > deadline or answer.is_client_error:
            answer.raise_for_status()
            raise httpx.ReadTimeout("SQL is not answered from the newest generation")
        time.sleep(0.2)


def sql_table(answers: Mapping[str, Any]) -> Drawn:
    """The query's rows, for people."""
    told = answers[FOLDERS]
    rows = [
        (path, f"{files:,}", human_bytes(own), f"{share:.1f} %", f"{so_far:.1f} %")
        for path, files, own, share, so_far in told["data"]
    ]
    columns = ("folder", "files below", "own on disk", "share", "up to here")
    return table(f"SQL over the lake: {1000 * told['execution_time']:.1f} ms", columns, rows, right=columns[1:])
