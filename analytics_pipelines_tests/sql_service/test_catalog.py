"""The catalog as data: published tables, declared ones, and the page."""

from dataclasses import replace

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.sql_service.catalog import catalog_page, declared, published
from analytics_pipelines_tests.generations import DAY, NEXT_DAY, RAW_SALES, publish_edition, write


def test_a_published_table_tells_its_days_and_rows(settings, lake):
    write(lake, RAW_SALES, NEXT_DAY, 1, items=5)
    generation = publish_edition(settings, lake, 1).generation
    found = {each.name: each for each in published(generation)}
    raw = found["raw_shop__sales"]
    assert (raw.rows, raw.partitions.count) == (8, 2)
    assert (raw.partitions.first_date, raw.partitions.last_date) == (DAY, NEXT_DAY)
    assert raw.size_bytes == sum(lake.file(RAW_SALES, day).stat().st_size for day in (DAY, NEXT_DAY))
    assert found["out_shop__sales"].rows == 3


def test_a_table_that_does_not_say_what_is_personal_counts_as_all_of_it(settings, lake):
    generation = publish_edition(settings, lake, 1).generation
    older = replace(generation, tables=tuple(replace(each, personal=None) for each in generation.tables))
    assert not any(each.is_shown for each in published(older))
    assert all(column.is_personal for each in published(older) for column in each.columns)


def test_the_declarations_are_told_whole():
    told = declared(TABLES)
    assert [each.name for each in told] == [each.name for each in TABLES]
    assert {(column.is_personal, bool(column.meaning)) for each in told for column in each.columns} == {
        (True, True),
        (False, True),
    }


def test_the_page_names_every_table_and_marks_what_is_personal():
    page = catalog_page(TABLES)
    for table in TABLES:
        assert f"### {table.name}\n" in page
        for column in table.columns:
            (line,) = {
                each
                for each in page.split(f"### {table.name}\n")[1].split("\n### ")[0].splitlines()
                if each.startswith(f"| `{column.name}` |")
            }
            assert ("*personal*" in line) == column.is_personal
    assert all(line.count(" | ") - line.count("\\| ") == 3 for line in page.splitlines() if line.startswith("| `"))
