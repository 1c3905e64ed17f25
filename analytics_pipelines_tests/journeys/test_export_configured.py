"""From a file of wishes to answers: masked columns, columns that come and go, modes, and days read as one table."""

import hashlib
import hmac
import json
import re
from datetime import date, timedelta
from pathlib import Path

import duckdb
import psycopg
import pytest

from analytics_pipelines.catalog.tables import TABLES, with_exported
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo, parsed
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.drift import SchemaDrifted
from analytics_pipelines.product_export.outcome import Report
from analytics_pipelines.product_export.replay import make_core
from analytics_pipelines.product_export.run import ExportParts, export
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.house_rules.repository import ROOT

KEY = "a key of the journey, forty characters.."
DAY = date(2026, 11, 20)
NEXT_DAY = DAY + timedelta(days=1)
SHOP = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.orders (
        id integer PRIMARY KEY, email text, phone text, total integer, ip inet, born date, note varchar(9)
    );
    INSERT INTO shop.orders VALUES
        (1, 'ann@example.com', '0123', 1999, '10.1.2.3', '1990-05-06', 'old'),
        (2, 'bob@example.com', NULL, 5, 'fe80::1', NULL, NULL),
        (3, NULL, '0456', -1, NULL, '2001-12-31', 'gone');
    CREATE TABLE shop.countries (code text PRIMARY KEY, name text);
    INSERT INTO shop.countries VALUES ('de', 'Germany'), ('pt', 'Portugal');
    CREATE TABLE shop.people (email text PRIMARY KEY, city text);
    INSERT INTO shop.people VALUES ('ann@example.com', 'Porto'), ('bob@example.com', 'Bonn');
    GRANT USAGE ON SCHEMA shop TO {app};
    GRANT SELECT ON ALL TABLES IN SCHEMA shop TO {app};
"""
FILE = """
[defaults]
schema = "shop"

[[tables]]
table = "orders"
mode = "incremental"
[tables.masking]
email = "hmac"
phone = "drop"
ip = { policy = "truncate", characters = 4 }
born = { policy = "generalise", to = "year" }
total = { policy = "generalise", to = 10 }

[[tables]]
table = "people"
mode = "incremental"
masking.email = "hmac"

[[tables]]
table = "countries"
drift = "freeze"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "export.toml").write_text(FILE)
    return settings_in(tmp_path / "home", export_tables_file=tmp_path / "export.toml", export_hmac_key=KEY)


@pytest.fixture
def source(database_urls: DatabaseUrls) -> str:
    """The owner's way to a shop that the exporting role may read."""
    owner = conninfo(database_urls.owner)
    change(owner, SHOP.format(app=parsed(database_urls.source).username))
    return owner


@pytest.fixture
def parts(settings: Settings, lake: Lake, source: str, database_urls: DatabaseUrls) -> ExportParts:
    return ExportParts(settings, lake, conninfo(database_urls.source))


def change(owner: str, statements: str) -> None:
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(statements.encode())


def exported(parts: ExportParts, day: date) -> Report:
    report = export(parts, ["orders", "people", "countries"], [day], today=day)
    make_core(parts.lake, report)
    return report


def served(parts: ExportParts, query: str) -> list[tuple[object, ...]]:
    built = build_generation(parts.settings, parts.lake, with_exported(TABLES, parts.settings, parts.lake), hot=())
    lease = Lease.open(built.folder, parts.settings)
    try:
        return lease.tuples(Sql(query))
    finally:
        lease.close()


def hashed(text: str) -> str:
    return hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def test_masked_columns_arrive_masked_and_neither_they_nor_the_key_are_kept(parts: ExportParts) -> None:
    report = exported(parts, DAY)
    rows = served(parts, "SELECT * EXCLUDE (export_date, is_tombstone) FROM raw_app__orders ORDER BY id")
    assert rows == [
        (1, hashed("ann@example.com"), 1990, "10.1", date(1990, 1, 1), "old"),
        (2, hashed("bob@example.com"), 0, "fe80", None, None),
        (3, None, -10, None, date(2001, 1, 1), "gone"),
    ]
    assert served(parts, "SELECT count(*) FROM core_app__orders") == [(3,)]
    kept = b"".join(file.read_bytes() for file in parts.settings.home.path.rglob("*.json"))
    assert b"generalise" in kept
    secrets = [KEY, KEY.encode().hex(), "ann@", "bob@", "0123", "1999", "10.1.2.3", "1990-05-06", "fe80::1"]
    assert [secret for secret in secrets if secret.encode() in kept] == [], "neither the key nor what was masked"
    (orders,) = [each for each in report.exported if each.table.name == "raw_app__orders"]
    masking = {each["name"]: each["masking"] for each in (orders.manifest.source or {})["columns"]}
    assert masking == {
        "id": "",
        "email": "hmac",
        "total": "generalise",
        "ip": "truncate",
        "born": "generalise",
        "note": "",
    }


