"""Types that keep every value of others, and files of several schemas read as one table."""

from datetime import datetime
from decimal import Decimal as Number
from itertools import combinations

import duckdb
import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, ColumnType, Decimal, Table, Type
from analytics_pipelines.foundation.united import common_type, type_of, united_rows, united_table

IN_UTC = duckdb.connect()
IN_UTC.execute("SET TimeZone = 'UTC'")
SAMPLES: dict[ColumnType, tuple[object, ...]] = {
    Type.TEXT: ("", "Zoë", "1e3", "\\x00"),
    Type.BYTES: (b"", b"\x00\xff'\\", b"abc"),
    Type.BOOL: (True, False),
    Type.INT: (-(2**63), 2**63 - 1, 2**53 + 1, 0),
    Type.INT32: (-(2**31), 2**31 - 1, 0),
    Type.DOUBLE: (0.1, -1.7976931348623157e308, 5e-324, "nan", "-inf", 2.0**53),
    Type.FLOAT: ("0.1", "3.4028235e38", "1e-45", "16777217"),
    Type.DATE: ("0001-01-01", "9999-12-31", "2024-02-29"),
    Type.TIME: ("00:00:00", "23:59:59.999999"),
    Type.TIMESTAMP: ("0001-01-01 00:00:00+00", "2024-02-29 23:59:59.999999+00"),
    Type.LOCAL_TIMESTAMP: ("0001-01-01 00:00:00", "2024-02-29 23:59:59.999999"),
    Decimal(9, 2): ("-9999999.99", "0.01"),
    Decimal(38, 0): ("9" * 38, "-1"),
    Decimal(38, 38): ("0." + "9" * 38, "-0." + "0" * 37 + "1"),
}
TABLE = Table(
    name="raw_app__orders",
    room="product_export",
    grain="one order",
    partition="day",
    key=("id",),
    columns=(
        Column(name="id", type=Type.INT, meaning="Number"),
        Column(name="Total", type=Type.INT32, meaning="Sum", unit="EUR", is_personal=True),
    ),
    is_evolving=True,
)


@pytest.mark.parametrize("kind", [*Type, Decimal(38, 0), Decimal(9, 9)])
def test_a_type_is_known_by_its_name(kind: ColumnType) -> None:
    assert type_of(kind.value) == kind


@pytest.mark.parametrize("text", ["HUGEINT", "DECIMAL(39,0)", "DECIMAL", "", "integer[]"])
def test_a_type_that_tables_do_not_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        type_of(text)


@pytest.mark.parametrize(
    ("kinds", "common"),
    [
        ((Type.INT,), Type.INT),
        ((Type.INT, Type.INT32, Type.INT), Type.INT),
        ((Type.INT32, Type.DOUBLE), Type.DOUBLE),
        ((Type.INT, Type.DOUBLE), Type.TEXT),
        ((Type.FLOAT, Type.DOUBLE), Type.DOUBLE),
        ((Type.FLOAT, Type.INT32), Type.TEXT),
        ((Type.DATE, Type.LOCAL_TIMESTAMP), Type.LOCAL_TIMESTAMP),
        ((Type.DATE, Type.TIMESTAMP), Type.TEXT),
        ((Type.BOOL, Type.INT32), Type.TEXT),
        ((Decimal(5, 2), Decimal(5, 4)), Decimal(7, 4)),
        ((Decimal(5, 2), Type.INT32), Decimal(12, 2)),
        ((Type.INT, Decimal(38, 0)), Decimal(38, 0)),
        ((Type.INT, Decimal(38, 30)), Type.TEXT),
        ((Decimal(38, 0), Decimal(38, 38)), Type.TEXT),
        ((Decimal(5, 2), Type.DOUBLE), Type.TEXT),
        ((Type.INT32, Type.INT, Decimal(5, 1)), Decimal(20, 1)),
        ((Type.TEXT, Type.BYTES), Type.TEXT),
    ],
)
def test_a_common_type_holds_every_value_of_all(kinds: tuple[ColumnType, ...], common: ColumnType) -> None:
    assert common_type(kinds) == common
    assert common_type(tuple(reversed(kinds))) == common


