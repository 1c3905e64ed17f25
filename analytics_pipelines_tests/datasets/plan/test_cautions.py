"""What is said before a sound plan runs."""

from typing import Any

import pytest

from analytics_pipelines.datasets.plan.check import check_against
from analytics_pipelines.datasets.plan.parse import parse_plan
from analytics_pipelines.datasets.subject import Subject, SubjectColumn
from analytics_pipelines_tests.datasets.plan.malformed import forecast, mean, measured, regression
from analytics_pipelines_tests.datasets.plan.sales import column, subject

YEAR: dict[str, Any] = {"least": "2025-01-01", "most": "2025-12-31"}


def warned(raw: dict[str, Any], over: Subject) -> list[tuple[str, str]]:
    plan, findings = parse_plan(raw)
    assert plan is not None, findings
    found = check_against(plan, over, sees_personal=False)
    assert all(each.is_warning for each in found)
    return [(each.pointer, each.code.value) for each in found]


def numbers(*columns: SubjectColumn) -> tuple[SubjectColumn, ...]:
    """Price and amount, and whatever else."""
    names = {each.name for each in columns}
    usual = (column("price", "DOUBLE"), column("amount", "DOUBLE"))
    return (*columns, *(each for each in usual if each.name not in names))


@pytest.mark.parametrize(
    ("raw", "over", "expected"),
    [
        pytest.param(mean(), subject(*numbers()), [], id="nothing to say"),
        pytest.param(mean(), subject(*numbers(), rows=0), [("", "no_rows")], id="no rows"),
        pytest.param(mean(), subject(*numbers(), rows=29), [("/target_column", "few_values")], id="29 rows"),
        pytest.param(mean(), subject(*numbers(), rows=30), [], id="30 rows"),
        pytest.param(mean(operation="sum"), subject(*numbers(), rows=3), [], id="a sum of three is a sum"),
        pytest.param(mean(), subject(*numbers(column("price", "DOUBLE", nulls=40))), [], id="20 % nulls"),
        pytest.param(mean(), subject(*numbers(column("price", "DOUBLE", nulls=41))),
                     [("/target_column", "many_nulls")], id="over 20 % nulls"),
        pytest.param(mean(operation="count"), subject(*numbers(column("price", "DOUBLE", nulls=150))), [],
                     id="nulls are what count leaves out"),
        pytest.param(mean(), subject(*numbers(column("price", "DOUBLE", nulls=200, distinct=0))),
                     [("/target_column", "no_values")], id="only nulls"),
        pytest.param(mean(operation="std"), subject(*numbers(column("price", "DOUBLE", distinct=1))),
                     [("/target_column", "constant_column")], id="a constant"),
        pytest.param(mean(), subject(*numbers(column("price", "DOUBLE", distinct=1))), [], id="the mean of a constant"),
        pytest.param(regression(), subject(*numbers(column("price", "DOUBLE", distinct=1))),
                     [("/x_axis", "constant_column")], id="from a constant"),
        pytest.param(regression(predictors=["a", "b", "c"]),
                     subject(*numbers(*(column(name, "DOUBLE") for name in "abc")), rows=39),
                     [("/x_axis", "few_values")], id="under ten rows for each predictor"),
        pytest.param(regression(predictors=["cost"]),
                     subject(*numbers(column("cost", "DOUBLE", collinear_with=("price",)))),
                     [("/predictors/0", "collinear_columns")], id="two predictors that say the same"),
        pytest.param(regression(), subject(*numbers(column("price", "DOUBLE", collinear_with=("amount",)))), [],
                     id="what is predicted may be alike"),
        pytest.param(mean(target_column="zip"), subject(column("zip", "BIGINT")),
                     [("/target_column", "codes_as_numbers")], id="the mean of zip codes"),
        pytest.param(mean(target_column="customerId"), subject(column("customerId", "BIGINT")),
                     [("/target_column", "codes_as_numbers")], id="the mean of ids"),
        pytest.param(mean(target_column="paid"), subject(column("paid", "BIGINT")), [], id="paid is no id"),
        pytest.param(mean(operation="count_distinct", target_column="zip"), subject(column("zip", "BIGINT")), [],
                     id="ids are counted"),
        pytest.param(mean(target_column="class_size"), subject(column("class_size", "BIGINT")), [], id="a size is no class"),
        pytest.param(regression(), subject(*numbers(column("price", "BIGINT", distinct=5))), [], id="ratings are numbers"),
        pytest.param(mean(group_by=["a"]), subject(*numbers(column("a", "VARCHAR", distinct=1000)), rows=5000), [],
                     id="1,000 groups"),
        pytest.param(mean(group_by=["a"]), subject(*numbers(column("a", "VARCHAR", distinct=1000, nulls=1)), rows=5000),
                     [("/group_by", "many_groups")], id="1,001 groups"),
        pytest.param(mean(group_by=["a", "b"]),
                     subject(*numbers(column("a", "VARCHAR"), column("b", "VARCHAR")), rows=900), [],
                     id="no more groups than rows"),
        pytest.param(mean(group_by=["a"], top={"n": 5}),
                     subject(*numbers(column("a", "VARCHAR", distinct=2000)), rows=5000), [], id="top of many"),
        pytest.param(mean(group_by=["a"]), subject(*numbers(column("a", "VARCHAR", distinct=200))),
                     [("/group_by/0", "groups_of_one")], id="a group each row"),
        pytest.param(mean(group_by=["a"]), subject(*numbers(column("a", "VARCHAR", nulls=100))),
                     [("/group_by/0", "many_nulls")], id="a large group of nulls"),
        pytest.param(forecast(), subject(*numbers(column("sold_at", "DATE", gaps=3))),
                     [("/time_column", "gaps_in_time")], id="gaps"),
        pytest.param(forecast(bucket="day"), subject(*numbers(column("sold_at", "DATE", gaps=3))),
                     [], id="a bucket has its gaps counted when it runs"),
        pytest.param(forecast(season_length=12), subject(*numbers(column("sold_at", "DATE")), rows=23),
                     [("/target_column", "few_values"), ("/season_length", "short_seasons")], id="under two seasons"),
        pytest.param(forecast(bucket="month", season_length=12), subject(*numbers(column("sold_at", "DATE", **YEAR))),
                     [("/season_length", "short_seasons")], id="a year of months is one season"),
        pytest.param(forecast(bucket="month", horizon=13), subject(*numbers(column("sold_at", "DATE", **YEAR))),
                     [("/horizon", "far_horizon")], id="farther than is known"),
        pytest.param(forecast(bucket="day", horizon=51), subject(*numbers(column("sold_at", "DATE"))),
                     [("/horizon", "far_horizon")], id="days of which no extent is known"),
        pytest.param(measured({"operation": "mean", "column": "price"}, {"operation": "std", "column": "price"}),
                     subject(*numbers(column("price", "DOUBLE", nulls=180))),
                     [("/measures/0/column", "many_nulls"), ("/measures/1/column", "many_nulls"),
                      ("/measures/0/column", "few_values"), ("/measures/1/column", "few_values")], id="each measure"),
    ],
)  # fmt: skip
def test_evidence_gives_warnings(raw: dict[str, Any], over: Subject, expected: list[tuple[str, str]]) -> None:
    assert warned(raw, over) == expected


def test_without_evidence_nothing_is_said() -> None:
    bare = SubjectColumn(name="price", type="DOUBLE", kind=column("price", "DOUBLE").kind)
    assert warned(mean(), subject(bare, rows=3)) == []
    assert warned(mean(), subject(column("price", "DOUBLE", distinct=1), rows=None)) == []
