import threading
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil
import pyarrow as pa
import pytest

from analytics_pipelines.foundation import duck as module
from analytics_pipelines.foundation.duck import (
    Duck,
    DuckLimits,
    arrow_of,
    bytes_of,
    extension_file,
    one_row,
    rows_of,
    tuples_of,
)
from analytics_pipelines.foundation.errors import DiskFull, NotFound, SetupError, TimedOut, Unavailable
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines_tests.conftest import settings_in

ENDLESS = "SELECT count(*) FROM range(1000000000) AS a(i), range(1000000) AS b(j) WHERE (i * j) % 7 = 3"


@pytest.fixture
def duck():
    duck = Duck(DuckLimits(memory_bytes=256_000_000, threads=2, temp_folder=None))
    yield duck
    duck.close()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param("4GB", 4_000_000_000, id="decimal"),
        pytest.param("512 MiB", 512 * 2**20, id="binary with a space"),
        pytest.param("1.5kb", 1_500, id="fraction in small letters"),
    ],
)
def test_sizes_are_read_as_duckdb_reads_them(size, expected):
    assert bytes_of(size) == expected


@pytest.mark.parametrize(
    ("given", "memory_bytes"),
    [
        pytest.param({"duckdb_memory_limit": "1GB"}, 1_000_000_000, id="the limit"),
        pytest.param(
            {"duckdb_memory_limit": "900TB", "duckdb_max_memory_percentage": 10},
            psutil.virtual_memory().total * 10 // 100,
            id="the machine",
        ),
    ],
)
def test_memory_is_the_smaller_of_limit_and_share_of_the_machine(given, memory_bytes, tmp_path):
    assert DuckLimits.of(settings_in(tmp_path, **given)).memory_bytes == memory_bytes
    assert DuckLimits.of(settings_in(tmp_path, **given), share=0.5).memory_bytes == memory_bytes // 2


def test_threads_are_at_most_the_cores(tmp_path):
    assert DuckLimits.of(settings_in(tmp_path, duckdb_worker_threads=1)).threads == 1
    assert DuckLimits.of(settings_in(tmp_path, duckdb_worker_threads=999)).threads == psutil.cpu_count()


def test_an_instance_has_its_limits_and_nothing_from_outside(tmp_path):
    duck = Duck(DuckLimits(memory_bytes=256_000_000, threads=1, temp_folder=tmp_path / "spill"))
    settings = "SELECT name, value FROM duckdb_settings() WHERE name = ANY ($1)"
    names = ["threads", "memory_limit", "TimeZone", "autoinstall_known_extensions", "allow_unsigned_extensions"]
    with duck.cursor() as cursor:
        found = dict(cursor.execute(settings, [names]).fetchall())
        (spill,) = one_row(cursor.execute("SELECT current_setting('temp_directory')"))
    duck.close()
    assert found == {
        "threads": "1",
        "memory_limit": "244.1 MiB",
        "TimeZone": "UTC",
        "autoinstall_known_extensions": "false",
        "allow_unsigned_extensions": "false",
    }
    assert Path(spill).is_relative_to(tmp_path / "spill")


def test_a_variable_of_python_is_no_table(duck):
    frame = pa.table({"a": [1]})
    with duck.cursor() as cursor, pytest.raises(duckdb.CatalogException):
        cursor.execute("SELECT * FROM frame")
    assert frame.num_rows == 1


def test_past_the_deadline_the_statement_stops(duck):
    before = time.monotonic()
    with pytest.raises(TimedOut) as caught, duck.cursor(deadline_s=0.1) as cursor:
        cursor.execute(ENDLESS)
    assert time.monotonic() - before < 10
    assert caught.value.limit == "0.1 s"


def test_a_deadline_that_passes_between_two_statements_stops_the_second(duck):
    with pytest.raises(TimedOut), duck.cursor(deadline_s=0.05) as cursor:
        run_late(cursor)


