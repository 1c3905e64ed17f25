"""Tables of every kind as the catalog describes them, and what is said when one can not be exported."""

import psycopg
import pytest

from analytics_pipelines.foundation.postgres.failures import RightMissing
from analytics_pipelines.product_export.source.describe import (
    MissingColumn,
    MissingTable,
    UnsuitableSource,
    describe,
)
from analytics_pipelines.product_export.source.described import Kind
from analytics_pipelines.product_export.wishes import Masking, Policy, TableWish


@pytest.fixture
def source(postgres_server):
    """A superuser with a schema `shop`; all is undone at the end."""
    with psycopg.connect(postgres_server.superuser()) as connection:
        connection.execute("CREATE SCHEMA shop")
        yield connection
        connection.rollback()


def wish(table, **wanted):
    return TableWish(**{"schema": "shop", "table": table, "name": "x", **wanted})


def described(connection, table, **wanted):
    return describe(connection, wish(table, **wanted))


def columns_of(connection, definition):
    connection.execute("CREATE TABLE shop.t (" + definition + ")")
    return {column.name: column for column in described(connection, "t").columns}


def test_columns_come_in_their_order_without_dropped_ones(source):
    source.execute('CREATE TABLE shop.t (b text, gone text, a integer, "C {x} %s" date)')
    source.execute("ALTER TABLE shop.t DROP COLUMN gone")
    assert [column.name for column in described(source, "t").columns] == ["b", "a", "C {x} %s"]


def test_a_column_keeps_its_number_under_another_name(source):
    source.execute("CREATE TABLE shop.t (gone text, a integer, b integer); ALTER TABLE shop.t DROP COLUMN gone")
    source.execute("ALTER TABLE shop.t RENAME COLUMN a TO z")
    assert {column.name: column.number for column in described(source, "t").columns} == {"z": 2, "b": 3}


def test_a_domain_is_followed_to_the_type_below_all_domains(source):
    source.execute("CREATE DOMAIN shop.price AS numeric(12, 2) NOT NULL; CREATE DOMAIN shop.dear AS shop.price")
    (column,) = columns_of(source, "a shop.dear").values()
    assert (column.type_schema, column.type_name, column.domain) == ("pg_catalog", "numeric", "shop.dear")
    assert column.type_modifier == (12 << 16 | 2) + 4
    assert column.declared == "shop.dear"
    assert column.is_nullable


def test_arrays_tell_of_their_elements(source):
    source.execute("CREATE TYPE shop.mood AS ENUM ('fine'); CREATE EXTENSION vector")
    found = columns_of(source, "a integer[][], b shop.mood[], c vector(3), d vector[], e int2vector")
    assert {name: (each.is_array, each.type_kind, each.type_name) for name, each in found.items()} == {
        "a": (True, "b", "_int4"),
        "b": (True, "e", "_mood"),
        "c": (False, "b", "vector"),
        "d": (True, "b", "_vector"),
        "e": (True, "b", "int2vector"),
    }
    assert [each.extension for each in found.values()] == ["", "", "vector", "vector", ""]


def test_comments_and_null_are_told(source):
    source.execute("CREATE TABLE shop.t (a integer NOT NULL, b integer); COMMENT ON COLUMN shop.t.b IS 'in cm'")
    a, b = described(source, "t").columns
    assert (a.is_nullable, b.is_nullable) == (False, True)
    assert (a.comment, b.comment) == ("", "in cm")


def test_a_promise_that_was_never_checked_is_not_believed(source):
    source.execute("CREATE TABLE shop.t (a integer)")
    source.execute("ALTER TABLE shop.t ADD CONSTRAINT c NOT NULL a NOT VALID")
    assert described(source, "t").columns[0].is_nullable


@pytest.mark.parametrize(
    ("definition", "key"),
    [
        pytest.param("a int, b int, PRIMARY KEY (b, a), UNIQUE (a)", ("b", "a"), id="the primary key in its order"),
        pytest.param("a int NOT NULL UNIQUE, b int", ("a",), id="a unique key"),
        pytest.param("a int NOT NULL, b int NOT NULL, UNIQUE (a, b), UNIQUE (b)", ("b",), id="the shortest"),
        pytest.param("a int UNIQUE, b int", (), id="none of columns that may be null"),
        pytest.param("a int NOT NULL, b int, EXCLUDE (a WITH =) WHERE (b > 0)", (), id="none with a condition"),
        pytest.param("a int, b int", (), id="none"),
    ],
)
def test_the_key_is_what_tells_all_rows_apart(source, definition, key):
    source.execute("CREATE TABLE shop.t (" + definition + ")")
    assert described(source, "t").key == key


