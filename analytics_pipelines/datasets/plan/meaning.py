"""What a plan means where it leaves something unsaid: its measures and their names, groups, columns and charts."""

from collections.abc import Iterator
from dataclasses import dataclass

from analytics_pipelines.datasets.plan.findings import pointer_of
from analytics_pipelines.datasets.plan.model import ChartType, Measure, Operation, Operator, Plan

USUAL_HORIZON = 12
WITHOUT_COLUMN = {Operation.COUNT, Operation.SHARE}
"""Operations that without a column are of the rows themselves."""
AXES = {Operation.CORRELATION, Operation.REGRESSION}
CHARTS_OF_GROUPS = (ChartType.BAR, ChartType.LINE, ChartType.SCATTER)
CHARTS_OF_VALUES = (ChartType.HISTOGRAM, ChartType.BOX)
CHARTS_OF_STATISTICS = {
    Operation.CORRELATION: (ChartType.SCATTER, ChartType.HEATMAP),
    Operation.REGRESSION: (ChartType.SCATTER, ChartType.HEATMAP),
    Operation.FORECAST: (ChartType.LINE,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMeasure:
    """One number per group: what is computed, of which column, and its name in the result."""

    operation: Operation
    column: str | None
    """None: of the rows themselves."""
    quantile: float | None
    """Of `quantile` only, and there always."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A place where the plan names a column whose values it reads, and what for.

    One of `operation` and `operator` says so; both are None where rows are grouped by it. `is_time` where it says when
    a row was.
    """

    pointer: str
    column: str
    operation: Operation | None = None
    operator: Operator | None = None
    is_time: bool = False


def group_names(plan: Plan) -> tuple[str, ...]:
    """The columns that rows are grouped by; that of the bucket comes last."""
    return (*plan.group_by, plan.time_column) if plan.bucket and plan.time_column else tuple(plan.group_by)


def has_own_measure(plan: Plan) -> bool:
    """Whether `operation` adds a number: one that needs a column and has none leaves it to `measures`."""
    return plan.operation is not None and (plan.target_column is not None or plan.operation in WITHOUT_COLUMN)


def measures_of(plan: Plan) -> tuple[NamedMeasure, ...]:
    """The numbers per group: that of `operation`, one for each of its quantiles, then `measures`.

    What is said twice counts once. Names are unique, also among those of the groups.
    """
    taken = {*group_names(plan), *(each.name for each in plan.measures if each.name)}
    named = []
    for each in dict.fromkeys(_measures(plan)):
        name = each.name or _free(_usual_name(each), taken)
        taken.add(name)
        named.append(_named(each, name))
    return tuple(named)


def series_measure(plan: Plan) -> NamedMeasure:
    """How a bucket of a forecast is summed up: by the plan's only measure, else by the mean of the target."""
    given = plan.measures[0] if plan.measures else Measure(operation=Operation.MEAN)
    meant = given.model_copy(update={"column": given.column or plan.target_column})
    return _named(meant, meant.name or _usual_name(meant))


def predictors_of(plan: Plan) -> tuple[str, ...]:
    """The columns that a regression predicts from, `x_axis` first."""
    return (plan.x_axis, *plan.predictors) if plan.x_axis else tuple(plan.predictors)


def horizon_of(plan: Plan) -> int:
    """How many steps a forecast goes ahead."""
    return plan.horizon or USUAL_HORIZON


def charts_of(plan: Plan) -> tuple[ChartType, ...]:
    """The charts that can show the plan's answer; boxes stand side by side along one group only."""
    if plan.operation in CHARTS_OF_STATISTICS:
        return CHARTS_OF_STATISTICS[plan.operation]
    groups, measures = group_names(plan), measures_of(plan)
    of_groups = CHARTS_OF_GROUPS if groups else (ChartType.BAR,)
    of_two = (ChartType.HEATMAP,) if len(groups) > 1 else ()
    of_values = CHARTS_OF_VALUES[: 1 if len(groups) > 1 else None] if measures and measures[0].column else ()
    return (*of_groups, *of_two, *of_values)


def columns_used(plan: Plan) -> tuple[str, ...]:
    """Every column whose values the plan reads, filters too, each once; fields that are not used name none."""
    return tuple(dict.fromkeys(use.column for use in uses_of(plan)))


def uses_of(plan: Plan) -> Iterator[Use]:
    """Every place where a column is named and read."""
    for number, each in enumerate(plan.filters):
        yield Use(pointer=pointer_of("filters", number, "column"), column=each.column, operator=each.operator)
    if plan.operation in AXES:
        yield from _uses_of_axes(plan, plan.operation)
    elif plan.operation is Operation.FORECAST:
        yield from _uses_of_time(plan)
        if plan.target_column:
            meant = series_measure(plan).operation if plan.bucket else Operation.FORECAST
            yield Use(pointer="/target_column", column=plan.target_column, operation=meant)
    else:
        yield from _uses_of_groups(plan)


def _uses_of_axes(plan: Plan, operation: Operation) -> Iterator[Use]:
    named = {"/x_axis": plan.x_axis, "/y_axis": plan.y_axis}
    if operation is Operation.REGRESSION:
        named |= {pointer_of("predictors", number): name for number, name in enumerate(plan.predictors)}
    for pointer, name in named.items():
        if name:
            yield Use(pointer=pointer, column=name, operation=operation)


def _uses_of_time(plan: Plan) -> Iterator[Use]:
    if plan.time_column:
        yield Use(pointer="/time_column", column=plan.time_column, is_time=True)


def _uses_of_groups(plan: Plan) -> Iterator[Use]:
    if plan.target_column and plan.operation:
        yield Use(pointer="/target_column", column=plan.target_column, operation=plan.operation)
    for number, name in enumerate(plan.group_by):
        yield Use(pointer=pointer_of("group_by", number), column=name)
    if plan.bucket:
        yield from _uses_of_time(plan)
    for number, each in enumerate(plan.measures):
        if each.column:
            yield Use(pointer=pointer_of("measures", number, "column"), column=each.column, operation=each.operation)


def _measures(plan: Plan) -> Iterator[Measure]:
    if plan.operation and has_own_measure(plan):
        for quantile in plan.quantiles if plan.operation is Operation.QUANTILE else [None]:
            yield Measure(operation=plan.operation, column=plan.target_column, quantile=quantile)
    yield from plan.measures


def _named(measure: Measure, name: str) -> NamedMeasure:
    quantile = measure.quantile if measure.operation is Operation.QUANTILE else None
    return NamedMeasure(operation=measure.operation, column=measure.column, quantile=quantile, name=name)


def _usual_name(measure: Measure) -> str:
    quantile = repr(measure.quantile) if measure.operation is Operation.QUANTILE else None
    return "_".join(part for part in (measure.operation.value, quantile, measure.column) if part)


def _free(name: str, taken: set[str]) -> str:
    """The name, or with the smallest number behind it that nobody has."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free
