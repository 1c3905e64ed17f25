"""Changes alone, replayed onto a base, equal the source at every snapshot."""

from contextlib import ExitStack, contextmanager
from datetime import timedelta

import psycopg
import pytest

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines_tests.product_export.incremental_exports import (
    FIRST_DAY,
    IncrementalExports,
    running,
    wished,
)

FILLED = (
    "CREATE TABLE things (id bigint PRIMARY KEY, name text, price numeric(12, 2))",
    "INSERT INTO things SELECT n, 'thing ' || n, n / 7.0 FROM generate_series(1, 50) AS n",
)

ALTERED = [
    ("a column was altered", "ALTER TABLE things DROP price", "ALTER TABLE things ADD price numeric(12, 2)"),
    ("its columns were others", "ALTER TABLE things ADD more int DEFAULT 7"),
    ("its columns were others", "ALTER TABLE things ALTER price TYPE numeric(14, 2)"),
    ("an enum was altered", "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'"),
    ("a column was altered", "ALTER TABLE things ALTER twice SET EXPRESSION AS (id * 3)"),
    ("a column was altered", "ALTER TYPE pair RENAME ATTRIBUTE m TO o"),
]


@pytest.fixture
def owner(database_urls):
    return conninfo(database_urls.owner)


@pytest.fixture
def exports(owner, tmp_path):
    running(owner, *FILLED)
    return IncrementalExports(owner, tmp_path)


@pytest.fixture
def based(exports):
    exports.must_equal_the_source()
    return exports


@contextmanager
def transaction(conninfo):
    """A connection whose transaction is open; what it did is committed at the end."""
    with psycopg.connect(conninfo) as connection:
        yield connection


def changed_keys(exports, exported):
    """Keys of the day's partition: those that changed, those that are gone."""
    rows = exports.partition(exported)
    return [row[1] for row in rows if not row[0]], [row[1] for row in rows if row[0]]


def test_inserts_updates_and_deletes_are_told_and_the_state_equals_the_source(based, owner):
    running(
        owner,
        "INSERT INTO things VALUES (1000, 'new', 1)",
        "UPDATE things SET name = 'other' WHERE id = 7",
        "DELETE FROM things WHERE id IN (3, 4)",
        "UPDATE things SET id = 2000 WHERE id = 9",
    )
    second = based.must_equal_the_source()
    assert second.reason is None
    assert changed_keys(based, second) == ([7, 1000, 2000], [3, 4, 9])
    assert (second.changes.rows, second.changes.deleted) == (6, 3)
    quiet = based.must_equal_the_source()
    assert (quiet.changes.rows, quiet.changes.deleted) == (0, 0)
    running(owner, "INSERT INTO things VALUES (3, 'back', 1)", "DELETE FROM things WHERE id = 1000")
    assert changed_keys(based, based.must_equal_the_source()) == ([3], [1000])


def test_as_many_new_rows_as_deleted_ones_do_not_hide_the_deletion(based, owner):
    running(owner, "INSERT INTO things VALUES (1000, 'new', 1)", "DELETE FROM things WHERE id = 3")
    assert changed_keys(based, based.must_equal_the_source()) == ([1000], [3])


def test_a_transaction_that_commits_after_later_ones_is_not_missed(based, owner):
    with transaction(owner) as slow:
        slow.execute("INSERT INTO things VALUES (1000, 'slow', 1)")
        slow.execute("UPDATE things SET name = 'slow' WHERE id = 1")
        running(owner, "INSERT INTO things VALUES (1001, 'fast', 1)")
        assert changed_keys(based, based.must_equal_the_source()) == ([1001], [])
    late = based.must_equal_the_source()
    assert {1, 1000} <= set(changed_keys(based, late)[0])


