"""Every type of PostgreSQL through the export into Parquet, as its readers see it: equal to what PostgreSQL writes."""

import struct
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import psycopg
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.sql import Sql, joined
from analytics_pipelines.foundation.tables import Type
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.plan import TablePlan
from analytics_pipelines.product_export.planning import plan_table
from analytics_pipelines.product_export.reading.reader import Reader
from analytics_pipelines.product_export.run import ExportParts, export
from analytics_pipelines.product_export.source.describe import describe
from analytics_pipelines.product_export.source.session import SourceLimits, guarded, open_snapshot
from analytics_pipelines.product_export.verify.summary import differences, summary_of_file, summary_of_source
from analytics_pipelines.product_export.wishes import TableWish
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.postgres_versions import HAS_15, OTHER_VERSIONS, server_of
from analytics_pipelines_tests.product_export import zoo
from analytics_pipelines_tests.product_export.readers import (
    READERS,
    Texts,
    as_postgres_writes,
    as_written,
    by_duckdb,
)

WISH = TableWish(schema="zoo", table="zoo", name="zoo", types=zoo.OVERRIDES)
DAY = date(2026, 11, 21)
IN_SOURCE = Sql("SELECT {texts} FROM zoo.zoo ORDER BY row_number")
RANDOM_VALUES = Path(zoo.__file__).with_name("random_values.sql").read_text(encoding="utf-8")
FOREIGN = """
CREATE EXTENSION file_fdw;
CREATE SERVER programs FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE alone (a integer) SERVER programs OPTIONS (program 'seq 3');
CREATE TABLE partitioned (a integer) PARTITION BY LIST (a);
CREATE TABLE zero PARTITION OF partitioned FOR VALUES IN (0);
CREATE FOREIGN TABLE others PARTITION OF partitioned DEFAULT SERVER programs OPTIONS (program 'seq 3');
CREATE TABLE parent (a integer);
CREATE FOREIGN TABLE child () INHERITS (parent) SERVER programs OPTIONS (program 'seq 2');
INSERT INTO partitioned VALUES (0);
INSERT INTO parent VALUES (9);
"""
CHANGES = """
DELETE FROM zoo.zoo WHERE row_number IN (0, 3);
UPDATE zoo.zoo SET small = 7 WHERE row_number IN (1, 2);
INSERT INTO zoo.zoo (row_number, texts) SELECT max(row_number) + 1, '{"a,b",NULL}' FROM zoo.zoo
"""
"""Run after each export, so that the second of two finds them once."""
IN_LAKE = Sql("SELECT {texts} FROM read_parquet($file) ORDER BY row_number")


def bits_of(text: str, form: str) -> str:
    return struct.pack(form, float(text)).hex()


ALL = [pytest.param(read, id=read.__name__) for read in READERS]


class Zoo:
    """The zoo of one server: what PostgreSQL writes of it, and the Parquet that was made of it."""

    def __init__(self, conninfo: str, folder: Path) -> None:
        settings = settings_in(folder / "home")
        limits = SourceLimits.of(settings)
        self.file = folder / "zoo.parquet"
        with open_snapshot(conninfo, limits) as snapshot:
            self.plan = plan_table(describe(snapshot.connection, WISH), WISH, Mask())
            self.summary = summary_of_source(snapshot.connection, self.plan)
            self.in_source = texts_in_source(snapshot.connection, self.plan)
            with Reader(conninfo, snapshot, limits, DuckLimits.of(settings), folder) as reader:
                reader.read(self.plan, DAY, self.file)
        with psycopg.connect(guarded(conninfo, limits)) as connection:
            columns = [column.source.name for column in self.plan.columns]
            self.written = as_written(connection, "zoo.zoo", columns, "row_number")

    def expected(self) -> Texts:
        """What PostgreSQL's output functions write; of floating point numbers the bits, and what was asked for."""
        told = dict(self.written)
        told["real"] = [text and bits_of(text, ">f") for text in told["real"]]
        told["double"] = [text and bits_of(text, ">d") for text in told["double"]]
        held = [text and format(Decimal(text), ".9f") for text in told["held_number"]]
        whole = [text and str(int(Decimal(text))) for text in told["id_as_number"]]
        return told | {"held_number": held, "id_as_number": whole}

    def read_by(self, reader: object) -> Texts:
        """The same of the Parquet."""
        found = reader(self.file)
        assert set(found.pop("export_date")) == {DAY}
        told = {column: [as_postgres_writes(value) for value in values] for column, values in found.items()}
        for column, form in (("real", ">f"), ("double", ">d")):
            values = [None if value is None or value is pd.NA else value for value in found[column]]
            told[column] = [None if value is None else struct.pack(form, value).hex() for value in values]
        return told


def texts_in_source(connection: psycopg.Connection, plan: TablePlan) -> Texts:
    """What is compared for exact verification, at the source."""
    query = IN_SOURCE.fill(texts=joined(column.as_text_in_source for column in plan.columns))
    return by_column(connection.execute(query.text.encode()).fetchall(), plan)


def by_column(rows: list[tuple[str | None, ...]], plan: TablePlan) -> Texts:
    return {column.source.name: [row[place] for row in rows] for place, column in enumerate(plan.columns)}


def filled(conninfo: str, types: str, columns: dict[str, tuple[str, tuple[str, ...]]]) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for statement in [*types.strip().split("\n"), *zoo.statements(columns)]:
            connection.execute(statement.encode())


