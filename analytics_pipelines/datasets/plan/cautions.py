"""What is worth knowing before a sound plan runs, from the evidence about its columns; of uploads only."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from math import prod

from analytics_pipelines.datasets.evidence import ColumnEvidence, ColumnKind
from analytics_pipelines.datasets.plan.findings import Code, Finding, shown
from analytics_pipelines.datasets.plan.meaning import Use, horizon_of, predictors_of, uses_of
from analytics_pipelines.datasets.plan.model import Bucket, Operation, Plan
from analytics_pipelines.datasets.subject import Subject, SubjectColumn

FEW = 30
FEW_PER_PREDICTOR = 10
MANY_NULLS_PCT = 20
MANY_GROUPS = 1_000
SEASONS_NEEDED = 2
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
"""A word of a name in snake or camel case."""
WORDS_OF_CODES = {"id", "uid", "code", "zip", "plz", "postcode", "key", "type", "class", "category", "sku", "phone"}
OF_SAMPLES = {
    Operation.MEAN,
    Operation.STD,
    Operation.VARIANCE,
    Operation.MEDIAN,
    Operation.QUANTILE,
    Operation.CORRELATION,
    Operation.REGRESSION,
    Operation.FORECAST,
}
"""Operations whose answer stands for more than the rows it is computed from."""
OF_SPREAD = {Operation.STD, Operation.VARIANCE, Operation.CORRELATION, Operation.REGRESSION, Operation.FORECAST}
OF_EXTENT = {*OF_SAMPLES, Operation.SUM, Operation.SHARE}
"""Operations that take a value as so much of something."""
SECONDS = {
    Bucket.MINUTE: 60,
    Bucket.HOUR: 3_600,
    Bucket.DAY: 86_400,
    Bucket.WEEK: 7 * 86_400,
    Bucket.MONTH: 365.25 / 12 * 86_400,
    Bucket.QUARTER: 365.25 / 4 * 86_400,
    Bucket.YEAR: 365.25 * 86_400,
}


@dataclass(frozen=True, slots=True)
class Read:
    """A column that takes part in the computation, with what is known of it."""

    use: Use
    evidence: ColumnEvidence
    values: int
    """Rows in which it has one."""
    rows: int

    @property
    def name(self) -> str:
        """As a message quotes it."""
        return shown(self.evidence.name)


def cautions(plan: Plan, subject: Subject, columns: Mapping[str, SubjectColumn]) -> Iterator[Finding]:
    """Warnings about the plan over this data; none where no evidence is. The plan names only columns there are."""
    if subject.row_count == 0:
        yield _warning("", Code.NO_ROWS, "The dataset has no rows.")
    elif subject.row_count:
        reads = tuple(_reads(plan, columns, subject.row_count))
        for each in reads:
            yield from (finding for caution in OF_A_COLUMN if (finding := caution(each)))
        yield from _few_values(plan, reads)
        yield from _collinear(plan, reads)
        yield from _groups(plan, reads)
        yield from _series(plan, reads)


def _reads(plan: Plan, columns: Mapping[str, SubjectColumn], rows: int) -> Iterator[Read]:
    """What the plan computes with, each column once for each operation; filters are not looked at."""
    seen = set()
    for use in uses_of(plan):
        evidence = columns[use.column].evidence
        if evidence and use.operator is None and (use.column, use.operation, use.is_time) not in seen:
            seen.add((use.column, use.operation, use.is_time))
            yield Read(use, evidence, rows - evidence.nulls, rows)


def _nulls(read: Read) -> Finding | None:
    if read.values == 0:
        return _warning(read.use.pointer, Code.NO_VALUES, "Column " + read.name + " has no values.")
    share_pct = 100 * read.evidence.nulls / read.rows
    if share_pct <= MANY_NULLS_PCT or read.use.operation is Operation.COUNT:
        return None
    kept = "They are a group of their own." if not (read.use.operation or read.use.is_time) else "They are left out."
    message = f"{share_pct:.0f} % of the values of column {read.name} are missing."
    return _warning(read.use.pointer, Code.MANY_NULLS, message, kept)


def _constant(read: Read) -> Finding | None:
    if read.evidence.distinct != 1 or read.use.operation not in OF_SPREAD:
        return None
    message = "All values of column " + read.name + " are the same."
    return _warning(read.use.pointer, Code.CONSTANT_COLUMN, message)


def _codes(read: Read) -> Finding | None:
    """By the last word of the name alone: few different values may well be ratings or quantities."""
    evidence = read.evidence
    if evidence.kind is not ColumnKind.INTEGER or read.use.operation not in OF_EXTENT:
        return None
    if not {word.lower() for word in WORD.findall(evidence.name)[-1:]} & WORDS_OF_CODES:
        return None
    message = "Column " + read.name + " looks like codes, of which one is not more than another."
    return _warning(read.use.pointer, Code.CODES_AS_NUMBERS, message, "Group by it, or filter by it.")


OF_A_COLUMN: tuple[Callable[[Read], Finding | None], ...] = (_nulls, _constant, _codes)


def _few_values(plan: Plan, reads: tuple[Read, ...]) -> Iterator[Finding]:
    """Of an axis or a series the column with the fewest; of aggregates each."""
    sampled = [read for read in reads if read.use.operation in OF_SAMPLES]
    if plan.operation is not None and not plan.operation.is_aggregate:
        sampled = sorted(sampled, key=lambda read: read.values)[:1]
    enough = FEW
    if plan.operation is Operation.REGRESSION:
        enough = max(FEW, FEW_PER_PREDICTOR * len(predictors_of(plan)))
    for read in sampled:
        if 0 < read.values < enough:
            number = "1 value" if read.values == 1 else f"{read.values} values"
            message = f"Column {read.name} has only {number}; under {enough} little can be said."
            yield _warning(read.use.pointer, Code.FEW_VALUES, message)


def _collinear(plan: Plan, reads: tuple[Read, ...]) -> Iterator[Finding]:
    if plan.operation is Operation.REGRESSION:
        predictors = [read for read in reads if read.use.pointer != "/y_axis"]
        for one, other in combinations(predictors, 2):
            if {one.evidence.name, other.evidence.name} & {
                *one.evidence.collinear_with,
                *other.evidence.collinear_with,
            }:
                message = "The predictors " + one.name + " and " + other.name + " say nearly the same."
                hint = "Leave one out: their coefficients can not be told apart."
                yield _warning(other.use.pointer, Code.COLLINEAR_COLUMNS, message, hint)


def _groups(plan: Plan, reads: tuple[Read, ...]) -> Iterator[Finding]:
    groups = [read for read in reads if not (read.use.operation or read.use.is_time)]
    if not groups:
        return
    rows = groups[0].rows
    for read in groups:
        if read.evidence.distinct == read.rows > 1:
            message = "Every value of column " + read.name + " is there once: each group is one row."
            yield _warning(read.use.pointer, Code.GROUPS_OF_ONE, message)
    number = min(rows, prod(read.evidence.distinct + bool(read.evidence.nulls) for read in groups))
    if number > MANY_GROUPS and not plan.top:
        message = f"There can be {number:,} groups."
        yield _warning("/group_by", Code.MANY_GROUPS, message, "Take top for the largest and one for the rest.")


def _series(plan: Plan, reads: tuple[Read, ...]) -> Iterator[Finding]:
    time = next((read for read in reads if read.use.is_time), None)
    if plan.operation is not Operation.FORECAST or time is None:
        return
    if time.evidence.gaps and not plan.bucket:
        message = f"Column {time.name} has {time.evidence.gaps:,} gaps in time."
        yield _warning("/time_column", Code.GAPS_IN_TIME, message, "Take a bucket that has rows in all of its spans.")
    steps = min((read.values for read in reads), default=0)
    steps = min(steps, _spans(time.evidence, plan.bucket)) if plan.bucket else steps
    if plan.season_length and plan.season_length > 1 and steps < SEASONS_NEEDED * plan.season_length:
        message = f"There are at most {steps:,} steps, and two seasons of {plan.season_length:,} need more."
        yield _warning("/season_length", Code.SHORT_SEASONS, message)
    if horizon_of(plan) > steps:
        message = f"The forecast goes {horizon_of(plan):,} steps ahead, and at most {steps:,} are known."
        yield _warning("/horizon", Code.FAR_HORIZON, message)


def _spans(evidence: ColumnEvidence, bucket: Bucket) -> int:
    """How many buckets there are from the first to the last time."""
    try:
        least, most = (datetime.fromisoformat(str(end)) for end in (evidence.least, evidence.most))
        return int((most - least).total_seconds() // SECONDS[bucket]) + 1
    except (ValueError, TypeError):
        return evidence.distinct


def _warning(pointer: str, code: Code, message: str, hint: str = "") -> Finding:
    return Finding(pointer=pointer, code=code, message=message, hint=hint, is_warning=True)
