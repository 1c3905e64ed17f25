"""The plan: what clients send, as one closed model whose JSON Schema is published.

The first nine fields are those of the older system, as they were; the rest has grown beside them.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator


class Operation(StrEnum):
    """What is computed."""

    MEAN = "mean"
    SUM = "sum"
    COUNT = "count"
    MIN = "min"
    MAX = "max"
    STD = "std"
    VARIANCE = "variance"
    MEDIAN = "median"
    QUANTILE = "quantile"
    COUNT_DISTINCT = "count_distinct"
    SHARE = "share"
    CORRELATION = "correlation"
    REGRESSION = "regression"
    FORECAST = "forecast"

    @property
    def is_aggregate(self) -> bool:
        """Whether it makes one number of a group of rows."""
        return self not in {Operation.CORRELATION, Operation.REGRESSION, Operation.FORECAST}


class Operator(StrEnum):
    """How a filter compares."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    GREATER = ">"
    LESS = "<"
    AT_LEAST = ">="
    AT_MOST = "<="
    IN = "in"
    BETWEEN = "between"
    IS_NULL = "is_null"
    CONTAINS = "contains"


class ChartType(StrEnum):
    """How the answer is drawn; `auto` takes what suits it."""

    LINE = "line"
    BAR = "bar"
    SCATTER = "scatter"
    HEATMAP = "heatmap"
    BOX = "box"
    HISTOGRAM = "histogram"
    AUTO = "auto"


class Method(StrEnum):
    """How a correlation is measured."""

    PEARSON = "pearson"
    SPEARMAN = "spearman"
    KENDALL = "kendall"


class Bucket(StrEnum):
    """Spans of local time that rows are grouped by; weeks begin on Monday."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MOST_FILTERS = 50
MOST_VALUES = 1000
MOST_GROUPS = 5
MOST_MEASURES = 20
MOST_PREDICTORS = 30
MOST_QUANTILES = 20
MOST_HORIZON = 1000
MOST_NAME_CHARACTERS = 500
MOST_MEASURE_NAME_CHARACTERS = MOST_NAME_CHARACTERS + 100
MOST_TEXT_CHARACTERS = 10_000

ColumnName = Annotated[StrictStr, Field(min_length=1, max_length=MOST_NAME_CHARACTERS)]
Text = Annotated[StrictStr, Field(max_length=MOST_TEXT_CHARACTERS)]
Scalar = StrictBool | StrictInt | StrictFloat | Text | None
Probability = Annotated[StrictFloat, Field(gt=0, lt=1)]


class Closed(BaseModel):
    """Nothing is ignored: a field that is not known is an error. One that is null counts as absent."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: object) -> object:
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given


class Filter(Closed):
    """Rows that pass: several filters must all hold. A null or NaN passes only `is_null`."""

    column: ColumnName
    """The column whose values are compared."""
    operator: Operator
    """How they are compared."""
    value: Scalar | Annotated[list[Scalar], Field(max_length=MOST_VALUES)] = None
    """What they are compared with: a list for `in`, the two ends for `between` (both pass), true or false for
    `is_null` (true unless given)."""


class Measure(Closed):
    """One of several numbers per group."""

    operation: Operation
    """One that makes a number of a group of rows."""
    column: ColumnName | None = None
    """Not needed by `count`, which then counts rows, and by `share`, which then is of rows."""
    quantile: Probability | None = None
    """Of `quantile`, which needs it: the share of values below; 0.5 is the median."""
    name: Annotated[StrictStr, Field(min_length=1, max_length=MOST_MEASURE_NAME_CHARACTERS)] | None = None
    """Of its column in the result; made of operation and column unless given."""


class Top(Closed):
    """The groups with most of the first measure; the rest as one group "other", or not at all."""

    n: Annotated[StrictInt, Field(ge=1, le=1000)]
    """How many groups stand by themselves."""
    other: StrictBool = True
    """Whether the rest is one more group, computed from its rows."""


class Plan(Closed):
    """What is computed, over which rows, and how it is drawn."""

    operation: Operation | None = None
    """What is computed; may be left out where `measures` says it."""
    target_column: ColumnName | None = None
    """The column that `operation` computes with; not needed by `count` and `share`."""
    filters: Annotated[list[Filter], Field(max_length=MOST_FILTERS)] = []
    """Which rows take part; all must hold."""
    group_by: Annotated[list[ColumnName], Field(max_length=MOST_GROUPS)] = []
    """Columns whose equal values make one group; null is a group of its own."""
    chart_type: ChartType | None = None
    """How the answer is drawn; what suits it unless given."""
    x_axis: ColumnName | None = None
    """Of correlation and regression: the column that the other is held against, or is predicted from."""
    y_axis: ColumnName | None = None
    """Of correlation and regression: the other column; the one that is predicted."""
    time_column: ColumnName | None = None
    """Of forecasts and buckets: when each row was."""
    horizon: Annotated[StrictInt, Field(ge=1, le=MOST_HORIZON)] | None = None
    """Of forecasts: how many steps ahead; 12 unless given."""
    measures: Annotated[list[Measure], Field(max_length=MOST_MEASURES)] = []
    """Further numbers per group, after that of `operation`. Of a forecast: how a bucket is summed up, at most one."""
    quantiles: Annotated[list[Probability], Field(max_length=MOST_QUANTILES)] = []
    """Of `quantile`, which needs them: the shares of values below."""
    bucket: Bucket | None = None
    """Spans of local time of `time_column` that rows are grouped by, after `group_by`."""
    timezone: Annotated[StrictStr, Field(min_length=1, max_length=100)] = "UTC"
    """IANA name of the zone in which buckets begin and filters without an offset are read."""
    top: Top | None = None
    """Keeps the largest groups apart and joins the rest."""
    method: Method = Method.PEARSON
    """Of correlations: how it is measured."""
    predictors: Annotated[list[ColumnName], Field(max_length=MOST_PREDICTORS)] = []
    """Of a multiple regression: columns to predict from besides `x_axis`."""
    intercept: StrictBool = True
    """Of regressions: whether the line may cross the axis elsewhere than at zero."""
    season_length: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = None
    """Of forecasts, in steps of the series: found by itself unless given; 1 means none."""
