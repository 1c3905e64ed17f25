"""One run from the source to the lake: all tables of one moment, or nothing."""

from datetime import UTC, datetime, timedelta

import duckdb
import psycopg
import pytest

from analytics_pipelines.foundation.errors import AnalyticsError, Conflict
from analytics_pipelines.foundation.postgres.failures import RightMissing, WrongDatabaseUrl
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.product_export.outcome import BASE, CHANGES, ExportRefused
from analytics_pipelines.product_export.run import ExportParts, export
from analytics_pipelines.product_export.seed import seed
from analytics_pipelines.product_export.source.describe import MissingTable
from analytics_pipelines.product_export.tables import RAW_ITEMS, RAW_USERS
from analytics_pipelines.product_export.tasks import PAST, UnknownTable
from analytics_pipelines.product_export.verify.summary import Summary, UnfitValues
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.waiting import wait_until

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
SHOP = """
CREATE SCHEMA shop;
CREATE TABLE shop.customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE shop.orders (
    id bigint PRIMARY KEY, customer_id int REFERENCES shop.customers, price numeric(12, 2), at timestamptz, detail jsonb
);
CREATE TABLE shop.log (at timestamptz NOT NULL, line text);
INSERT INTO shop.customers SELECT n, 'customer ' || n FROM generate_series(1, 50) AS n;
INSERT INTO shop.orders SELECT n, 1 + n % 50, n / 7.0, now(), jsonb_build_object('n', n, 'é', 'x')
FROM generate_series(1, 500) AS n;
INSERT INTO shop.log SELECT now() - n * interval '6 hours', 'line ' || n FROM generate_series(1, 20) AS n;
"""
FILE = """
[[tables]]
table = "shop.customers"

[[tables]]
table = "shop.orders"
mode = "incremental"
whole_file = true

[[tables]]
table = "shop.log"
mode = "append"
day_column = "at"
"""
ORDERS = "SELECT id::text || '|' || customer_id || '|' || price || '|' || detail FROM shop.orders ORDER BY id"


@pytest.fixture
def owner(database_urls):
    with psycopg.connect(conninfo(database_urls.owner), autocommit=True) as connection:
        connection.execute(SHOP)
        yield connection


@pytest.fixture
def parts(owner, database_urls, settings, lake, tmp_path):
    file = tmp_path / "export.toml"
    file.write_text(FILE)
    chosen = settings_in(settings.home.path, export_tables_file=file)
    return ExportParts(chosen, lake, conninfo(database_urls.owner))


def run(parts, names=None, days=(TODAY,), today=TODAY, **more):
    return export(parts, names, days, today=today, **more)


def lake_rows(parts, columns, table, day=TODAY):
    file = parts.settings.home.lake / table / f"date={day}" / "data.parquet"
    query = Sql("SELECT {columns} FROM {file} ORDER BY ALL").fill(columns=Sql(columns), file=literal(str(file)))
    return duckdb.sql(query.text).fetchall()


def published(parts):
    files = (parts.settings.home.lake.glob("*/date=*/*"), parts.settings.parquet_folder.glob("*.parquet"))
    return {str(file): file.resolve() for found in files for file in found}


def test_all_tables_are_copied_of_one_moment_and_equal_the_source(parts, owner, database):
    seed(database, today=TODAY, users=20, items=60)
    report = run(parts, exactly=True)
    tables = {each.table.name for each in report.exported}
    assert tables == {f"raw_app__{name}" for name in ("users", "items", "customers", "orders", "log")}
    declared = {
        table.name: [(each.name, each.type.value) for each in table.columns] for table in (RAW_USERS, RAW_ITEMS)
    }
    schemas = {each.table.name: list(each.manifest.schema) for each in report.exported}
    assert {name: schemas[name] for name in declared} == declared
    moments = {str(each.manifest.source["moment"]) for each in report.exported}
    assert len(moments) == 1
    shown = "id::text || '|' || customer_id || '|' || price || '|' || detail"
    expected = sorted(row[0] for row in owner.execute(ORDERS))
    assert sorted(row[0] for row in lake_rows(parts, shown, "raw_app__orders")) == expected
    assert report.whole_files == ("items_analytics.parquet", "orders_analytics.parquet", "users_analytics.parquet")


def test_an_unchanged_source_gives_the_same_bytes(parts):
    first, second = run(parts), run(parts)
    hashes = [
        {(each.table.name, each.day): each.manifest.sha256 for each in report.exported} for report in (first, second)
    ]
    assert hashes[0] == hashes[1]


def test_past_days_of_whole_tables_stay_and_days_of_a_log_are_made(parts):
    report = run(parts, ["customers", "log"], [YESTERDAY])
    assert {(each.table.name, each.day) for each in report.exported} == {
        ("raw_app__log", YESTERDAY - timedelta(days=back)) for back in range(3)
    }
    assert [(each.table, each.reason) for each in report.left_alone] == [("raw_app__customers", PAST)]


