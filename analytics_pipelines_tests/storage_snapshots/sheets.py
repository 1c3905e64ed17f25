"""Walks in this process, without the processes of a scan: what its sheets say, as rows."""

import os

from analytics_pipelines.storage_snapshots.scanner.rows import Tabulator
from analytics_pipelines.storage_snapshots.scanner.sheet import Sheet
from analytics_pipelines.storage_snapshots.scanner.walk import FOLDER, Walk
from analytics_pipelines_tests.storage_snapshots.trees import DAY


def walked(folder, *, name=None, **options):
    """The walk when it is over, and its rows by path; `name` is what the root is said to be called."""
    root = os.open(folder, FOLDER)
    device = None if options.get("is_crossing") else os.fstat(root).st_dev
    tabulator = Tabulator("s", DAY, name or str(folder), device)
    rows = []

    def hand_over(sheet):
        rows.extend(tabulator.batch(sheet).to_pylist())
        return Sheet(sheet.memory)

    try:
        walk = Walk(root, hand_over, Sheet.of_own(), **options)
        walk.pending.append("")
        while walk.pending:
            walk.visit()
        walk.finish()
    finally:
        os.close(root)
    found = {row["path"]: row for row in rows}
    assert len(found) == len(rows) == walk.seen - tabulator.other_filesystems
    return walk, found
