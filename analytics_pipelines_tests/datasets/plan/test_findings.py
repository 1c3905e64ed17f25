"""How findings point, quote and guess."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.plan.findings import (
    Code,
    Finding,
    did_you_mean,
    json_kind,
    listed,
    near_names,
    pointer_of,
    shown,
)
from analytics_pipelines_tests.counts import examples

TWO_THOUSAND = [
    f"{kind}_{unit}_{number}" for kind in ("price", "amount") for unit in ("net", "gross") for number in range(500)
]


@pytest.mark.parametrize(
    ("path", "pointer"),
    [((), ""), (("filters", 0, "value"), "/filters/0/value"), (("a/b~c",), "/a~1b~0c"), (("",), "/")],
)
def test_pointers_are_those_of_rfc_6901(path: tuple[str | int, ...], pointer: str) -> None:
    assert pointer_of(*path) == pointer


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("north", '"north"'), (True, "true"), (None, "null"), (3, "3"), (0.1, "0.1"), ({}, "an object"), ([], "a list"),
        pytest.param(10**5000, "a number of over 40 digits", id="5,000 digits"), ("x" * 99, '"' + "x" * 59 + '…"'), ("a\nb\x1b[0m", '"a�b�[0m"'),
    ],
)  # fmt: skip
def test_values_are_quoted_short_and_on_one_line(value: Any, words: str) -> None:
    assert shown(value) == words


def test_what_is_no_json_has_a_word_too() -> None:
    assert json_kind(object()) == "no JSON"


@pytest.mark.parametrize(
    ("wanted", "known", "near"),
    [
        ("prise", ["price", "cost"], ["price"]),
        ("PRICE", ["price", "prices"], ["price"]),
        ("xyz", ["price", "cost"], []),
        ("", ["price"], []),
        ("amount_nett_7", TWO_THOUSAND, ["amount_net_7", "amount_net_77", "amount_net_75"]),
        ("x" * 100_000, TWO_THOUSAND, []),
    ],
    ids=["a letter", "capitals", "nothing", "no name", "among 2,000", "without end"],
)
def test_near_names_are_those_that_resemble(wanted: str, known: list[str], near: list[str]) -> None:
    found = near_names(wanted, known)
    assert found[:1] == near[:1]
    assert len(found) == len(near)


def test_names_are_listed_as_a_sentence_does() -> None:
    assert listed(["a"]) == '"a"'
    assert listed(["a", "b", "c"]) == '"a", "b" or "c"'
    assert did_you_mean([]) == ""
    assert did_you_mean(["a", "b"]) == 'Did you mean "a" or "b"?'


def test_a_finding_reads_as_a_sentence() -> None:
    finding = Finding(pointer="/top/n", code=Code.OUT_OF_RANGE, message="0 is out of range.", hint="At least 1.")
    assert str(finding) == "/top/n: 0 is out of range. At least 1."
    assert str(Finding(pointer="", code=Code.NO_ROWS, message="No rows.")) == "No rows."


@given(wanted=st.text(), known=st.lists(st.text(), max_size=60))
@settings(max_examples=examples(200), deadline=None)
def test_near_names_are_known_ones(wanted: str, known: list[str]) -> None:
    assert set(near_names(wanted, known)) <= set(known)
