"""A table that is exported day by day without Dagster, and its state replayed beside what the source held then."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import psycopg

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Manifest
from analytics_pipelines.foundation.sql import Sql, joined, literal
from analytics_pipelines.product_export.copying import described_columns
from analytics_pipelines.product_export.current import history_of, state_of
from analytics_pipelines.product_export.incremental import Changes, full_reason, read_changes
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.planning import plan_table
from analytics_pipelines.product_export.reading.reader import Reader, untold
from analytics_pipelines.product_export.source.describe import describe
from analytics_pipelines.product_export.source.moment import Moment
from analytics_pipelines.product_export.source.session import SourceLimits, open_snapshot
from analytics_pipelines.product_export.verify.source_rows import asked, scan
from analytics_pipelines.product_export.wishes import Mode, TableWish

FIRST_DAY = date(2026, 3, 1)
LIMITS = SourceLimits(
    connections=2,
    duty_pct=100,
    statement_timeout_s=60,
    lock_timeout_s=5,
    idle_timeout_s=60,
    snapshot_max_age_s=60,
)


def wished(table="things", schema="public", **more):
    """An incremental wish; `full_every_days` is far off unless it is asked for."""
    return TableWish(schema=schema, table=table, name=table, mode=Mode.INCREMENTAL, **{"full_every_days": 999} | more)


@dataclass
class Exported:
    """What one export did, and the source's rows at its snapshot, as text."""

    day: date
    reason: str | None
    changes: Changes | None
    source_rows: list[tuple]
    plan: object


@dataclass
class IncrementalExports:
    """Exports of one table, a day each, into files of one folder."""

    conninfo: str
    folder: Path
    wish: TableWish = field(default_factory=wished)
    mask: Mask = field(default_factory=Mask)
    manifests: list[Manifest] = field(default_factory=list)
    next_day: date = FIRST_DAY

    def export(self, day=None):
        """Export the next day, or that one again."""
        day = day or self.next_day
        self.next_day = day + timedelta(days=1)
        work = self.folder / "work"
        work.mkdir(parents=True, exist_ok=True)
        with (
            self._planned() as (snapshot, plan),
            Reader(self.conninfo, snapshot, LIMITS, DuckLimits(2**28, 2, None), work) as reader,
        ):
            return self._export(reader, snapshot, plan, day, work)

    def why_all(self, day=None):
        """Why the next day, or that one, would be copied as a whole; None if it would not. Nothing is read."""
        with self._planned() as (snapshot, plan):
            return self._why_all(snapshot, plan, day or self.next_day)[0]

    def pretend_base(self):
        """Note that everything was copied just now."""
        with self._planned() as (snapshot, plan):
            self.manifests = [_manifest(plan, self.next_day, snapshot.moment, None)]
        self.next_day += timedelta(days=1)

    @contextmanager
    def _planned(self):
        with open_snapshot(self.conninfo, LIMITS) as snapshot:
            yield snapshot, plan_table(describe(snapshot.connection, self.wish), self.wish, self.mask)

    def _why_all(self, snapshot, plan, day):
        """The reason, and the partition that would be built on."""
        before = next((each for each in reversed(self.manifests) if each.day < day), None)
        return full_reason(plan, before, snapshot.moment, day, snapshot.connection), before

    def _export(self, reader, snapshot, plan, day, work):
        reason, before = self._why_all(snapshot, plan, day)
        target = work / "target.parquet"
        target.unlink(missing_ok=True)
        changes = None
        if reason:
            reader.read(plan, day, target, is_tombstone=False)
        else:
            changes = read_changes(
                reader,
                snapshot,
                plan,
                day,
                files=self.files(before.day),
                previous=_moment(before),
                target=target,
                workspace=work,
                progress=untold,
            )
        target.rename(self.file(day))
        earlier = [each for each in self.manifests if each.day < day]
        self.manifests = [*earlier, _manifest(plan, day, snapshot.moment, before if changes else None)]
        rows = asked(snapshot.connection, scan(plan, joined(each.as_text_in_source for each in plan.columns)))
        return Exported(day, reason, changes, sorted(rows, key=repr), plan)

    def file(self, day):
        """The Parquet of a day."""
        return self.folder / (day.isoformat() + ".parquet")

    def files(self, day):
        """Base and changes up to the day."""
        return [self.file(each.day) for each in history_of(self.manifests, day)]

    def state(self, exported):
        """The replayed state of a day, as the text that the source's rows are compared by."""
        plan = exported.plan
        state = state_of(plan.table.key, [each.lake.name for each in plan.columns], self.files(exported.day))
        query = Sql("SELECT {columns} FROM ({state}) AS state").fill(
            columns=joined(each.as_text_in_lake for each in plan.columns), state=state
        )
        return sorted(duckdb.execute(query.text).fetchall(), key=repr)

    def partition(self, exported):
        """The rows of a day's own file: whether deleted, then the columns."""
        query = Sql("SELECT * EXCLUDE (export_date) FROM read_parquet({file}) ORDER BY ALL")
        return duckdb.execute(query.fill(file=literal(str(self.file(exported.day)))).text).fetchall()

    def must_equal_the_source(self, exported=None):
        """Export unless it was done, and hold the state against the source's rows at the snapshot."""
        exported = exported or self.export()
        assert self.state(exported) == exported.source_rows
        if exported.changes:
            assert exported.changes.offenders == ()
            assert exported.changes.state_rows == len(exported.source_rows)
        return exported


def _moment(manifest):
    return Moment.of_json(manifest.source["moment"])


def _manifest(plan, day, moment, before):
    source = {
        "moment": moment.as_json(),
        "mode": plan.wish.mode.value,
        "kind": "changes" if before else "base",
        "base_date": before.source["base_date"] if before else day.isoformat(),
        "previous": before.source["moment"] if before else None,
        "table": plan.wish.source_name,
        "key": list(plan.key),
        "columns": described_columns(plan),
        "filter": plan.wish.filter,
    }
    return Manifest(
        table=plan.table.name,
        day=day,
        rows=0,
        size_bytes=0,
        sha256="",
        schema=(),
        table_version="1",
        engine="",
        source=source,
    )


def running(conninfo, *statements):
    """Run the statements, each in a transaction of its own."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
