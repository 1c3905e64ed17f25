from typing import Any

import pyarrow as pa
import pytest

from analytics_pipelines.datasets.uploads.kinds import Typed, typed


def column(*texts: str) -> Typed:
    return typed(pa.array(texts, pa.string()), lambda row: row + 2)


@pytest.mark.parametrize(
    ("texts", "type_name", "values"),
    [
        pytest.param(["1", "", "NA"], "BIGINT", [1, None, None], id="integers and nothing"),
        pytest.param(["1.5", "nan"], "DOUBLE", [1.5, None], id="numbers and nothing"),
        pytest.param(["True", "FALSE", "-"], "VARCHAR", ["True", "FALSE", "-"], id="a dash is a value"),
        pytest.param(["True", "FALSE", ""], "BOOLEAN", [True, False, None], id="booleans"),
        pytest.param(["yes", "No"], "BOOLEAN", [True, False], id="yes and no"),
        pytest.param(["NO", "NO"], "VARCHAR", ["NO", "NO"], id="no alone may be Norway"),
        pytest.param(["true", "yes"], "VARCHAR", ["true", "yes"], id="two pairs of words"),
        pytest.param(["0", "1"], "BIGINT", [0, 1], id="zero and one"),
        pytest.param(["NA", "DE", ""], "VARCHAR", ["NA", "DE", None], id="NA is Namibia among countries"),
        pytest.param([" a", "a ", " "], "VARCHAR", [" a", "a ", " "], id="text keeps its spaces"),
        pytest.param([" 1", "2 "], "BIGINT", [1, 2], id="numbers need none"),
        pytest.param(["", "null"], "VARCHAR", [None, None], id="nothing at all"),
        pytest.param([], "VARCHAR", [], id="no rows"),
    ],
)
def test_a_column_is_of_the_narrowest_kind_that_all_values_fit(
    texts: list[str], type_name: str, values: list[Any]
) -> None:
    found = column(*texts)
    assert found.type == type_name
    assert found.values.to_pylist() == values


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["1", "2"], ""),
        (["1", "2.5"], "some values have decimals"),
        (["1", "x", "2", "3", "x"], "2 of 5 values are no numbers, first in line 3"),
        (["1", "", "2", "x"], "1 of 3 values is no number, first in line 5"),
        (["2026-01-01", "2026-02-30", "2026-03-01"], "1 of 3 values is no day, first in line 3"),
        (["007", "8"], "values that begin with zeros, as 007 does, stay text"),
        (["a", "b", "1"], ""),
        (["", "NA"], "every value is empty, or a word for nothing such as NA"),
        ([], "there is no row"),
    ],
)
def test_the_reason_says_why_it_is_no_narrower(texts: list[str], reason: str) -> None:
    assert column(*texts).reason == reason
