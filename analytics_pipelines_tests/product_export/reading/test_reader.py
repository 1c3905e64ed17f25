"""Tables into Parquet: all rows of the snapshot, once, in the heap's order, the same bytes again."""

import hashlib
import time
from datetime import date

import psycopg
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.source.failures import SnapshotTooOld, SourceRefused, SourceTooSlow
from analytics_pipelines.product_export.wishes import Mode
from analytics_pipelines_tests.product_export.reading.conftest import DAY
from analytics_pipelines_tests.waiting import wait_until

THINGS = (
    "CREATE TABLE things (id bigint PRIMARY KEY, word text, document jsonb)",
    """INSERT INTO things SELECT i, CASE WHEN i % 3 > 0 THEN 'word ' || i % 7 END, jsonb_build_object('n', i)
    FROM generate_series(1, 20000) AS i""",
)
DAYS = (
    "CREATE TABLE days (day date NOT NULL, id bigint NOT NULL, word text) PARTITION BY RANGE (day)",
    "CREATE TABLE old_days PARTITION OF days FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
    "CREATE TABLE new_days (word text, gone integer, id bigint NOT NULL, day date NOT NULL)",
    "ALTER TABLE new_days DROP COLUMN gone",
    "ALTER TABLE days ATTACH PARTITION new_days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "INSERT INTO days SELECT DATE '2025-12-01' + i % 60, i, 'word ' || i FROM generate_series(1, 3000) AS i",
)


@pytest.fixture
def things(source):
    source.run(*THINGS)
    return source


def rows_of(file):
    return pq.read_table(file).drop_columns("export_date").to_pylist()


def asked(opened, query):
    with opened.snapshot.connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(query.encode()).fetchall()


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_file_holds_all_rows_in_the_order_of_the_heap(things):
    things.run("UPDATE things SET word = 'changed' WHERE id % 10 = 0")
    with things.opened() as opened:
        found = rows_of(opened.read(opened.plan(pages=16)))
        assert found == asked(opened, "SELECT id, word, CAST(document AS text) AS document FROM things ORDER BY ctid")


def test_slices_become_row_groups_and_change_no_row(things):
    with things.opened() as opened:
        whole, sliced = opened.read(opened.plan()), opened.read(opened.plan(pages=16))
        assert (pq.read_metadata(whole).num_row_groups, pq.read_metadata(sliced).num_row_groups) == (1, 11)
        assert rows_of(whole) == rows_of(sliced)


def test_every_table_is_of_the_moment_at_which_the_snapshot_was_taken(things):
    with things.opened() as opened:
        things.run(
            "INSERT INTO things SELECT i FROM generate_series(20001, 30000) AS i", "DELETE FROM things WHERE id < 5"
        )
        things.run("UPDATE things SET word = 'late'")
        assert [row["id"] for row in rows_of(opened.read(opened.plan(pages=8)))] == list(range(1, 20_001))


def test_an_unchanged_heap_gives_the_same_bytes_whatever_the_speed(things):
    found = set()
    for limits in ({}, {"connections": 4}, {"connections": 1}, {"duty_pct": 90}):
        with things.opened(**limits) as opened:
            found.add(sha256(opened.read(opened.plan(pages=64))))
        things.run("ANALYZE things")
    assert len(found) == 1


def test_what_was_written_is_told_as_it_grows(things):
    told = []
    with things.opened() as opened:
        target = opened.folder / "told.parquet"
        plan = opened.plan(pages=32)
        written = opened.reader.read(plan, DAY, target, progress=lambda rows, size: told.append((rows, size)))
    assert (written.rows, written.size_bytes) == (20_000, target.stat().st_size)
    assert sum(rows for rows, _ in told) == 20_000
    assert len(told) == 6


