"""Exports: a file in the spill folder, whole or not there."""

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.sql_service.messages import Does, Format, StopReason
from analytics_pipelines.sql_service.worker.export import file_name
from analytics_pipelines_tests.sql_service.worker.at_work import LONG, ROWS, at_work, is_readable

SQL = "SELECT visit_id, page FROM raw_shop__visits ORDER BY visit_id"
READ = {
    Format.PARQUET: pq.read_table,
    Format.CSV: pyarrow.csv.read_csv,
    Format.ARROW: lambda file: pa.ipc.open_stream(file.read_bytes()).read_all(),
}


@pytest.fixture
def at_export(parent, setup):
    with at_work(parent, setup) as worker:
        yield worker


def exported(worker, sql=SQL, fmt=Format.PARQUET, **given):
    """An export answers nothing to whoever asked, so the connection just closes."""
    return worker.ask(sql, does=Does.EXPORT, format=fmt, **given)


@pytest.mark.parametrize("fmt", [pytest.param(each, id=each.value) for each in READ])
def test_the_file_holds_all_rows(at_export, setup, fmt, tmp_path):
    outcome = exported(at_export, fmt=fmt)
    file = tmp_path / "spill" / outcome.done.file
    assert READ[fmt](file).column("visit_id").to_pylist() == list(range(ROWS))
    assert (outcome.done.rows, outcome.done.error_class, outcome.has_begun) == (ROWS, None, False)
    assert outcome.done.columns == (("visit_id", "BIGINT"), ("page", "VARCHAR"))
    assert file.stat().st_mode & 0o077 == 0


def test_parquet_is_compressed_and_values_are_bound(at_export, tmp_path):
    done = exported(at_export, "SELECT * FROM raw_shop__visits WHERE visit_id < $1", parameters=[5]).done
    file = pq.ParquetFile(tmp_path / "spill" / done.file)
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert (file.metadata.num_rows, file.schema_arrow.names) == (5, ["visit_id", "visited_date", "page"])


@pytest.mark.parametrize("fmt", [pytest.param(each, id=each.value) for each in READ])
@pytest.mark.parametrize(
    ("sql", "code"),
    [
        pytest.param(SQL, "DuckDBResourceError", id="more rows than it may have"),
        pytest.param(
            "SELECT CAST('a' || visit_id AS INTEGER) FROM raw_shop__visits", "DuckDBQueryError", id="a mistake"
        ),
        pytest.param("SELECT * FROM glob('*')", "QueryRefused", id="refused"),
    ],
)
def test_of_a_failure_no_file_is_left(at_export, sql, code, fmt, tmp_path):
    outcome = exported(at_export, sql, fmt=fmt, row_limit=ROWS - 1)
    assert outcome.error["code"] == code
    assert outcome.done.file == ""
    assert [file.name for file in (tmp_path / "spill").iterdir() if file.is_file()] == []


def test_an_export_is_stopped(at_export, tmp_path):
    job = at_export.job(LONG, does=Does.EXPORT, format=Format.PARQUET)
    client = at_export.begin(job)
    assert not is_readable(client, 100)
    at_export.stop(job.query_id, StopReason.CANCELLED)
    assert at_export.finish(client).error["code"] == "QueryCancelled"
    assert [file.name for file in (tmp_path / "spill").iterdir() if file.is_file()] == []


def test_json_is_no_export(at_export):
    assert exported(at_export, fmt=Format.JSON).error["code"] == "DuckDBQueryError"


def test_names_of_files_hold_no_path():
    assert file_name("../a b", Format.CSV) == "___a_b.csv"
