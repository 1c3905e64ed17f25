"""A column's values as questions read them: NaN and infinite times are null, and types are those one can count on."""

import re

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.subject import Subject, SubjectColumn
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.sql import Sql, name

MOMENT = "TIMESTAMP WITH TIME ZONE"
DECIMAL = re.compile(r"DECIMAL\((\d+),\d+\)")
MOST_EXACT_DIGITS = 28
"""A sum of ten billion such decimals has the 38 digits that DuckDB sums exactly."""
WIDE = {"HUGEINT", "UHUGEINT"}
"""A sum of two of them may be beyond any integer of DuckDB's, so they are read as DOUBLE."""
IS_NUMBER = Sql("{value} < CAST('NaN' AS DOUBLE)")
"""NaN is the greatest number for DuckDB; null is none either."""
IS_FINITE = Sql("ISFINITE({value})")
WHERE_PRESENT = Sql("CASE WHEN {is_present} THEN {value} END")
AS_DOUBLE = Sql("CAST({value} AS DOUBLE)")
AS_TEXT = Sql("CAST({value} AS VARCHAR)")


class UnknownColumn(BadInput):
    """The subject has no column of that name."""


def column_of(subject: Subject, wanted: str) -> SubjectColumn:
    """The column; raises `UnknownColumn`."""
    found = subject.column(wanted)
    if found is None:
        raise UnknownColumn("There is no column " + repr(wanted) + ".", remedy="Validate the plan against the data.")
    return found


def is_exact(column: SubjectColumn) -> bool:
    """Whether its values are integers or decimals that add up without rounding."""
    digits = DECIMAL.fullmatch(column.type)
    if digits:
        return int(digits[1]) <= MOST_EXACT_DIGITS
    return column.kind is ColumnKind.INTEGER and column.type not in WIDE


def plain_value(column: SubjectColumn) -> Sql:
    """Its values where NaN and infinity do no harm, so that files can skip what a comparison leaves out."""
    value = name(column.name)
    if column.kind is ColumnKind.OTHER:
        return AS_TEXT.fill(value=value)
    is_double = column.kind.is_numeric and column.type != "DOUBLE" and not is_exact(column)
    return AS_DOUBLE.fill(value=value) if is_double else value


def presence(column: SubjectColumn) -> Sql | None:
    """The condition that a value is there besides being not null; None where every other value is."""
    value = plain_value(column)
    if column.kind.is_temporal:
        return IS_FINITE.fill(value=value)
    return IS_NUMBER.fill(value=value) if column.kind.is_numeric and not is_exact(column) else None


def value_of(column: SubjectColumn) -> Sql:
    """Its values, null where one is missing."""
    value, is_present = plain_value(column), presence(column)
    return WHERE_PRESENT.fill(is_present=is_present, value=value) if is_present else value


def number_of(column: SubjectColumn) -> Sql:
    """Its values as DOUBLE, null where one is missing."""
    value = value_of(column)
    return AS_DOUBLE.fill(value=value) if is_exact(column) or column.kind is ColumnKind.BOOLEAN else value
