"""A schema as people have them, with foreign keys, partitions, views and odd types, through the export untouched."""

import struct
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.sql import Sql, name
from analytics_pipelines.product_export.run import ExportParts, export
from analytics_pipelines.product_export.source.session import SourceLimits, guarded
from analytics_pipelines_tests import product_export
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.product_export.readers import as_postgres_writes, as_written, by_duckdb

SCHEMA = Path(product_export.__file__).with_name("rental_shop.sql").read_text(encoding="utf-8")
TODAY = datetime.now(UTC).date()
LISTED = "SELECT relname FROM pg_class WHERE relnamespace = 'rental'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
FLOATS = {("rental", "rating"): ">f", ("rental", "score"): ">d"}
OWN_KEYS = {
    "country": ("code",),
    "dear_films": (),
    "film_actor": ("actor_id", "film_id"),
    "film_list": (),
    "film_note": (),
    "note": (),
    "payment": ("payment_date", "payment_id"),
    "payment_2026_01": ("payment_date", "payment_id"),
    "payment_2026_02": ("payment_date", "payment_id"),
    "payment_other": ("payment_date", "payment_id"),
    "revenue": (),
}
"""Of tables whose key is not `<table>_id`; what others inherit from has none."""


@pytest.fixture
def shop(postgres_server):
    """Conninfo of the shop, and its tables."""
    urls = postgres_server.create("rental_shop")
    with psycopg.connect(conninfo(urls.owner)) as connection:
        connection.execute(SCHEMA)
        tables = sorted(table for (table,) in connection.execute(LISTED).fetchall())
    yield conninfo(urls.owner), tables
    postgres_server.drop("rental_shop")


def rows_in_source(source, limits, table):
    """Every row as COPY writes it."""
    with psycopg.connect(guarded(source, limits)) as connection:
        table_name = Sql("rental.{table}").fill(table=name(table))
        nothing = Sql("SELECT * FROM {table} LIMIT 0").fill(table=table_name)
        columns = [column.name for column in connection.execute(nothing.text.encode()).description or ()]
        written = as_written(connection, table_name.text, columns, "1")
    return told(table, written)


def rows_in_lake(home, table):
    """Every row as it stands in the Parquet."""
    found = by_duckdb(home.lake / f"raw_app__{table}" / f"date={TODAY}" / "data.parquet")
    assert set(found.pop("export_date")) == {TODAY}
    return told(table, {column: [as_postgres_writes(value) for value in values] for column, values in found.items()})


def told(table, columns):
    """The names and how often each row is there; floating point numbers by their bits."""
    for (where, column), form in FLOATS.items():
        if where == table:
            values = columns[column]
            columns[column] = [text and struct.pack(form, float(text)).hex() for text in values]
    return list(columns), Counter(zip(*columns.values(), strict=True))


def test_every_table_and_view_arrives_whole(shop, settings, lake, tmp_path):
    source, tables = shop
    assert len(tables) == 20
    file = tmp_path / "export.toml"
    file.write_text("".join(f'[[tables]]\ntable = "rental.{table}"\n' for table in tables))
    chosen = settings_in(settings.home.path, export_tables_file=file)
    report = export(ExportParts(chosen, lake, source), tables, [TODAY], today=TODAY, exactly=True)
    assert {each.table.name for each in report.exported} == {"raw_app__" + table for table in tables}
    for table in tables:
        assert rows_in_lake(settings.home, table) == rows_in_source(source, SourceLimits.of(chosen), table), table
    keys = {each.table.name.removeprefix("raw_app__"): each.table.key for each in report.exported}
    assert keys == {table: OWN_KEYS.get(table, (table + "_id",)) for table in tables}
