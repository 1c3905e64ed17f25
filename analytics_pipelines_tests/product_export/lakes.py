"""Raw tables of no database, put into the lake as an export would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from analytics_pipelines.foundation.lake import Lake, Manifest
from analytics_pipelines.foundation.lake.lake import polars_type
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.product_export.outcome import BASE, CHANGES, Exported, Report
from analytics_pipelines.product_export.plan import EXPORT_DATE, IS_TOMBSTONE
from analytics_pipelines.product_export.wishes import Mode

DAY = Column(name=EXPORT_DATE, type=Type.DATE, meaning="Day")
DELETED = Column(name=IS_TOMBSTONE, type=Type.BOOL, meaning="Whether it is gone")
Row = tuple[int | float, str | None]


@dataclass(frozen=True)
class Kept:
    """A table of id and note in one mode."""

    name: str
    mode: Mode = Mode.FULL
    id_type: Type = Type.INT

    @property
    def table(self) -> Table:
        """As an export declares it."""
        return Table(
            name="raw_app__" + self.name,
            room="product_export",
            grain="one row of shop." + self.name,
            partition="UTC day",
            key=("id",),
            columns=(
                DAY,
                *([DELETED] if self.mode is Mode.INCREMENTAL else []),
                Column(name="id", type=self.id_type, meaning="Number"),
                Column(name="note", type=Type.TEXT, meaning="Note", is_nullable=True),
            ),
            is_evolving=True,
        )

    def put(
        self, lake: Lake, day: date, rows: Sequence[Row], *, gone: Sequence[int] = (), after: date | None = None
    ) -> Manifest:
        """Publish a partition: these rows, and keys that are gone since the partition of `after`."""
        given = [(day, False, *row) for row in rows] + [(day, True, number, None) for number in gone]
        schema = {EXPORT_DATE: pl.Date, IS_TOMBSTONE: pl.Boolean, "id": polars_type(self.id_type), "note": pl.String}
        frame = pl.DataFrame(given, schema=schema, orient="row").select(self.table.column_names)
        with lake.together() as run:
            frame.write_parquet(run.file(self.table, day))
            sealed = run.seal(self.table, day, rows=len(frame), source=self._source(day, after))
            return run.publish([sealed])[0]

    def _source(self, day: date, after: date | None) -> Mapping[str, Any]:
        return {
            "mode": self.mode.value,
            "kind": CHANGES if after else BASE,
            "moment": {"snapshot": str(day)},
            "previous": {"snapshot": str(after)} if after else None,
            "columns": [{"name": "id", "declared": "int|eger", "lake": "BIGINT", "masking": "", "note": "exact"}],
        }


def exported(kept: Kept, manifest: Manifest, **more: Any) -> Exported:
    """What a run tells of it."""
    kind = (manifest.source or {})["kind"]
    return Exported(table=kept.table, manifest=manifest, mode=kept.mode, kind=kind, duration_s=2.0, **more)


def reported(*made: Exported, **more: Any) -> Report:
    """The report of a run that made these."""
    return Report(exported=made, **more)
