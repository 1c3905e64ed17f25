"""The tables about the disks, from answers as the API gives them."""

from typing import Any

from rich.console import Console
from rich.table import Table

from analytics_pipelines.cli.demo.storage_report import COMPARE, DUPLICATES, HEAVY, storage_tables

ANSWERS: dict[str, Any] = {
    COMPARE: {
        "summary": [{"kind": "added", "files": 2, "dirs": 1}, {"kind": "grown", "files": 1, "dirs": 0}],
        "rows": [{"kind": "added", "path": "/srv/new.bin", "size": 2048, "size_before": 0}],
    },
    HEAVY: {"files": [{"path": "/srv/big", "size": 3 * 2**20, "mtime": None}]},
    DUPLICATES: {
        "groups": [
            {"name": "a.txt", "files": 3, "size": 1024, "reclaimable": 2048, "copies": [{"path": "/srv/a.txt"}]},
            {"name": None, "files": 2, "size": 1024, "reclaimable": 1024, "copies": [{"path": "/srv/b.txt"}]},
        ]
    },
}


def shown(tables: list[Table]) -> str:
    console = Console(width=120)
    with console.capture() as captured:
        for each in tables:
            console.print(each)
    return captured.get()


def test_the_tables_tell_changes_sizes_and_copies() -> None:
    told = " ".join(shown(storage_tables(ANSWERS)).split())
    assert "Changed since yesterday: 3 added, 1 grown" in told
    assert "added /srv/new.bin 0 B 2.0 KiB" in told
    assert "/srv/big 3.0 MiB" in told
    assert "a.txt 3 1.0 KiB 2.0 KiB" in told
    assert "/srv/b.txt 2 1.0 KiB 1.0 KiB" in told


def test_a_day_without_changes_says_so() -> None:
    quiet = ANSWERS | {COMPARE: {"summary": [], "rows": []}}
    assert "Changed since yesterday: nothing" in " ".join(shown(storage_tables(quiet)).split())
