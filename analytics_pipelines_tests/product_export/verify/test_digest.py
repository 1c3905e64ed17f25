from dataclasses import replace

import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.verify.digest import Total, compared_exactly, total_of_source
from analytics_pipelines_tests.product_export.verify.copies import copied, wished


def test_a_true_copy_is_equal_whatever_its_order(events):
    found = compared_exactly(events.snapshot.connection, events.cursor, events.plan, events.rows)
    expected = total_of_source(events.snapshot.connection, events.plan)
    turned = events.falsified("FROM kept ORDER BY score DESC")
    assert found.is_equal
    assert found.rows == 5000
    assert turned.compared() == ()
    assert expected == Total(5000, found.checksum)


def test_what_the_source_comes_to_is_believed_if_it_is_given(events):
    given = (events.snapshot.connection, events.cursor, events.plan, events.rows)
    known = total_of_source(events.snapshot.connection, events.plan)
    assert compared_exactly(*given, expected=known).is_equal
    (told,) = compared_exactly(*given, expected=replace(known, checksum=known.checksum + 1)).offenders
    assert told == "the checksum, but no row differed when both were read again"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        pytest.param(
            "SELECT * REPLACE (CASE WHEN id IN (77, 4001) THEN 'Kind 0' ELSE kind END AS kind) FROM kept",
            ("column kind: 2 rows, id from 77 to 4001",),
            id="a value",
        ),
        pytest.param(
            "SELECT * REPLACE (seen_at + to_microseconds((id = 9)::INT) AS seen_at) FROM kept",
            ("column seen_at: 1 row, id 9",),
            id="a microsecond",
        ),
        pytest.param(
            "SELECT * REPLACE (CASE WHEN id = 9 THEN nextafter(score, 9) ELSE score END AS score) FROM kept",
            ("column score: 1 row, id 9",),
            id="the last bit of a double",
        ),
        pytest.param(
            "SELECT * REPLACE (CASE WHEN id = 9 THEN replace(document, ' ', '') ELSE document END AS document) FROM kept",
            ("column document: 1 row, id 9",),
            id="a blank in a document",
        ),
        pytest.param(
            "SELECT * REPLACE (CASE WHEN id > 9 THEN data END AS data) FROM kept",
            ("column data: 9 rows, id from 1 to 9",),
            id="null instead of a value",
        ),
        pytest.param("FROM kept WHERE id NOT IN (9, 10)", ("missing: 2 rows, id from 9 to 10",), id="rows lost"),
        pytest.param("FROM kept UNION ALL FROM kept WHERE id = 9", ("too many: 1 row, id 9",), id="a row twice"),
        pytest.param(
            "SELECT * REPLACE (CASE id WHEN 9 THEN 9009 ELSE id END AS id) FROM kept",
            ("missing: 1 row, id 9", "too many: 1 row, id 9009"),
            id="another key",
        ),
        pytest.param(
            "SELECT * REPLACE (CASE id WHEN 8 THEN 9 WHEN 9 THEN 8 ELSE id END AS id) FROM kept",
            None,
            id="values of two rows swapped",
        ),
    ],
)
def test_a_difference_names_column_and_keys(events, query, told):
    found = events.falsified(query).compared()
    assert tuple(sorted(found)) == told if told else found


def test_one_more_condition_holds_for_the_source(source, tmp_path):
    where = Sql("id > 4990")
    with copied(source, tmp_path, wished(filter="id % 2 = 0"), where=where) as copy:
        assert copy.compared(where) == ()
        assert copy.compared() == ("missing: 2495 rows, id from 2 to 4990",)
