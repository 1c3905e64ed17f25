from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from analytics_pipelines.datasets.uploads.attempt import Attempt
from analytics_pipelines.datasets.uploads.moments import recognised_moments

DAY = date(2026, 2, 28)


def at(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001 - as many parts as a case needs, and naive as files


def recognised(*texts: str) -> Attempt | None:
    return recognised_moments(pa.array(texts, pa.string()))


@pytest.mark.parametrize(
    ("texts", "values", "form"),
    [
        pytest.param(["2026-02-28"], [DAY], "%Y-%m-%d", id="ISO"),
        pytest.param(["2026/2/28"], [DAY], "%Y/%m/%d", id="slashes"),
        pytest.param(["28.2.2026"], [DAY], "%d.%m.%Y", id="points"),
        pytest.param(["28/02/2026", "01/02/2026"], [DAY, date(2026, 2, 1)], "%d/%m/%Y", id="day first"),
        pytest.param(["02/28/2026", "01/02/2026"], [DAY, date(2026, 1, 2)], "%m/%d/%Y", id="month first"),
        pytest.param(["28-02-2026"], [DAY], "%d-%m-%Y", id="dashes"),
        pytest.param(["05/05/2026"], [date(2026, 5, 5)], "%d/%m/%Y", id="the same either way"),
        pytest.param(["28 Feb 2026", "1 MARCH 2026"], [DAY, date(2026, 3, 1)], "%d %b %Y", id="names of months"),
        pytest.param(["Feb 28, 2026"], [DAY], "%b %d, %Y", id="as in America"),
        pytest.param(
            ["2024-02-29", "0001-01-01", "9999-12-31"], [date(2024, 2, 29), date.min, date.max], "%Y-%m-%d", id="ends"
        ),
        pytest.param(["2026-02-28 01:02:03"], [at(2026, 2, 28, 1, 2, 3)], None, id="a time"),
        pytest.param(["2026-02-28T01:02"], [at(2026, 2, 28, 1, 2)], None, id="no seconds"),
        pytest.param(["2026-02-28 01:02:03.5"], [at(2026, 2, 28, 1, 2, 3, 500_000)], None, id="half a second"),
        pytest.param(["2026-02-28 01:02:03.123456000"], [at(2026, 2, 28, 1, 2, 3, 123_456)], None, id="nine digits"),
        pytest.param(["28.02.2026 1:02"], [at(2026, 2, 28, 1, 2)], "%d.%m.%Y %H:%M", id="a German time"),
        pytest.param(
            ["2/28/2026 12:05 AM", "2/28/2026 12:05 pm"],
            [at(2026, 2, 28, 0, 5), at(2026, 2, 28, 12, 5)],
            "%m/%d/%Y %H:%M",
            id="halves of a day",
        ),
        pytest.param(
            ["2026-02-28T01:02:03Z", "2026-02-28 01:02:03+01:30"],
            [datetime(2026, 2, 28, 1, 2, 3, tzinfo=UTC), datetime(2026, 2, 27, 23, 32, 3, tzinfo=UTC)],
            None,
            id="with offsets",
        ),
        pytest.param(
            ["2026-02-28 01:02:03 -0800"], [datetime(2026, 2, 28, 9, 2, 3, tzinfo=UTC)], None, id="west of UTC"
        ),
    ],
)
def test_days_and_times_are_read(texts: list[str], values: list[date], form: str | None) -> None:
    found = recognised(*texts)
    assert found is not None
    assert found.values is not None
    assert found.values.to_pylist() == values
    assert found.form == form


@pytest.mark.parametrize(
    ("texts", "doubt"),
    [
        pytest.param(["03/04/2026"], "3rd of April or the 4th of March", id="two orders"),
        pytest.param(["2026-01-01 10:00Z", "2026-01-01 10:00"], "distance from UTC", id="some offsets"),
        pytest.param(["2026-02-30"], "", id="no such day"),
        pytest.param(["0000-01-01"], "", id="no such year"),
        pytest.param(["2026-13-01"], "", id="no such month"),
        pytest.param(["1 Foo 2026"], "", id="no such name"),
        pytest.param(["2026-01-01 24:00"], "", id="no such hour"),
        pytest.param(["2026-01-01 13:00 PM"], "", id="no such half"),
        pytest.param(["2026-01-01 10:00:60"], "", id="no such second"),
        pytest.param(["2026-01-01 10:00+23:00"], "", id="no such offset"),
        pytest.param(["0001-01-01 00:00+01:00"], "", id="before the first year"),
        pytest.param(["2026-01-01", "2026-01-02", "soon"], "", id="a word among them"),
    ],
)
def test_what_may_be_two_days_or_none_stays_text(texts: list[str], doubt: str) -> None:
    found = recognised(*texts)
    assert found is not None
    assert found.values is None
    assert doubt in found.doubt


@pytest.mark.parametrize("text", ["", "x", "20260101", "01/02/26", "10:00", "2026-01", "2026-01-01 10:00:00.1234567"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert recognised(text) is None
