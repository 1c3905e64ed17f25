import csv
import io

import pyarrow.parquet as pq
import pytest

from analytics_pipelines.storage_snapshots.ask.advanced import Question, rows_of_question
from analytics_pipelines.storage_snapshots.ask.chosen import chosen
from analytics_pipelines.storage_snapshots.ask.export import Format, export, format_of
from analytics_pipelines.storage_snapshots.ask.order import Sort
from analytics_pipelines_tests.storage_snapshots.forests import generation_of
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node

NAMES = ["=1+1", "+x", "-rf", "@a", "\tx", "plain", 'quo"te', "new\nline", "comma,here", "größe", "a=b"]


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    tree = Node(
        "/srv", "d", children=[Node("/srv/" + name, inode=number + 1, size=7) for number, name in enumerate(NAMES)]
    )
    with (
        generation_of(tmp_path_factory.mktemp("export"), {DAY: {"a": tree}}) as (generations, _),
        generations.acquire() as lease,
    ):
        yield lease


def made(lease, form, **more):
    with lease.cursor() as cursor:
        rows = rows_of_question(cursor, chosen(lease), Question(path="/srv", sort=[Sort("name")]))
        exported = export(cursor, rows, form, **more)
    content = b"".join(exported.chunks())
    assert len(content) == exported.size_bytes
    return exported, content


def test_parquet_has_names_as_they_are(lease):
    exported, content = made(lease, Format.PARQUET)
    table = pq.read_table(io.BytesIO(content))
    assert table["name"].to_pylist() == sorted(NAMES)
    assert (exported.row_count, exported.is_truncated) == (len(NAMES), False)


def test_csv_has_no_cell_that_a_spreadsheet_runs(lease):
    _, content = made(lease, Format.CSV)
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert [row["name"].removeprefix("'") for row in rows] == sorted(NAMES)
    assert {row["name"] for row in rows if row["name"].startswith("'")} == {"'" + name for name in NAMES[:5]}
    assert {row["mtime"] for row in rows} == {"1970-01-01T00:00:00Z"}
    assert {row["linkname"] for row in rows} == {""}


@pytest.mark.parametrize(("most", "is_truncated"), [(3, True), (10, True), (11, False)])
def test_a_file_ends_at_its_bound_and_says_so(lease, most, is_truncated):
    exported, content = made(lease, Format.PARQUET, most_rows=most)
    assert (exported.row_count, exported.is_truncated) == (most, is_truncated)
    assert pq.read_table(io.BytesIO(content))["name"].to_pylist() == sorted(NAMES)[:most]


@pytest.mark.parametrize(
    ("asked", "accept", "expected"),
    [
        (None, "", "json"),
        (None, "*/*", "json"),
        (None, "text/csv;q=0.5, application/json", "csv"),
        (None, "application/vnd.apache.parquet", "parquet"),
        (Format.JSON, "text/csv", "json"),
    ],
)
def test_the_format_is_asked_for_by_name_or_by_header(asked, accept, expected):
    assert format_of(asked, accept) == expected
