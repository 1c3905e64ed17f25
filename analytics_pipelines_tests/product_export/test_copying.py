"""Which partition a table builds on, and what its manifest says of it; whole runs are in test_run.py."""

from datetime import date

import pytest

from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.copying import newest
from analytics_pipelines.product_export.tables import CORE_USERS

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 5)
ROW = "SELECT 1 AS id, 'a@example.com' AS email, NULL AS full_name, true AS is_active, now() AS created_at, now() AS updated_at"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param(date.max, SECOND, id="the last of all"),
        pytest.param(date(2026, 3, 6), SECOND, id="the day before"),
        pytest.param(SECOND, FIRST, id="its own day does not count"),
        pytest.param(date(2026, 3, 3), FIRST, id="days without an export are passed over"),
        pytest.param(FIRST, None, id="nothing before the first"),
    ],
)
def test_a_day_builds_on_the_newest_partition_before_it(lake, before, expected):
    for day in (FIRST, SECOND):
        lake.replace(CORE_USERS, day, Select(Sql(ROW + f", DATE '{day}' AS export_date")))
    found = newest(lake, CORE_USERS, before=before)
    assert (found.day if found else None) == expected