def test_rows_of_savepoints_and_exception_blocks_are_not_missed(based, owner):
    with transaction(owner) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        with ExitStack() as savepoints:
            for number in range(70):  # more than a snapshot lists of a transaction's parts
                savepoints.enter_context(slow.transaction())
                slow.execute("INSERT INTO things VALUES (%s, 'in a savepoint', 1)", [2000 + number])
        slow.execute(
            "DO $$ BEGIN UPDATE things SET name = 'in a block' WHERE id = 2;"
            " BEGIN DELETE FROM things WHERE id = 5; PERFORM 1 / 0; EXCEPTION WHEN division_by_zero THEN NULL; END;"
            " EXCEPTION WHEN OTHERS THEN RAISE; END $$"
        )
        with slow.transaction():
            slow.execute("DELETE FROM things WHERE id = 6")
            raise psycopg.Rollback
        based.must_equal_the_source()
    changed, gone = changed_keys(based, based.must_equal_the_source())
    assert {2, *range(2000, 2070)} <= set(changed)
    assert gone == []


def test_maintenance_of_the_heap_changes_nothing(based, owner):
    for statement in ("VACUUM (FREEZE) things", "VACUUM (FULL) things", "CLUSTER things USING things_pkey"):
        running(owner, "UPDATE things SET name = 'other' WHERE id = 7", statement)
        assert changed_keys(based, based.must_equal_the_source()) == ([7], [])


def test_a_truncated_and_refilled_table_is_told_anew(based, owner):
    running(owner, "TRUNCATE things", "INSERT INTO things VALUES (1, 'again', 1), (60, 'new', 2)")
    changed, gone = changed_keys(based, based.must_equal_the_source())
    assert (changed, len(gone)) == ([1, 60], 49)
    running(owner, "TRUNCATE things")
    assert changed_keys(based, based.must_equal_the_source()) == ([], [1, 60])


def test_a_day_that_is_exported_again_holds_all_changes_since_the_day_before(based, owner):
    running(owner, "UPDATE things SET name = 'morning' WHERE id = 1", "DELETE FROM things WHERE id = 2")
    day = based.must_equal_the_source().day
    running(owner, "UPDATE things SET name = 'evening' WHERE id = 3", "INSERT INTO things VALUES (2, 'back', 0)")
    again = based.must_equal_the_source(based.export(day))
    assert changed_keys(based, again) == ([1, 2, 3], [])
    assert based.must_equal_the_source(based.export(FIRST_DAY)).reason == "nothing was exported before"


def test_a_change_of_the_definition_that_writes_no_row_has_everything_copied(owner, tmp_path):
    running(
        owner,
        "CREATE TYPE mood AS ENUM ('ok', 'bad')",
        "CREATE TYPE pair AS (m mood, n int)",
        "CREATE TABLE things (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL,"
        " name text, moods mood[], pair pair, price numeric(12, 2))",
        "INSERT INTO things (id, moods, pair) VALUES (1, '{ok}', '(ok,1)'), (2, '{bad}', null)",
    )
    exports = IncrementalExports(owner, tmp_path)
    for reason, *alter in ALTERED:
        exports.pretend_base()
        assert exports.why_all() is None
        running(owner, *alter)
        assert exports.why_all() == reason


def test_everything_is_copied_again_after_so_many_days(exports):
    exports.wish = wished(full_every_days=3)
    assert exports.why_all() == "nothing was exported before"
    exports.pretend_base()
    days = [FIRST_DAY + timedelta(days=number) for number in range(1, 5)]
    assert [exports.why_all(day) for day in days] == [None, None, *["it is copied as a whole every 3 days"] * 2]


def test_another_wish_has_everything_copied(exports):
    for wish, reason in [
        (wished(filter="id > 10"), "its filter was another"),
        (wished(filter="id > 10", key=("name",)), "its key was another"),
        (wished(filter="id > 10", key=("name",), excluded=("price",)), "its columns were others"),
    ]:
        exports.pretend_base()
        exports.wish = wish
        assert exports.why_all() == reason


def test_a_view_and_a_table_without_a_key_are_copied_as_a_whole(exports, owner):
    running(owner, "CREATE VIEW seen AS SELECT * FROM things", "CREATE TABLE loose AS SELECT * FROM things")
    for table, reason in [
        ("seen", "it is a view or foreign, and its rows do not tell when they changed"),
        ("loose", "it has no key"),
    ]:
        found = IncrementalExports(owner, exports.folder / table, wished(table))
        found.pretend_base()
        assert found.why_all() == reason


