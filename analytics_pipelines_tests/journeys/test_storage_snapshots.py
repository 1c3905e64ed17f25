from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.scanner.scan import scan
from analytics_pipelines_tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)


def test_from_a_tree_on_disk_to_what_filled_it(house, tmp_path, today):
    tree, yesterday = tmp_path / "files", today - timedelta(days=1)
    (tree / "photos").mkdir(parents=True)
    (tree / "photos" / "one.jpg").write_bytes(b"x" * 10_000)
    scan(tree, "files", yesterday, house.settings.snapshots_folder)
    (tree / "photos" / "two.jpg").write_bytes(b"x" * 5_000)
    (tree / "notes.txt").write_text("hello")
    scan(tree, "files", today, house.settings.snapshots_folder)
    assert house.answer("/api/snapshots") == []

    house.make("storage_snapshots", yesterday, today)
    wait_until(lambda: len(house.answer("/api/snapshots")) == 2)

    newest, older = house.answer("/api/snapshots")
    assert (newest["date"], older["date"]) == (today.isoformat(), yesterday.isoformat())
    assert (newest["shares"], newest["files"], newest["dirs"], newest["errors"]) == (["files"], 3, 1, 0)
    assert (older["files"], older["dirs"]) == (1, 1)
    folders = sum(path.lstat().st_size for path in (tree, tree / "photos"))
    assert newest["size"] == 15_005 + folders


@pytest.mark.long
def test_scanning_and_making_again_changes_neither_bytes_nor_the_answer(house, tmp_path, today):
    tree = tmp_path / "files"
    tree.mkdir()
    (tree / "a").write_bytes(b"x")
    scan(tree, "files", today, house.settings.snapshots_folder)
    house.make("storage_snapshots", today, today)
    wait_until(lambda: house.answer("/api/snapshots"))
    before, inodes = house.published(), inodes_of(house)
    house.make("storage_snapshots", today, today)
    assert inodes_of(house) == inodes
    assert house.published() == before


def inodes_of(house) -> dict[str, int]:
    return {
        str(file.relative_to(house.lake.root)): file.stat().st_ino for file in house.lake.root.rglob("data.parquet")
    }
