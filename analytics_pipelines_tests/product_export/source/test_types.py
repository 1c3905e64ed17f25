"""Ways of types as rules; values go through them in `journeys/test_export_types.py`."""

import psycopg
import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Decimal, Type
from analytics_pipelines.product_export.source.described import SourceColumn
from analytics_pipelines.product_export.source.types import digits_of, numeric, way_of


def column(type_name="int4", **given):
    usual = {
        "name": "a",
        "declared": type_name,
        "type_schema": "pg_catalog",
        "type_name": type_name,
        "type_kind": "b",
        "is_array": False,
        "type_modifier": -1,
    }
    return SourceColumn(**usual | given)


def modifier(precision, scale):
    return (precision << 16 | (scale & 0x7FF)) + 4


@pytest.mark.parametrize(
    ("precision", "scale", "held"),
    [
        pytest.param(12, 2, Decimal(12, 2), id="usual"),
        pytest.param(38, 0, Decimal(38, 0), id="longest"),
        pytest.param(38, 38, Decimal(38, 38), id="all fraction"),
        pytest.param(5, -3, Decimal(8, 0), id="rounded to thousands"),
        pytest.param(3, 5, Decimal(5, 5), id="zeros behind the point"),
        pytest.param(39, 0, Type.TEXT, id="a digit too long"),
        pytest.param(30, -9, Type.TEXT, id="too long with its zeros"),
        pytest.param(3, 39, Type.TEXT, id="too long a fraction"),
    ],
)
def test_a_number_is_exact_where_38_digits_hold_it(precision, scale, held):
    assert digits_of(modifier(precision, scale)) == (precision, scale)
    assert numeric(modifier(precision, scale)).type == held


def test_a_number_without_declared_digits_is_text_and_says_so():
    way = numeric(-1)
    assert way.type is Type.TEXT
    assert "digits are not limited" in way.note


def test_pseudo_types_have_no_way():
    assert way_of(column("anyarray", type_kind="p")) is None


@pytest.mark.parametrize(
    ("given", "is_known", "note"),
    [
        pytest.param({"type_name": "mood", "type_schema": "shop", "type_kind": "e"}, True, "label", id="enum"),
        pytest.param({"type_name": "_int4", "is_array": True}, True, "array", id="array"),
        pytest.param({"type_name": "int2vector", "is_array": True}, True, "1 2 3", id="not an array to the eye"),
        pytest.param({"type_name": "_price", "type_kind": "d", "is_array": True}, True, "array", id="of domains"),
        pytest.param(
            {"type_name": "citext", "type_schema": "public", "extension": "citext"}, True, "case", id="citext"
        ),
        pytest.param(
            {"type_name": "h3", "declared": "h3", "type_schema": "public", "extension": "h3"},
            False,
            "the type h3 of the extension h3 is not known here",
            id="unknown extension",
        ),
        pytest.param(
            {"type_name": "_h3", "declared": "h3[]", "type_schema": "public", "extension": "h3", "is_array": True},
            False,
            "the type h3[] of the extension h3 is not known here; array",
            id="array of an unknown extension",
        ),
        pytest.param(
            {"type_name": "int4", "declared": "shop.int4", "type_schema": "shop"}, False, "shop.int4", id="own"
        ),
        pytest.param({"type_name": "of_a_later_version"}, False, "of_a_later_version", id="newer than we are"),
    ],
)
def test_what_has_no_exact_type_is_text_with_a_note(given, is_known, note):
    way = way_of(column(**given))
    assert (way.type, way.is_known) == (Type.TEXT, is_known)
    assert note in way.note


def test_names_of_columns_are_quoted_and_never_read_as_templates():
    way = way_of(column("inet"))
    assert way.of(way.read, 'a "{column}"').text.count('"a ""{column}"""') == 2


@pytest.mark.parametrize(
    ("declared", "value", "is_unfit"),
    [
        ("date", "0001-01-01", False),
        ("date", "9999-12-31", False),
        ("date", "0001-12-31 BC", True),
        ("date", "10000-01-01", True),
        ("date", "infinity", True),
        ("date", "-infinity", True),
        ("timestamp", "9999-12-31 23:59:59.999999", False),
        ("timestamp", "10000-01-01 00:00", True),
        ("timestamp", "-infinity", True),
        ("timestamptz", "0001-01-01 00:00+00", False),
        ("timestamptz", "0001-01-01 00:00+01", True),
        ("timestamptz", "9999-12-31 23:59:59-01", True),
        ("timestamptz", "infinity", True),
        ("time", "23:59:59.999999", False),
        ("time", "24:00", True),
        ("numeric", "999.99", False),
        ("numeric", "NaN", True),
    ],
)
def test_values_that_no_reader_holds_are_found_whatever_the_sessions_time_zone(
    postgres_server, declared, value, is_unfit
):
    way = way_of(column(declared, type_modifier=modifier(5, 2) if declared == "numeric" else -1))
    query = Sql("SELECT {unfit} FROM (SELECT CAST(%s AS {type}) AS a) AS given")
    filled = query.fill(unfit=way.of(way.unfit, "a"), type=Sql(declared))
    with psycopg.connect(postgres_server.superuser(), options="-c timezone=Asia/Tokyo") as connection:
        assert connection.execute(filled.text.encode(), [value]).fetchone() == (is_unfit,)
        assert connection.execute(filled.text.encode(), [None]).fetchone() == (None,)


def test_all_types_of_the_server_are_known(postgres_server):
    """Those of PostgreSQL itself, by its own list; arrays apart."""
    listed = (
        "SELECT typname, typtype::text FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace"
        " AND typtype IN ('b', 'r', 'm') AND typcategory <> 'A' AND typname <> 'unknown'"
    )
    with psycopg.connect(postgres_server.superuser()) as connection:
        found = connection.execute(listed).fetchall()
    assert len(found) > 70
    assert [name for name, kind in found if not way_of(column(name, type_kind=kind)).is_known] == []
