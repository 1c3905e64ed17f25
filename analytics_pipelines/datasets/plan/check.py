"""A plan against the columns of its data: whether they are there, hold what is needed, and may be read."""

from collections.abc import Iterator, Mapping
from itertools import islice

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.cautions import cautions
from analytics_pipelines.datasets.plan.filters import place_of_value, reversed_range, values_of
from analytics_pipelines.datasets.plan.findings import (
    Code,
    Finding,
    did_you_mean,
    near_names,
    pointer_of,
    shown,
)
from analytics_pipelines.datasets.plan.meaning import CHARTS_OF_VALUES, Use, measures_of, uses_of
from analytics_pipelines.datasets.plan.model import Bucket, Filter, Operation, Operator, Plan
from analytics_pipelines.datasets.plan.values import HELD, Readable, Unreadable, read_value
from analytics_pipelines.datasets.subject import Subject, SubjectColumn

Columns = Mapping[str, SubjectColumn]
MOST_NEAR_SOUGHT = 3
"""Of so many unknown columns near names are sought: each takes 1 ms among 2,000."""
MOST_LISTED = 10
ANY = frozenset(ColumnKind)
KNOWN = ANY - {ColumnKind.OTHER}
NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
TIMES = frozenset({ColumnKind.DATE, ColumnKind.TIMESTAMP})
ORDERED = KNOWN - {ColumnKind.BOOLEAN}
KINDS_OF_OPERATIONS = {
    **dict.fromkeys(Operation, NUMBERS),
    **dict.fromkeys((Operation.MIN, Operation.MAX), KNOWN),
    **dict.fromkeys((Operation.COUNT, Operation.COUNT_DISTINCT), ANY),
}
KINDS_OF_OPERATORS = {
    **dict.fromkeys(Operator, ORDERED),
    **dict.fromkeys((Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN), KNOWN),
    Operator.CONTAINS: frozenset({ColumnKind.TEXT}),
    Operator.IS_NULL: ANY,
}
WORDS = {
    NUMBERS: "numbers",
    TIMES: "dates or times",
    KNOWN: "numbers, times, booleans or text",
    ORDERED: "numbers, times or text",
    frozenset({ColumnKind.TEXT}): "text",
}
WITHIN_A_DAY = {Bucket.MINUTE, Bucket.HOUR}
OF_PERSONAL_COLUMNS = {Operation.COUNT, Operation.COUNT_DISTINCT, Operator.IS_NULL}


def check_against(plan: Plan, subject: Subject, *, sees_personal: bool) -> tuple[Finding, ...]:
    """What is wrong with the plan given its data; where nothing is, what is worth knowing before it runs.

    Takes a plan that `parse_plan` found nothing wrong with. Who does not see personal columns may only count them.
    """
    columns = {each.name: each for each in subject.columns}
    errors = (
        *_unknown(plan, columns),
        *(finding for use in uses_of(plan) if (column := columns.get(use.column)) for finding in _kind(use, column)),
        *(() if sees_personal else _personal(plan, columns)),
        *_bucket(plan, columns),
        *_chart(plan, columns, sees_personal=sees_personal),
        *_values(plan, columns),
    )
    return errors or tuple(cautions(plan, subject, columns))


def _unknown(plan: Plan, columns: Columns) -> Iterator[Finding]:
    near: dict[str, str] = {}
    for use in (use for use in uses_of(plan) if use.column not in columns):
        if use.column not in near:
            near[use.column] = _near(use.column, columns) if len(near) < MOST_NEAR_SOUGHT else ""
        message = "There is no column " + shown(use.column) + "."
        yield Finding(pointer=use.pointer, code=Code.UNKNOWN_COLUMN, message=message, hint=near[use.column])


def _near(wanted: str, columns: Columns) -> str:
    """The columns that may have been meant, else the first of those there are."""
    if hint := did_you_mean(near_names(wanted, columns)):
        return hint
    there = ", ".join(shown(name) for name in islice(columns, MOST_LISTED))
    return "There are " + there + (" and others." if len(columns) > MOST_LISTED else ".") if there else ""


