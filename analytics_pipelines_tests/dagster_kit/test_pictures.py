"""Pictures are PNGs that show something, for each kind of axis."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from analytics_pipelines.dagster_kit.pictures import bar_picture, line_picture

DAYS = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 2)]
TIMES = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(3)]


@pytest.mark.parametrize("draw", [line_picture, bar_picture])
@pytest.mark.parametrize(
    "x", [pytest.param(DAYS, id="days"), pytest.param(TIMES, id="times"), pytest.param(["a", "b", "c"], id="names")]
)
def test_rows_become_a_png(draw, x) -> None:
    rows = pa.table({"x": x, "y": [1, 2, 3], "site": ["a", "a", "b"]})
    plain = draw(rows, x="x", y="y", title="How many")
    coloured = draw(rows, x="x", y="y", color="site", title="How many")
    assert plain.startswith(b"\x89PNG\r\n")
    assert len(plain) > 2000
    assert coloured != plain