@pytest.fixture(scope="module")
def ours(postgres_server, tmp_path_factory) -> Iterator[Zoo]:
    """The zoo of the embedded server."""
    postgres_server.create("zoo")
    filled(postgres_server.superuser("zoo"), zoo.TYPES, zoo.COLUMNS)
    yield Zoo(postgres_server.superuser("zoo"), tmp_path_factory.mktemp("zoo"))
    postgres_server.drop("zoo")


@pytest.mark.parametrize("reader", ALL)
def test_every_value_is_read_as_postgresql_writes_it(ours, reader):
    expected, found = ours.expected(), ours.read_by(reader)
    assert list(found) == list(expected)
    assert {column: values for column, values in found.items() if values != expected[column]} == {}


def test_the_zoo_is_large_and_hostile(ours):
    assert len(ours.plan.columns) >= 60
    types = {column.lake.type for column in ours.plan.columns}
    assert set(Type) <= types


def test_both_engines_write_the_same_text_for_exact_comparison(ours):
    query = IN_LAKE.fill(texts=joined(column.as_text_in_lake for column in ours.plan.columns))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(query.text, {"file": str(ours.file)}).fetchall()
    in_lake = by_column(rows, ours.plan)
    assert {column: texts for column, texts in in_lake.items() if texts != ours.in_source[column]} == {}


def test_sums_and_extremes_are_the_same_in_both_engines(ours):
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        assert differences(ours.summary, summary_of_file(connection, ours.plan, ours.file)) == []


def test_parquet_holds_no_type_that_spark_rejects(ours):
    """No UUID, no unsigned numbers, no nanoseconds, no time of a day that is adjusted to UTC."""
    columns = pq.ParquetFile(ours.file).schema
    told = {str(columns.column(place).logical_type) for place in range(len(columns))}
    assert {each for each in told if each.startswith(("UUID", "Interval")) or "isSigned=false" in each} == set()
    assert {each for each in told if "timeUnit=" in each and "timeUnit=microseconds" not in each} == set()
    assert {each for each in told if each.startswith("Time(") and "isAdjustedToUTC=true" in each} == set()
    assert "INT96" not in {columns.column(place).physical_type for place in range(len(columns))}


@pytest.mark.parametrize("version", OTHER_VERSIONS)
def test_other_versions_of_postgresql_give_the_same(version, tmp_path):
    types, columns = zoo.of_version(version)
    with server_of(version, tmp_path / "server") as conninfo:
        filled(conninfo, types, columns)
        theirs = Zoo(conninfo, tmp_path)
    assert theirs.read_by(by_duckdb) == theirs.expected()


def test_changes_of_every_type_bring_the_lake_to_the_sources_state(postgres_server, lake, settings, tmp_path):
    postgres_server.create("changing_zoo")
    source = postgres_server.superuser("changing_zoo")
    filled(source, zoo.TYPES, zoo.COLUMNS)
    file = tmp_path / "export.toml"
    types = ", ".join(column + ' = "' + type_ + '"' for column, type_ in zoo.OVERRIDES.items())
    file.write_text('[[tables]]\ntable = "zoo.zoo"\nmode = "incremental"\ntypes = {' + types + "}\n")
    parts = ExportParts(settings_in(settings.home.path, export_tables_file=file), lake, source)
    for day, kind in ((DAY, "base"), (DAY + timedelta(days=1), "changes")):
        (made,) = export(parts, ["zoo"], [day], today=day, exactly=True).exported
        assert made.kind == kind
        with psycopg.connect(source) as connection:
            connection.execute(CHANGES)
    assert (made.rows, made.deleted) == (5, 2)
    postgres_server.drop("changing_zoo")


@pytest.mark.parametrize(
    "rows", [pytest.param(3_000, id="3,000"), pytest.param(300_000, id="300,000", marks=pytest.mark.long)]
)
def test_random_values_are_the_same_in_both_engines(postgres_server, lake, settings, tmp_path, rows):
    postgres_server.create("random_values")
    source = postgres_server.superuser("random_values")
    with psycopg.connect(source) as connection:
        connection.execute("SELECT setseed(0.42)")
        connection.execute(RANDOM_VALUES.replace("{rows}", str(rows)))
    file = tmp_path / "export.toml"
    file.write_text('[[tables]]\ntable = "public.random_values"\n')
    parts = ExportParts(settings_in(settings.home.path, export_tables_file=file), lake, source)
    (made,) = export(parts, ["random_values"], [DAY], today=DAY, exactly=True).exported
    assert made.rows == rows + rows // 7
    postgres_server.drop("random_values")


@pytest.mark.long
@pytest.mark.skipif(not HAS_15, reason="needs an extension that the wheel lacks")
def test_foreign_tables_are_read_also_as_parts_of_others(tmp_path):
    with server_of(15, tmp_path / "server") as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(FOREIGN)
        found = {table: foreign_rows(conninfo, table, tmp_path) for table in ("alone", "partitioned", "parent")}
    assert found == {"alone": [1, 2, 3], "partitioned": [0, 1, 2, 3], "parent": [1, 2, 9]}


def foreign_rows(conninfo: str, table: str, folder: Path) -> list[object]:
    settings = settings_in(folder / "home")
    limits, wish = SourceLimits.of(settings), TableWish(schema="public", table=table, name=table)
    with open_snapshot(conninfo, limits) as snapshot:
        plan = plan_table(describe(snapshot.connection, wish), wish, Mask())
        assert not plan.source.has_heaps
        with Reader(conninfo, snapshot, limits, DuckLimits.of(settings), folder) as reader:
            reader.read(plan, DAY, folder / table)
    return sorted(by_duckdb(folder / table)["a"])
