"""Places of rows as text, and the conditions that ask for them."""

import pytest

from analytics_pipelines.product_export.places import at, at_any, in_batches, places_in


def test_places_are_read_heap_by_heap_in_their_order():
    assert places_in(["7(0,2) 7(0,1)", "9(3,4)", "7(1,1)"]) == {7: ["(0,1)", "(0,2)", "(1,1)"], 9: ["(3,4)"]}
    assert places_in([]) == {}


@pytest.mark.parametrize(
    ("most", "batches"),
    [
        pytest.param(2, [(7, ["a", "b"]), (7, ["c"]), (9, ["d"])], id="cut"),
        pytest.param(3, [(7, ["a", "b", "c"]), (9, ["d"])], id="just fits"),
    ],
)
def test_a_batch_is_of_one_heap_and_no_larger_than_allowed(most, batches):
    assert list(in_batches({7: ["a", "b", "c"], 9: ["d"], 11: []}, most)) == batches


def test_conditions_name_heap_and_place(postgres_server):
    assert at(["(0,1)", "(2,3)"]).text == """ctid = ANY ('{"(0,1)","(2,3)"}'::tid[])"""
    assert at_any({7: ["(0,1)"]}).text == """((tableoid = 7::oid AND ctid = ANY ('{"(0,1)"}'::tid[])))"""
    assert at_any({}).text == "FALSE"
