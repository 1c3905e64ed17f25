"""Late events by day, from what a generation says of its partitions."""

from datetime import UTC, date, datetime, timedelta

from analytics_pipelines.foundation.generation import Generation, PartitionFile, TableFiles
from analytics_pipelines.operations.late import DAYS_TOLD, late_events
from analytics_pipelines.web_events.tables import LATE_EVENTS, RAW_EVENTS

TODAY = date(2026, 11, 21)


def files(name: str, rows: dict[date, int]) -> TableFiles:
    partitions = tuple(PartitionFile(day=day, rows=count, size_bytes=1, sha256="x") for day, count in rows.items())
    return TableFiles(
        name=name, room="r", grain="g", partition="p", version="1", is_native=False, columns=(), partitions=partitions
    )


def generation(*tables: TableFiles) -> Generation:
    return Generation(
        id="g", inputs_sha256="x", engine="e", built_at=datetime(2026, 11, 21, tzinfo=UTC), rooms=(), tables=tables
    )


def test_days_with_late_events_are_told_for_a_month_and_the_total_for_ever() -> None:
    first = TODAY - timedelta(days=DAYS_TOLD - 1)
    rows = {first - timedelta(days=1): 5, first: 2, TODAY - timedelta(days=1): 0, TODAY: 1}
    found = late_events(generation(files(RAW_EVENTS.name, {TODAY: 99}), files(LATE_EVENTS.name, rows)), TODAY)
    assert (found.total, found.by_day) == (8, {first: 2, TODAY: 1})


def test_without_a_generation_or_the_table_there_are_none() -> None:
    for given in (None, generation(), generation(files(RAW_EVENTS.name, {TODAY: 99}))):
        assert (late_events(given, TODAY).total, late_events(given, TODAY).by_day) == (0, {})
