"""A moment as it is kept and read again."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.product_export.source.moment import Moment

NUMBERS = st.integers(1, 2**63 - 1)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds of aware times are naive


@given(NUMBERS, NUMBERS, TIMES)
def test_a_moment_survives_its_manifest_whole(oldest, next_number, taken_at):
    moment = Moment(
        snapshot=f"{oldest}:{next_number}:{oldest}",
        system_identifier="7437561234567890123",
        database_oid=16384,
        timeline=1,
        server_version=180004,
        taken_at=taken_at,
    )
    again = Moment.of_json(json.loads(json.dumps(moment.as_json())))
    assert again == moment
    assert (again.xmin, again.xmax) == (oldest, next_number)
