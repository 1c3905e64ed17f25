import math
from typing import Any

import pyarrow as pa
import pytest

from analytics_pipelines.datasets.uploads.attempt import Attempt
from analytics_pipelines.datasets.uploads.numeric import recognised_numbers


def recognised(*texts: str) -> Attempt | None:
    return recognised_numbers(pa.array(texts, pa.string()))


@pytest.mark.parametrize(
    ("texts", "values", "form"),
    [
        pytest.param(["1", "-2", "0", "+3"], [1, -2, 0, 3], None, id="integers"),
        pytest.param(["9223372036854775807", "-9223372036854775808"], [2**63 - 1, -(2**63)], None, id="64 bits"),
        pytest.param(["1.5", "-.5", "5.", "2"], [1.5, -0.5, 5.0, 2.0], None, id="decimals"),
        pytest.param(["1e3", "-2.5E-3"], [1000.0, -0.0025], None, id="exponents"),
        pytest.param(["0.1", "inf", "-Infinity"], [0.1, math.inf, -math.inf], None, id="infinities"),
        pytest.param(["0e999", "0.000"], [0.0, 0.0], None, id="zeros"),
        pytest.param(["1,5", "-2,25", "3"], [1.5, -2.25, 3.0], "1,5", id="decimal commas"),
        pytest.param(["1.234,5", "12"], [1234.5, 12.0], "1.234,5", id="points and a comma"),
        pytest.param(["1,234.5", "12.25"], [1234.5, 12.25], "1,234.5", id="commas and a point"),
        pytest.param(["1,234,567", "1,234"], [1234567, 1234], "1,234.5", id="many commas"),
        pytest.param(["1.234.567", "12"], [1234567, 12], "1.234,5", id="many points"),
        pytest.param(["1 234", "5"], [1234, 5], "1 234.5", id="a space that does not break"),
        pytest.param(["1'234.50"], [1234.5], "1 234.5", id="as in Switzerland"),
        pytest.param(["1 234,5", "7"], [1234.5, 7.0], "1 234,5", id="as in France"),
        pytest.param(["1.234", "5.678"], [1.234, 5.678], None, id="points alone are decimal"),
    ],
)
def test_numbers_are_read_as_they_were_meant(texts: list[str], values: list[Any], form: str | None) -> None:
    found = recognised(*texts)
    assert found is not None
    assert found.values is not None
    assert found.values.to_pylist() == values
    assert [type(each) for each in found.values.to_pylist()] == [type(each) for each in values]
    assert found.form == form


@pytest.mark.parametrize(
    ("texts", "doubt"),
    [
        (["1,234", "5"], "may mean 1234 or 1.234"),
        (["007", "12"], "begin with zeros"),
        (["9223372036854775808", "1"], "beyond 64 bits"),
        (["1e999", "1"], "too large or too small"),
        (["1e-999", "1"], "too large or too small"),
        (["1,5e", "1"], ""),
    ],
)
def test_what_may_mean_two_things_or_would_lose_digits_stays_text(texts: list[str], doubt: str) -> None:
    found = recognised(*texts)
    assert found is not None
    assert found.values is None
    assert doubt in found.doubt


@pytest.mark.parametrize(
    "text", ["", "a", "0x10", "1_000", "12%", "$5", "+4915112345678", "1-2", "١٢", "1 2", "--1", "1,23,4", "inf"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert recognised(text) is None


def test_misses_are_told_of_each_value() -> None:
    found = recognised("1", "x", "2.5", "y")
    assert found is not None
    assert found.misses.tolist() == [False, True, False, True]


def test_nothing_is_no_number() -> None:
    assert recognised() is None
