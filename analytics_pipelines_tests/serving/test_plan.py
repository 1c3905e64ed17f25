"""A generation's id depends on its inputs and on nothing else."""

from dataclasses import replace

import pytest

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.files import locked
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Type
from analytics_pipelines.serving import plan
from analytics_pipelines.serving.plan import OutdatedPartition, plan_of
from analytics_pipelines_tests.generations import DAY, HOT, NEXT_DAY, RAW_SALES, SALES, TABLES, VISITS, write, write_all


@pytest.fixture
def first(lake):
    write_all(lake, 1)
    return plan_of(lake, TABLES)


def test_the_order_of_tables_and_a_second_look_change_nothing(lake, first):
    assert plan_of(lake, reversed(TABLES)).id == first.id
    write_all(lake, 1)
    assert plan_of(lake, TABLES).id == first.id


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param((replace(SALES, version="2"), RAW_SALES, VISITS), id="another version"),
        pytest.param((replace(SALES, is_native=False), RAW_SALES, VISITS), id="native no more"),
        pytest.param((SALES, RAW_SALES), id="a table less"),
    ],
)
def test_another_declaration_is_another_generation(lake, first, tables):
    assert plan_of(lake, tables).id != first.id


def test_another_day_and_other_rows_are_another_generation(lake, first):
    write(lake, RAW_SALES, NEXT_DAY, 1)
    more = plan_of(lake, TABLES)
    write(lake, RAW_SALES, DAY, 2)
    assert len({first.id, more.id, plan_of(lake, TABLES).id}) == 3


def test_another_engine_or_layout_is_another_generation(lake, first, monkeypatch):
    now = first.id
    assert replace(first, engine="duckdb 99").id != now
    monkeypatch.setattr(plan, "LAYOUT", "next")
    assert plan_of(lake, TABLES).id != now


def test_a_room_file_depends_only_on_its_native_tables(lake, first):
    assert first.native_rooms == ["door", "shop"]
    write(lake, RAW_SALES, DAY, 2)
    write(lake, VISITS, DAY, 2)
    then = plan_of(lake, TABLES)
    assert then.room_sha256("shop") == first.room_sha256("shop")
    assert then.room_sha256("door") != first.room_sha256("door")


def test_days_written_with_other_columns_are_refused_by_name(lake, first):
    wider = replace(SALES, columns=(*SALES.columns, Column(name="price", type=Type.INT, meaning="Price")))
    with pytest.raises(OutdatedPartition, match="out_shop__sales was written with other columns on 1 days") as error:
        plan_of(lake, (wider,))
    assert str(DAY) in str(error.value.remedy)


def grown(lake):
    """Another table of the same name, of which the next day has one column less and two more."""
    later = replace(
        RAW_SALES,
        key=("number",),
        columns=(
            Column(name="Item", type=Type.TEXT, meaning="What was sold, spelt anew"),
            Column(name="number", type=Type.INT, meaning="Number"),
            Column(name="edition", type=Type.DOUBLE, meaning="Half editions too"),
        ),
    )
    lake.replace(later, NEXT_DAY, Select(Sql("SELECT 'item 9' AS Item, 7 AS number, 2.5 AS edition")))
    return replace(later, is_evolving=True)


def test_days_of_an_evolving_table_are_united_by_name(lake, first):
    (planned,) = plan_of(lake, [grown(lake)]).tables
    assert [(each.name, each.type, each.is_nullable) for each in planned.table.columns] == [
        ("Item", Type.TEXT, False),
        ("number", Type.INT, True),
        ("edition", Type.TEXT, False),
        ("sold_date", Type.DATE, True),
    ]
    assert [manifest.day for manifest in planned.manifests] == [DAY, NEXT_DAY]


def test_evolving_tables_are_planned_as_of_one_moment(lake, first, monkeypatch):
    """While one plans, nobody may swap a release in."""
    tried = []

    def manifests(self, table, found=Lake.manifests):
        with pytest.raises(Conflict), locked(lake.lock_file(RAW_SALES, DAY).parent / "exports_swap.lock", wait_s=0):
            tried.append("swapped")
        tried.append("refused")
        return found(self, table)

    monkeypatch.setattr(Lake, "manifests", manifests)
    plan_of(lake, [replace(RAW_SALES, is_evolving=True)])
    assert tried == ["refused"]


@pytest.fixture
def hot_plan(lake):
    write_all(lake, 1)
    return plan_of(lake, TABLES, HOT)


@pytest.mark.parametrize(
    "hot",
    [
        pytest.param((), id="none any more"),
        pytest.param((HOT[0], replace(HOT[1], texts=(Sql("min(edition)"),))), id="another text"),
        pytest.param((replace(HOT[0], indexed=()), HOT[1]), id="another index"),
        pytest.param((replace(HOT[0], numbered=()), HOT[1]), id="no numbers"),
        pytest.param((replace(HOT[0], table=replace(HOT[0].table, version="2")), HOT[1]), id="another version"),
    ],
)
def test_another_making_of_a_hot_table_is_another_file_of_its_room_alone(lake, hot_plan, hot):
    other = plan_of(lake, TABLES, hot)
    assert other.id != hot_plan.id
    assert other.room_sha256("shop") != hot_plan.room_sha256("shop")
    assert other.room_sha256("door") == hot_plan.room_sha256("door")


@pytest.mark.parametrize(("table", "is_read"), [(RAW_SALES, True), (SALES, True), (VISITS, False)])
def test_a_rooms_file_depends_on_what_its_hot_tables_read(lake, hot_plan, table, is_read):
    write(lake, table, NEXT_DAY, 2)
    assert (plan_of(lake, TABLES, HOT).room_sha256("shop") != hot_plan.room_sha256("shop")) == is_read


def test_a_hot_table_of_tables_that_are_not_published_is_left_out(lake, hot_plan):
    assert [planned.hot for planned in plan_of(lake, (SALES, VISITS), HOT).hot] == [HOT[1]]
    assert [planned.hot for planned in hot_plan.hot_tables("shop")] == list(HOT)
    assert hot_plan.hot_tables("door") == []
