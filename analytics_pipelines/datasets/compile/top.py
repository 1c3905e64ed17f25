"""The groups with most of a measure, and every other group as one."""

from collections.abc import Sequence

from analytics_pipelines.datasets.compile.columns import (
    AS_DOUBLE,
    IS_FINITE,
    WHERE_PRESENT,
    column_of,
    is_exact,
    number_of,
    value_of,
)
from analytics_pipelines.datasets.compile.deviations import VARIANCE, guarded
from analytics_pipelines.datasets.compile.kept import Kept
from analytics_pipelines.datasets.compile.measures import (
    COUNT,
    DEVIATIONS,
    DISTINCT,
    EXACT_SUM,
    EXTREMES,
    MEDIAN,
    ROWS,
    SUM,
)
from analytics_pipelines.datasets.plan.meaning import NamedMeasure
from analytics_pipelines.datasets.plan.model import Operation
from analytics_pipelines.datasets.subject import Subject
from analytics_pipelines.foundation.bound import every
from analytics_pipelines.foundation.sql import Sql, joined, name

RANK = name("rank")
RANKED = Sql(
    "SELECT {keys}, ROW_NUMBER() OVER (ORDER BY {weight} DESC NULLS LAST, {order}) AS rank"
    " FROM (\n{rows}\n) AS rows GROUP BY {keys} QUALIFY rank <= {most}"
)
PLACED = Sql(
    "SELECT rows.*, {keys}, COALESCE(ranked.rank, {most} + 1) AS rank"
    " FROM (\n{rows}\n) AS rows LEFT JOIN (\n{ranked}\n) AS ranked ON {same}"
)
KEY = Sql("CASE WHEN ranked.rank IS NOT NULL THEN rows.{key} END AS {placed}")
SAME = Sql("rows.{key} IS NOT DISTINCT FROM ranked.{key}")
ORDER = Sql("{key} ASC NULLS LAST")
MEAN = Sql("{sum} / COUNT({value})")
QUANTILE = Sql("QUANTILE_CONT({value}, {quantile})")
PLAIN = {Operation.COUNT: COUNT, Operation.COUNT_DISTINCT: DISTINCT, **EXTREMES}
IF_ALL = Sql("CASE WHEN COUNT({part}) = COUNT({value}) THEN {variance} END")


def placed_rows(rows: Sql, keys: Sequence[Sql], weight: Sql, most: int) -> tuple[Sql, list[Sql]]:
    """The rows with the rank of their group among the `most` weightiest, and the names of their keys from then on.

    A row of any other group has the rank `most + 1` and null keys. Equal weights are ranked by key, missing ones last.
    """
    limit = Sql(str(most))
    order = joined(ORDER.fill(key=key) for key in keys)
    ranked = RANKED.fill(keys=joined(keys), weight=weight, order=order, rows=rows, most=limit)
    placed = [name("k" + str(number)) for number in range(len(keys))]
    found = PLACED.fill(
        keys=joined(KEY.fill(key=key, placed=each) for key, each in zip(keys, placed, strict=True)),
        most=limit,
        rows=rows,
        ranked=ranked,
        same=every(SAME.fill(key=key) for key in keys),
    )
    return found, placed


def weight_of(measure: NamedMeasure, kept: Kept, subject: Subject) -> Sql:
    """The aggregate by which groups are ranked: the measure itself; for a share, the sum that it is a share of.

    What is not finite is missing, and so are spreads of numbers that can not be squared.
    """
    if measure.column is None:
        return ROWS
    column = column_of(subject, measure.column)
    value = kept.columns.add(value_of(column))
    if measure.operation in {Operation.MEDIAN, Operation.QUANTILE}:
        quantile = MEDIAN if measure.quantile is None else measure.quantile
        number = kept.columns.add(number_of(column))
        return _finite(QUANTILE.fill(value=number, quantile=Sql(repr(quantile))))
    if measure.operation in PLAIN:
        return PLAIN[measure.operation].fill(value=value)
    if measure.operation in DEVIATIONS:
        part = guarded(value)
        return IF_ALL.fill(part=part, value=value, variance=VARIANCE.fill(value=part))
    total = (EXACT_SUM if is_exact(column) else SUM).fill(value=value)
    mean = MEAN.fill(sum=AS_DOUBLE.fill(value=total), value=value)
    return _finite(mean if measure.operation is Operation.MEAN else total)


def _finite(value: Sql) -> Sql:
    """Integers are, and have no such test of their own."""
    is_present = IS_FINITE.fill(value=AS_DOUBLE.fill(value=value))
    return WHERE_PRESENT.fill(is_present=is_present, value=value)