def test_an_index_over_some_rows_or_an_expression_is_no_key(source):
    source.execute("CREATE TABLE shop.t (a int NOT NULL, b text NOT NULL)")
    source.execute("CREATE UNIQUE INDEX ON shop.t (a) WHERE a > 0; CREATE UNIQUE INDEX ON shop.t (lower(b))")
    source.execute("CREATE UNIQUE INDEX ON shop.t (b) INCLUDE (a)")
    assert described(source, "t").key == ("b",)


def test_a_table_is_one_heap_with_its_pages(source):
    source.execute("CREATE TABLE shop.t AS SELECT repeat('x', 1000) AS a FROM generate_series(1, 100); ANALYZE shop.t")
    found = described(source, "t")
    assert (found.kind, found.estimated_rows) == (Kind.TABLE, 100)
    (pages,) = source.execute("SELECT pg_relation_size('shop.t') / 8192").fetchone()
    assert pages >= 15
    assert [(leaf.schema, leaf.table, leaf.oid, leaf.pages) for leaf in found.leaves] == [
        ("shop", "t", found.oid, pages)
    ]
    assert found.size_bytes >= pages * 8192


def test_the_heaps_of_a_partitioned_table_are_its_partitions(source):
    source.execute(
        "CREATE TABLE shop.t (a int PRIMARY KEY) PARTITION BY RANGE (a);"
        "CREATE TABLE shop.t_2 PARTITION OF shop.t FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (a);"
        "CREATE TABLE shop.t_2_1 PARTITION OF shop.t_2 DEFAULT;"
        "CREATE TABLE shop.t_1 PARTITION OF shop.t FOR VALUES FROM (0) TO (10)"
    )
    found = described(source, "t")
    assert (found.kind, found.key) == (Kind.PARTITIONED, ("a",))
    assert [leaf.table for leaf in found.leaves] == ["t_1", "t_2_1"]


def test_a_table_that_others_inherit_from_has_their_heaps_and_no_key(source):
    source.execute("CREATE TABLE shop.t (a int PRIMARY KEY); CREATE TABLE shop.a_child (b int) INHERITS (shop.t)")
    found = described(source, "t")
    assert [leaf.table for leaf in found.leaves] == ["t", "a_child"]
    assert [column.name for column in found.columns] == ["a"]
    assert found.key == ()


def test_views_have_no_heap_and_materialized_ones_do(source):
    source.execute("CREATE VIEW shop.v AS SELECT 1 AS a; CREATE MATERIALIZED VIEW shop.m AS SELECT 1 AS a")
    view, materialized = described(source, "v"), described(source, "m")
    assert (view.kind, view.leaves, view.has_heaps) == (Kind.VIEW, (), False)
    assert (materialized.kind, len(materialized.leaves)) == (Kind.MATERIALIZED_VIEW, 1)


def test_the_table_is_kept_as_it_is_until_the_end(source):
    source.execute("CREATE TABLE shop.t (a int) PARTITION BY LIST (a); CREATE TABLE shop.p PARTITION OF shop.t DEFAULT")
    described(source, "t")
    held = (
        "SELECT relation::regclass::text, mode FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessShareLock'"
    )
    assert {("shop.t", "AccessShareLock"), ("shop.p", "AccessShareLock")} <= set(source.execute(held).fetchall())


def test_a_table_that_is_not_there_is_named_with_those_spelt_like_it(source):
    source.execute("CREATE TABLE shop.customers (a int)")
    with pytest.raises(MissingTable, match=r"no table shop\.customer\. Did you mean shop\.customers\?"):
        described(source, "customer")
    with pytest.raises(MissingTable, match=r"no table public\.customers\. Did you mean shop\.customers\?"):
        described(source, "customers", schema="public")


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        pytest.param({"columns": ("a", "emial")}, "columns", id="columns"),
        pytest.param({"excluded": ("emial",)}, "excluded", id="excluded"),
        pytest.param({"key": ("emial",)}, "key", id="key"),
        pytest.param({"day_column": "emial"}, "day_column", id="day column"),
        pytest.param({"types": {"emial": "text"}}, "types", id="types"),
        pytest.param({"masking": {"emial": Masking(Policy.DROP)}}, "masking", id="masking"),
    ],
)
def test_a_column_that_is_not_there_is_named_with_where_it_was_asked_for(source, wanted, where):
    source.execute("CREATE TABLE shop.t (a int, email text)")
    with pytest.raises(MissingColumn, match=rf"no column emial, which {where} names\. Did you mean email\?"):
        described(source, "t", **wanted)


