import math
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.errors import CheckFailed, Conflict
from analytics_pipelines.foundation.files import locked, sha256_of
from analytics_pipelines.foundation.lake import lake as lake_module
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.foundation.lake.example import ARROW, DAY, DAYS, READINGS, generated, given_rows, lake_at

EARLIEST, LATEST = (datetime(year, 1, 1) for year in (1700, 2200))  # noqa: DTZ001 - Hypothesis takes naive bounds
ROOT = Path(__file__).parents[3]
NULLABLE = {
    "label": st.text(),
    "payload": st.binary(),
    "is_valid": st.booleans(),
    "level_count": st.integers(-(2**31), 2**31 - 1),
    "load_pct": st.floats(allow_nan=False),
    "read_at": st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)),
}
ROW = st.fixed_dictionaries(
    {"reading_date": st.sampled_from(DAYS), "reading_id": st.integers(-(2**63), 2**63 - 1)}
    | {column: st.none() | values for column, values in NULLABLE.items()}
)
ROWS = st.lists(ROW, max_size=20, unique_by=lambda row: row["reading_id"])


def with_duckdb(folder: Path) -> list[dict]:
    glob = f"{folder}/date=*/data.parquet"
    return duckdb.connect().execute("FROM read_parquet($1)", [glob]).to_arrow_table().to_pylist()


def with_polars(folder: Path) -> list[dict]:
    return pl.scan_parquet(f"{folder}/date=*/data.parquet").collect().to_dicts()


def with_pandas(folder: Path) -> list[dict]:
    records = pd.read_parquet(folder, dtype_backend="pyarrow").to_dict("records")
    return [{name: None if value is pd.NA else value for name, value in row.items()} for row in records]


def with_pyarrow(folder: Path) -> list[dict]:
    return pq.read_table(folder).to_pylist()


READERS = [with_duckdb, with_polars, with_pandas, with_pyarrow]


def declared(rows: list[dict]) -> list[dict]:
    """Without the `date` that engines take from the folder's name, in the order of the key."""
    kept = [{name: row[name] for name in ARROW.names} for row in rows]
    return sorted(kept, key=lambda row: (row["reading_date"], row["reading_id"]))


