"""Rules between a plan's fields: what an operation needs, what does not go together, what is not used."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from zoneinfo import available_timezones

from analytics_pipelines.datasets.plan.filters import findings_of_filters
from analytics_pipelines.datasets.plan.findings import (
    Code,
    Finding,
    did_you_mean,
    listed,
    near_names,
    pointer_of,
    shown,
)
from analytics_pipelines.datasets.plan.meaning import (
    AXES,
    WITHOUT_COLUMN,
    charts_of,
    group_names,
    has_own_measure,
    measures_of,
)
from analytics_pipelines.datasets.plan.model import MOST_MEASURES, ChartType, Measure, Operation, Plan

NO_PLACES = {"localtime", "Factory"}
ALWAYS_USED = {"operation", "filters", "chart_type", "timezone"}
OF_GROUPS = {"target_column", "group_by", "measures", "bucket", "top"}
USED: Mapping[Operation | None, set[str]] = {
    **dict.fromkeys((None, *Operation), OF_GROUPS),
    Operation.QUANTILE: OF_GROUPS | {"quantiles"},
    Operation.CORRELATION: {"x_axis", "y_axis", "method"},
    Operation.REGRESSION: {"x_axis", "y_axis", "predictors", "intercept"},
    Operation.FORECAST: {"time_column", "target_column", "horizon", "season_length", "bucket", "measures"},
}


def findings_of(plan: Plan) -> Iterator[Finding]:
    """Everything that is wrong with the plan whatever its data, then what it says without use."""
    yield from _what_is_missing(plan)
    yield from _measures(plan)
    yield from _repetitions(plan)
    yield from _columns_against_each_other(plan)
    yield from findings_of_filters(plan.filters)
    yield from _texts(plan)
    yield from _timezone(plan)
    yield from _chart(plan)
    yield from _unused(plan)


def _what_is_missing(plan: Plan) -> Iterator[Finding]:
    if plan.operation is None and not plan.measures:
        yield _error("", Code.NOTHING_TO_COMPUTE, "The plan does not say what to compute.", "Give an operation.")
    for pointer, reason in _needed(plan):
        yield _error(pointer, Code.MISSING_FIELD, reason)


def _needed(plan: Plan) -> Iterator[tuple[str, str]]:
    """Fields that are missing, with the reason."""
    operation = plan.operation
    if operation in AXES:
        wanted: Mapping[str, object] = {"x_axis": plan.x_axis, "y_axis": plan.y_axis}
    elif operation is Operation.FORECAST:
        wanted = {"time_column": plan.time_column, "target_column": plan.target_column}
    elif operation is not None and operation not in WITHOUT_COLUMN and not plan.measures:
        wanted = {"target_column": plan.target_column}
    else:
        wanted = {}
    for name in (name for name, given in wanted.items() if not given):
        yield "/" + name, f"The operation {operation} needs {name}."
    if operation is Operation.QUANTILE and plan.target_column and not plan.quantiles:
        yield "/quantiles", "The operation quantile needs quantiles, like [0.25, 0.5, 0.75]."
    if plan.bucket and not plan.time_column and operation is not Operation.FORECAST and operation not in AXES:
        yield "/time_column", "A bucket needs a time_column."
    if plan.top and not plan.group_by and operation not in {*AXES, Operation.FORECAST}:
        yield "/group_by", "A top needs something to group_by."


def _measures(plan: Plan) -> Iterator[Finding]:
    if plan.operation in AXES:
        return
    for number, each in enumerate(plan.measures):
        yield from _measure(each, pointer_of("measures", number), is_of_forecast=plan.operation is Operation.FORECAST)
    if plan.operation is Operation.FORECAST:
        yield from _measures_of_a_forecast(plan)
    elif len(measures_of(plan)) > MOST_MEASURES:
        hint = f"At most {MOST_MEASURES} are allowed, those of operation and quantiles among them."
        yield _error("/measures", Code.TOO_LONG, "There are too many measures.", hint)


def _measure(measure: Measure, pointer: str, *, is_of_forecast: bool) -> Iterator[Finding]:
    name, is_quantile = measure.operation.value, measure.operation is Operation.QUANTILE
    if not measure.operation.is_aggregate:
        message = f"The operation {name} makes no number of a group of rows."
        yield _error(pointer + "/operation", Code.NOT_AN_AGGREGATE, message, "Make it the plan's operation.")
    elif measure.column is None and measure.operation not in WITHOUT_COLUMN and not is_of_forecast:
        yield _error(pointer + "/column", Code.MISSING_FIELD, f"The operation {name} needs a column.")
    if is_quantile and measure.quantile is None:
        message = "The operation quantile needs a quantile, like 0.5."
        yield _error(pointer + "/quantile", Code.MISSING_FIELD, message)
    elif measure.quantile is not None and not is_quantile:
        yield _warning(pointer + "/quantile", Code.UNUSED_FIELD, f"The operation {name} does not use it.")


def _measures_of_a_forecast(plan: Plan) -> Iterator[Finding]:
    """A forecast is of one number per bucket, made of its target."""
    if len(plan.measures) > 1:
        yield _error("/measures", Code.TOO_LONG, "A forecast is of one measure.", "At most 1 is allowed.")
    for each in plan.measures[:1]:
        if each.operation is Operation.SHARE:
            message = "A share of the whole can not be forecast."
            yield _error("/measures/0/operation", Code.UNKNOWN_CHOICE, message, 'Take "sum", "mean" or "count".')
        if each.column not in {None, plan.target_column}:
            message = "A forecast is of its target_column, and the measure is of another column."
            yield _error("/measures/0/column", Code.OTHER_COLUMN, message, "Leave the column out.")
    if plan.measures and not plan.bucket:
        message = "Without a bucket rows are forecast as they are, and measures are not used."
        yield _warning("/measures", Code.UNUSED_FIELD, message)


def _repetitions(plan: Plan) -> Iterator[Finding]:
    groups = [*plan.group_by, plan.time_column] if plan.bucket else plan.group_by
    names = [each.name for each in plan.measures]
    bucket = {len(plan.group_by): "/time_column"}
    for number in _repeated(groups):
        pointer = bucket.get(number) or pointer_of("group_by", number)
        yield _error(pointer, Code.DUPLICATE, "Rows are grouped by " + shown(groups[number]) + " already.")
    for number in _repeated(plan.quantiles):
        yield _error(pointer_of("quantiles", number), Code.DUPLICATE, "The quantile is there already.")
    for number in _repeated([*group_names(plan), *names]):
        if (measure := number - len(group_names(plan))) >= 0:
            message = "Another column of the result has the name " + shown(names[measure]) + "."
            yield _error(pointer_of("measures", measure, "name"), Code.DUPLICATE, message)
    if plan.operation is Operation.REGRESSION:
        predictors = [plan.x_axis, *plan.predictors]
        for number in _repeated(predictors):
            message = "The column " + shown(predictors[number]) + " is a predictor already."
            yield _error(pointer_of("predictors", number - 1), Code.DUPLICATE, message)


def _columns_against_each_other(plan: Plan) -> Iterator[Finding]:
    if plan.operation in AXES and plan.x_axis and plan.x_axis == plan.y_axis:
        yield _error("/y_axis", Code.SAME_COLUMN, "x_axis and y_axis are the same column.", "Name two columns.")
    if plan.operation is Operation.REGRESSION and plan.y_axis in plan.predictors:
        pointer = pointer_of("predictors", plan.predictors.index(plan.y_axis))
        yield _error(pointer, Code.SAME_COLUMN, "A column can not be predicted from itself.", "Leave y_axis out here.")
    if plan.operation is Operation.FORECAST and plan.target_column and plan.target_column == plan.time_column:
        yield _error("/target_column", Code.SAME_COLUMN, "target_column and time_column are the same column.")


def _texts(plan: Plan) -> Iterator[Finding]:
    """Names that no dataset can have: a NUL would also keep the plan from being recorded."""
    for pointer, text in _texts_in(plan.model_dump(exclude_defaults=True), ""):
        if "\0" in text:
            yield _error(pointer, Code.BAD_TEXT, "The text holds a NUL character.", "No dataset holds one.")


def _texts_in(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, each in steps:
            yield from _texts_in(each, pointer + pointer_of(step))


def _timezone(plan: Plan) -> Iterator[Finding]:
    if plan.timezone != "UTC" and plan.timezone not in _zones():
        hint = did_you_mean(near_names(plan.timezone, sorted(_zones()))) or "Give an IANA name like Europe/Berlin."
        message = "There is no time zone " + shown(plan.timezone) + "."
        yield _error("/timezone", Code.UNKNOWN_TIMEZONE, message, hint)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_PLACES)


def _chart(plan: Plan) -> Iterator[Finding]:
    if plan.chart_type in {None, ChartType.AUTO} or plan.chart_type in (suited := charts_of(plan)):
        return
    message = f"A {plan.chart_type} chart can not show this answer, which is drawn as it suits."
    hint = "Take " + listed([*suited, ChartType.AUTO]) + "."
    if plan.chart_type is ChartType.HEATMAP:
        hint = "It needs two groups. " + hint
    elif plan.chart_type in {ChartType.LINE, ChartType.SCATTER} and ChartType.BAR in suited:
        hint = "It needs a group_by or a bucket. " + hint
    yield _warning("/chart_type", Code.UNSUITED_CHART, message, hint)


def _unused(plan: Plan) -> Iterator[Finding]:
    used = ALWAYS_USED | USED[plan.operation] | ({"time_column"} if plan.bucket else set())
    for name in (name for name in Plan.model_fields if name not in used and _is_given(plan, name)):
        what = f"The operation {plan.operation}" if plan.operation else "A plan without operation"
        hint = "It needs a bucket." if name == "time_column" and plan.operation not in AXES else ""
        yield _warning("/" + name, Code.UNUSED_FIELD, what + f" does not use {name}.", hint)
    if plan.operation and plan.operation.is_aggregate and plan.measures and not has_own_measure(plan):
        message = f"The operation {plan.operation} has no target_column; only the measures are computed."
        yield _warning("/operation", Code.UNUSED_FIELD, message)
    if plan.operation is None and plan.target_column:
        yield _warning("/target_column", Code.UNUSED_FIELD, "Without an operation target_column is not used.")


def _is_given(plan: Plan, name: str) -> bool:
    return bool(getattr(plan, name) != Plan.model_fields[name].default)


def _repeated(names: Sequence[object]) -> list[int]:
    """Places of what stood there before."""
    return [number for number, name in enumerate(names) if name is not None and name in names[:number]]


def _error(pointer: str, code: Code, message: str, hint: str = "") -> Finding:
    return Finding(pointer=pointer, code=code, message=message, hint=hint)


def _warning(pointer: str, code: Code, message: str, hint: str = "") -> Finding:
    return Finding(pointer=pointer, code=code, message=message, hint=hint, is_warning=True)
