"""A room file: each table sorted by its key, with the declared types, read-only and closed."""

import duckdb

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.serving.native import write_room_file
from analytics_pipelines_tests.generations import DAY, NEXT_DAY, SALES, VISITS, write


def test_all_days_of_each_table_are_in_it_sorted_by_key(settings, lake, tmp_path):
    write(lake, SALES, NEXT_DAY, 2)
    write(lake, SALES, DAY, 1)
    file = tmp_path / "room.duckdb"
    write_room_file(file, [lake.scan(SALES, [DAY, NEXT_DAY]), lake.scan(VISITS, [])], DuckLimits.of(settings))
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("room")] == ["room.duckdb"]
    assert file.stat().st_mode & 0o777 == 0o444
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute("SELECT item, edition FROM out_shop__sales").fetchall()
        assert rows == sorted(rows, key=lambda row: row[0])
        assert len(rows) == 6
        assert connection.execute("SELECT count(*) FROM out_door__visits").fetchone() == (0,)
        described = connection.execute("DESCRIBE out_shop__sales").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == [
        (column.name, column.type.value) for column in SALES.columns
    ]
