"""A dataset that plans are checked against, and plans that are wrong over it."""

from typing import Any

from analytics_pipelines.datasets.evidence import ColumnEvidence, kind_of
from analytics_pipelines.datasets.subject import Subject, SubjectColumn, SubjectKind
from analytics_pipelines_tests.datasets.plan.malformed import (
    VALUE,
    Malformed,
    forecast,
    mean,
    measured,
    regression,
    where,
)


def column(name: str, duckdb_type: str, *, is_personal: bool = False, **known: Any) -> SubjectColumn:
    """A column with 50 different values and no nulls, unless told otherwise."""
    kind = kind_of(duckdb_type)
    evidence = ColumnEvidence(name=name, kind=kind, type=duckdb_type, **{"nulls": 0, "distinct": 50, **known})
    return SubjectColumn(name=name, type=duckdb_type, kind=kind, evidence=evidence, is_personal=is_personal)


def subject(*columns: SubjectColumn, rows: int | None = 200) -> Subject:
    """An upload of those columns."""
    return Subject(name="sales.csv", kind=SubjectKind.UPLOAD, columns=columns, row_count=rows, fingerprint="0" * 64)


SALES = subject(
    column("region", "VARCHAR", distinct=4, reason="3 of 200 values are no numbers, first in line 17"),
    column("city", "VARCHAR"),
    column("price", "DOUBLE", distinct=180),
    column("amount", "BIGINT"),
    column("cost", "DOUBLE"),
    column("is_paid", "BOOLEAN", distinct=2),
    column("day", "DATE"),
    column("sold_at", "TIMESTAMP", distinct=200),
    column("paid_at", "TIMESTAMP WITH TIME ZONE", distinct=200),
    column("tags", "VARCHAR[]"),
    column("email", "VARCHAR", is_personal=True),
    column("salary", "DOUBLE", is_personal=True),
)

OVER_SALES = [
    Malformed("no such column", mean(target_column="prise"), "/target_column", "unknown_column", '"price"'),
    Malformed("a column in capitals", mean(target_column="PRICE"), "/target_column", "unknown_column", '"price"'),
    Malformed(
        "nothing like it", mean(target_column="qqqq"), "/target_column", "unknown_column", 'There are "region", "city"'
    ),
    Malformed("no such group", mean(group_by=["region", "citty"]), "/group_by/1", "unknown_column", '"city"'),
    Malformed(
        "no such measure",
        measured({"operation": "sum", "column": "amonut"}),
        "/measures/0/column",
        "unknown_column",
        '"amount"',
    ),
    Malformed("no such filter", where("==", 1, "x; DROP TABLE sales"), "/filters/0/column", "unknown_column", "DROP"),
    Malformed("no such axis", regression(x_axis="pricee"), "/x_axis", "unknown_column", '"price"'),
    Malformed("no such predictor", regression(predictors=["cosst"]), "/predictors/0", "unknown_column", '"cost"'),
    Malformed("no such time", forecast(time_column="sold"), "/time_column", "unknown_column", '"sold_at"'),
    Malformed("mean of text", mean(target_column="region"), "/target_column", "wrong_kind", "line 17"),
    Malformed(
        "sum of days", measured({"operation": "sum", "column": "day"}), "/measures/0/column", "wrong_kind", "numbers"
    ),
    Malformed(
        "median of truths",
        mean(operation="median", target_column="is_paid"),
        "/target_column",
        "wrong_kind",
        "booleans",
    ),
    Malformed(
        "least of a list", mean(operation="min", target_column="tags"), "/target_column", "wrong_kind", "VARCHAR[]"
    ),
    Malformed(
        "a correlation with text", regression(operation="correlation", y_axis="city"), "/y_axis", "wrong_kind", "text"
    ),
    Malformed("a forecast of text", forecast(target_column="city"), "/target_column", "wrong_kind", "numbers"),
    Malformed("a forecast over numbers", forecast(time_column="cost"), "/time_column", "wrong_kind", "dates or times"),
    Malformed(
        "a bucket of text", mean(bucket="day", time_column="city"), "/time_column", "wrong_kind", "dates or times"
    ),
    Malformed("hours of days", mean(bucket="hour", time_column="day"), "/bucket", "wrong_kind", '"day"'),
    Malformed("groups of lists", mean(group_by=["tags"]), "/group_by/0", "wrong_kind", "VARCHAR[]"),
    Malformed("contains in numbers", where("contains", "3"), "/filters/0/column", "wrong_kind", "needs text"),
    Malformed("more than true", where(">", False, "is_paid"), "/filters/0/column", "wrong_kind", "booleans"),
    Malformed("a list compared", where("==", "a", "tags"), "/filters/0/column", "wrong_kind", "VARCHAR[]"),
    Malformed("text among numbers", where("==", "cheap"), VALUE, "unreadable_value", '"cheap" is no number'),
    Malformed("a truth among numbers", where("in", [1, True]), VALUE + "/1", "unreadable_value", "true is no number"),
    Malformed("a number among texts", where("==", 7, "city"), VALUE, "unreadable_value", "quotes"),
    Malformed("a number for a truth", where("==", 1, "is_paid"), VALUE, "unreadable_value", "true or false"),
    Malformed("no such day", where(">", "2026-02-30", "day"), VALUE, "unreadable_value", "2026-01-31"),
    Malformed("a day as people write it", where(">", "31.01.2026", "day"), VALUE, "unreadable_value", "2026-01-31"),
    Malformed("an hour of a day", where(">", "2026-01-31T12:00:00", "day"), VALUE, "unreadable_value", "no date"),
    Malformed("seconds since 1970", where("<", 1769817600, "sold_at"), VALUE, "unreadable_value", "no time"),
    Malformed("an offset too much", where("<", "2026-01-31T12:00:00Z", "sold_at"), VALUE, "unreadable_value", "offset"),
    Malformed("before all time", where("<", "0001-01-01T00:00:00+10:00", "paid_at"), VALUE, "unreadable_value", "9999"),
    Malformed(
        "days backwards", where("between", ["2026-02-01", "2026-01-01"], "day"), VALUE, "reversed_range", "Exchange"
    ),
    Malformed("a person's mean", mean(target_column="salary"), "/target_column", "personal_column", "count"),
    Malformed("groups of persons", mean(group_by=["email"]), "/group_by/0", "personal_column", "persons"),
    Malformed("one person", where("==", "a@b.c", "email"), "/filters/0/column", "personal_column", "is_null"),
    Malformed(
        "a person's least",
        measured({"operation": "min", "column": "email"}),
        "/measures/0/column",
        "personal_column",
        "count_distinct",
    ),
    Malformed("persons on an axis", regression(x_axis="salary"), "/x_axis", "personal_column", "persons"),
    Malformed(
        "a histogram of persons",
        mean(operation="count", target_column="salary", chart_type="histogram"),
        "/chart_type",
        "personal_column",
        "not shown",
    ),
    Malformed(
        "a histogram of text",
        mean(operation="count", target_column="city", chart_type="histogram"),
        "/chart_type",
        "wrong_kind",
        "needs numbers",
    ),
    Malformed(
        "a box of days",
        mean(operation="max", target_column="day", chart_type="box"),
        "/chart_type",
        "wrong_kind",
        "holds days",
    ),
]
