"""Columns that are others than before, and what each policy makes of them."""

from dataclasses import replace
from typing import Any

import pytest

from analytics_pipelines.foundation.sql import name
from analytics_pipelines.foundation.tables import Column, ColumnType, Decimal, Table, Type
from analytics_pipelines.product_export.drift import Drifted, SchemaDrifted, compared, settled
from analytics_pipelines.product_export.plan import ExportColumn, TablePlan
from analytics_pipelines.product_export.source.described import Kind, SourceColumn, SourceTable
from analytics_pipelines.product_export.wishes import Drift, Masking, Policy, TableWish

LAKE: dict[str, ColumnType] = {
    "smallint": Type.INT32,
    "integer": Type.INT32,
    "bigint": Type.INT,
    "numeric(10,2)": Decimal(10, 2),
    "numeric(12,2)": Decimal(12, 2),
    "numeric(12,4)": Decimal(12, 4),
}


def column(column_name: str, declared: str, note: str = "", number: int = 0) -> ExportColumn:
    source = SourceColumn(
        name=column_name,
        declared=declared,
        type_schema="pg_catalog",
        type_name=declared,
        type_kind="b",
        is_array=False,
        type_modifier=-1,
        number=number,
    )
    lake = Column(name=column_name, type=LAKE.get(declared, Type.TEXT), meaning="")
    text = name(column_name)
    return ExportColumn(source=source, lake=lake, read=text, note=note, as_text_in_source=text, as_text_in_lake=text)


def plan(
    *columns: ExportColumn,
    drift: Drift = Drift.EVOLVE,
    masking: dict[str, Masking] | None = None,
    left_out: tuple[ExportColumn, ...] = (),
) -> TablePlan:
    """A plan of these columns with the first as its key; `left_out` stand at the source only."""
    key = (columns[0].lake.name,)
    return TablePlan(
        wish=TableWish(schema="shop", table="orders", name="orders", drift=drift, masking=masking or {}),
        source=SourceTable(
            schema="shop",
            table="orders",
            oid=1,
            kind=Kind.TABLE,
            columns=tuple(each.source for each in (*columns, *left_out)),
            key=key,
            leaves=(),
            estimated_rows=0,
            size_bytes=0,
        ),
        columns=columns,
        key=key,
        table=Table(
            name="raw_app__orders",
            room="product_export",
            grain="one row",
            partition="day",
            key=key,
            columns=tuple(each.lake for each in columns),
            is_evolving=True,
        ),
    )


def manifest_source(*columns: ExportColumn, masking: str = "") -> dict[str, Any]:
    """What the manifest of a partition of these columns holds."""
    return {
        "columns": [
            {
                "name": each.source.name,
                "number": each.source.number,
                "declared": each.source.declared,
                "lake": each.lake.type.value,
                "note": each.note,
                "masking": masking,
            }
            for each in columns
        ]
    }


ID, EMAIL, TOTAL = column("id", "integer"), column("email", "text"), column("total", "numeric(10,2)")


def test_equal_columns_are_no_drift_in_any_order() -> None:
    drifted = compared(manifest_source(ID, EMAIL, TOTAL), plan(ID, TOTAL, EMAIL))
    assert drifted == Drifted()
    assert not drifted
    assert drifted.told == ()


def test_added_and_dropped_columns_are_told() -> None:
    drifted = compared(manifest_source(ID, EMAIL), plan(ID, column("paid_at", "date"), TOTAL))
    assert (drifted.added, drifted.dropped, drifted.renamed) == (("paid_at", "total"), ("email",), ())
    assert drifted.told == ("paid_at was added", "total was added", "email was dropped")


def test_a_column_of_one_number_was_renamed_wherever_it_stands() -> None:
    before = manifest_source(ID, column("email", "text", number=5), TOTAL)
    drifted = compared(before, plan(ID, TOTAL, column("extra", "text", number=6), column("mail", "text", number=5)))
    assert (drifted.added, drifted.dropped, drifted.renamed) == (("extra",), (), (("email", "mail"),))
    assert drifted.told == ("extra was added", "email is called mail now")


def test_a_renamed_column_may_have_another_type_too() -> None:
    before = manifest_source(ID, column("mail", "integer", number=5))
    drifted = compared(before, plan(ID, column("email", "bigint", number=5)))
    assert drifted.told == ("mail is called email now", "email was widened from integer to bigint")


def test_columns_without_numbers_are_not_taken_for_renamed() -> None:
    before = manifest_source(ID, EMAIL)
    for each in before["columns"]:
        del each["number"]
    drifted = compared(before, plan(ID, column("mail", "text", number=2)))
    assert drifted.told == ("mail was added", "email was dropped")