@pytest.mark.parametrize(
    ("wish", "where", "expected"),
    [
        pytest.param("id <= 10 -- only a few", None, range(1, 11), id="a filter that ends in a comment"),
        pytest.param("id <= 10 OR id > 19990", "id % 2 = 0", [2, 4, 6, 8, 10, *range(19992, 20001, 2)], id="both hold"),
        pytest.param(None, "id IN (SELECT max(o.id) FROM things AS o)", [20_000], id="a query within"),
        pytest.param(
            "things.word = 'word 1' AND word LIKE '%d 1'", "id < 9", [1, 8], id="named by the table; a per cent"
        ),
        pytest.param("document @> '{\"n\": 7}'", None, [7], id="braces"),
        pytest.param("false", None, [], id="no row"),
    ],
)
def test_only_rows_that_meet_both_conditions_are_read(things, wish, where, expected):
    with things.opened() as opened:
        file = opened.read(opened.plan(pages=64, filter=wish), where=Sql(where) if where else None)
        assert [row["id"] for row in rows_of(file)] == list(expected)


def test_the_day_and_what_is_tombstone_stand_in_every_row(things):
    with things.opened() as opened:
        plan = opened.plan(mode=Mode.INCREMENTAL)
        for is_tombstone in (False, True):
            found = pq.read_table(opened.read(plan, is_tombstone=is_tombstone))
            assert found.column_names == ["export_date", "is_tombstone", "id", "word", "document"]
            assert set(found["export_date"].to_pylist()) == {date(2026, 3, 1)}
            assert set(found["is_tombstone"].to_pylist()) == {is_tombstone}


def test_an_empty_table_gives_a_file_with_its_columns(source):
    source.run("CREATE TABLE things (id bigint, price numeric(10, 2))")
    with source.opened() as opened:
        file = opened.read(opened.plan())
        assert (pq.read_metadata(file).num_rows, pq.read_schema(file).names) == (0, ["export_date", "id", "price"])


def test_partitions_are_read_one_after_another_by_the_names_of_their_columns(source):
    source.run(*DAYS)
    with source.opened() as opened:
        plan = opened.plan("days", pages=4)
        assert {leaf.table for leaf in plan.source.leaves} == {"old_days", "new_days"}
        found = rows_of(opened.read(plan))
        assert sorted(found, key=lambda row: row["id"]) == asked(opened, "SELECT * FROM days ORDER BY id")


def test_children_are_read_once_and_only_with_the_parents_columns(source):
    source.run(
        "CREATE TABLE parents (id bigint)",
        "CREATE TABLE children (more text) INHERITS (parents)",
        "INSERT INTO parents SELECT generate_series(1, 5)",
        "INSERT INTO children SELECT generate_series(6, 9), 'more'",
    )
    with source.opened() as opened:
        found = rows_of(opened.read(opened.plan("parents")))
        assert sorted(row["id"] for row in found) == list(range(1, 10))
        assert list(found[0]) == ["id"]


@pytest.mark.parametrize("create", ["CREATE VIEW", "CREATE MATERIALIZED VIEW"])
def test_views_are_read(things, create):
    things.run(create + " seen AS TABLE things")
    with things.opened() as opened:
        found = rows_of(opened.read(opened.plan("seen", filter="id > 19000")))
        assert [row["id"] for row in found] == list(range(19_001, 20_001))


def test_a_partition_that_its_reader_may_not_read_itself_is_read_through_its_parent(source, database_urls):
    source.run(*DAYS, "GRANT SELECT ON days TO PUBLIC", "GRANT USAGE ON SCHEMA public TO PUBLIC")
    weak = type(source)(psycopg.conninfo.make_conninfo(database_urls.app.replace("+psycopg", "")), source.folder)
    with weak.opened() as opened:
        assert len(rows_of(opened.read(opened.plan("days")))) == 3000


def test_names_that_need_quotes_are_quoted(source):
    source.run(
        'CREATE TABLE "Odd ""name" ("a "" b" bigint, "select" text, "{x} %s" text)',
        """INSERT INTO "Odd ""name" VALUES (1, 'a', 'b')""",
    )
    with source.opened() as opened:
        assert rows_of(opened.read(opened.plan('Odd "name'))) == [{'a " b': 1, "select": "a", "{x} %s": "b"}]


