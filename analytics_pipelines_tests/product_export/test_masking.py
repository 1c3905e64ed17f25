"""Masks, computed by DuckDB and compared with what Python says of the same values."""

import hashlib
import hmac
from typing import Any

import duckdb
import pytest
from pydantic import SecretStr

from analytics_pipelines.foundation.duck import one_row
from analytics_pipelines.foundation.sql import Sql, name
from analytics_pipelines.foundation.tables import Column, ColumnType, Decimal, Type
from analytics_pipelines.product_export.masking import HmacKeyMissing, Mask, Masked, UnsuitableMask
from analytics_pipelines.product_export.source.described import SourceColumn
from analytics_pipelines.product_export.wishes import Masking, Policy

FAR_FROM_UTC = duckdb.connect()
FAR_FROM_UTC.execute("SET TimeZone = 'Asia/Tokyo'")
KEY = "an export key of some length, 0123456789"
MONTH = Masking(Policy.GENERALISE, to="month")


def source() -> SourceColumn:
    return SourceColumn(
        name='odd "name"',
        declared="text",
        type_schema="pg_catalog",
        type_name="text",
        type_kind="b",
        is_array=False,
        type_modifier=-1,
    )


def mask_of(kind: ColumnType, masking: Masking, key: str | None = KEY) -> Masked:
    column = Column(name=source().name, type=kind, meaning="")
    return Mask(SecretStr(key) if key else None).of(source(), column, masking)


def written(kind: ColumnType, masking: Masking, value: object, key: str = KEY) -> Any:
    """What DuckDB writes of the value, by a session far from UTC; its type is the one that was promised."""
    masked = mask_of(kind, masking, key)
    text = Sql("SELECT CAST(m AS VARCHAR), typeof(m) FROM (SELECT {mask} AS m FROM (SELECT {value} AS {name}))")
    cast = Sql("CAST($value AS {type})").fill(type=Sql(kind.value))
    query = text.fill(mask=masked.expression, value=cast, name=name(source().name))
    found, type_name = one_row(FAR_FROM_UTC.execute(query.text, {"value": value}))
    assert type_name == masked.type.value
    return found


@pytest.mark.parametrize("key", [KEY, "k" * 64, "longer than a block of 64 bytes; ÄÖÜ " * 3])
@pytest.mark.parametrize("value", ["", "ann@example.com", "Zoë 🎉", "it's"])
def test_hmac_is_what_python_computes_for_any_key_and_text(key: str, value: str) -> None:
    expected = hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()
    assert written(Type.TEXT, Masking(Policy.HMAC), value, key) == expected


@pytest.mark.parametrize(
    ("kind", "value", "content"),
    [
        (Type.INT, -7, b"-7"),
        (Type.INT32, 42, b"42"),
        (Type.DATE, "2024-02-29", b"2024-02-29"),
        (Type.BYTES, b"\x00\xff", b"\x00\xff"),
    ],
)
def test_hmac_of_other_types_is_that_of_the_text_that_postgresql_writes(
    kind: ColumnType, value: object, content: bytes
) -> None:
    assert written(kind, Masking(Policy.HMAC), value) == hmac.new(KEY.encode(), content, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("kind", "masking"),
    [
        (Type.TEXT, Masking(Policy.HMAC)),
        (Type.TEXT, Masking(Policy.TRUNCATE, characters=1)),
        (Type.TIMESTAMP, MONTH),
        (Type.LOCAL_TIMESTAMP, MONTH),
        (Type.DATE, MONTH),
        (Type.INT, Masking(Policy.GENERALISE, to="10")),
        (Type.DOUBLE, Masking(Policy.GENERALISE, to="10")),
        (Decimal(6, 2), Masking(Policy.GENERALISE, to="10")),
    ],
)
def test_null_stays_null_under_every_mask(kind: ColumnType, masking: Masking) -> None:
    assert written(kind, masking, None) is None


@pytest.mark.parametrize(("value", "kept"), [("Zoë 🎉!", "Zoë 🎉"), ("ab", "ab"), ("", "")])
def test_truncating_keeps_the_first_characters_not_bytes(value: str, kept: str) -> None:
    assert written(Type.TEXT, Masking(Policy.TRUNCATE, characters=5), value) == kept


@pytest.mark.parametrize(
    ("to", "cut"),
    [
        ("year", "1969-01-01 09:00:00+09"),
        ("month", "1969-12-01 09:00:00+09"),
        ("day", "1969-12-31 09:00:00+09"),
        ("hour", "1970-01-01 08:00:00+09"),
    ],
)
def test_moments_are_cut_in_utc_whatever_the_session_says(to: str, cut: str) -> None:
    assert written(Type.TIMESTAMP, Masking(Policy.GENERALISE, to=to), "1969-12-31 23:59:59.5+00") == cut


def test_days_and_times_without_zone_are_cut_as_they_stand() -> None:
    assert written(Type.DATE, MONTH, "2024-02-29") == "2024-02-01"
    assert written(Type.LOCAL_TIMESTAMP, Masking(Policy.GENERALISE, to="hour"), "2024-02-29 23:59:59.999999") == (
        "2024-02-29 23:00:00"
    )


