"""A checksum of a set of rows that PostgreSQL and DuckDB compute alike, each over its own texts of the columns.

The first 60 bits of an md5 over all columns of a row, summed over the rows: the order of rows does not matter, and the
checksum of two sets together is the sum of theirs. It finds what was lost or changed on the way, not a forger.
"""

from collections.abc import Iterable

from analytics_pipelines.foundation.sql import Sql, joined

NO_TEXT = Sql("''")
NULL_SIGN = Sql("coalesce({text}, chr(30))")
TOGETHER = Sql("concat_ws(chr(31), {texts})")
MOST_AT_ONCE = 90
"""PostgreSQL's functions take 100 arguments."""
IN_DUCKDB = Sql("CAST(coalesce(sum(CAST('0x' || md5({row})[:15] AS BIGINT)), 0) AS VARCHAR)")
IN_POSTGRESQL = Sql("CAST(coalesce(sum(CAST(CAST('x' || substr(md5({row}), 1, 15) AS bit(60)) AS bigint)), 0) AS text)")
ENCODED = Sql("convert_to({row}, 'UTF8')")


def row_text(texts: Iterable[Sql]) -> Sql:
    """One text of a row, of the texts of its columns; null is told from every usual text."""
    parts = [NULL_SIGN.fill(text=text) for text in texts]
    while len(parts) != 1:
        groups = [parts[first : first + MOST_AT_ONCE] for first in range(0, len(parts), MOST_AT_ONCE)] or [[NO_TEXT]]
        parts = [TOGETHER.fill(texts=joined(group)) for group in groups]
    return parts[0]


def sum_in_duckdb(row: Sql) -> Sql:
    """The checksum as text, of rows with that text; an aggregate of DuckDB."""
    return IN_DUCKDB.fill(row=row)


def sum_in_postgresql(row: Sql, *, is_in_utf8: bool = True) -> Sql:
    """The same of PostgreSQL, for a database that keeps text in UTF-8 or otherwise."""
    return IN_POSTGRESQL.fill(row=row if is_in_utf8 else ENCODED.fill(row=row))