@pytest.mark.parametrize(
    ("before", "now", "way", "is_in_lake"),
    [
        ("integer", "bigint", "widened", True),
        ("smallint", "integer", "widened", False),
        ("bigint", "integer", "changed", True),
        ("numeric(10,2)", "numeric(12,2)", "widened", True),
        ("numeric(10,2)", "numeric(12,4)", "widened", True),
        ("numeric(12,4)", "numeric(12,2)", "changed", True),
        ("numeric(12,2)", "numeric(12,4)", "changed", True),
        ("numeric(12,2)", "numeric", "widened", True),
        ("bigint", "numeric(12,2)", "changed", True),
        ("character varying(10)", "character varying(20)", "widened", False),
        ("character varying(20)", "character varying(10)", "changed", False),
        ("character varying(20)", "text", "widened", False),
        ("text", "uuid", "changed", False),
    ],
)
def test_another_type_is_told_as_wider_only_if_it_holds_all_values(
    before: str, now: str, way: str, is_in_lake: bool
) -> None:
    drifted = compared(manifest_source(ID, column("x", before)), plan(ID, column("x", now)))
    assert drifted.told == (f"x was {way} from {before} to {now}",)
    assert drifted.changed[0].is_in_lake is is_in_lake


def test_what_our_own_configuration_changes_is_no_drift_of_the_source() -> None:
    masking = {"email": Masking(Policy.HMAC)}
    now = plan(ID, column("email", "text", "HMAC"), drift=Drift.FAIL, masking=masking, left_out=(TOTAL,))
    drifted = compared(manifest_source(ID, EMAIL, TOTAL), now)
    assert drifted.of_source == ()
    assert drifted.told == ("total is left out now", "email was masked by keep, now by hmac")
    assert settled(now, drifted) == now


def test_another_key_of_the_hmac_is_told() -> None:
    now = plan(ID, column("email", "text", "key b"), masking={"email": Masking(Policy.HMAC)})
    drifted = compared(manifest_source(ID, column("email", "text", "key a"), masking="hmac"), now)
    assert drifted.told == ("id was masked by hmac, now by keep", "email: key a before, now key b")


def test_another_type_by_configuration_is_told() -> None:
    as_text = replace(TOTAL, lake=Column(name="total", type=Type.TEXT, meaning=""))
    drifted = compared(manifest_source(ID, TOTAL), plan(ID, as_text))
    assert drifted.told == ("total was DECIMAL(10,2) in the lake and is VARCHAR",)


def test_evolve_takes_columns_as_they_are_now() -> None:
    now = plan(ID, column("email", "bigint"), TOTAL)
    assert settled(now, compared(manifest_source(ID, EMAIL, column("gone", "text")), now)) == now


def test_freeze_leaves_new_columns_out_and_tells_them() -> None:
    now = plan(ID, TOTAL, EMAIL, drift=Drift.FREEZE)
    drifted = compared(manifest_source(ID, EMAIL), now)
    frozen = settled(now, drifted)
    assert [each.source.name for each in frozen.columns] == ["id", "email"]
    assert frozen.table.column_names == ("id", "email")
    assert drifted.told == ("total was added",)


def test_freeze_lets_a_type_grow_that_the_lake_does_not_see() -> None:
    now = plan(ID, column("x", "text"), drift=Drift.FREEZE)
    assert settled(now, compared(manifest_source(ID, column("x", "character varying(9)")), now)) == now


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param((ID, EMAIL), (ID,), id="dropped"),
        pytest.param((ID, column("a", "text", number=2)), (ID, column("b", "text", number=2)), id="renamed"),
        pytest.param((ID, TOTAL), (ID, column("total", "numeric(12,2)")), id="widened"),
        pytest.param((EMAIL, ID), (column("number", "bigint"), EMAIL, ID), id="a key that was added"),
    ],
)
def test_freeze_fails_where_old_columns_are_not_what_they_were(
    before: tuple[ExportColumn, ...], now: tuple[ExportColumn, ...]
) -> None:
    frozen = plan(*now, drift=Drift.FREEZE)
    with pytest.raises(SchemaDrifted, match=r"shop\.orders .* freeze: "):
        settled(frozen, compared(manifest_source(*before), frozen))


@pytest.mark.parametrize(
    "now", [(ID, EMAIL, TOTAL), (ID,), (ID, column("email", "character varying(9)")), (ID, column("mail", "text"))]
)
def test_fail_fails_at_any_difference_of_the_source(now: tuple[ExportColumn, ...]) -> None:
    strict = plan(*now, drift=Drift.FAIL)
    with pytest.raises(SchemaDrifted, match=r"policy is fail") as refused:
        settled(strict, compared(manifest_source(ID, EMAIL), strict))
    assert 'drift = "evolve"' in (refused.value.remedy or "")
