from dataclasses import replace

import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Decimal, Type
from analytics_pipelines.product_export.plan import ExportColumn
from analytics_pipelines.product_export.source.described import SourceColumn
from analytics_pipelines.product_export.verify.measures import has_unfit, measures_of


def column(declared: str, lake: Type | Decimal, *, modifier: int = -1, **more) -> ExportColumn:
    source = SourceColumn(
        name="x",
        declared=declared,
        type_schema="pg_catalog",
        type_name=declared,
        type_kind="b",
        is_array=False,
        type_modifier=modifier,
    )
    spelt = dict.fromkeys(("read", "as_text_in_source", "as_text_in_lake"), Sql('"x"'))
    return ExportColumn(source=source, lake=Column(name="x", type=lake, meaning="…"), **spelt, **more)


def whats(given: ExportColumn) -> list[str]:
    return [measure.what for measure in measures_of(given)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(column("int8", Type.INT), ["values", "sum", "least", "most"], id="whole numbers"),
        pytest.param(column("numeric", Decimal(28, 2)), ["values", "sum", "least", "most"], id="decimals"),
        pytest.param(column("numeric", Decimal(29, 2)), ["values", "least", "most"], id="sums that may not fit"),
        pytest.param(column("float4", Type.FLOAT), ["values", "sum_of_1024ths", "least", "most"], id="doubles"),
        pytest.param(column("time", Type.TIME), ["values", "least", "most"], id="times"),
        pytest.param(column("text", Type.TEXT), ["values", "octets"], id="texts"),
        pytest.param(
            column("varchar", Type.TEXT, modifier=24), ["values", "octets", "least", "most"], id="short texts"
        ),
        pytest.param(column("varchar", Type.TEXT, modifier=999), ["values", "octets"], id="long texts"),
        pytest.param(column("jsonb", Type.TEXT), ["values"], id="nothing is written as text for it"),
        pytest.param(column("bytea", Type.BYTES), ["values", "octets"], id="bytes"),
        pytest.param(column("bool", Type.BOOL), ["values", "true"], id="booleans"),
        pytest.param(column("int8", Type.TEXT, masked=Sql("'x'")), ["values"], id="masked"),
    ],
)
def test_a_column_is_summed_up_by_its_type(given, expected):
    assert whats(given) == expected


@pytest.mark.parametrize("given", [column("int8", Type.INT), column("numeric", Decimal(9, 2))])
def test_personal_columns_have_no_extremes_and_sums_that_tell_no_value(given):
    personal = replace(given, lake=replace(given.lake, is_personal=True))
    assert whats(personal) == ["values", "sum"]
    total = measures_of(personal)[1]
    assert "1975" not in total.shown(19751121)
    assert total.shown(19751121) != total.shown(19751122)
    assert total.shown(1975) == total.shown("1975.00")


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        pytest.param(2.5, float("nan"), "2.5", "nan", id="not a number is the greatest"),
        pytest.param(float("nan"), 2.5, "2.5", "nan", id="whichever comes first"),
        pytest.param(None, 2.5, "2.5", "2.5", id="a part without values"),
        pytest.param(-2.5, 2.5, "-2.5", "2.5", id="two numbers"),
    ],
)
def test_extremes_of_parts_become_one(one, other, least, most):
    lower, upper = measures_of(column("float8", Type.DOUBLE))[2:]
    assert lower.shown(lower.together(one, other)) == least
    assert upper.shown(upper.together(one, other)) == most


def test_values_that_do_not_fit_are_looked_for_at_the_ends_where_that_is_enough():
    of_calendar = column("date", Type.DATE, unfit=Sql("\"x\" < '0001-01-01'"))
    of_any_digits = column("numeric", Type.INT, unfit=Sql('"x" > 9'))
    assert has_unfit(column("int8", Type.INT)) is None
    assert "min(" in str(has_unfit(of_calendar))
    assert str(has_unfit(of_any_digits)) == 'bool_or("x" > 9)'


@pytest.mark.parametrize(
    ("given", "value", "shown"),
    [
        pytest.param(column("date", Type.DATE), 0, "1970-01-01", id="a day"),
        pytest.param(column("date", Type.DATE), 10**7, "10000000 days since 1970", id="a day past the calendar"),
        pytest.param(column("time", Type.TIME), 1, "00:00:00.000001", id="a time"),
        pytest.param(column("timestamptz", Type.TIMESTAMP), -1, "1969-12-31T23:59:59.999999+00:00", id="a moment"),
        pytest.param(
            column("timestamptz", Type.TIMESTAMP), 10**18, "1000000000000000000 microseconds since 1970", id="far off"
        ),
        pytest.param(column("numeric", Decimal(9, 2)), "-0.00", "0", id="nothing"),
        pytest.param(column("numeric", Decimal(9, 2)), "100.50", "100.5", id="zeros behind the point"),
    ],
)
def test_extremes_are_told_in_peoples_words(given, value, shown):
    assert measures_of(given)[-1].shown(value) == shown
