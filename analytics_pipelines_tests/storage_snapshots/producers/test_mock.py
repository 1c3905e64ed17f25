from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.storage_snapshots.intake.ingest import received_entries, received_snapshots
from analytics_pipelines.storage_snapshots.layout import BadShareName
from analytics_pipelines.storage_snapshots.producers.mock import SHARES, generate
from analytics_pipelines.storage_snapshots.tables import ENTRIES, SNAPSHOTS

LAST = date(2026, 3, 1)


def rows(made):
    return {row["path"]: row for row in pq.read_table(made.file).to_pylist()}


def test_every_share_has_a_snapshot_of_each_day_up_to_the_last(tmp_path):
    made = generate(tmp_path, last_day=LAST, days=3, files=50)
    days = [LAST - timedelta(days=back) for back in (2, 1, 0)]
    assert [(each.share, each.day) for each in made] == [(share, day) for share in SHARES for day in days]


def test_the_same_seed_gives_the_same_files_and_another_others(tmp_path):
    hashes = [
        [sha256_of(each.file) for each in generate(tmp_path / str(number), last_day=LAST, days=2, files=40, seed=seed)]
        for number, seed in enumerate((1, 1, 2))
    ]
    assert hashes[0] == hashes[1]
    assert set(hashes[0]).isdisjoint(hashes[2])


def test_a_month_has_growth_moves_deletions_and_duplicates(tmp_path):
    made = generate(tmp_path, last_day=LAST, days=30, shares=["projects"], files=300)
    first, last = rows(made[0]), rows(made[-1])
    before = {row["ino"]: path for path, row in first.items() if row["type"] == "f"}
    after = {row["ino"]: path for path, row in last.items() if row["type"] == "f"}
    moved = [inode for inode in before.keys() & after.keys() if before[inode] != after[inode]]
    assert min(len(moved), len(before.keys() - after.keys()), len(after.keys() - before.keys())) > 3
    hashes = [row["content_hash"] for row in last.values() if row["type"] == "f"]
    assert len(set(hashes)) < len(hashes)
    assert any(last[path]["size"] > first[path]["size"] for path in first.keys() & last.keys())


def test_made_up_snapshots_come_into_the_lake_without_a_gap(tmp_path, lake):
    generate(tmp_path, last_day=LAST, days=1, files=200)
    lake.replace(ENTRIES, LAST, received_entries(tmp_path, LAST, duck=lake.duck))
    lake.replace(SNAPSHOTS, LAST, received_snapshots(tmp_path, lake.scan(ENTRIES, [LAST]), LAST, duck=lake.duck))
    told = lake.lazy(SNAPSHOTS, [LAST]).collect().to_dicts()
    assert [(row["share"], row["implied_dir_count"], row["mode"]) for row in told] == [
        (share, 0, "hashed") for share in sorted(SHARES)
    ]
    assert all(0 < row["available_bytes"] < row["capacity_bytes"] for row in told)


def test_a_share_that_can_not_be_a_file_is_refused(tmp_path):
    with pytest.raises(BadShareName):
        generate(tmp_path, last_day=LAST, shares=["a/b"])
