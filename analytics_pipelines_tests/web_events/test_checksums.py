import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.duck import one_row
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.web_events.checksums import checksum_of_log, checksum_of_rows
from analytics_pipelines.web_events.tables import RAW_EVENTS
from analytics_pipelines_tests.web_events.receipts import MONDAY, Receipt, rows_of

NO_LOG = Sql(
    "SELECT CAST(NULL AS date) AS received_date, CAST(NULL AS timestamptz) AS received_at,"
    " CAST(NULL AS timestamptz) AS event_at, CAST(NULL AS timestamptz) AS sent_at, {texts} WHERE false"
)


def checksum(lake, *receipts: Receipt) -> int:
    with lake.duck.cursor() as cursor:
        rows_of(RAW_EVENTS, (each.row for each in receipts)).mount(cursor, "given_rows")
        return int(one_row(cursor.execute(checksum_of_rows(Sql("given_rows")).text))[0])


def test_the_order_does_not_matter_and_sets_add_up(lake) -> None:
    first, second = Receipt("a", MONDAY), Receipt("b", MONDAY)
    assert checksum(lake, first, second) == checksum(lake, second, first)
    assert checksum(lake, first, second) == checksum(lake, first) + checksum(lake, second)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"visitor_id": "w"}, id="another value"),
        pytest.param({"title": ""}, id="empty instead of null"),
        pytest.param({"session_id": "v", "visitor_id": ""}, id="a value in another column"),
        pytest.param({"received_at": MONDAY.replace(microsecond=1)}, id="a microsecond"),
    ],
)
def test_every_difference_in_a_row_shows(lake, other) -> None:
    assert checksum(lake, Receipt("a", MONDAY)) != checksum(lake, Receipt("a", MONDAY, **other))


def test_nothing_has_the_checksum_zero_in_both_engines(lake, database) -> None:
    texts = ", ".join(
        "'' AS " + name
        for name in RAW_EVENTS.column_names
        if name not in {"received_date", "received_at", "event_at", "sent_at"}
    )
    query = checksum_of_log(NO_LOG.fill(texts=Sql(texts)))
    with database.reading() as connection:
        assert tuple(connection.execute(sa.text(query.text)).one()) == (0, "0")
    assert checksum(lake) == 0
