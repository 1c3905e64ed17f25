import duckdb
import pytest

from analytics_pipelines.datasets.compile.mount import SubjectGone, mount
from analytics_pipelines.datasets.subject import Reading
from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines_tests.datasets.compile.subjects import cursor_of_one_thread


@pytest.fixture
def database(tmp_path):
    file = tmp_path / "it's native.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE hits AS SELECT i FROM range(3) AS r(i)")
    return file


def test_a_database_is_attached_to_be_read_and_its_rows_are_the_subject(database):
    reading = Reading(query="SELECT * FROM native.hits", attached={"native": str(database)})
    with cursor_of_one_thread() as cursor:
        mount(cursor, reading)
        mount(cursor, reading)
        assert cursor.execute("SELECT COUNT(*) FROM subject").fetchone() == (3,)
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            cursor.execute("DELETE FROM native.hits")


def test_another_subject_takes_the_place_of_the_first(cursor):
    for number in (1, 2):
        mount(cursor, Reading(query=f"SELECT {number} AS i"))
        assert cursor.execute("SELECT i FROM subject").fetchone() == (number,)


@pytest.mark.parametrize("query", ["SELECT * FROM native.hits", "SELECT * FROM read_parquet('{gone}')"])
def test_files_that_are_gone_are_a_conflict_without_their_paths(cursor, tmp_path, query):
    gone = str(tmp_path / "gone")
    reading = Reading(query=query.format(gone=gone), attached={"native": gone} if "native" in query else {})
    with pytest.raises(SubjectGone, match="Execute the plan again") as raised:
        mount(cursor, reading)
    assert isinstance(raised.value, Conflict)
    assert gone not in str(raised.value)