def test_each_line_of_a_log_is_in_the_partition_of_its_own_day(parts, owner):
    days = [TODAY - timedelta(days=back) for back in range(8)]
    run(parts, ["log"], days)
    found = [
        row
        for day in days
        for row in lake_rows(parts, "line, CAST(\"at\" AT TIME ZONE 'UTC' AS DATE)", "raw_app__log", day)
    ]
    assert sorted(found) == sorted(owner.execute("SELECT line, (at AT TIME ZONE 'UTC')::date FROM shop.log").fetchall())


def test_the_day_after_holds_only_what_changed(parts, owner):
    base = run(parts, ["orders"], [YESTERDAY], YESTERDAY)
    owner.execute("UPDATE shop.orders SET price = price + 1 WHERE id <= 3")
    owner.execute("DELETE FROM shop.orders WHERE id = 500")
    owner.execute("INSERT INTO shop.orders VALUES (501, 1, 1, now(), '{}')")
    after = run(parts, ["orders"], exactly=True)
    assert [each.kind for each in (*base.exported, *after.exported)] == [BASE, CHANGES]
    assert after.exported[0].deleted == 1
    assert lake_rows(parts, "id, is_tombstone", "raw_app__orders") == [
        (1, False), (2, False), (3, False), (500, True), (501, False)
    ]  # fmt: skip
    whole = duckdb.read_parquet(str(parts.settings.parquet_folder / "orders_analytics.parquet"))
    assert (
        whole.aggregate("count(*), sum(price)").fetchone()
        == owner.execute("SELECT count(*), sum(price) FROM shop.orders").fetchone()
    )


def test_a_table_that_is_refused_keeps_all_others_from_being_published(parts, owner):
    run(parts)
    before = published(parts)
    owner.execute("INSERT INTO shop.customers VALUES (51, 'new')")
    owner.execute("UPDATE shop.orders SET at = 'infinity' WHERE id = 7")
    with pytest.raises(UnfitValues, match=r'shop\.orders\.at: 1 value is infinite .*types = \{ at = "text" \}'):
        run(parts)
    assert published(parts) == before
    assert not list(parts.settings.home.exports.glob("**/*.writing"))


def test_a_copy_that_differs_from_the_source_is_named_and_not_published(parts, monkeypatch):
    run(parts)
    before = published(parts)
    told = Summary(500, {"price": {"sum": "1"}})
    monkeypatch.setattr("analytics_pipelines.product_export.copying.summary_of_source", lambda *_, **__: told)
    with pytest.raises(ExportRefused, match=r"raw_app__customers of .*rows_match_source .*50 rows, the source has 500"):
        run(parts, ["customers"])
    assert published(parts) == before


@pytest.mark.parametrize(
    ("harm", "error", "told"),
    [
        pytest.param("DROP TABLE shop.log", MissingTable, "no table shop.log", id="a table is missing"),
        pytest.param("REVOKE ALL ON shop.log FROM app_role", RightMissing, "may not read", id="a right is missing"),
    ],
)
def test_what_is_wrong_with_one_table_is_told_before_any_is_read(parts, owner, database_urls, *, harm, error, told):
    role = psycopg.conninfo.conninfo_to_dict(conninfo(database_urls.app))["user"]
    owner.execute(f'GRANT USAGE ON SCHEMA shop TO "{role}"; GRANT SELECT ON ALL TABLES IN SCHEMA shop TO "{role}"')
    owner.execute(harm.replace("app_role", f'"{role}"'))
    as_reader = ExportParts(parts.settings, parts.lake, conninfo(database_urls.app))
    with pytest.raises(error, match=told):
        run(as_reader, ["customers", "log"])
    assert published(parts) == {}


def test_a_wrong_password_and_an_unknown_table_are_one_clear_error(parts, database_urls):
    wrong = psycopg.conninfo.make_conninfo(conninfo(database_urls.app), password="wrong")
    with pytest.raises(WrongDatabaseUrl, match="refuses the user or the password") as caught:
        run(ExportParts(parts.settings, parts.lake, wrong))
    assert "wrong" not in str(caught.value)
    with pytest.raises(UnknownTable, match="nothing_like_it"):
        run(parts, ["nothing_like_it"])


def test_two_runs_at_once_wait_for_each_other_or_say_so(parts, monkeypatch):
    monkeypatch.setattr("analytics_pipelines.product_export.run.RUN_WAIT_S", 0.1)
    with parts.lake.together(wait_s=1), pytest.raises(Conflict, match="Another process"):
        run(parts)


def test_no_error_leaves_a_connection_at_the_source(parts, owner):
    owner.execute("UPDATE shop.orders SET at = 'infinity' WHERE id = 7")
    with pytest.raises(AnalyticsError):
        run(parts)
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'analytics-export'"
    wait_until(lambda: owner.execute(left).fetchone() == (0,))
