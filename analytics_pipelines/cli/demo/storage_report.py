"""What the demo tells of the disks, from the API's answers: what changed, what is large, what may lie there twice."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table as Drawn

from analytics_pipelines.cli.output import table
from analytics_pipelines.dashboard.words import human_bytes

ROWS = 6
COMPARE = "/api/snapshots/compare?limit=6"
HEAVY = "/api/analytics/heavy-files?limit=6"
DUPLICATES = "/api/analytics/duplicates?limit=6"
PATHS = (COMPARE, HEAVY, DUPLICATES)


def storage_tables(answers: Mapping[str, Any]) -> list[Drawn]:
    """A table for each of `PATHS`, each of at most `ROWS` rows."""
    return [changed(answers[COMPARE]), heavy(answers[HEAVY]), twice(answers[DUPLICATES])]


def changed(answer: Mapping[str, Any]) -> Drawn:
    """What differs most from the snapshot before, weightiest first."""
    rows = [
        (each["kind"], each["path"], human_bytes(each["size_before"]), human_bytes(each["size"]))
        for each in answer["rows"][:ROWS]
    ]
    told = ", ".join(f"{each['files'] + each['dirs']:,} {each['kind']}" for each in answer["summary"])
    columns = ("change", "path", "before", "now")
    return table("Changed since yesterday: " + (told or "nothing"), columns, rows, right=columns[2:])


def heavy(answer: Mapping[str, Any]) -> Drawn:
    """The largest files."""
    rows = [(each["path"], human_bytes(each["size"] or 0), each["mtime"] or "") for each in answer["files"][:ROWS]]
    return table("Largest files", ("file", "size", "last changed"), rows, right=("size",))


def twice(answer: Mapping[str, Any]) -> Drawn:
    """What may lie there more than once: a scan that hashes (`analytics scan --hash`) tells it for sure."""
    rows = [
        (
            each["name"] or each["copies"][0]["path"],
            each["files"],
            human_bytes(each["size"]),
            human_bytes(each["reclaimable"]),
        )
        for each in answer["groups"][:ROWS]
    ]
    columns = ("file", "copies", "size", "reclaimable")
    return table("Perhaps duplicates, by name and size", columns, rows, right=columns[1:])
