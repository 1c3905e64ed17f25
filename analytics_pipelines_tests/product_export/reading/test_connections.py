"""One attached connection: its snapshot, its rows, and its end in whatever state it is."""

import psycopg
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.foundation.postgres.duck_source import EXTENSION
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.reading.connections import Connection
from analytics_pipelines.product_export.reading.slices import Slice
from analytics_pipelines.product_export.reading.statements import Reading
from analytics_pipelines_tests.product_export.reading.conftest import DAY, DUCK
from analytics_pipelines_tests.waiting import wait_until


@pytest.fixture
def things(source):
    source.run("CREATE TABLE things (id bigint)", "INSERT INTO things SELECT generate_series(1, 100)")
    return source


@pytest.fixture
def duck():
    found = Duck(DUCK)
    found.load(EXTENSION)
    with found.cursor() as cursor:
        cursor.execute("SET GLOBAL preserve_insertion_order = false")
    yield found
    found.close()


@pytest.fixture
def opened(things):
    with things.opened() as found:
        yield found


@pytest.fixture
def connection(things, opened, duck):
    with duck.cursor() as cursor, duck.cursor() as writer:
        found = Connection("one", cursor, writer)
        found.open(things.conninfo, opened.snapshot.exported_id)
        yield found
        found.close()


def ids_of(rows):
    return [row["id"] for row in rows.to_pylist()]


def test_rows_are_those_of_the_snapshot_by_both_ways(things, opened, connection, tmp_path):
    things.run("DELETE FROM things WHERE id < 50", "INSERT INTO things VALUES (101)")
    reading = Reading(plan=opened.plan(), day=DAY)
    held = connection.read(reading, Slice())
    assert connection.write(reading, Slice(), tmp_path / "written") == 100
    assert connection.write_held(reading, held, tmp_path / "held") == 100
    assert ids_of(held) == ids_of(pq.read_table(tmp_path / "written")) == list(range(1, 101))
    assert (tmp_path / "written").read_bytes() == (tmp_path / "held").read_bytes()


def test_it_knows_its_backend_which_goes_with_it(things, connection):
    with psycopg.connect(things.conninfo, autocommit=True) as other:

        def is_there():
            query = b"SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
            return other.execute(query, (connection.pid,)).fetchone() == (1,)

        assert is_there()
        connection.close()
        wait_until(lambda: not is_there())


@pytest.mark.parametrize("state", ["failed", "gone"])
def test_it_can_be_closed_in_any_state(things, opened, connection, tmp_path, state):
    failing = Reading(plan=opened.plan(), day=DAY, where=Sql("1 / (id - 5) > 0"))
    if state == "gone":
        things.run("SELECT pg_terminate_backend(" + str(connection.pid) + ")")
    with pytest.raises(Exception, match=r"division by zero|terminat|closed"):
        connection.write(failing, Slice(), tmp_path / "a")
    connection.close()
