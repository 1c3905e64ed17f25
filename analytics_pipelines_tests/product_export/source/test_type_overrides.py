"""What `types` may ask for, and what of it is checked value by value."""

import psycopg
import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Decimal, Type
from analytics_pipelines.product_export.source.type_overrides import UnsuitableType, way_as
from analytics_pipelines_tests.product_export.source.test_types import column, modifier


@pytest.mark.parametrize(
    ("type_name", "asked", "type_"),
    [
        pytest.param("int4", "bigint", Type.INT, id="wider"),
        pytest.param("int2", " BigInt ", Type.INT, id="in other letters"),
        pytest.param("int4", "integer", Type.INT32, id="the usual one"),
        pytest.param("int4", "double", Type.DOUBLE, id="32 bits in a double"),
        pytest.param("float4", "double", Type.DOUBLE, id="float in a double"),
        pytest.param("int8", "decimal(19)", Decimal(19, 0), id="all digits of 64 bits"),
        pytest.param("int4", "numeric(12, 2)", Decimal(12, 2), id="digits and a fraction"),
        pytest.param("numeric", "decimal(38,9)", Decimal(38, 9), id="a number of any length"),
        pytest.param("numeric", "bigint", Type.INT, id="a number that is whole"),
        pytest.param("timestamptz", "timestamptz", Type.TIMESTAMP, id="as it is"),
        pytest.param("date", "text", Type.TEXT, id="text"),
        pytest.param("varchar", "bytes", Type.BYTES, id="text of no encoding"),
        pytest.param("jsonb", "text", Type.TEXT, id="text as usual"),
    ],
)
def test_types_that_hold_every_value_can_be_asked_for(type_name, asked, type_):
    assert way_as(column(type_name), asked).type == type_


@pytest.mark.parametrize(
    ("type_name", "asked", "possible"),
    [
        pytest.param("int8", "double", "bigint, text, decimal", id="64 bits in a double"),
        pytest.param("int8", "integer", "bigint, text, decimal", id="narrower"),
        pytest.param("int8", "decimal(18)", "bigint, text, decimal", id="a digit too few"),
        pytest.param(
            "int4", "decimal(10, 1)", "integer, bigint, double, text, decimal", id="none left for the fraction"
        ),
        pytest.param("float8", "decimal(38, 9)", "double, text", id="binary in decimal"),
        pytest.param("float8", "float", "double, text", id="double in float"),
        pytest.param("timestamp", "timestamptz", "timestamp, text", id="a time zone that nobody said"),
        pytest.param("text", "bigint", "bytes, text", id="text in a number"),
        pytest.param("text", "jsonn", "bytes, text", id="no type at all"),
        pytest.param("numeric", "decimal(39, 2)", "bigint, text, decimal", id="too many digits"),
        pytest.param("numeric", "decimal(3, 5)", "bigint, text, decimal", id="no such decimal"),
        pytest.param("numeric", "double", "bigint, text, decimal", id="decimal in binary"),
    ],
)
def test_types_that_could_lose_something_are_refused_with_those_that_could_not(type_name, asked, possible):
    with pytest.raises(UnsuitableType, match=rf"a \({type_name}\) can not become .*may become {possible}"):
        way_as(column(type_name), asked)


def test_arrays_and_types_of_users_become_text_alone():
    for other in (column("_int4", is_array=True), column("int4", type_schema="shop")):
        assert way_as(other, "text").type is Type.TEXT
        with pytest.raises(UnsuitableType, match="may become text"):
            way_as(other, "bigint")


def test_a_pseudo_type_can_be_asked_for_as_text():
    assert way_as(column("anyarray", type_kind="p"), "text").type is Type.TEXT


def test_declared_digits_that_fit_are_checked_for_nan_alone():
    way = way_as(column("numeric", type_modifier=modifier(12, 2)), "decimal(20, 4)")
    assert (way.type, way.unfit_told) == (Decimal(20, 4), "NaN")


@pytest.mark.parametrize(
    ("asked", "value", "is_unfit"),
    [
        ("decimal(5, 2)", "999.99", False),
        ("decimal(5, 2)", "-999.99", False),
        ("decimal(5, 2)", "1.500", False),
        ("decimal(5, 2)", "1000", True),
        ("decimal(5, 2)", "999.995", True),
        ("decimal(5, 2)", "-0.001", True),
        ("decimal(5, 2)", "NaN", True),
        ("decimal(5, 2)", "-Infinity", True),
        ("decimal(5, 2)", "1e-16383", True),
        ("decimal(5, 2)", "1e131071", True),
        ("bigint", "9223372036854775807", False),
        ("bigint", "-9223372036854775808.000", False),
        ("bigint", "9223372036854775808", True),
        ("bigint", "0.5", True),
        ("bigint", "NaN", True),
        ("bigint", "Infinity", True),
    ],
)
def test_each_value_is_checked_where_the_type_alone_says_too_little(postgres_server, asked, value, is_unfit):
    way = way_as(column("numeric"), asked)
    query = Sql("SELECT {unfit} FROM (SELECT CAST(%s AS numeric) AS a) AS given").fill(unfit=way.of(way.unfit, "a"))
    with psycopg.connect(postgres_server.superuser()) as connection:
        assert connection.execute(query.text.encode(), [value]).fetchone() == (is_unfit,)
        assert connection.execute(query.text.encode(), [None]).fetchone() in {(None,), (False,)}