def test_days_with_other_columns_are_told_and_read_as_one_table(parts: ExportParts, source: str) -> None:
    exported(parts, DAY)
    change(
        source,
        """
        ALTER TABLE shop.orders DROP COLUMN note, ADD COLUMN paid boolean, ALTER COLUMN id TYPE bigint;
        DELETE FROM shop.orders WHERE id = 3;
        UPDATE shop.orders SET paid = true WHERE id = 1;
        """,
    )
    (orders,) = [each for each in exported(parts, NEXT_DAY).exported if each.table.name == "raw_app__orders"]
    assert orders.drift == ("paid was added", "note was dropped", "id was widened from integer to bigint")
    assert (orders.kind, orders.reason) == ("base", "its columns were others")
    assert served(parts, "SELECT export_date, id, paid, note FROM raw_app__orders ORDER BY ALL") == [
        (DAY, 1, None, "old"),
        (DAY, 2, None, None),
        (DAY, 3, None, "gone"),
        (NEXT_DAY, 1, True, None),
        (NEXT_DAY, 2, None, None),
    ]
    assert served(parts, "SELECT export_date, id, note FROM core_app__orders ORDER BY ALL")[-1] == (NEXT_DAY, 2, None)


def test_a_frozen_table_leaves_new_columns_out_and_fails_over_lost_ones(parts: ExportParts, source: str) -> None:
    exported(parts, DAY)
    change(source, "ALTER TABLE shop.countries ADD COLUMN flag text")
    (countries,) = [each for each in exported(parts, NEXT_DAY).exported if each.table.name == "raw_app__countries"]
    assert countries.drift == ("flag was added",)
    assert countries.table.column_names == ("export_date", "code", "name")
    change(source, "ALTER TABLE shop.countries RENAME COLUMN name TO title; UPDATE shop.orders SET note = 'later'")
    with pytest.raises(SchemaDrifted, match=r"shop\.countries .* freeze: flag was added; name is called title now"):
        exported(parts, NEXT_DAY)
    assert served(parts, "SELECT DISTINCT note FROM raw_app__orders WHERE note = 'later'") == [], "nothing of the run"


def test_deletions_are_found_by_a_key_that_is_hashed(parts: ExportParts, source: str) -> None:
    exported(parts, DAY)
    change(
        source,
        "DELETE FROM shop.people WHERE city = 'Bonn'; INSERT INTO shop.people VALUES ('cem@example.com', 'Izmir')",
    )
    (people,) = [each for each in exported(parts, NEXT_DAY).exported if each.table.name == "raw_app__people"]
    assert (people.kind, people.rows, people.deleted) == ("changes", 2, 1)
    state = Sql("SELECT email, city FROM core_app__people WHERE export_date = DATE '2026-11-21' ORDER BY city").text
    assert served(parts, state) == [(hashed("cem@example.com"), "Izmir"), (hashed("ann@example.com"), "Porto")]


def test_the_query_of_the_docs_gives_what_the_core_table_has(parts: ExportParts, source: str) -> None:
    exported(parts, DAY)
    change(source, "UPDATE shop.orders SET note = 'new' WHERE id = 1; DELETE FROM shop.orders WHERE id = 3")
    change(source, "INSERT INTO shop.orders (id, email) VALUES (4, 'dan@example.com')")
    exported(parts, NEXT_DAY)
    change(source, "INSERT INTO shop.orders (id) VALUES (3)")
    exported(parts, NEXT_DAY + timedelta(days=1))
    page = (ROOT / "docs" / "product-export.md").read_text(encoding="utf-8")
    (query,) = [
        block for block in re.findall(r"^```sql\n(.*?)^```", page, re.MULTILINE | re.DOTALL) if "row_number" in block
    ]
    query = query.replace(".analytics", str(parts.settings.home.path)).replace("2026-11-15", str(DAY))
    state = "SELECT {columns} FROM ({rows}) ORDER BY id"
    columns = "id, email, total, ip, born, note"
    core = "SELECT * FROM core_app__orders WHERE export_date = DATE '2026-11-22'"
    found = duckdb.sql(state.format(columns=columns, rows=query)).fetchall()
    assert found == served(parts, state.format(columns=columns, rows=core))
    assert [(row[0], row[-1]) for row in found] == [(1, "new"), (2, None), (3, None), (4, None)]


def test_another_key_starts_a_new_base(parts: ExportParts, lake: Lake, tmp_path: Path) -> None:
    exported(parts, DAY)
    rekeyed = parts.settings.model_copy(update={"export_hmac_key": type(parts.settings.export_hmac_key)(KEY + "!")})
    (orders,) = [
        each
        for each in exported(ExportParts(rekeyed, lake, parts.conninfo), NEXT_DAY).exported
        if each.table.name == "raw_app__orders"
    ]
    assert (orders.kind, orders.reason) == ("base", "its columns were others")
    assert [line.split(":")[0] for line in orders.drift] == ["email"]
    assert json.dumps(orders.drift).count("HMAC-SHA-256") == 2