@pytest.mark.parametrize(
    ("kind", "to", "value", "rounded"),
    [
        (Type.INT, "10", "19", "10"),
        (Type.INT, "10", "-1", "-10"),
        (Type.INT, "10", "-10", "-10"),
        (Type.INT, "10", str(2**63 - 1), str(2**63 - 8)),
        pytest.param(Type.INT, "10", str(-(2**63)), str(-(2**63)), id="no multiple of ten lies below the least bigint"),
        (Type.INT32, "1000", str(-(2**31)), str(-(2**31))),
        (Type.DOUBLE, "0.5", "-1.2", "-1.5"),
        (Type.DOUBLE, "0.5", "nan", "nan"),
        (Type.FLOAT, "0.5", "19.7", "19.5"),
        (Decimal(5, 2), "10", "-1.2", "-10.00"),
        (Decimal(5, 2), "0.50", "1.20", "1.00"),
        (Decimal(5, 2), "10", "-990", "-990.00"),
        (Decimal(5, 2), "10", "999.99", "990.00"),
        pytest.param(Decimal(5, 2), "10", "-990.01", "-999.99", id="nor below that of five digits"),
        (Decimal(38, 0), "1000", "-1", "-1000"),
        (Decimal(38, 38), "0.1", "0.15", ".1" + "0" * 37),
    ],
)
def test_numbers_are_rounded_down_to_a_multiple(kind: ColumnType, to: str, value: str, rounded: str) -> None:
    assert written(kind, Masking(Policy.GENERALISE, to=to), value) == rounded


@pytest.mark.parametrize(
    ("kind", "masking", "told"),
    [
        (Type.DOUBLE, Masking(Policy.HMAC), "text differs between programs"),
        pytest.param(Decimal(2, 2), Masking(Policy.HMAC), "text differs", id="DuckDB writes 0.12 as .12"),
        (Type.TIMESTAMP, Masking(Policy.HMAC), "text differs between programs"),
        (Type.INT, Masking(Policy.TRUNCATE, characters=3), "only text can be truncated"),
        (Type.TEXT, Masking(Policy.TRUNCATE), "needs `characters`"),
        (Type.TEXT, Masking(Policy.TRUNCATE, characters=0), "needs `characters`"),
        (Type.TEXT, Masking(Policy.GENERALISE, to="month"), "only times, days and numbers"),
        (Type.DATE, Masking(Policy.GENERALISE, to="hour"), "needs `to`"),
        (Type.TIMESTAMP, Masking(Policy.GENERALISE), "needs `to`"),
        (Type.TIMESTAMP, Masking(Policy.GENERALISE, to="week'"), "needs `to`"),
        (Type.INT, Masking(Policy.GENERALISE, to="0"), "above zero"),
        (Type.INT, Masking(Policy.GENERALISE, to="-5"), "above zero"),
        (Type.INT, Masking(Policy.GENERALISE, to="0.5"), "whole numbers"),
        (Decimal(5, 2), Masking(Policy.GENERALISE, to="0.001"), "can not hold"),
        (Decimal(5, 2), Masking(Policy.GENERALISE, to="1000"), "can not hold"),
        (Type.TEXT, Masking(Policy.DROP), "is dropped"),
    ],
)
def test_a_mask_that_does_not_suit_is_refused_by_the_columns_name(
    kind: ColumnType, masking: Masking, told: str
) -> None:
    with pytest.raises(UnsuitableMask, match=told) as refused:
        mask_of(kind, masking)
    assert refused.value.detail.startswith('odd "name" ')


def test_hmac_without_a_key_names_the_setting() -> None:
    with pytest.raises(HmacKeyMissing) as refused:
        mask_of(Type.TEXT, Masking(Policy.HMAC), key=None)
    assert "EXPORT_HMAC_KEY" in str(refused.value)


def test_an_error_names_the_table_where_it_is_told() -> None:
    lake = Column(name=source().name, type=Type.TEXT, meaning="")
    with pytest.raises(HmacKeyMissing, match=r'^shop\.people\.odd "name" is to be exported as HMAC'):
        Mask().of(source(), lake, Masking(Policy.HMAC), table="shop.people")


def test_the_note_tells_keys_apart_and_shows_none() -> None:
    notes = {mask_of(Type.TEXT, Masking(Policy.HMAC), key).note for key in (KEY, KEY, KEY + "!")}
    shown = repr(mask_of(Type.TEXT, Masking(Policy.HMAC)))
    assert len(notes) == 2
    assert not any(part in shown for part in (KEY, KEY.encode().hex(), "from_hex"))


def test_a_kept_column_is_the_column_itself() -> None:
    assert mask_of(Type.INT, Masking(Policy.KEEP)) == Masked(
        expression=mask_of(Type.TEXT, Masking(Policy.KEEP)).expression, type=Type.INT, note=""
    )
    assert written(Type.INT, Masking(Policy.KEEP), 5) == "5"
