"""From what the source has and what is wished to what is read and written."""

import pytest
from pydantic import SecretStr

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Decimal, Type
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.planning import (
    UnmappedType,
    UnsuitableColumns,
    plan_table,
    rows_wanted,
    unfit_told,
)
from analytics_pipelines.product_export.source.described import Kind, SourceTable
from analytics_pipelines.product_export.source.type_overrides import UnsuitableType
from analytics_pipelines.product_export.wishes import Masking, Mode, Policy, TableWish
from analytics_pipelines_tests.product_export.source.test_types import column, modifier

HMAC = Masking(Policy.HMAC)


def source(*columns, key=()):
    return SourceTable(
        schema="shop",
        table="orders",
        oid=1,
        kind=Kind.TABLE,
        columns=columns,
        key=key,
        leaves=(),
        estimated_rows=0,
        size_bytes=0,
    )


def planned(*columns, key=(), **wanted):
    wish = TableWish(schema="shop", table="orders", name="orders", **wanted)
    return plan_table(source(*columns, key=key), wish, Mask(SecretStr("key")))


ID = column("int8", name="id", is_nullable=False)
EMAIL = column("text", name="email", is_nullable=False)
AT = column("timestamptz", name="ordered_at")
ORDER = (ID, EMAIL, AT)


def test_a_plan_reads_all_columns_in_their_order_beside_the_day():
    plan = planned(*ORDER, key=("id",))
    assert plan.table.name == "raw_app__orders"
    assert plan.table.column_names == ("export_date", "id", "email", "ordered_at")
    assert [each.type for each in plan.table.columns] == [Type.DATE, Type.INT, Type.TEXT, Type.TIMESTAMP]
    assert (plan.table.key, plan.key, plan.table.is_evolving) == (("id",), ("id",), True)
    assert [each.is_nullable for each in plan.table.columns] == [False, False, False, True]


@pytest.mark.parametrize(
    ("wanted", "columns"),
    [
        pytest.param({"columns": ("email", "id")}, ("email", "id"), id="chosen, in that order"),
        pytest.param({"excluded": ("email",)}, ("id", "ordered_at"), id="without the excluded"),
        pytest.param({"masking": {"email": Masking(Policy.DROP)}}, ("id", "ordered_at"), id="without the dropped"),
        pytest.param({"columns": ("id", "email"), "excluded": ("email",)}, ("id",), id="both"),
    ],
)
def test_columns_are_chosen_left_out_and_dropped(wanted, columns):
    assert planned(*ORDER, **wanted).table.column_names[1:] == columns


def test_an_incremental_table_says_which_rows_are_gone_and_keeps_null_for_the_rest():
    table = planned(*ORDER, key=("id",), mode=Mode.INCREMENTAL).table
    assert table.column_names[:3] == ("export_date", "is_tombstone", "id")
    assert {each.name: each.is_nullable for each in table.columns[2:]} == {
        "id": False,
        "email": True,
        "ordered_at": True,
    }


def test_the_wishs_own_key_wins():
    assert planned(*ORDER, key=("id",)).key == ("id",)
    wish = TableWish(schema="shop", table="orders", name="orders", key=("email",))
    assert plan_table(source(*ORDER, key=("id",)), wish, Mask()).key == ("email",)


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param({"excluded": ("id",)}, id="left out"),
        pytest.param({"masking": {"id": Masking(Policy.DROP)}}, id="dropped"),
        pytest.param({"masking": {"id": Masking(Policy.GENERALISE, to="10")}}, id="generalised"),
    ],
)
def test_a_key_that_no_longer_tells_rows_apart_is_none_and_told(wanted):
    plan = planned(*ORDER, key=("id",), **wanted)
    assert plan.key == ()
    assert plan.warnings[0] == "shop.orders has no key in the lake, since id is left out or masked."


def test_a_key_under_hmac_still_tells_rows_apart():
    plan = planned(*ORDER, key=("email",), masking={"email": HMAC})
    assert plan.key == ("email",)


def test_types_that_are_asked_for_are_used():
    (_, number) = planned(column(name="a"), types={"a": "decimal(12, 2)"}).table.columns
    assert number.type == Decimal(12, 2)
    with pytest.raises(UnsuitableType, match="can not become date"):
        planned(column(name="a"), types={"a": "date"})