def test_rows_that_a_filter_lets_in_and_out_without_a_change_are_followed(exports, owner):
    running(owner, "CREATE TABLE clock AS SELECT 10 AS at")
    exports.wish = wished(filter="id % 20 <> (SELECT at FROM clock) -- by the clock")
    exports.must_equal_the_source()
    running(owner, "UPDATE clock SET at = 11", "UPDATE things SET name = 'other' WHERE id = 20")
    assert changed_keys(exports, exports.must_equal_the_source()) == ([10, 20, 30, 50], [11, 31])


def test_a_key_that_tells_no_rows_apart_is_an_offence(owner, exports):
    running(owner, "CREATE TABLE twins AS SELECT id % 40 AS id, name FROM things WHERE id <= 40")
    found = IncrementalExports(owner, exports.folder / "twins", wished("twins", key=("id",)))
    found.must_equal_the_source()
    running(owner, "INSERT INTO twins VALUES (3, 'the other three')", "DELETE FROM twins WHERE id = 4")
    (offender,) = found.export().changes.offenders
    assert offender == "id: 1 rows have the key of another, so it tells no rows apart"


def test_nulls_in_a_key_of_several_columns_are_equal(owner, exports):
    running(owner, "CREATE TABLE pairs (a text, b int, c int)", "INSERT INTO pairs VALUES ('x', NULL, 1), (NULL, 2, 2)")
    found = IncrementalExports(owner, exports.folder / "pairs", wished("pairs", key=("a", "b")))
    found.must_equal_the_source()
    running(owner, "UPDATE pairs SET c = 3 WHERE b IS NULL", "DELETE FROM pairs WHERE a IS NULL")
    found.must_equal_the_source()
    assert [row[:4] for row in found.partition(found.export(found.next_day - timedelta(days=1)))] == [
        (False, "x", None, 3),
        (True, None, 2, None),
    ]
    found.must_equal_the_source()


def test_partitions_that_are_attached_detached_and_moved_between_are_followed(owner, tmp_path):
    running(
        owner,
        "CREATE TABLE old (id int NOT NULL, place text NOT NULL, PRIMARY KEY (id, place))",
        "INSERT INTO old VALUES (1, 'old'), (2, 'old')",
        "CREATE TABLE things (id int, place text, PRIMARY KEY (id, place)) PARTITION BY LIST (place)",
        "CREATE TABLE north PARTITION OF things FOR VALUES IN ('north')",
        "CREATE TABLE south PARTITION OF things FOR VALUES IN ('south')",
        "INSERT INTO things SELECT n, 'north' FROM generate_series(1, 9) AS n",
    )
    exports = IncrementalExports(owner, tmp_path)
    exports.must_equal_the_source()
    running(
        owner,
        "UPDATE things SET place = 'south' WHERE id = 3",
        "ALTER TABLE things ATTACH PARTITION old FOR VALUES IN ('old')",
    )
    attached = exports.must_equal_the_source()
    assert attached.reason is None
    assert [row[:3] for row in exports.partition(attached)] == [
        (False, 1, "old"),
        (False, 2, "old"),
        (False, 3, "south"),
        (True, 3, "north"),
    ]
    running(owner, "ALTER TABLE things DETACH PARTITION north")
    assert exports.must_equal_the_source().changes.deleted == 8
    running(owner, "ALTER TABLE things ATTACH PARTITION north FOR VALUES IN ('north')", "DELETE FROM old")
    assert (exports.must_equal_the_source().changes.rows, exports.export().changes.rows) == (10, 0)


def test_children_of_an_inherited_table_are_followed(owner, tmp_path):
    running(
        owner,
        *FILLED,
        "CREATE TABLE more () INHERITS (things)",
        "INSERT INTO more SELECT n, 'more', 1 FROM generate_series(100, 110) AS n",
    )
    exports = IncrementalExports(owner, tmp_path, wished(key=("id",)))
    exports.must_equal_the_source()
    running(owner, "UPDATE more SET name = 'other' WHERE id = 104", "DELETE FROM ONLY things WHERE id = 1")
    assert changed_keys(exports, exports.must_equal_the_source()) == ([104], [1])
    running(owner, "ALTER TABLE more NO INHERIT things")
    assert exports.must_equal_the_source().changes.deleted == 11
