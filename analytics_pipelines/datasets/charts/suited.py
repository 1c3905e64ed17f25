"""Which chart suits a plan that leaves the choice to us."""

from collections.abc import Mapping

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.model import ChartType, Operation, Plan

OF_SPREAD = {Operation.MEDIAN, Operation.QUANTILE, Operation.STD, Operation.VARIANCE}


def suited(plan: Plan, kinds: Mapping[str, ColumnKind]) -> ChartType:
    """Never `auto`. `kinds` are those of the subject's columns by name."""
    if plan.operation is Operation.FORECAST:
        return ChartType.LINE
    if plan.operation in {Operation.CORRELATION, Operation.REGRESSION}:
        return ChartType.SCATTER
    if plan.bucket or any(kinds.get(name, ColumnKind.OTHER).is_temporal for name in plan.group_by):
        return ChartType.LINE
    if plan.measures:
        return ChartType.BAR
    target = kinds.get(plan.target_column or "", ColumnKind.OTHER)
    if plan.operation in OF_SPREAD and target.is_numeric and len(plan.group_by) <= 1:
        return ChartType.BOX if plan.group_by else ChartType.HISTOGRAM
    return ChartType.HEATMAP if len(plan.group_by) == len(("x", "y")) else ChartType.BAR
