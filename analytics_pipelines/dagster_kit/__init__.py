"""What any room's `assets.py` may use; it knows no room.

Here: the resource "world" (settings, lake, database of one run), daily partitions, `lake_asset` (a lake
table as a Dagster asset), pictures for metadata, and `launch` (a range of days in one run, in this
process). Not here: any table, and any list of assets, which stands in `definitions.py`.

    from analytics_pipelines.dagster_kit.lake_asset import Making, Read, lake_asset

    def events_of(making: Making) -> Select | None:
        return core_events(making.scan(RAW_EVENTS), making.day)

    lake_asset(EVENTS, days=days, reads=[Read(RAW_EVENTS, days_after=3)], make=events_of)
"""
