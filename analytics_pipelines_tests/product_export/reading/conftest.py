"""Tables of a real source, and reading them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.plan import TablePlan
from analytics_pipelines.product_export.planning import plan_table
from analytics_pipelines.product_export.reading.reader import Reader
from analytics_pipelines.product_export.source.describe import describe
from analytics_pipelines.product_export.source.session import OpenSnapshot, SourceLimits, open_snapshot
from analytics_pipelines.product_export.wishes import TableWish

DAY = date(2026, 3, 1)
LIMITS = SourceLimits(
    connections=2, duty_pct=100, statement_timeout_s=60, lock_timeout_s=5, idle_timeout_s=60, snapshot_max_age_s=60
)
DUCK = DuckLimits(2**28, 2, None)


@dataclass(frozen=True)
class Opened:
    """A reader in a snapshot."""

    snapshot: OpenSnapshot
    reader: Reader
    folder: Path

    def plan(self, table: str = "things", *, pages: int | None = None, **more: object) -> TablePlan:
        """The plan of a table; with `pages`, in slices of so many."""
        wish = TableWish(schema="public", table=table, name=table, **more)
        found = plan_table(describe(self.snapshot.connection, wish), wish, Mask())
        if pages is None:
            return found
        # As if each row were so large that a slice holds no more pages.
        each_page = 48 * 2**20 // pages
        size_bytes = each_page * sum(leaf.pages for leaf in found.source.leaves)
        return replace(found, source=replace(found.source, size_bytes=size_bytes))

    def read(self, plan: TablePlan, **more: object) -> Path:
        """The file that the reader wrote."""
        target = self.folder / (uuid4().hex + ".parquet")
        self.reader.read(plan, DAY, target, **more)
        return target


@dataclass(frozen=True)
class Source:
    """A database whose tables the test makes."""

    conninfo: str
    folder: Path

    def run(self, *statements: str) -> None:
        """Make and change tables."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextmanager
    def opened(self, duck: DuckLimits = DUCK, **limits: float) -> Iterator[Opened]:
        """A snapshot of now, and a reader in it."""
        chosen = replace(LIMITS, **limits)
        with (
            open_snapshot(self.conninfo, chosen) as snapshot,
            Reader(self.conninfo, snapshot, chosen, duck, self.folder) as reader,
        ):
            yield Opened(snapshot, reader, self.folder)


@pytest.fixture
def source(database_urls, tmp_path) -> Source:
    """An empty database."""
    return Source(conninfo(database_urls.owner), tmp_path)
