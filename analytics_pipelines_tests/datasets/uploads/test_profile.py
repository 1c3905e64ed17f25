import math
from pathlib import Path
from typing import Any

import orjson
import pytest

from analytics_pipelines.datasets.uploads.profile import profile
from analytics_pipelines_tests.datasets.uploads.conftest import Read


@pytest.fixture
def told(read: Read, tmp_path: Path) -> Any:
    def telling(*texts: str) -> Any:
        back = read("a,b\n" + "".join(f"{text},x\n" for text in texts))
        found = profile(str(tmp_path / "target"), back.data.columns)
        assert found["row_count"] == len(texts)
        assert orjson.loads(orjson.dumps(found)) == found
        return found["columns"][0]

    return telling


def counts(column: Any) -> list[int]:
    return [each["count"] for each in column["bins"]]


def test_integers_of_a_narrow_span_have_a_bin_each(told: Any) -> None:
    column = told("1", "3", "3", "", "2")
    assert column["bins"] == [{"start": float(n), "end": n + 1.0, "count": 1 + (n == 3)} for n in (1, 2, 3)]
    assert (column["name"], column["kind"], column["nulls"], column["distinct"]) == ("a", "integer", 1, 3)
    assert column["quartiles"] == [1.75, 2.5, 3.0]


def test_numbers_are_spread_over_twenty_bins_from_least_to_most(told: Any) -> None:
    column = told(*(str(number / 10) for number in range(101)))
    assert (len(column["bins"]), column["bins"][0]["start"], column["bins"][-1]["end"]) == (20, 0.0, 10.0)
    assert sum(counts(column)) == 101
    assert counts(column)[-1] == 6
    assert column["quartiles"] == [2.5, 5.0, 7.5]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["1.5", "1.5"], id="one value"),
        pytest.param(["-1.7e308", "1.7e308", "0.5"], id="further apart than a double"),
        pytest.param(["1e-300", "2e-300"], id="tiny"),
        pytest.param(["9007199254740993", "9007199254740995", "9007199254740997"], id="integers beyond a double"),
        pytest.param(["0.1", "0.1000000000000000055", "0.10000000000000002"], id="neighbours"),
    ],
)
def test_every_finite_number_is_in_a_bin(told: Any, texts: list[str]) -> None:
    column = told(*texts)
    assert sum(counts(column)) == len(texts)
    assert all(math.isfinite(each) for each in column["quartiles"])
    assert all(each["start"] < each["end"] for each in column["bins"])


def test_infinite_numbers_are_counted_apart(told: Any) -> None:
    column = told("inf", "-inf", "1.5")
    assert (column["infinite"], counts(column)) == (2, [1])


@pytest.mark.parametrize(
    ("texts", "start", "end", "quartiles"),
    [
        pytest.param(
            ["2026-01-01", "2026-01-02", "2026-01-04"],
            "2026-01-01",
            "2026-01-05",
            ["2026-01-01", "2026-01-02", "2026-01-02"],
            id="days",
        ),
        pytest.param(
            ["2026-01-01T00:00Z", "2026-01-02T00:00Z"],
            "2026-01-01T00:00:00+00:00",
            "2026-01-02T00:00:00.000001+00:00",
            ["2026-01-01T00:00:00+00:00"] * 3,
            id="times",
        ),
    ],
)
def test_days_and_times_have_bins_too(told: Any, texts: list[str], start: str, end: str, quartiles: list[str]) -> None:
    column = told(*texts)
    assert (column["bins"][0]["start"], column["bins"][-1]["end"]) == (start, end)
    assert column["quartiles"] == quartiles
    assert sum(counts(column)) == len(texts)


def test_the_last_day_of_all_has_no_day_after_it(told: Any) -> None:
    assert sum(counts(told("9999-12-31", "0001-01-01"))) == 2
    assert sum(counts(told("9999-12-31 23:59:59.999999", "0001-01-01 00:00"))) == 2


def test_the_most_frequent_values_come_first_and_ties_by_their_text(told: Any) -> None:
    column = told("b", "c", "a", "b", "", "c" * 150)
    assert column["top"] == [
        {"value": "b", "count": 2},
        {"value": "a", "count": 1},
        {"value": "c", "count": 1},
        {"value": "c" * 100, "count": 1},
    ]
    assert len(told(*(f"v{number}" for number in range(50)))["top"]) == 20
    assert told("true", "false", "true")["top"] == [{"value": True, "count": 2}, {"value": False, "count": 1}]


def test_a_column_of_nothing_has_nothing_to_tell(told: Any) -> None:
    column = told("", "NA")
    assert (column["bins"], column["top"], column["quartiles"], column["nulls"]) == ([], [], None, 2)


def test_a_dataset_without_rows_has_a_profile(told: Any) -> None:
    assert told()["bins"] == []
