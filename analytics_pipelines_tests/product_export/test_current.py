"""The state of a day, replayed from base and changes."""

from datetime import date

import pyarrow as pa
import pytest

from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.lake.manifest import Manifest
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.product_export.current import BrokenHistory, core_table, current_rows, history_of

RAW = Table(
    name="raw_app__things",
    room="product_export",
    grain="one row of public.things",
    partition="UTC day of the export",
    key=("id",),
    columns=(
        Column(name="export_date", type=Type.DATE, meaning="the day"),
        Column(name="is_tombstone", type=Type.BOOL, meaning="whether it is gone"),
        Column(name="id", type=Type.INT, meaning="the key"),
        Column(name="name", type=Type.TEXT, meaning="the name", is_nullable=True),
    ),
    is_evolving=True,
)
DAYS = [date(2026, 3, number) for number in range(1, 5)]
PARTITIONS = [
    [(False, 1, "a"), (False, 2, "b"), (False, 3, None)],
    [(False, 2, "B"), (True, 3, None), (False, 4, "d")],
    [],
    [(True, 1, None), (False, 3, "c"), (True, 4, None), (False, 5, "e")],
]
STATES = [
    [(1, "a"), (2, "b"), (3, None)],
    [(1, "a"), (2, "B"), (4, "d")],
    [(1, "a"), (2, "B"), (4, "d")],
    [(2, "B"), (3, "c"), (5, "e")],
]


@pytest.fixture
def filled(lake):
    for day, rows in zip(DAYS, PARTITIONS, strict=True):
        names = ("export_date", "is_tombstone", "id", "name")
        table = pa.table({name: [(day, *row)[place] for row in rows] for place, name in enumerate(names)})
        lake.replace(RAW, day, Select(Sql("SELECT * FROM given"), {"given": ArrowRows(table)}))
    return lake


def replayed(lake, last, expected_rows=None):
    core = core_table(RAW)
    days = DAYS[: DAYS.index(last) + 1]
    lake.replace(core, last, current_rows(lake.scan(RAW, days), last, expected_rows))
    return lake.lazy(core, [last]).collect().rows()


def manifest(day, moment, previous=None, kind="changes"):
    source = {"moment": {"snapshot": moment}, "kind": kind, "previous": previous and {"snapshot": previous}}
    return Manifest(
        table="raw_app__things",
        day=date(2026, 3, day),
        rows=0,
        size_bytes=0,
        sha256="",
        schema=(),
        table_version="1",
        engine="",
        source=source,
    )


def test_the_core_table_has_the_columns_of_the_source_and_the_day():
    core = core_table(RAW)
    assert (core.name, core.key, core.column_names) == ("core_app__things", ("id",), ("export_date", "id", "name"))


@pytest.mark.parametrize(("day", "state"), list(zip(DAYS, STATES, strict=True)))
def test_the_state_of_a_day_is_what_base_and_changes_leave(filled, day, state):
    assert replayed(filled, day, len(state)) == [(day, *row) for row in state]


def test_a_state_of_another_number_of_rows_than_the_source_has_is_refused(filled):
    with pytest.raises(CheckFailed, match="3"):
        replayed(filled, DAYS[1], 4)


def test_the_history_of_a_day_goes_back_to_its_base():
    first, second = manifest(1, "a", kind="base"), manifest(2, "b", "a")
    base, after, last = manifest(5, "c", kind="base"), manifest(6, "d", "c"), manifest(9, "e", "d")
    known = [last, after, base, second, first]
    assert history_of(known, date(2026, 3, 9)) == (base, after, last)
    assert history_of(known, date(2026, 3, 8)) == (base, after)
    assert history_of(known, date(2026, 3, 4)) == (first, second)
    assert history_of(known, date(2026, 2, 28)) == ()


@pytest.mark.parametrize(
    "known",
    [
        pytest.param([manifest(1, "a", kind="base"), manifest(3, "c", "b")], id="a day between is gone"),
        pytest.param([manifest(2, "b", "a"), manifest(3, "c", "b")], id="the base is gone"),
        pytest.param(
            [manifest(1, "x", kind="base"), manifest(2, "b", "a"), manifest(3, "c", "b")], id="the base was made anew"
        ),
    ],
)
def test_a_history_with_a_gap_is_refused(known):
    with pytest.raises(BrokenHistory, match=r"of 2026-03-0[23] holds changes since an export that is not there"):
        history_of(known, date(2026, 3, 3))
