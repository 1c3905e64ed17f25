"""Tables of the lake as subjects."""

from contextlib import closing
from dataclasses import replace

import pytest

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.lake_tables import (
    NoSuchTable,
    published_subjects,
    reading_of_table,
    subject_of_table,
)
from analytics_pipelines.foundation.generation.lease import open_current
from analytics_pipelines_tests.datasets.routes.house import publish_sales
from analytics_pipelines_tests.generations import folders_of


@pytest.fixture
def lease(settings):
    publish_sales(settings)
    with closing(open_current(folders_of(settings), settings)) as opened:
        yield opened


def test_a_table_says_its_columns_and_which_tell_of_persons(lease):
    subject = subject_of_table(lease, "core_shop__sales")
    assert [(each.name, each.kind, each.is_personal) for each in subject.columns] == [
        ("sold_date", ColumnKind.DATE, False),
        ("sale_id", ColumnKind.INTEGER, False),
        ("customer", ColumnKind.TEXT, True),
        ("amount", ColumnKind.NUMBER, False),
    ]
    assert (subject.row_count, subject.generation) == (4, lease.id)
    assert published_subjects(lease) == [subject]
    reading = reading_of_table(lease, "core_shop__sales")
    assert "read_parquet" in reading.query
    assert reading.reads == (str(lease.folder),)


def test_where_nothing_is_said_every_column_might_tell_of_persons(lease):
    (table,) = lease.generation.tables
    lease.generation = replace(lease.generation, tables=(replace(table, personal=None),))
    assert all(each.is_personal for each in subject_of_table(lease, table.name).columns)


def test_an_unknown_table_is_not_found(lease):
    with pytest.raises(NoSuchTable):
        subject_of_table(lease, "core_shop__nothing")