def test_wide_rows_are_read_in_slices_of_bounded_bytes(source):
    source.run(
        "CREATE TABLE things (id bigint, words text STORAGE EXTERNAL)",
        "INSERT INTO things SELECT i, repeat(md5(i::text), 20000) FROM generate_series(1, 120) AS i",
        "ANALYZE things",
    )
    with source.opened() as opened:
        plan = opened.plan()
        assert plan.source.size_bytes > 60e6
        file = opened.read(plan)
        assert pq.read_metadata(file).num_rows == 120


def test_rows_that_do_not_fit_into_the_memory_together_are_read_in_smaller_parts(source):
    source.run(
        "CREATE TABLE things (id bigint, words text)",
        "INSERT INTO things SELECT i, repeat(md5(i::text), 3000) FROM generate_series(1, 400) AS i",
    )
    with source.opened(DuckLimits(24 * 2**20, 1, None), connections=1) as opened:
        file = opened.read(opened.plan())
        assert pq.read_metadata(file).num_row_groups > 1
        assert rows_of(file) == asked(opened, "SELECT * FROM things ORDER BY ctid")


def test_a_row_that_does_not_fit_into_the_memory_is_told(source):
    source.run("CREATE TABLE things (words text)", "INSERT INTO things VALUES (repeat('x', 50000000))")
    with (
        pytest.raises(Unavailable, match="needed more memory"),
        source.opened(DuckLimits(24 * 2**20, 1, None), connections=1) as opened,
    ):
        opened.read(opened.plan())


def test_a_reading_that_fails_stops_the_others_and_leaves_no_file(things):
    started = "CASE WHEN id = 5 THEN 1 / (id - 5) ELSE 1 END = 1 AND (id < 1000 OR pg_sleep(0.01) IS NOT NULL)"
    with (
        pytest.raises(SourceRefused, match=r"public\.things: The source stopped the reading") as raised,
        things.opened() as opened,
    ):
        opened.read(opened.plan(pages=16), where=Sql(started))
    assert raised.value.__suppress_context__
    assert list(things.folder.iterdir()) == []


def test_a_reading_that_fails_does_not_wait_for_what_others_wait_for(things):
    started_s = time.monotonic()
    others_sleep = "CASE WHEN id = 5 THEN 1 / (id - 5) ELSE 1 END = 1 AND (id < 10000 OR pg_sleep(50) IS NOT NULL)"
    with pytest.raises(SourceRefused), things.opened() as opened:
        opened.read(opened.plan(pages=128), where=Sql(others_sleep))
    assert time.monotonic() - started_s < 40


def test_a_statement_that_takes_too_long_is_stopped(things):
    with (
        pytest.raises(SourceTooSlow, match="EXPORT_STATEMENT_TIMEOUT_S"),
        things.opened(statement_timeout_s=0.3) as opened,
    ):
        opened.read(opened.plan(), where=Sql("pg_sleep(0.01) IS NOT NULL"))


def test_a_snapshot_that_grows_too_old_ends_the_reading(things):
    slow = Sql("(id % 100 > 0 OR pg_sleep(0.05) IS NOT NULL)")
    with pytest.raises(SnapshotTooOld), things.opened(snapshot_max_age_s=0.5, connections=1) as opened:
        opened.read(opened.plan(pages=8), where=slow)


def test_a_backend_that_is_ended_is_told_as_the_source_gone(things, postgres_server):
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE %s AND pid <> pg_backend_pid()"
    with psycopg.connect(postgres_server.superuser(), autocommit=True) as superuser:

        def ended(rows, size_bytes):
            superuser.execute(end, ("COPY%pg_sleep(0.0001)%",))

        slow = Sql("pg_sleep(0.0001) IS NOT NULL")
        with pytest.raises(Unavailable, match="went away"), things.opened() as opened:
            opened.read(opened.plan(pages=16), where=slow, progress=ended)
    assert list(things.folder.iterdir()) == []


def test_no_connection_and_no_file_stays_behind(things):
    with things.opened() as opened:
        opened.read(opened.plan()).unlink()
    backends = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'analytics-export'"
    with psycopg.connect(things.conninfo, autocommit=True) as connection:
        wait_until(lambda: connection.execute(backends).fetchone() == (0,))
    assert list(things.folder.iterdir()) == []
