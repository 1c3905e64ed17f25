from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics_pipelines.datasets.compile.local_times import Change, changes, offset_of
from analytics_pipelines.foundation.sql import Sql

HOUR_US = 3_600_000_000
BERLIN = ZoneInfo("Europe/Berlin")


def us(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_a_zone_changes_where_its_clocks_do():
    found = list(changes(BERLIN, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC)))
    assert found == [
        Change(us(datetime(2024, 3, 31, 1, tzinfo=UTC)), 2 * HOUR_US),
        Change(us(datetime(2024, 10, 27, 1, tzinfo=UTC)), HOUR_US),
    ]


def test_a_zone_without_changes_has_one_offset():
    first, last = us(datetime(2024, 1, 1, tzinfo=UTC)), us(datetime(2024, 2, 1, tzinfo=UTC))
    assert offset_of(Sql("at"), ZoneInfo("Asia/Kolkata"), first, last).text == str(5 * HOUR_US + HOUR_US // 2)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Manila"]
)
def test_offsets_are_those_of_the_zone_at_every_moment(cursor, zone):
    """Every three and a half days over thirty years, and the seconds around each change."""
    first, last = datetime(1996, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    step = timedelta(days=3, hours=11, minutes=13)
    moments = [first + number * step for number in range((last - first) // step)]
    for change in changes(ZoneInfo(zone), first, last):
        moments += [datetime.fromtimestamp(change.at_us / 1e6 + offset, UTC) for offset in (-1, 0, 1)]
    offset = offset_of(Sql("MAKE_TIMESTAMPTZ(at_us)"), ZoneInfo(zone), us(first), us(last))
    text = "SELECT CAST({offset} AS BIGINT) FROM (SELECT UNNEST($moments) AS at_us)"
    found = cursor.execute(Sql(text).fill(offset=offset).text, {"moments": [us(each) for each in moments]}).fetchall()
    expected = [each.astimezone(ZoneInfo(zone)).utcoffset() // timedelta(microseconds=1) for each in moments]
    assert [row[0] for row in found] == expected


def test_odd_times_far_away_do_no_harm(cursor):
    """They have the offset of the last year that is known."""
    ends = us(datetime(2024, 7, 1, tzinfo=UTC)), 2**62
    offset = offset_of(Sql("MAKE_TIMESTAMPTZ(at_us)"), BERLIN, *ends)
    text = "SELECT CAST({offset} AS BIGINT) FROM (SELECT UNNEST($moments) AS at_us)"
    found = cursor.execute(Sql(text).fill(offset=offset).text, {"moments": list(ends)}).fetchall()
    assert found == [(2 * HOUR_US,), (HOUR_US,)]
