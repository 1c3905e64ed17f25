"""A table of the source and its copy in one snapshot, and how to falsify the copy."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

import duckdb
import psycopg

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.plan import TablePlan
from analytics_pipelines.product_export.planning import plan_table
from analytics_pipelines.product_export.reading.reader import Reader
from analytics_pipelines.product_export.source.describe import describe
from analytics_pipelines.product_export.source.session import OpenSnapshot, SourceLimits, open_snapshot
from analytics_pipelines.product_export.verify.digest import compared_exactly
from analytics_pipelines.product_export.verify.summary import differences, summary_of_file, summary_of_source
from analytics_pipelines.product_export.wishes import TableWish

DAY = date(2026, 3, 1)
LIMITS = SourceLimits(
    connections=2,
    duty_pct=100,
    statement_timeout_s=60,
    lock_timeout_s=5,
    idle_timeout_s=60,
    snapshot_max_age_s=60,
)
ROWS = Sql("SELECT * FROM read_parquet({file})")
TABLE = """
CREATE TABLE events (
    id bigint PRIMARY KEY, kind varchar(9) NOT NULL, remark text, seen_at timestamptz NOT NULL, price numeric(12,2),
    score double precision, is_new boolean, day date, data bytea, document jsonb
)
"""
ROWS_OF_IT = """
INSERT INTO events
SELECT
    i, 'kind ' || i % 7, i::text, timestamptz '2026-01-01' + i * interval '1.000001 second', i * 0.37,
    sqrt(i), i % 3 = 0, date '2026-01-01' + i % 50, convert_to(i::text, 'UTF8'), jsonb_build_object('n', i)
FROM generate_series(1, 5000) AS i
"""
EVENTS = (TABLE, ROWS_OF_IT)
"""A table of usual columns."""


@dataclass(frozen=True)
class Copy:
    """The table, the snapshot and the file it was copied to."""

    plan: TablePlan
    snapshot: OpenSnapshot
    file: Path
    cursor: duckdb.DuckDBPyConnection

    @property
    def rows(self) -> Sql:
        """The copy's rows."""
        return ROWS.fill(file=literal(str(self.file)))

    def falsified(self, query: str) -> "Copy":
        """The copy with other rows: what the query gives of the view `kept`."""
        file = self.file.with_name(uuid4().hex + ".parquet")
        self.cursor.execute(Sql("CREATE OR REPLACE TEMP VIEW kept AS {rows}").fill(rows=self.rows).text)
        self.cursor.execute(
            Sql("COPY ({query}) TO {file} (FORMAT parquet)").fill(query=Sql(query), file=literal(str(file))).text
        )
        return Copy(self.plan, self.snapshot, file, self.cursor)

    def summed_up(self, where: Sql | None = None) -> list[str]:
        """What the summaries say."""
        source = summary_of_source(self.snapshot.connection, self.plan, where)
        return differences(source, summary_of_file(self.cursor, self.plan, self.file))

    def compared(self, where: Sql | None = None) -> tuple[str, ...]:
        """What the comparison of every value says."""
        found = compared_exactly(self.snapshot.connection, self.cursor, self.plan, self.rows, where)
        assert found.is_equal == (not found.offenders)
        return found.offenders


def running(conninfo: str, *statements: str) -> None:
    """Run the statements at the source."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def wished(table: str = "events", schema: str = "public", **more) -> TableWish:
    """A wish of the table as a whole."""
    return TableWish(schema=schema, table=table, name=table, **more)


@contextmanager
def copied(
    conninfo: str, folder: Path, wish: TableWish | None = None, *, mask: Mask | None = None, where: Sql | None = None
) -> Iterator[Copy]:
    """The table and its copy; the snapshot lives as long as the block."""
    wish = wish or wished()
    with open_snapshot(conninfo, LIMITS) as snapshot:
        plan = plan_table(describe(snapshot.connection, wish), wish, mask or Mask())
        file = folder / (uuid4().hex + ".parquet")
        with Reader(conninfo, snapshot, LIMITS, DuckLimits(2**28, 2, None), folder) as reader:
            reader.read(plan, DAY, file, where=where)
        with duckdb.connect() as cursor:
            cursor.execute("SET TimeZone = 'UTC'")
            yield Copy(plan, snapshot, file, cursor)