@pytest.mark.parametrize(
    ("made", "table", "told"),
    [
        pytest.param("CREATE SEQUENCE shop.s", "s", "shop.s is a sequence", id="sequence"),
        pytest.param("CREATE TYPE shop.c AS (a int)", "c", "shop.c is a composite type", id="type"),
        pytest.param("CREATE TABLE shop.t ()", "t", "shop.t has no columns", id="no columns"),
        pytest.param(
            "CREATE MATERIALIZED VIEW shop.m AS SELECT 1 AS a WITH NO DATA", "m", "has not been filled", id="unfilled"
        ),
    ],
)
def test_what_has_no_rows_to_export_is_refused(source, made, table, told):
    source.execute(made)
    with pytest.raises(UnsuitableSource, match=told):
        described(source, table)


@pytest.fixture
def reader(source):
    """The same connection as a role that may look into the schema and no more."""
    source.execute(
        "CREATE ROLE shop_reader; GRANT USAGE ON SCHEMA shop TO shop_reader;"
        "CREATE TABLE shop.t (a int, email text, b int) PARTITION BY LIST (a);"
        "CREATE TABLE shop.p PARTITION OF shop.t DEFAULT"
    )
    return source


def as_reader(connection):
    connection.execute("SET ROLE shop_reader")
    return connection


def test_no_right_to_read_is_told_with_the_statement_that_gives_it(reader):
    with pytest.raises(RightMissing, match=r'may not read shop\.t\. Run GRANT SELECT ON "shop"\."t" TO "shop_reader";'):
        described(as_reader(reader), "t")


def test_no_right_to_the_schema_is_told(reader):
    reader.execute("REVOKE USAGE ON SCHEMA shop FROM shop_reader")
    with pytest.raises(RightMissing, match=r'schema shop\. Run GRANT USAGE ON SCHEMA "shop"'):
        described(as_reader(reader), "t")


def test_columns_without_a_right_are_named_unless_they_are_left_out(reader):
    reader.execute("GRANT SELECT (a, b) ON shop.t TO shop_reader")
    with pytest.raises(RightMissing, match=r"may not read shop\.t \(email\)\. .*`excluded`"):
        described(as_reader(reader), "t")
    assert described(reader, "t", excluded=("email",)).oid
    assert described(reader, "t", columns=("b",)).oid
    assert described(reader, "t", masking={"email": Masking(Policy.DROP)}).oid


def test_partitions_that_may_not_be_read_by_themselves_are_read_through_the_table(reader):
    reader.execute("GRANT SELECT ON shop.t TO shop_reader")
    assert described(as_reader(reader), "t").leaves == ()
    reader.execute("RESET ROLE; GRANT SELECT ON shop.p TO shop_reader")
    assert [leaf.table for leaf in described(as_reader(reader), "t").leaves] == ["p"]


@pytest.mark.parametrize("setting", ["on", "off"])
def test_a_table_whose_rows_are_hidden_by_policies_is_refused(reader, setting):
    reader.execute("GRANT SELECT ON shop.t, shop.p TO shop_reader; ALTER TABLE shop.t ENABLE ROW LEVEL SECURITY")
    reader.execute("SELECT set_config('row_security', %s, true)", [setting])
    with pytest.raises(RightMissing, match=r"Row security hides rows of shop\.t from shop_reader"):
        described(as_reader(reader), "t")


def test_a_partition_with_policies_of_its_own_is_read_through_the_table(reader):
    reader.execute("GRANT SELECT ON shop.t, shop.p TO shop_reader; ALTER TABLE shop.p ENABLE ROW LEVEL SECURITY")
    assert described(as_reader(reader), "t").leaves == ()


def test_a_view_over_tables_that_may_not_be_read_is_refused(reader):
    reader.execute("CREATE VIEW shop.v WITH (security_invoker) AS SELECT a FROM shop.t")
    reader.execute("GRANT SELECT ON shop.v TO shop_reader")
    with pytest.raises(RightMissing, match=r"what the view shop\.v reads"):
        described(as_reader(reader), "v")
