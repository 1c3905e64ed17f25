"""Plans that are wrong whatever their data, each with where and how."""

from typing import Any, NamedTuple


class Malformed(NamedTuple):
    """One plan, the place that is told, the code, and words of the message or hint."""

    why: str
    plan: Any
    pointer: str
    code: str
    said: str


def mean(**more: Any) -> dict[str, Any]:
    """A plan that is right without what is added."""
    return {"operation": "mean", "target_column": "price", **more}


def where(operator: object, value: object, column: str = "price") -> dict[str, Any]:
    """A plan with one filter."""
    return mean(filters=[{"column": column, "operator": operator, "value": value}])


def measured(*measures: Any, **more: Any) -> dict[str, Any]:
    """A plan of several measures."""
    return {"measures": list(measures), **more}


def regression(**more: Any) -> dict[str, Any]:
    """A regression that is right without what is added."""
    return {"operation": "regression", "x_axis": "price", "y_axis": "amount", **more}


def forecast(**more: Any) -> dict[str, Any]:
    """A forecast that is right without what is added."""
    return {"operation": "forecast", "time_column": "sold_at", "target_column": "amount", **more}


COUNT = {"operation": "count"}
VALUE = "/filters/0/value"

SHAPES = [
    Malformed("null", None, "", "not_an_object", "null"),
    Malformed("a list", [mean()], "", "not_an_object", "a list"),
    Malformed("a text", "mean of price", "", "not_an_object", "a text"),
    Malformed("a number", 3.5, "", "not_an_object", "a number"),
    Malformed("true", True, "", "not_an_object", "a boolean"),
    Malformed("nothing said", {}, "", "nothing_to_compute", "operation"),
    Malformed("only nulls", {"operation": None, "measures": None}, "", "nothing_to_compute", "operation"),
    Malformed("only a column", {"target_column": "price"}, "", "nothing_to_compute", "operation"),
    Malformed("no such field", mean(colour="red"), "/colour", "unknown_field", "Known fields: operation"),
    Malformed("a field misspelt", mean(groupby=["region"]), "/groupby", "unknown_field", '"group_by"'),
    Malformed("a field in camel case", mean(timeColumn="day"), "/timeColumn", "unknown_field", '"time_column"'),
    Malformed("a field with a slash", mean(**{"a/b~c": 1}), "/a~1b~0c", "unknown_field", '"a/b~c"'),
    Malformed("an empty field", mean(**{"": 1}), "/", "unknown_field", "Known fields"),
    Malformed(
        "a field of a filter",
        mean(filters=[{"column": "a", "operator": "==", "value": 1, "not": True}]),
        "/filters/0/not",
        "unknown_field",
        "Known fields: column, operator, value",
    ),
    Malformed(
        "a field of top",
        mean(group_by=["region"], top={"n": 3, "others": True}),
        "/top/others",
        "unknown_field",
        '"other"',
    ),
    Malformed("SQL as a field", mean(sql="SELECT 1"), "/sql", "unknown_field", "not known"),
    Malformed(
        "an operation misspelt", {"operation": "meen", "target_column": "a"}, "/operation", "unknown_choice", '"mean"'
    ),
    Malformed(
        "an operation of others", {"operation": "AVG", "target_column": "a"}, "/operation", "unknown_choice", '"mean"'
    ),
    Malformed(
        "an operation in capitals",
        {"operation": "MEDIAN", "target_column": "a"},
        "/operation",
        "unknown_choice",
        '"median"',
    ),
    Malformed("an operation of nobody", {"operation": "explode()"}, "/operation", "unknown_choice", '"forecast"'),
    Malformed("an empty operation", {"operation": ""}, "/operation", "unknown_choice", "It is one of"),
    Malformed("an operation as list", {"operation": ["mean"]}, "/operation", "wrong_type", "a text"),
    Malformed("an operation as number", {"operation": 1}, "/operation", "wrong_type", "a number, 1"),
    Malformed("a column as number", mean(target_column=7), "/target_column", "wrong_type", "a number, 7"),
    Malformed("a column as boolean", mean(target_column=False), "/target_column", "wrong_type", "false"),
    Malformed("a column as object", mean(target_column={"name": "a"}), "/target_column", "wrong_type", "an object"),
    Malformed("an empty column", mean(target_column=""), "/target_column", "empty", "empty"),
    Malformed("a column without end", mean(target_column="x" * 501), "/target_column", "too_long", "500"),
    Malformed("half a letter", mean(target_column="\ud800"), "/target_column", "bad_text", "Unicode"),
    Malformed("a NUL in a column", mean(target_column="a\0b"), "/target_column", "bad_text", "NUL"),
    Malformed(
        "groups as text", mean(group_by="region"), "/group_by", "wrong_type", 'a list; given is a text, "region"'
    ),
    Malformed("a null among groups", mean(group_by=["region", None]), "/group_by/1", "wrong_type", "null"),
    Malformed("six groups", mean(group_by=list("abcdef")), "/group_by", "too_long", "5"),
    Malformed("a group twice", mean(group_by=["a", "b", "a"]), "/group_by/2", "duplicate", '"a"'),
    Malformed(
        "a group that is the bucket",
        mean(group_by=["day"], bucket="month", time_column="day"),
        "/time_column",
        "duplicate",
        '"day"',
    ),
    Malformed("filters as object", mean(filters={"column": "a"}), "/filters", "wrong_type", "a list"),
    Malformed("a filter as text", mean(filters=["price > 3"]), "/filters/0", "wrong_type", "an object"),
    Malformed("51 filters", mean(filters=[{"column": "a", "operator": "is_null"}] * 51), "/filters", "too_long", "50"),
    Malformed(
        "a filter of nothing",
        mean(filters=[{"operator": "==", "value": 1}]),
        "/filters/0/column",
        "missing_field",
        '"column" is missing',
    ),
    Malformed(
        "a filter without operator",
        mean(filters=[{"column": "a", "value": 1}]),
        "/filters/0/operator",
        "missing_field",
        '"operator" is missing',
    ),
    Malformed("a single =", where("=", 1), "/filters/0/operator", "unknown_choice", '"=="'),
    Malformed("SQL's inequality", where("<>", 1), "/filters/0/operator", "unknown_choice", '"!="'),
    Malformed("like", where("like", "a%"), "/filters/0/operator", "unknown_choice", '"contains"'),
    Malformed("an operator with SQL", where("== 1 OR 1 ==", 1), "/filters/0/operator", "unknown_choice", "no operator"),
    Malformed("an operator as null", where(None, 1), "/filters/0/operator", "missing_field", "missing"),
    Malformed("== null", where("==", None), VALUE, "wrong_value_shape", '"is_null" with value true'),
    Malformed("!= null", where("!=", None), VALUE, "wrong_value_shape", '"is_null" with value false'),
    Malformed("> a list", where(">", [1, 2]), VALUE, "wrong_value_shape", '"in"'),
    Malformed("== an object", where("==", {"$ne": None}), VALUE, "wrong_type", "an object"),
    Malformed("in without list", where("in", 1), VALUE, "wrong_value_shape", "a list"),
    Malformed("in nothing", where("in", []), VALUE, "wrong_value_shape", "a list"),
    Malformed("in with null", where("in", [1, None]), VALUE, "wrong_value_shape", "is_null"),
    Malformed("in a list in a list", where("in", [1, [2]]), VALUE + "/1", "wrong_type", "a list"),
    Malformed("in 1,001 values", where("in", list(range(1001))), VALUE, "too_long", "1000"),
    Malformed("between one", where("between", [1]), VALUE, "wrong_value_shape", "two values"),
    Malformed("between three", where("between", [1, 2, 3]), VALUE, "wrong_value_shape", "two values"),
    Malformed("between and null", where("between", [1, None]), VALUE, "wrong_value_shape", "Null"),
    Malformed("between backwards", where("between", [2, 1.5]), VALUE, "reversed_range", "Exchange"),
    Malformed("is_null 1", where("is_null", 1), VALUE, "wrong_value_shape", "true or false"),
    Malformed('is_null "true"', where("is_null", "true"), VALUE, "wrong_value_shape", "a text"),
    Malformed("contains 1", where("contains", 1), VALUE, "wrong_value_shape", "a text"),
    Malformed("contains nothing", where("contains", None), VALUE, "wrong_value_shape", "a text"),
    Malformed("NaN", where("==", float("nan")), VALUE, "not_finite", "is_null"),
    Malformed("infinity", where("<", float("inf")), VALUE, "not_finite", "finite"),
    Malformed("minus infinity in a list", where("in", [1, float("-inf")]), VALUE + "/1", "not_finite", "finite"),
    Malformed("2^127", where("==", 2**127), VALUE, "out_of_range", "2^127"),
    Malformed("a number of 5,000 digits", where("==", 10**5000), VALUE, "out_of_range", "too large"),
    Malformed("a value without end", where("==", "x" * 10_001), VALUE, "too_long", "10000"),
    Malformed("half a letter in a value", where("in", ["a", "\udfff"]), VALUE + "/1", "bad_text", "Unicode"),
    Malformed("a NUL in a value", where("==", "a\0"), VALUE, "bad_text", "NUL"),
    Malformed(
        "no column for mean", {"operation": "mean"}, "/target_column", "missing_field", "mean needs target_column"
    ),
    Malformed(
        "no column for median", {"operation": "median", "group_by": ["a"]}, "/target_column", "missing_field", "median"
    ),
    Malformed(
        "quantile of what", {"operation": "quantile", "target_column": "a"}, "/quantiles", "missing_field", "0.25"
    ),
    Malformed("a quantile of 1", mean(operation="quantile", quantiles=[1]), "/quantiles/0", "out_of_range", "below 1"),
    Malformed(
        "a quantile of 0", mean(operation="quantile", quantiles=[0.5, 0]), "/quantiles/1", "out_of_range", "above 0"
    ),
    Malformed(
        "a quantile of NaN", mean(operation="quantile", quantiles=[float("nan")]), "/quantiles/0", "not_finite", ""
    ),
    Malformed(
        "a quantile as text", mean(operation="quantile", quantiles=["0.5"]), "/quantiles/0", "wrong_type", '"0.5"'
    ),
    Malformed("a quantile as true", mean(operation="quantile", quantiles=[True]), "/quantiles/0", "wrong_type", "true"),
    Malformed(
        "a quantile twice", mean(operation="quantile", quantiles=[0.5, 0.1, 0.5]), "/quantiles/2", "duplicate", ""
    ),
    Malformed("measures as object", {"measures": COUNT}, "/measures", "wrong_type", "a list"),
    Malformed(
        "21 measures",
        measured(*[{"operation": "sum", "column": f"c{n}"} for n in range(21)]),
        "/measures",
        "too_long",
        "20",
    ),
    Malformed(
        "21 measures together",
        measured(*[{"operation": "sum", "column": f"c{n}"} for n in range(20)], operation="count"),
        "/measures",
        "too_long",
        "20",
    ),
    Malformed("a measure of nothing", measured({"operation": "sum"}), "/measures/0/column", "missing_field", "sum"),
    Malformed("a measure without operation", measured({"column": "a"}), "/measures/0/operation", "missing_field", ""),
    Malformed(
        "a measure without quantile",
        measured(COUNT, {"operation": "quantile", "column": "a"}),
        "/measures/1/quantile",
        "missing_field",
        "0.5",
    ),
    Malformed(
        "a correlation as measure",
        measured({"operation": "correlation", "column": "a"}),
        "/measures/0/operation",
        "not_an_aggregate",
        "correlation",
    ),
    Malformed(
        "a forecast as measure",
        mean(measures=[{"operation": "forecast"}]),
        "/measures/0/operation",
        "not_an_aggregate",
        "forecast",
    ),
    Malformed(
        "two measures of a name",
        measured({**COUNT, "name": "n"}, {"operation": "sum", "column": "a", "name": "n"}),
        "/measures/1/name",
        "duplicate",
        '"n"',
    ),
    Malformed(
        "a measure named like a group",
        measured({**COUNT, "name": "region"}, group_by=["region"]),
        "/measures/0/name",
        "duplicate",
        '"region"',
    ),
    Malformed("an empty name", measured({**COUNT, "name": ""}), "/measures/0/name", "empty", "empty"),
    Malformed("a bucket misspelt", mean(bucket="monthly", time_column="a"), "/bucket", "unknown_choice", '"month"'),
    Malformed("a bucket of what", mean(bucket="month"), "/time_column", "missing_field", "bucket"),
    Malformed("top of what", mean(top={"n": 3}), "/group_by", "missing_field", "top"),
    Malformed("top as number", mean(group_by=["a"], top=3), "/top", "wrong_type", "an object"),
    Malformed("top without n", mean(group_by=["a"], top={}), "/top/n", "missing_field", '"n" is missing'),
    Malformed("top 0", mean(group_by=["a"], top={"n": 0}), "/top/n", "out_of_range", "at least 1"),
    Malformed("top 1001", mean(group_by=["a"], top={"n": 1001}), "/top/n", "out_of_range", "at most 1000"),
    Malformed("top with half a group", mean(group_by=["a"], top={"n": 2.5}), "/top/n", "wrong_type", "whole number"),
    Malformed("other as text", mean(group_by=["a"], top={"n": 2, "other": "yes"}), "/top/other", "wrong_type", '"yes"'),
    Malformed("no such zone", mean(timezone="Europe/Berln"), "/timezone", "unknown_timezone", '"Europe/Berlin"'),
    Malformed("a zone as path", mean(timezone="../../etc/passwd"), "/timezone", "unknown_timezone", "IANA"),
    Malformed("a zone as offset", mean(timezone="+02:00"), "/timezone", "unknown_timezone", "+02:00"),
    Malformed("the machine's zone", mean(timezone="localtime"), "/timezone", "unknown_timezone", "IANA"),
    Malformed("a chart of nobody", mean(chart_type="pie"), "/chart_type", "unknown_choice", '"histogram"'),
    Malformed("a chart of others", mean(chart_type="boxplot"), "/chart_type", "unknown_choice", '"box"'),
    Malformed(
        "a correlation of one", {"operation": "correlation", "x_axis": "a"}, "/y_axis", "missing_field", "y_axis"
    ),
    Malformed("a regression of one", {"operation": "regression", "y_axis": "a"}, "/x_axis", "missing_field", "x_axis"),
    Malformed(
        "a column with itself",
        {"operation": "correlation", "x_axis": "a", "y_axis": "a"},
        "/y_axis",
        "same_column",
        "same",
    ),
    Malformed(
        "a column from itself", regression(predictors=["cost", "amount"]), "/predictors/1", "same_column", "itself"
    ),
    Malformed("a predictor twice", regression(predictors=["cost", "cost"]), "/predictors/1", "duplicate", '"cost"'),
    Malformed("a predictor that is x", regression(predictors=["price"]), "/predictors/0", "duplicate", '"price"'),
    Malformed(
        "a method of nobody",
        regression(operation="correlation", method="spearmann"),
        "/method",
        "unknown_choice",
        '"spearman"',
    ),
    Malformed("intercept 0", regression(intercept=0), "/intercept", "wrong_type", "true or false"),
    Malformed(
        "a forecast without time",
        {"operation": "forecast", "target_column": "a"},
        "/time_column",
        "missing_field",
        "time_column",
    ),
    Malformed(
        "a forecast of what",
        {"operation": "forecast", "time_column": "a"},
        "/target_column",
        "missing_field",
        "target_column",
    ),
    Malformed("a forecast of time", forecast(target_column="sold_at"), "/target_column", "same_column", "same"),
    Malformed("a forecast to nowhere", forecast(horizon=0), "/horizon", "out_of_range", "at least 1"),
    Malformed("a forecast for ever", forecast(horizon=10**20), "/horizon", "out_of_range", "at most 1000"),
    Malformed("a horizon as text", forecast(horizon="12"), "/horizon", "wrong_type", '"12"'),
    Malformed("a horizon as true", forecast(horizon=True), "/horizon", "wrong_type", "true"),
    Malformed("half a season", forecast(season_length=3.5), "/season_length", "wrong_type", "3.5"),
    Malformed(
        "two measures of a forecast",
        forecast(bucket="day", measures=[COUNT, {"operation": "sum"}]),
        "/measures",
        "too_long",
        "one measure",
    ),
    Malformed(
        "a forecast of something else",
        forecast(bucket="day", measures=[{"operation": "sum", "column": "price"}]),
        "/measures/0/column",
        "other_column",
        "target_column",
    ),
    Malformed(
        "a forecast of shares",
        forecast(bucket="day", measures=[{"operation": "share"}]),
        "/measures/0/operation",
        "unknown_choice",
        "share",
    ),
]

UNSUITED = (
    Malformed("a line of one number", mean(chart_type="line"), "/chart_type", "unsuited_chart", "group_by or a bucket"),
    Malformed(
        "a heatmap of one group",
        mean(chart_type="heatmap", group_by=["a"]),
        "/chart_type",
        "unsuited_chart",
        "two groups",
    ),
    Malformed(
        "a histogram of rows",
        {"operation": "count", "chart_type": "histogram"},
        "/chart_type",
        "unsuited_chart",
        '"bar"',
    ),
    Malformed("bars of a forecast", forecast(chart_type="bar"), "/chart_type", "unsuited_chart", '"line" or "auto"'),
    Malformed(
        "a box of a correlation",
        regression(operation="correlation", chart_type="box"),
        "/chart_type",
        "unsuited_chart",
        '"scatter"',
    ),
)
"""Charts that can not show the answer: warned of, and drawn as it suits."""