@pytest.mark.parametrize(
    "pair", [*combinations(SAMPLES, 2)], ids=lambda pair: " and ".join(each.value for each in pair)
)
def test_values_come_back_unchanged_from_the_common_type(pair: tuple[ColumnType, ColumnType]) -> None:
    """Whatever two types meet, every value can be told again from what the united table shows."""
    common = common_type(pair).value
    for kind in pair:
        for value in SAMPLES[kind]:
            there = Sql("CAST($value AS {kind})").fill(kind=Sql(kind.value))
            back = Sql("CAST(CAST({there} AS {common}) AS {kind})")
            same = Sql("SELECT CAST({back} AS VARCHAR) = CAST({there} AS VARCHAR)").fill(
                back=back.fill(there=there, common=Sql(common), kind=Sql(kind.value)), there=there
            )
            assert IN_UTC.execute(same.text, {"value": value}).fetchone() == (True,), (kind, value)


def test_the_newest_days_columns_come_first_and_lost_ones_after_them() -> None:
    oldest = (("id", "INTEGER"), ("gone", "BOOLEAN"), ("total", "INTEGER"))
    middle = (("id", "BIGINT"), ("left", "DATE"), ("total", "INTEGER"))
    newest = (("TOTAL", "DECIMAL(9,2)"), ("id", "BIGINT"))
    united = united_table(TABLE, [oldest, middle, newest])
    assert [(each.name, each.type, each.is_nullable) for each in united.columns] == [
        ("TOTAL", Decimal(12, 2), False),
        ("id", Type.INT, False),
        ("left", Type.DATE, True),
        ("gone", Type.BOOL, True),
    ]
    total, _, left, _ = united.columns
    assert (total.meaning, total.unit, total.is_personal) == ("Sum", "EUR", True)
    assert left.meaning == "Not a column of the newest day"
    assert united.key == ("id",)


def test_a_table_without_days_is_as_declared_and_one_without_its_key_has_none() -> None:
    assert united_table(TABLE, []) == TABLE
    assert united_table(TABLE, [(("number", "BIGINT"),)]).key == ()


def test_rows_of_every_schema_come_with_the_common_types(tmp_path) -> None:
    files = [str(tmp_path / (name + ".parquet")) for name in ("it's old", "old too", "new")]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = [
            "SELECT 1::BIGINT AS id, DATE '2026-01-02' AS at, 9007199254740993::BIGINT AS n",
            "SELECT 2::BIGINT AS id, DATE '2026-01-03' AS at, NULL::BIGINT AS n",
            "SELECT 0.25::DOUBLE AS N, TIMESTAMP '2026-01-04 05:06:07' AS at, 1.5::DECIMAL(9,2) AS price, 3::BIGINT AS id",
        ]
        for file, query in zip(files, rows, strict=True):
            connection.sql(query).write_parquet(file)
        old = (("id", "BIGINT"), ("at", "DATE"), ("n", "BIGINT"))
        new = (("N", "DOUBLE"), ("at", "TIMESTAMP"), ("price", "DECIMAL(9,2)"), ("id", "BIGINT"))
        united = united_table(TABLE, [old, old, new])
        columns = [(each.name, each.type.value) for each in united.columns]
        text = united_rows(columns, list(zip(files, (old, old, new), strict=True))).text
        found = connection.sql(text).order("id").fetchall()
    assert columns == [("N", "VARCHAR"), ("at", "TIMESTAMP"), ("price", "DECIMAL(9,2)"), ("id", "BIGINT")]
    assert found == [
        ("9007199254740993", datetime(2026, 1, 2), None, 1),  # noqa: DTZ001 - the column has no zone
        (None, datetime(2026, 1, 3), None, 2),  # noqa: DTZ001 - as above
        ("0.25", datetime(2026, 1, 4, 5, 6, 7), Number("1.50"), 3),  # noqa: DTZ001 - as above
    ]
    assert text.count("read_parquet") == 2, "files of one schema are read together"
