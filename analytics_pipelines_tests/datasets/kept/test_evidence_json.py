"""Evidence survives the way through JSON, whatever a column holds."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.evidence import ColumnEvidence, ColumnKind
from analytics_pipelines.datasets.kept.evidence_json import evidence_from_json, evidence_to_json
from analytics_pipelines_tests.datasets.kept.examples import PRICE

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
EVIDENCE = st.builds(
    ColumnEvidence,
    name=TEXTS,
    kind=st.sampled_from(ColumnKind),
    type=TEXTS,
    nulls=st.integers(0),
    distinct=st.integers(0),
    least=st.none() | st.booleans() | st.integers() | FLOATS | TEXTS,
    most=st.none() | FLOATS,
    examples=st.lists(TEXTS, max_size=3).map(tuple),
    mean=st.none() | FLOATS,
    spacing_s=st.none() | FLOATS,
    gaps=st.none() | st.integers(0),
    collinear_with=st.lists(TEXTS, max_size=2).map(tuple),
)


@settings(max_examples=50, deadline=None, database=None)
@given(EVIDENCE)
def test_what_is_read_is_what_was_written(evidence):
    assert evidence_from_json(json.loads(json.dumps(evidence_to_json(evidence), allow_nan=False))) == evidence


@pytest.mark.parametrize("extreme", [float("inf"), float("-inf"), float("nan")])
def test_an_extreme_that_no_json_can_hold_becomes_null(extreme):
    kept = evidence_to_json(replace(PRICE, most=extreme))
    assert evidence_from_json(kept) == replace(PRICE, most=None)


def test_fields_of_another_version_are_left_out_and_missing_ones_are_as_usual():
    kept = {**evidence_to_json(PRICE), "of_tomorrow": 1}
    for name in ("gaps", "collinear_with", "reason"):
        del kept[name]
    assert evidence_from_json(kept) == PRICE
