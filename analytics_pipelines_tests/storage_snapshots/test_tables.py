from analytics_pipelines.storage_snapshots.tables import ENTRIES, TABLES


def test_rows_of_every_table_know_their_day():
    assert {"snapshot_date"} <= set.intersection(*(set(table.column_names) for table in TABLES))


def test_names_of_people_are_marked_as_personal():
    assert [column.name for column in ENTRIES.columns if column.is_personal] == ["owner_name"]


def test_units_end_the_names_of_what_is_measured():
    for table in TABLES:
        assert all(column.name.endswith("_" + column.unit) for column in table.columns if column.unit)
