"""Files joined without decoding: the rows are those of the parts, in order, for every reader."""

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.parquet_join import joined_files, joining

COLUMNS = """
    SELECT
        i AS id, CASE WHEN i % 5 > 0 THEN 'kind ' || i % 3 END AS kind, CAST(i AS DECIMAL(30, 3)) / 8 AS price,
        TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_seconds(i) AS seen_at, repeat('x', CAST(i % 100 AS INTEGER)) AS words
    FROM range({first}, {end}) AS r(i)
"""


def part_of_duckdb(folder, first, end, columns=COLUMNS, group_rows=2048):
    file = folder / f"{first}-{end}.parquet"
    query = columns.format(first=first, end=end)
    duckdb.sql(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group_rows})")
    return file


def part_of_arrow(folder, first, end):
    file = folder / f"arrow-{first}-{end}.parquet"
    rows = pa.table({"id": range(first, end), "word": [str(each % 7) for each in range(first, end)]})
    pq.write_table(rows, file, row_group_size=1000, write_page_index=True, compression="zstd")
    return file


def rows_of(file):
    return duckdb.read_parquet(str(file)).fetchall()


def test_every_reader_sees_the_rows_of_all_parts_in_their_order(tmp_path):
    bounds = [(0, 10_000), (10_000, 10_001), (10_001, 25_000)]
    parts = [part_of_duckdb(tmp_path, *each) for each in bounds]
    target = tmp_path / "whole.parquet"
    assert joined_files(parts, target) == 25_000
    expected = duckdb.sql(COLUMNS.format(first=0, end=25_000)).to_arrow_table()
    assert pq.read_table(target).to_pylist() == expected.to_pylist()
    assert pl.read_parquet(target)["id"].to_list() == list(range(25_000))
    assert rows_of(target) == duckdb.sql(COLUMNS.format(first=0, end=25_000)).fetchall()


def test_row_groups_and_their_statistics_are_those_of_the_parts(tmp_path):
    parts = [part_of_duckdb(tmp_path, 0, 5000), part_of_duckdb(tmp_path, 5000, 9000)]
    target = tmp_path / "whole.parquet"
    joined_files(parts, target)
    kept = [
        pq.read_metadata(part).row_group(number)
        for part in parts
        for number in range(pq.read_metadata(part).num_row_groups)
    ]
    found = pq.read_metadata(target)
    assert [found.row_group(number).num_rows for number in range(found.num_row_groups)] == [
        each.num_rows for each in kept
    ]
    assert [found.row_group(number).column(0).statistics.min for number in range(found.num_row_groups)] == [
        each.column(0).statistics.min for each in kept
    ]
    assert duckdb.read_parquet(str(target)).filter("id = 8765").project("words").fetchall() == [("x" * 65,)]


def test_dictionaries_and_bloom_filters_are_found_where_they_now_lie(tmp_path):
    parts = [part_of_duckdb(tmp_path, 0, 5000), part_of_duckdb(tmp_path, 5000, 9000)]
    target = tmp_path / "whole.parquet"
    joined_files(parts, target)
    asked = "SELECT bloom_filter_excludes FROM parquet_bloom_probe($file, 'kind', $value)"

    def excludes(value):
        return duckdb.execute(asked, {"file": str(target), "value": value}).fetchall()

    groups = pq.read_metadata(target).num_row_groups
    assert excludes("kind 1") == [(False,)] * groups
    assert excludes("never there") == [(True,)] * groups


def test_files_of_another_writer_with_page_indexes_join_too(tmp_path):
    parts = [part_of_arrow(tmp_path, 0, 2500), part_of_arrow(tmp_path, 2500, 3000)]
    target = tmp_path / "whole.parquet"
    assert joined_files(parts, target) == 3000
    assert pq.read_table(target, filters=[("id", ">=", 2400), ("id", "<", 2600)])["id"].to_pylist() == list(
        range(2400, 2600)
    )


def test_parts_without_rows_leave_no_row_group(tmp_path):
    parts = [part_of_duckdb(tmp_path, 0, 0), part_of_duckdb(tmp_path, 1, 3), part_of_duckdb(tmp_path, 3, 3)]
    target = tmp_path / "whole.parquet"
    assert joined_files(parts, target) == 2
    assert pq.read_metadata(target).num_row_groups == 1
    assert [row[0] for row in rows_of(target)] == [1, 2]


def test_only_empty_parts_give_an_empty_table_with_its_columns(tmp_path):
    target = tmp_path / "whole.parquet"
    assert joined_files([part_of_duckdb(tmp_path, 0, 0), part_of_duckdb(tmp_path, 7, 7)], target) == 0
    assert pq.read_table(target).column_names == ["id", "kind", "price", "seen_at", "words"]
    assert rows_of(target) == []
    assert pl.read_parquet(target).height == 0


def test_one_part_joined_alone_has_the_same_data(tmp_path):
    part = part_of_duckdb(tmp_path, 0, 3000)
    target = tmp_path / "whole.parquet"
    joined_files([part], target)
    assert rows_of(target) == rows_of(part)


def test_another_schema_is_refused_and_leaves_no_file(tmp_path):
    parts = [
        part_of_duckdb(tmp_path, 0, 10),
        part_of_duckdb(tmp_path, 10, 20, "SELECT i AS id FROM range({first}, {end}) r(i)"),
    ]
    target = tmp_path / "whole.parquet"
    with pytest.raises(ValueError, match="different schemas"):
        joined_files(parts, target)
    assert not target.exists()


def test_nothing_to_join_is_refused_and_leaves_no_file(tmp_path):
    target = tmp_path / "whole.parquet"
    with pytest.raises(ValueError, match="no file to join"):
        joined_files([], target)
    assert not target.exists()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"x" * 100, b"PAR1" + b"\xff" * 4 + b"PAR1"], ids=len)
def test_what_is_no_parquet_is_refused(tmp_path, content):
    part = tmp_path / "part"
    part.write_bytes(content)
    with pytest.raises(ValueError, match="not a plain Parquet"), joining(tmp_path / "whole.parquet") as work:
        work.append(part)


def test_a_file_that_is_there_is_not_overwritten(tmp_path):
    target = tmp_path / "whole.parquet"
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        joined_files([part_of_duckdb(tmp_path, 0, 10)], target)
    assert target.read_bytes() == b"mine"


def test_the_same_parts_give_the_same_bytes(tmp_path):
    parts = [part_of_duckdb(tmp_path, 0, 3000), part_of_duckdb(tmp_path, 3000, 4000)]
    for name in ("one", "two"):
        joined_files(parts, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