def test_a_masked_column_has_the_masks_type_and_can_not_be_compared():
    plan = planned(*ORDER, masking={"id": HMAC, "email": Masking(Policy.KEEP)})
    number, email, _ = plan.columns
    assert (number.lake.type, number.is_comparable, number.lake.is_personal) == (Type.TEXT, False, True)
    assert (email.masked, email.is_comparable, email.lake.is_personal) == (None, True, True)
    assert plan.warnings == ()


def test_a_column_that_looks_personal_without_a_policy_is_told():
    plan = planned(*ORDER)
    assert len(plan.warnings) == 1
    assert plan.warnings[0].startswith("shop.orders.email looks personal (")
    assert plan.columns[1].lake.is_personal


def test_a_column_that_folders_hide_is_told():
    (told,) = planned(ID, column("date", name="date")).warnings
    assert told.startswith("shop.orders.date is hidden by the folder's date=")


def test_a_type_without_a_form_in_the_lake_is_refused_by_name():
    given = column("anyarray", name="most common", type_kind="p")
    with pytest.raises(
        UnmappedType, match=r'shop\.orders\.most common is of the type anyarray.*"most common" = "text"'
    ):
        planned(given)
    assert planned(given, types={"most common": "text"}).columns[0].lake.type is Type.TEXT
    assert planned(ID, given, excluded=("most common",)).columns


def test_unknown_types_are_text_unless_they_are_to_be_refused():
    given = column("h3", name="cell", type_schema="public", extension="h3")
    assert "not known" in planned(given).columns[0].note
    with pytest.raises(UnmappedType, match=r"shop\.orders\.cell is of the type h3"):
        planned(given, refuses_unknown_types=True)
    assert planned(given, refuses_unknown_types=True, types={"cell": "text"}).columns


@pytest.mark.parametrize(
    ("names", "mode", "told"),
    [
        pytest.param(("Name", "name"), Mode.FULL, "name has the name of Name.*a view that names", id="letters' case"),
        pytest.param(("Export_Date",), Mode.FULL, "the name of a column that the export adds", id="the day"),
        pytest.param(("is_tombstone",), Mode.INCREMENTAL, "a column that the export adds.*mode = .full", id="gone"),
    ],
)
def test_columns_that_the_lake_can_not_tell_apart_are_refused(names, mode, told):
    with pytest.raises(UnsuitableColumns, match=told):
        planned(*(column(name=name) for name in names), mode=mode)


def test_is_tombstone_may_be_a_column_of_tables_that_are_copied_whole():
    assert planned(column("bool", name="is_tombstone")).table.column_names == ("export_date", "is_tombstone")


def test_a_table_without_columns_left_is_refused():
    with pytest.raises(UnsuitableColumns, match=r"No column of shop\.orders is left"):
        planned(EMAIL, excluded=("email",))


@pytest.mark.parametrize(
    ("condition", "where", "expected"),
    [
        pytest.param(None, None, "TRUE", id="all"),
        pytest.param("a > 0", None, "(a > 0\n)", id="filter"),
        pytest.param("a > 0 -- why", "b", "(a > 0 -- why\n) AND (b)", id="a comment ends with its line"),
        pytest.param(None, "a OR b", "(a OR b)", id="condition"),
    ],
)
def test_rows_that_are_wanted_meet_the_filter_and_the_condition(condition, where, expected):
    wish = TableWish(schema="shop", table="orders", name="orders", filter=condition)
    assert rows_wanted(wish, Sql(where) if where else None).text == expected


def test_values_that_do_not_fit_are_told_with_their_column_and_what_to_do():
    number = column("numeric", name="Price {net}", type_modifier=modifier(12, 2))
    plan = planned(number, AT, masking={"ordered_at": Masking(Policy.GENERALISE, to="month")})
    assert unfit_told(plan, {"Price {net}": 0, "ordered_at": 0}) == []
    number_told, at_told = unfit_told(plan, {"Price {net}": 1, "ordered_at": 2})
    assert number_told == (
        "shop.orders.Price {net}: 1 value is NaN, which DECIMAL(12,2) does not hold."
        ' Set types = { "Price {net}" = "text" }, or leave such rows out by `filter`.'
    )
    assert at_told == (
        "shop.orders.ordered_at: 2 values are infinite or outside the years 1 to 9999, which the lake does not hold."
        ' Set types = { ordered_at = "text" }, or leave such rows out by `filter`.'
    )