def run_late(cursor) -> None:
    cursor.execute("SELECT 1").fetchall()
    time.sleep(0.2)
    cursor.execute(ENDLESS)


def test_statements_within_their_deadlines_are_left_alone_by_the_one_guard(duck):
    seen = set()
    for _ in range(3):
        with duck.cursor(deadline_s=60) as cursor:
            assert one_row(cursor.execute("SELECT 42")) == (42,)
        seen.add(frozenset(thread.ident for thread in threading.enumerate() if thread.name == "deadlines"))
    assert len(seen) == 1


def test_rows_come_as_plain_tuples_too(duck):
    with duck.cursor() as cursor:
        assert tuples_of(cursor, Sql("SELECT 1 AS a, $b AS b"), {"b": "x"}) == [(1, "x")]


def test_an_interrupt_stops_only_its_own_cursor(duck):
    with duck.cursor() as bystander:
        with pytest.raises(TimedOut), duck.cursor(deadline_s=0.05) as cursor:
            cursor.execute(ENDLESS)
        assert one_row(bystander.execute("SELECT 42")) == (42,)


def test_too_little_memory_is_unavailable_with_a_remedy(duck):
    with pytest.raises(Unavailable, match="DUCKDB_MEMORY_LIMIT"), duck.cursor() as cursor:
        cursor.execute("SELECT array_agg(i) FROM range(200000000) AS numbers(i)")


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        pytest.param(duckdb.IOException("write: No space left on device"), DiskFull, id="full disk"),
        pytest.param(
            duckdb.IOException("Unable to connect to Postgres at x password=y"), Unavailable, id="no PostgreSQL"
        ),
        pytest.param(duckdb.IOException("No files found"), duckdb.IOException, id="another I/O error"),
        pytest.param(NotFound("There is none."), NotFound, id="ours"),
        pytest.param(KeyError("x"), KeyError, id="a programming error"),
    ],
)
def test_only_errors_of_the_machine_are_translated(duck, raised, seen):
    with pytest.raises(seen), duck.cursor():
        raise raised


@dataclass(frozen=True)
class Pair:
    number: int
    text: str


def test_rows_come_as_typed_objects(duck):
    query = Sql("SELECT i AS number, $word || i AS text FROM range(2) AS numbers(i) ORDER BY i")
    with duck.cursor() as cursor:
        assert rows_of(cursor, Pair, query, {"word": "no. "}) == [Pair(0, "no. 0"), Pair(1, "no. 1")]
        assert rows_of(cursor, Pair, Sql("SELECT 1 AS number, 'x' AS text WHERE false"), {}) == []


def test_arrow_holds_the_whole_answer(duck):
    with duck.cursor() as cursor:
        assert arrow_of(cursor, Sql("SELECT $a AS a"), {"a": 1}).to_pydict() == {"a": [1]}
        assert arrow_of(cursor, Sql("SELECT 1 AS a")).to_pydict() == {"a": [1]}


def test_no_row_where_one_must_be_is_an_error(duck):
    with duck.cursor() as cursor, pytest.raises(LookupError):
        one_row(cursor.execute("SELECT 1 WHERE false"))


@pytest.mark.needs_extension
def test_an_extension_is_loaded_from_its_wheel(duck):
    duck.load("postgres_scanner")
    with duck.cursor() as cursor:
        loaded = "SELECT loaded FROM duckdb_extensions() WHERE extension_name = 'postgres_scanner'"
        assert one_row(cursor.execute(loaded)) == (True,)


@pytest.mark.parametrize(
    ("extension", "version"),
    [
        pytest.param("no_such", duckdb.__version__, id="no wheel"),
        pytest.param("postgres_scanner", "9.9.9", id="wheel of another version"),
    ],
)
def test_an_extension_that_is_not_there_says_which_wheel_to_install(extension, version, monkeypatch):
    monkeypatch.setattr(module.duckdb, "__version__", version)
    with pytest.raises(SetupError, match="duckdb-extension-" + extension.replace("_", "-")):
        extension_file(extension)
