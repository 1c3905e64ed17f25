from datetime import UTC, date, datetime

from analytics_pipelines.storage_snapshots.ask.chosen import ShareSnapshot
from analytics_pipelines.storage_snapshots.routes.models import CONTRACT_NAMES, Entry, SnapshotOf, snapshots_of
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, ENTRIES


def test_the_contract_has_a_name_for_columns_that_there_are_and_entries_have_just_these_names():
    assert set(CONTRACT_NAMES) <= set(ENTRIES.column_names) | set(DIRECTORIES.column_names)
    assert set(Entry.model_fields) == set(CONTRACT_NAMES.values()) - {"date", "files", "dirs"}


def test_snapshots_are_told_by_share_day_and_time():
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    told = snapshots_of((ShareSnapshot("home", date(2026, 3, 1), "/home", at, is_newest=True),))
    assert [SnapshotOf.model_validate(each).model_dump() for each in told] == told
    assert told == [{"share": "home", "date": date(2026, 3, 1), "taken_at": at}]