def _kind(use: Use, column: SubjectColumn) -> Iterator[Finding]:
    asker, kinds = _asked_by(use)
    if column.kind not in kinds:
        held = "values of type " + column.type[:100] if column.kind is ColumnKind.OTHER else HELD[column.kind]
        message = asker + " needs " + WORDS[kinds] + ", and column " + shown(column.name) + " holds " + held + "."
        hint = column.evidence.reason if column.evidence else ""
        yield Finding(pointer=use.pointer, code=Code.WRONG_KIND, message=message, hint=hint)


def _asked_by(use: Use) -> tuple[str, frozenset[ColumnKind]]:
    """Who reads the column, and the kinds that this one can read."""
    if use.operation:
        return "The operation " + use.operation.value, KINDS_OF_OPERATIONS[use.operation]
    if use.operator:
        return "A filter by " + use.operator.value, KINDS_OF_OPERATORS[use.operator]
    return ("A time_column", TIMES) if use.is_time else ("A group", KNOWN)


def _personal(plan: Plan, columns: Columns) -> Iterator[Finding]:
    for use in uses_of(plan):
        if use.column in columns and columns[use.column].is_personal:
            if (use.operation or use.operator) in OF_PERSONAL_COLUMNS:
                continue
            message = "Column " + shown(use.column) + " is about persons, and its values are not shown."
            hint = "It can be counted: take count, count_distinct or is_null."
            yield Finding(pointer=use.pointer, code=Code.PERSONAL_COLUMN, message=message, hint=hint)


def _bucket(plan: Plan, columns: Columns) -> Iterator[Finding]:
    column = columns.get(plan.time_column or "")
    if column and plan.bucket in WITHIN_A_DAY and column.kind is ColumnKind.DATE:
        message = "Column " + shown(column.name) + " holds days, which have no " + plan.bucket.value + "s."
        yield Finding(pointer="/bucket", code=Code.WRONG_KIND, message=message, hint='Take "day" or longer.')


def _chart(plan: Plan, columns: Columns, *, sees_personal: bool) -> Iterator[Finding]:
    """Histograms and boxes show the values themselves, also where the plan only counts them."""
    measures = measures_of(plan)
    column = columns.get(measures[0].column or "") if measures else None
    if plan.chart_type not in CHARTS_OF_VALUES or column is None:
        return
    if column.is_personal and not sees_personal:
        message = "Column " + shown(column.name) + " is about persons, and its values are not shown."
        yield Finding(pointer="/chart_type", code=Code.PERSONAL_COLUMN, message=message, hint='Take "bar".')
    elif not column.kind.is_numeric:
        message = f"A {plan.chart_type} needs numbers, and column {shown(column.name)} holds {HELD[column.kind]}."
        yield Finding(pointer="/chart_type", code=Code.WRONG_KIND, message=message, hint='Take "bar".')


def _values(plan: Plan, columns: Columns) -> Iterator[Finding]:
    for number, each in enumerate(plan.filters):
        column = columns.get(each.column)
        if column and each.operator is not Operator.IS_NULL and column.kind in KINDS_OF_OPERATORS[each.operator]:
            yield from _values_of(each, column, plan.timezone, pointer_of("filters", number, "value"))


def _values_of(each: Filter, column: SubjectColumn, timezone: str, pointer: str) -> Iterator[Finding]:
    read: list[Readable] = []
    for number, value in enumerate(values_of(each)):
        try:
            read.append(read_value(value, column, timezone))
        except Unreadable as unread:
            place = pointer + pointer_of(*place_of_value(each, number))
            hint = unread.remedy or ""
            yield Finding(pointer=place, code=Code.UNREADABLE_VALUE, message=unread.detail, hint=hint)
    if each.operator is Operator.BETWEEN and len(read) > 1 and _is_more(read[0], read[1]):
        yield reversed_range(pointer)


def _is_more(one: Readable, other: Readable) -> bool:
    """Of two values that one column made comparable; texts are left to the order of the data."""
    return not isinstance(one, str) and one > other  # type: ignore[operator] # one column reads both alike
