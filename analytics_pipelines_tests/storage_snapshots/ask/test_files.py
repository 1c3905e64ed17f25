from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.sql import Sql, name
from analytics_pipelines.storage_snapshots.ask.chosen import UnknownPath
from analytics_pipelines.storage_snapshots.ask.files import FILE_COLUMNS, days_before, files_below, page_of
from analytics_pipelines.storage_snapshots.routes.models import CONTRACT_NAMES
from analytics_pipelines_tests.storage_snapshots.ask.shelves import (
    TAKEN_AT,
    asked,
    below,
    file_lists,
    once,
    rows_of_files,
)

PATHS = Sql("SELECT path FROM ({files}) AS files ORDER BY path")


@settings(max_examples=15, deadline=None)
@given(file_lists(), st.booleans(), st.data())
def test_a_file_of_several_names_stands_under_its_first_below_the_folder(files, is_hot, data):
    folder = data.draw(st.none() | st.sampled_from(sorted({file["path"].rpartition("/")[0] for file in files})))
    with asked(rows_of_files(files), is_hot=is_hot) as these:
        found = files_below(these, folder)
        assert found.tuples(PATHS.fill(files=found.once())) == sorted(
            (file["path"],) for file in once(below(files, folder))
        )
        assert len(found.tuples(PATHS.fill(files=found.sql))) == len(below(files, folder))
        owned = found.tuples(PATHS.fill(files=found.once(Sql("owner_name = $owner"))), owner="ada")
    adas = [file for file in below(files, folder) if file["owner_name"] == "ada"]
    assert owned == sorted((file["path"],) for file in once(adas))


def test_files_are_told_by_the_names_of_the_contract():
    assert {house: contract for contract, house in FILE_COLUMNS.items()}.items() <= CONTRACT_NAMES.items()


def test_a_page_is_told_whole_and_each_share_has_its_own_time():
    file = {"share": "one", "path": "/one/a.txt", "size_bytes": 5, "born_at": TAKEN_AT, "modified_at": TAKEN_AT}
    with asked(rows_of_files([file])) as these:
        files = files_below(these, days=3)
        (found,) = page_of(files, measure=name("size_bytes"), rows=9)
        ((since,),) = files.tuples(Sql("SELECT since_at FROM ({files}) AS files").fill(files=files.sql))
        with pytest.raises(UnknownPath):
            files_below(these, "/one/a.txt")
    assert list(found.told) == list(FILE_COLUMNS)
    assert found.key == (5, "one", 1)
    assert found.told["mtime"] == found.taken_at == found.born_at == TAKEN_AT.replace(tzinfo=None)
    assert since == TAKEN_AT - timedelta(days=3)


@pytest.mark.parametrize("zone", [UTC, None])
def test_time_begins_with_the_calendar(zone):
    assert days_before(datetime(2026, 3, 1, tzinfo=zone), 10**6) == datetime(1, 1, 1, tzinfo=zone)
    assert days_before(datetime(2026, 3, 1, tzinfo=zone), 1) == datetime(2026, 2, 28, tzinfo=zone)
