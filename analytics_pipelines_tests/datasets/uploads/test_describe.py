import math
from typing import Any

import pyarrow as pa
import pytest

from analytics_pipelines.datasets.evidence import ColumnEvidence, ColumnKind, kind_of
from analytics_pipelines.datasets.uploads.describe import described, extreme
from analytics_pipelines.datasets.uploads.kinds import TYPES, typed


def evidence(*texts: str) -> ColumnEvidence:
    return described("a", typed(pa.array(texts, pa.string()), lambda row: row + 2))


def test_numbers_are_counted_and_their_ends_told() -> None:
    found = evidence("1.50", "1.5", "", "-2", "7")
    assert (found.kind, found.type, found.nulls, found.distinct) == (ColumnKind.NUMBER, "DOUBLE", 1, 3)
    assert (found.least, found.most, found.mean) == (-2.0, 7.0, 2.0)
    assert found.examples == ("1.50", "1.5", "-2", "7")


def test_a_mean_that_is_not_finite_is_none() -> None:
    assert evidence("inf", "1.5").mean is None
    assert evidence("1.7e308", "1.7e308").mean is None
    assert evidence("").mean is None


def test_integers_keep_all_their_digits() -> None:
    found = evidence("9007199254740993", "1")
    assert (found.most, found.least) == (9007199254740993, 1)


def test_text_is_cut_where_it_is_shown() -> None:
    found = evidence("b" * 200, "a", "", "a")
    assert (found.least, found.most) == ("a", "b" * 100)
    assert found.examples == ("b" * 100, "a")
    assert found.distinct == 2


def test_a_column_of_nothing_has_no_examples() -> None:
    found = evidence("", "NA")
    assert (found.nulls, found.distinct, found.examples, found.least) == (2, 0, (), None)


@pytest.mark.parametrize(
    ("texts", "spacing_s", "gaps"),
    [
        pytest.param(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-07"], 86_400.0, 1, id="days"),
        pytest.param(["2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06"], 86_400.0, 0, id="working days"),
        pytest.param(
            ["2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06", "2026-01-08", "2026-01-09"],
            86_400.0,
            1,
            id="feast",
        ),
        pytest.param(["2026-01-01 00:00", "2026-01-01 00:01", "2026-01-01 00:01"], 60.0, 0, id="a time twice"),
        pytest.param(["2026-01-03Z", "x"], None, None, id="no times"),
        pytest.param(["2026-01-01"], None, None, id="one day"),
        pytest.param(["2026-01-01T00:00Z", "2026-01-01T02:00+01:00"], 3600.0, 0, id="offsets"),
    ],
)
def test_times_tell_their_rhythm_and_its_gaps(texts: list[str], spacing_s: float | None, gaps: int | None) -> None:
    found = evidence(*texts)
    assert (found.spacing_s, found.gaps) == (spacing_s, gaps)


def test_times_are_told_in_iso_8601() -> None:
    assert evidence("28.02.2026").least == "2026-02-28"
    assert evidence("2026-02-28T01:00+01:00").most == "2026-02-28T00:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "told"), [(math.inf, "Infinity"), (-math.inf, "-Infinity"), (True, True), (1.5, 1.5), (None, None)]
)
def test_an_extreme_is_what_json_can_hold(value: Any, told: Any) -> None:
    assert extreme(value) is told or extreme(value) == told


def test_every_type_has_a_kind_that_plans_know() -> None:
    assert {kind_of(name) for name in TYPES.values()} == set(ColumnKind) - {ColumnKind.OTHER}