@hypothesis_settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS)
def test_any_rows_come_back_the_same_in_every_engine_with_a_plain_glob(rows, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    lake = lake_at(home)
    for day in DAYS:
        lake.replace(READINGS, day, given_rows(row for row in rows if row["reading_date"] == day))
    lake.duck.close()
    for read in READERS:
        assert declared(read(lake.root / READINGS.name)) == declared(rows), read.__name__


def test_rows_lie_in_the_order_of_the_key(lake):
    manifest = lake.replace(READINGS, DAY, generated(1, seed="shuffled"))
    ids = pq.read_table(lake.file(READINGS, DAY), partitioning=None).column("reading_id").to_pylist()
    assert ids == sorted(ids) == list(range(manifest.rows))


def test_the_manifest_names_rows_bytes_hash_schema_engine_and_inputs(lake):
    source = lake.replace(READINGS, DAYS[0], generated(1, day=DAYS[0]))
    scan = lake.scan(READINGS, [DAYS[0]])
    copied = lake.replace(READINGS, DAY, Select(Sql("SELECT * FROM readings"), reads={"readings": scan}))
    file = lake.file(READINGS, DAY)
    assert copied == lake.manifest(READINGS, DAY)
    assert (copied.rows, copied.size_bytes, copied.sha256) == (source.rows, file.stat().st_size, sha256_of(file))
    assert copied.schema == tuple((column.name, column.type.value) for column in READINGS.columns)
    assert copied.engine == "duckdb " + duckdb.__version__
    assert copied.inputs == (source.version,)


def test_files_are_read_only_for_everybody(lake):
    lake.replace(READINGS, DAY, generated(1))
    modes = {file.name: file.stat().st_mode & 0o777 for file in lake.folder(READINGS, DAY).iterdir()}
    assert modes == {"data.parquet": 0o444, "_manifest.json": 0o444}


def test_a_rerun_leaves_the_very_files_alone(lake):
    def inodes():
        return {file.name: file.stat().st_ino for file in lake.folder(READINGS, DAY).iterdir()}

    lake.replace(READINGS, DAY, generated(1))
    before = inodes()
    lake.replace(READINGS, DAY, generated(1, seed="another order of the same rows"))
    assert inodes() == before


def test_equal_bytes_of_other_inputs_change_the_manifest_only(lake):
    lake.replace(READINGS, DAY, generated(1))
    inode = lake.file(READINGS, DAY).stat().st_ino
    scan = lake.scan(READINGS, [DAY])
    manifest = lake.replace(READINGS, DAY, Select(Sql("SELECT * FROM same"), reads={"same": scan}))
    assert manifest.inputs
    assert lake.manifest(READINGS, DAY) == manifest
    assert lake.file(READINGS, DAY).stat().st_ino == inode


def test_a_damaged_file_is_replaced_by_the_next_run(lake):
    manifest = lake.replace(READINGS, DAY, generated(1))
    file = lake.file(READINGS, DAY)
    damaged = bytearray(file.read_bytes())
    damaged[100] ^= 1
    file.chmod(0o644)
    file.write_bytes(damaged)
    assert lake.replace(READINGS, DAY, generated(1)) == manifest
    assert sha256_of(file) == manifest.sha256


WRITE_AND_PRINT_HASH = """
import sys
from pathlib import Path
from analytics_pipelines_tests.foundation.lake.test_lake import hash_of_many_rows
print(hash_of_many_rows(Path(sys.argv[1]), threads=2))
"""


def hash_of_many_rows(home: Path, *, threads: int) -> str:
    lake = lake_at(home, threads=threads)
    return lake.replace(READINGS, DAY, generated(3, rows=400_000, seed=str(home))).sha256


def test_the_same_rows_give_the_same_bytes_in_any_process_order_and_number_of_threads(tmp_path):
    command = [sys.executable, "-c", WRITE_AND_PRINT_HASH, str(tmp_path / "elsewhere")]
    other = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()
    assert hash_of_many_rows(tmp_path / "one", threads=1) == other
    assert hash_of_many_rows(tmp_path / "four", threads=4) == other


def test_days_are_those_published_in_order(lake):
    assert lake.days(READINGS) == []
    for day in reversed(DAYS):
        lake.replace(READINGS, day, generated(1, day=day))
    assert lake.days(READINGS) == list(DAYS)
    assert [manifest.day for manifest in lake.manifests(READINGS)] == list(DAYS)


def test_a_strange_folder_beside_the_days_is_no_day(lake):
    lake.replace(READINGS, DAY, generated(1))
    strange = lake.root / READINGS.name / "date=yesterday"
    strange.mkdir()
    (strange / "_manifest.json").write_text("{}")
    assert lake.days(READINGS) == [DAY]


def test_a_scan_holds_the_days_that_exist_each_once(lake):
    lake.replace(READINGS, DAY, generated(1))
    scan = lake.scan(READINGS, [DAY, DAY, DAY + timedelta(days=1)])
    assert scan.files == (lake.file(READINGS, DAY),)


@pytest.mark.parametrize("days", [pytest.param((), id="no day"), pytest.param((DAY,), id="one day")])
def test_the_lazy_frame_has_the_declared_columns(lake, days):
    lake.replace(READINGS, DAY, generated(1, rows=5))
    frame = lake.lazy(READINGS, days).collect()
    assert frame.columns == list(READINGS.column_names)
    assert frame.schema["read_at"] == pl.Datetime("us", "UTC")
    assert frame.height == 5 * len(days)


@pytest.mark.parametrize("days", [pytest.param((), id="no day"), pytest.param((DAY,), id="one day")])
def test_the_relation_has_the_declared_columns_and_the_rows_of_the_lazy_frame(lake, days):
    lake.replace(READINGS, DAY, generated(1, rows=5))
    with lake.duck.cursor() as cursor:
        relation = lake.relation(cursor, READINGS, days)
        assert relation.columns == list(READINGS.column_names)
        assert [str(kind) for kind in relation.types] == [column.type.value for column in READINGS.columns]
        assert relation.fetchall() == lake.lazy(READINGS, days).collect().rows()


def test_what_breaks_a_rule_is_not_published(lake):
    old = lake.replace(READINGS, DAY, generated(1))
    twice = Select(Sql("SELECT * FROM given UNION ALL SELECT * FROM given"), reads=given_rows([one_row(1)]).reads)
    with pytest.raises(CheckFailed, match=r"core_test__readings of 2024-02-29 was not published: key_is_unique"):
        lake.replace(READINGS, DAY, twice)
    assert lake.manifest(READINGS, DAY) == old
    assert list(lake._staging.iterdir()) == []


def one_row(number: int) -> dict:
    return dict.fromkeys(ARROW.names) | {"reading_date": DAY, "reading_id": number}


def test_an_input_replaced_after_it_was_scanned_is_a_conflict(lake):
    lake.replace(READINGS, DAY, generated(1))
    scan = lake.scan(READINGS, [DAY])
    lake.replace(READINGS, DAY, generated(2))
    with pytest.raises(Conflict, match="was replaced before it was read"):
        lake.replace(READINGS, DAYS[0], Select(Sql("SELECT * FROM old"), reads={"old": scan}))
    assert lake.days(READINGS) == [DAY]


def test_a_locked_partition_is_a_conflict_after_the_wait(lake, monkeypatch):
    monkeypatch.setattr(lake_module, "LOCK_WAIT_S", 0.1)
    with (
        locked(lake.lock_file(READINGS, DAY), wait_s=1),
        pytest.raises(Conflict, match=r"Another process holds core_test__readings\.2024-02-29"),
    ):
        lake.replace(READINGS, DAY, generated(1))
    assert lake.days(READINGS) == []


def test_doubles_keep_infinity_and_not_a_number(lake):
    values = [math.inf, -math.inf, math.nan, -0.0]
    rows = [one_row(number) | {"load_pct": value} for number, value in enumerate(values)]
    lake.replace(READINGS, DAY, given_rows(rows))
    found = lake.lazy(READINGS, [DAY]).collect()["load_pct"].to_list()
    assert [repr(value) for value in found] == ["inf", "-inf", "nan", "-0.0"]


def test_a_day_may_be_before_1970(lake):
    lake.replace(READINGS, date(1969, 12, 31), generated(1, day=date(1969, 12, 31)))
    assert lake.days(READINGS) == [date(1969, 12, 31)]


@pytest.mark.parametrize("written", [b"", b'{"table": "raw_te'], ids=["nothing", "half"])
def test_a_manifest_that_its_killed_writer_left_torn_is_swept_away(lake, written):
    abandoned = lake._staging / "killed.writing"
    abandoned.mkdir(parents=True)
    (abandoned / "_manifest.json").write_bytes(written)
    lake.sweep_staging()
    assert list(lake._staging.iterdir()) == []
