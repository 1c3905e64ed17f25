"""Checks made of a table's declaration, run on what is staged, before anybody can read it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import one_row
from analytics_pipelines.foundation.select import mount_view
from analytics_pipelines.foundation.sql import Sql, joined, literal, literals, name, names
from analytics_pipelines.foundation.tables import Column, Table

RULES = {
    "key_is_unique": "No two rows of a partition have the same key.",
    "no_nulls": "Columns that are not declared nullable hold no null.",
    "values_in_range": "Values lie within the declared bounds and lists.",
    "rows_match_source": "As many rows as the source holds, with the same checksum where it gives one.",
}
STAGED_ROWS = "staged_rows"
NULLS = Sql(
    "SELECT path_in_schema, sum(stats_null_count) FROM parquet_metadata({file}) GROUP BY ALL ORDER BY min(column_id)"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of one rule on one staged file; `offenders` says which column and how many rows."""

    rule: str
    offenders: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no row offends."""
        return not self.offenders


@dataclass(frozen=True, slots=True)
class Expected:
    """What the source says of its rows, of the snapshot that was read."""

    rows: int
    checksum: str | None = None


def verdicts(
    cursor: DuckDBPyConnection,
    table: Table,
    file: Path,
    rows: int,
    expected: Expected | None,
    *,
    checksum: Sql | None = None,
) -> list[Verdict]:
    """One verdict a rule; `expected` is given where the verb could tell, `checksum` is asked over the staged rows."""
    source = Sql("read_parquet({file}, hive_partitioning = false)").fill(file=literal(str(file)))
    return [
        Verdict("key_is_unique", tuple(_repeated_keys(cursor, table, source))),
        Verdict("no_nulls", tuple(_counted(cursor, source, _null_tests(table), "nulls"))),
        Verdict("values_in_range", tuple(_counted(cursor, source, _range_tests(table), "values out of range"))),
        Verdict("rows_match_source", tuple(_differences(cursor, source, rows, expected, checksum))),
    ]


def copied_verdicts(
    cursor: DuckDBPyConnection, table: Table, file: Path, offenders: Sequence[str], *, is_key_proven: bool
) -> list[Verdict]:
    """The same of a copy that its maker has compared: `offenders` say where it differs from its source.

    Nulls are counted by the file's own statistics, since a copy may be too large to be read again for them.
    """
    source = Sql("read_parquet({file}, hive_partitioning = false)").fill(file=literal(str(file)))
    return [
        Verdict("key_is_unique", () if is_key_proven else tuple(_repeated_keys(cursor, table, source))),
        Verdict("no_nulls", tuple(_counted_nulls(cursor, table, file))),
        Verdict("values_in_range", tuple(_counted(cursor, source, _range_tests(table), "values out of range"))),
        Verdict("rows_match_source", tuple(offenders)),
    ]


def _counted_nulls(cursor: DuckDBPyConnection, table: Table, file: Path) -> Iterator[str]:
    found = cursor.execute(NULLS.fill(file=literal(str(file))).text).fetchall()
    never_null = {column.name for column in table.columns if not column.is_nullable}
    for column, nulls in found:
        if column in never_null and nulls:
            yield column + ": " + str(nulls) + " nulls"


def _differences(
    cursor: DuckDBPyConnection, source: Sql, rows: int, expected: Expected | None, checksum: Sql | None
) -> Iterator[str]:
    if expected is None:
        return
    if rows != expected.rows:
        yield f"{rows} rows, the source has {expected.rows}"
    if checksum is not None:
        mount_view(cursor, STAGED_ROWS, Sql("SELECT * FROM {source}").fill(source=source))
        (found,) = one_row(cursor.execute(checksum.text))
        if str(found) != expected.checksum:
            yield f"checksum {found}, the source's is {expected.checksum}"


def _repeated_keys(cursor: DuckDBPyConnection, table: Table, source: Sql) -> Iterator[str]:
    if not table.key:
        return
    query = Sql("SELECT count(*) FROM (SELECT 1 FROM {source} GROUP BY {key} HAVING count(*) > 1)")
    (repeated,) = one_row(cursor.execute(query.fill(source=source, key=names(table.key)).text))
    if repeated:
        yield ", ".join(table.key) + ": " + str(repeated) + " keys more than once"


def _null_tests(table: Table) -> dict[str, Sql]:
    test = Sql("{column} IS NULL")
    return {column.name: test.fill(column=name(column.name)) for column in table.columns if not column.is_nullable}


def _range_tests(table: Table) -> dict[str, Sql]:
    tests = {column.name: list(_bounds(column)) for column in table.columns}
    return {column: joined(bounds, " OR ") for column, bounds in tests.items() if bounds}


def _bounds(column: Column) -> Iterator[Sql]:
    quoted = name(column.name)
    if column.least is not None:
        yield Sql("{column} < {bound}").fill(column=quoted, bound=Sql(str(int(column.least))))
    if column.most is not None:
        yield Sql("{column} > {bound}").fill(column=quoted, bound=Sql(str(int(column.most))))
    if column.one_of:
        yield Sql("NOT list_contains({known}, {column})").fill(known=literals(column.one_of), column=quoted)


def _counted(cursor: DuckDBPyConnection, source: Sql, tests: dict[str, Sql], what: str) -> Iterator[str]:
    if not tests:
        return
    count = Sql("count(*) FILTER (WHERE {test})")
    counts = joined(count.fill(test=test) for test in tests.values())
    found = one_row(cursor.execute(Sql("SELECT {counts} FROM {source}").fill(counts=counts, source=source).text))
    for column, number in zip(tests, found, strict=True):
        if number:
            yield column + ": " + str(number) + " " + what
