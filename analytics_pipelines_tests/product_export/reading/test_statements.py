"""What PostgreSQL is asked of a slice, and what is written of the answer."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.planning import plan_table
from analytics_pipelines.product_export.reading.slices import PAGE_LINES, Slice
from analytics_pipelines.product_export.reading.statements import Reading
from analytics_pipelines.product_export.source.described import Kind, Leaf, SourceColumn, SourceTable
from analytics_pipelines.product_export.wishes import Masking, Mode, Policy, TableWish

LEAF = Leaf(schema="parts", table="things_2026", oid=2, pages=100)
WISH = TableWish(schema="shop", table="things", name="things")


def column(name, kind):
    return SourceColumn(
        name=name, declared=kind, type_schema="pg_catalog", type_name=kind, type_kind="b", is_array=False,
        type_modifier=-1,
    )  # fmt: skip


SOURCE = SourceTable(
    schema="shop",
    table="things",
    oid=1,
    kind=Kind.PARTITIONED,
    columns=(column("id", "int4"), column('od"d', "text")),
    key=("id",),
    leaves=(LEAF,),
    estimated_rows=10,
    size_bytes=819_200,
)


def reading(**more):
    wish = replace(WISH, **more)
    return Reading(plan=plan_table(SOURCE, wish, Mask()), day=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("piece", "source", "conditions"),
    [
        pytest.param(Slice(), '"shop"."things"', "(TRUE)", id="the whole"),
        pytest.param(Slice(LEAF), 'ONLY "parts"."things_2026"', "(ctid >= '(0,0)') AND (TRUE)", id="to the end"),
        pytest.param(
            Slice(LEAF, 8 * PAGE_LINES, 16 * PAGE_LINES + 3),
            'ONLY "parts"."things_2026"',
            "(ctid >= '(8,0)') AND (ctid < '(16,3)') AND (TRUE)",
            id="a range",
        ),
    ],
)
def test_a_slice_is_a_range_of_pages_of_one_heap_under_the_tables_name(piece, source, conditions):
    columns = '"id" AS "id", CAST("od""d" AS text) AS "od""d"'
    found = reading().of_source(piece).text
    assert found.removeprefix("SELECT ") == columns + " FROM " + source + ' AS "things" WHERE ' + conditions


def test_filter_and_condition_both_hold_and_comments_end_with_their_line():
    found = replace(reading(filter="id > 1 -- or more"), where=Sql("id < 9 OR false")).of_source(Slice())
    assert found.text.endswith("((id > 1 -- or more\n) AND (id < 9 OR false))")


def written(found, rows, folder):
    file = folder / "a.parquet"
    with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
        connection.execute(found.to_file(Sql("(" + rows + ")"), file).text)
    return pq.read_table(file)


def test_columns_are_written_as_declared_with_the_day_before_them(tmp_path):
    found = written(reading(), """SELECT 1::INTEGER AS id, 'x' AS "od""d" """, tmp_path)
    assert found.to_pylist() == [{"export_date": date(2026, 3, 1), "id": 1, 'od"d': "x"}]
    assert [str(each) for each in found.schema.types] == ["date32[day]", "int32", "string"]


def test_deletions_are_marked_where_the_table_has_the_column(tmp_path):
    found = replace(reading(mode=Mode.INCREMENTAL), is_tombstone=True)
    rows = written(found, """SELECT 1::INTEGER AS id, NULL AS "od""d" """, tmp_path).to_pylist()
    assert rows == [{"export_date": date(2026, 3, 1), "is_tombstone": True, "id": 1, 'od"d': None}]


def test_masked_columns_are_written_masked(tmp_path):
    masked = {'od"d': Masking(Policy.TRUNCATE, characters=2)}
    rows = written(reading(masking=masked), """SELECT 1::INTEGER AS id, 'secret' AS "od""d" """, tmp_path)
    assert rows.to_pylist()[0]['od"d'] == "se"


def test_a_column_that_the_plan_does_not_know_is_refused():
    plan = reading().plan
    broken = replace(reading(), plan=replace(plan, columns=plan.columns[:1]))
    with pytest.raises(ValueError, match='nothing of the column od"d'):
        broken.to_file(Sql("rows"), Path("x"))
