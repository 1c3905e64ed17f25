"""The catalog in the shell."""

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.sql_service.catalog import catalog_page
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.datasets.routes.house import publish_sales


def test_every_declared_table_is_shown_before_anything_is_published(analytics):
    told = analytics("catalog").out
    assert all(table.name in told for table in TABLES)


def test_published_tables_are_shown_with_rows_and_days(analytics, home):
    publish_sales(settings_in(home))
    (line,) = [each for each in analytics("catalog").out.splitlines() if each.startswith("core_shop__sales")]
    assert line.split()[-3:] == ["1", "2026-11-20", "2026-11-20"]
    columns = analytics("catalog", "core_shop__sales").out
    assert "one sale; partition: day of the sale." in columns
    assert [line.split()[:3] for line in columns.splitlines() if line.startswith("customer")] == [
        ["customer", "VARCHAR", "yes"]
    ]


def test_the_page_is_printed_as_it_stands(analytics):
    assert analytics("catalog", "--markdown").out == catalog_page(TABLES)


def test_a_table_that_is_not_there_is_told(analytics):
    outcome = analytics("catalog", "nowhere")
    assert (outcome.status, "analytics catalog" in outcome.err) == (1, True)
