"""Only the reading of ours, one file, nothing compared: what the peers do."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.planning import plan_table
from analytics_pipelines.product_export.reading.reader import Reader
from analytics_pipelines.product_export.source.describe import describe
from analytics_pipelines.product_export.source.session import SourceLimits, open_snapshot
from analytics_pipelines.product_export.wishes import TableWish


def contender(url: str, folder: Path) -> Callable[[], int]:
    """What is timed; it gives the rows."""
    limits = SourceLimits.of(Settings(_env_file=None, analytics_home=folder))
    wish = TableWish(schema="public", table="events", name="events")
    duck = DuckLimits(2**28, 2, None)

    def run() -> int:
        with open_snapshot(url, limits) as snapshot, Reader(url, snapshot, limits, duck, folder) as reader:
            plan = plan_table(describe(snapshot.connection, wish), wish, Mask())
            return reader.read(plan, datetime.now(UTC).date(), folder / "data.parquet").rows

    return run
