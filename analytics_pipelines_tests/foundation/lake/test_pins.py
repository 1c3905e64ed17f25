from analytics_pipelines.foundation.lake import stage
from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines_tests.foundation.lake.example import DAY, DAYS, READINGS, generated, rows_of


def test_a_file_replaced_while_it_is_read_is_read_to_its_end_as_it_was(lake, monkeypatch):
    """The partition is replaced after the view was made, so the rows would be read at the offsets of the old footer."""
    version = lake.replace(READINGS, DAY, generated(1)).version
    write = stage._written

    def replaced_first(cursor, table, select, file):
        monkeypatch.setattr(stage, "_written", write)
        lake.replace(READINGS, DAY, generated(2))
        return write(cursor, table, select, file)

    monkeypatch.setattr(stage, "_written", replaced_first)
    query = Sql("SELECT * REPLACE (level_count + 10 AS level_count) FROM readings")
    copied = lake.replace(READINGS, DAYS[0], Select(query, reads={"readings": lake.scan(READINGS, [DAY])}))
    assert copied.rows == rows_of(1)
    assert copied.inputs == (version,)
    assert lake.lazy(READINGS, [DAYS[0]]).collect()["level_count"].unique().to_list() == [11]
    assert lake.manifest(READINGS, DAY).rows == rows_of(2)


def test_several_scans_of_one_table_stand_beside_each_other(lake):
    for day in DAYS:
        lake.replace(READINGS, day, generated(1, day=day, rows=3))
    reads = {
        "before": lake.scan(READINGS, DAYS[:2]),
        "day": lake.scan(READINGS, DAYS[1:2]),
        "none": lake.scan(READINGS, []),
    }
    query = Sql(
        "SELECT day.* FROM day LEFT JOIN none USING (reading_id) WHERE reading_id IN (SELECT reading_id FROM before)"
    )
    copied = lake.replace(READINGS, DAY, Select(query, reads=reads))
    assert copied.rows == 3
    assert [version.day for version in copied.inputs] == list(DAYS[:2])


def test_files_that_are_not_the_lakes_are_read_where_they_are(lake, tmp_path):
    lake.replace(READINGS, DAY, generated(1))
    elsewhere = tmp_path / "copy.parquet"
    elsewhere.write_bytes(lake.file(READINGS, DAY).read_bytes())
    copied = lake.replace(READINGS, DAYS[0], Select(Sql("SELECT * FROM a"), reads={"a": Scan(READINGS, (elsewhere,))}))
    assert copied.rows == rows_of(1)
    assert copied.inputs == ()
